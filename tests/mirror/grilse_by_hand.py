"""Rows put into AquaMind's tables by hand, as none of ours are: what is not said is filled in."""

from datetime import date, timedelta

_FILLERS = {
    "timestamptz": "2024-01-01", "varchar": "", "text": "", "bool": "false", "jsonb": "{}",
    "date": "2024-01-01", "time": "08:00",
}  # fmt: skip


def put(connection, table, **values):
    """Insert a row, and return its key; columns that must be given get something."""
    needed = connection.execute(
        "SELECT attname, typname FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid "
        "WHERE attrelid = %s::regclass AND attnum > 0 AND attnotnull AND attidentity = ''",
        [table],
    ).fetchall()
    given = {name: _FILLERS.get(kind, "0") for name, kind in needed} | values
    names = ", ".join(f'"{name}"' for name in given)
    marks = ", ".join(["%s"] * len(given))
    found = connection.execute(
        f'INSERT INTO "{table}" ({names}) VALUES ({marks}) RETURNING id', list(given.values())
    )
    return found.fetchone()[0]


def simple_batch(connection, number, *, days=120, fish=10_000, nth=1, stage=2):
    """Put fry into the nth container on land: they die now and then, and get meals."""
    start, container = date(2024, 1, 1), _container(connection, nth)
    batch = put(connection, "batch_batch", batch_number=number, status="ACTIVE", start_date=start,
                lifecycle_stage_id=stage, species_id=1, batch_type="STANDARD")  # fmt: skip
    stay = put(connection, "batch_batchcontainerassignment", batch_id=batch, is_active=True,
               container_id=container, lifecycle_stage_id=stage, assignment_date=start,
               population_count=fish - 5 * 10, avg_weight_g=None, biomass_kg=10)  # fmt: skip
    for day in range(0, 50, 10):
        put(connection, "batch_mortalityevent", batch_id=batch, assignment_id=stay, count=10,
            cause="UNKNOWN", event_date=start + timedelta(day), biomass_kg=0.1)  # fmt: skip
    for day in range(1, days, 7):
        put(connection, "inventory_feedingevent", batch_id=batch, batch_assignment_id=stay,
            container_id=container, feed_id=1, amount_kg=0.3, batch_biomass_kg=10,
            feeding_date=start + timedelta(day), method="MANUAL")  # fmt: skip
    return batch, stay


def _container(connection, nth):
    (key,) = connection.execute(
        "SELECT id FROM infrastructure_container WHERE hall_id IS NOT NULL AND hierarchy_role = "
        "'HOLDING' ORDER BY id OFFSET %s LIMIT 1",
        [nth],
    ).fetchone()
    return key


def absurd(connection):
    """Put batches that nobody would believe, with the database's own rules out of the way."""
    rules = connection.execute(
        "SELECT conname, conrelid::regclass::text FROM pg_constraint "
        "WHERE contype = 'c' AND connamespace = 'public'::regnamespace"
    ).fetchall()
    for name, table in rules:
        connection.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    stays = "batch_batchcontainerassignment"
    _, left = simple_batch(connection, "LEFT-BEFORE-IT-CAME", nth=1)
    connection.execute(f"UPDATE {stays} SET departure_date = '2023-12-01' WHERE id = {left}")
    minus, stay = simple_batch(connection, "MINUS", nth=2)
    connection.execute(f"UPDATE batch_mortalityevent SET count = -500 WHERE batch_id = {minus}")
    connection.execute(
        f"UPDATE {stays} SET population_count = -5, biomass_kg = 'NaN', avg_weight_g = 'NaN' "
        f"WHERE id = {stay}"
    )
    for day, fish, grams in (("2024-02-01", -3, -1), ("infinity", 30, 50), ("2024-03-01", 30, 9e7)):
        put(connection, "batch_growthsample", assignment_id=stay, sample_date=day,
            sample_size=fish, avg_weight_g=grams)  # fmt: skip
    put(connection, "batch_batch", batch_number="NOWHERE", status="ACTIVE",
        start_date="2024-01-01", lifecycle_stage_id=2, species_id=1)  # fmt: skip
    old, _ = simple_batch(connection, "BEFORE-CHRIST", nth=3)
    connection.execute(f"UPDATE batch_batch SET start_date = '0001-01-01 BC' WHERE id = {old}")
    _, far = simple_batch(connection, "FAR-AHEAD", nth=4)
    connection.execute(f"UPDATE {stays} SET assignment_date = '2150-01-01' WHERE id = {far}")
    plain, stay = simple_batch(connection, "PLAIN", nth=5)
    put(connection, "batch_mortalityevent", batch_id=plain, assignment_id=stay, count=1,
        cause="UNKNOWN", event_date="2199-01-01")  # fmt: skip
