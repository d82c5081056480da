"""Twenty batches in the AquaMind tables, every constraint on: equal, closed, and gone again."""

import csv
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

import grilse_mapped
import grilse_postgres
import psycopg
import pytest

import grilse_aquamind
from grilse.api.mapping import wipe, wipe_count
from grilse.mapping.reading import read_application


@pytest.fixture(scope="module")
def loaded(server, aquamind_template):
    """The URL of a database with twenty batches of all ages but the last, and the job."""
    job = grilse_mapped.job(10, "2022-03-01", stagger="8")
    with grilse_postgres.database(server, template=aquamind_template) as url:
        report = grilse_mapped.bring(url, job)
        assert report.finished.is_complete
        assert not report.result.failures
        yield url, job


@pytest.fixture(scope="module")
def harvested(server, aquamind_template):
    """The URL of a database with two whole lives, with history, and the job."""
    job = grilse_mapped.job(1, "2024-09-01", start="2022-01-01")
    with grilse_postgres.database(server, template=aquamind_template) as url:
        grilse_mapped.bring(url, job, with_history=True, drop_keys=True)
        yield url, job


def ask(url, question):
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(question).fetchall()


def rounded(value, places):
    return Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def nothing(url, question):
    """Assert that a question has no answer."""
    assert ask(url, question) == []


# ---- equal after rounding ------------------------------------------------------------------------


@pytest.mark.parametrize("spot", ["loaded", "harvested"])
def test_every_row_of_every_mapped_table_is_that_which_grilse_made(spot, request, tmp_path):
    """Walks the mapping's file: a table that is added to it is compared by itself."""
    url, job = request.getfixturevalue(spot)
    wanted = grilse_mapped.wanted(url, job, str(tmp_path))
    tables = read_application("aquamind").tables
    rows = {
        table.name: grilse_mapped.assert_read_back(
            table, grilse_mapped.read_back(url, table), wanted[table.name]
        )
        for table in tables
    }
    assert sum(rows.values()) > 100_000
    if spot == "harvested":
        assert [name for name, count in rows.items() if not count] == []


def test_every_first_version_is_its_row(harvested):
    url, _ = harvested
    for table in read_application("aquamind").tables:
        if table.history is None:
            continue
        history = table.history.table
        columns = ask(
            url,
            "SELECT column_name FROM information_schema.columns "
            f"WHERE table_name = '{table.name}' INTERSECT SELECT column_name "
            f"FROM information_schema.columns WHERE table_name = '{history}'",
        )
        listed = ", ".join(f'"{name}"' for (name,) in columns)
        ours = f'SELECT {listed} FROM "{table.name}"'
        kept = f"SELECT {listed} FROM \"{history}\" WHERE history_type = '+'"
        nothing(url, f"({ours} EXCEPT ALL {kept}) UNION ALL ({kept} EXCEPT ALL {ours}) LIMIT 1")


def test_master_data_that_was_added_is_what_the_farm_says(loaded, tmp_path):
    url, job = loaded
    voice = grilse_mapped.voice_at(url, job, str(tmp_path))
    added = ask(url, "SELECT table_name, key FROM grilse_mapped.added")
    seen = set()
    for match in voice.matches:
        master, ours = match.master, voice.bench.masters(match.master).to_pylist()
        listed = ", ".join(f'"{field.name}"' for field in master.fields)
        found = ask(url, f'SELECT "{master.key}", {listed} FROM "{master.table}"')
        there = {key: row for key, *row in found}
        for row, key in zip(ours, match.theirs, strict=True):
            if (master.table, key) in added:
                seen.add((master.table, key))
                for field, value in zip(master.fields, there[key], strict=True):
                    assert same(field, row[field.name], value), (master.table, field.name)
    assert seen == set(added)


def same(field, ours, there):
    if isinstance(there, Decimal):
        return rounded(ours, field.type.scale) == there
    return ours == (there.replace(tzinfo=None) if field.type.name == "timestamptz" else there)


def test_feedings_are_those_that_grilse_made(loaded):
    url, job = loaded
    rows = grilse_mapped.rows_of(job, "feeding_event")["feeding_event"]
    ours = {
        row["feeding_event_id"]: (
            row["feeding_time"].date(), row["feeding_time"].time(), row["amount_kg"],
            row["biomass_kg"], row["feeding_pct"], row["batch_id"], row["assignment_id"],
        )
        for row in rows
    }  # fmt: skip
    there = ask(
        url,
        "SELECT id, feeding_date, feeding_time, amount_kg, batch_biomass_kg, feeding_percentage, "
        "batch_id, batch_assignment_id FROM inventory_feedingevent",
    )
    assert {key: tuple(row) for key, *row in there} == ours
    assert len(ours) > 5000


def test_readings_are_those_that_grilse_made(loaded):
    url, job = loaded
    rows = grilse_mapped.rows_of(job, "environmental_reading")["environmental_reading"]
    ours = {
        row["reading_id"]: (row["reading_time"], row["value"], row["assignment_id"])
        for row in rows if row["parameter"] != "oxygen"
    }  # fmt: skip
    there = ask(
        url,
        "SELECT r.id, reading_time, value, batch_container_assignment_id "
        "FROM environmental_environmentalreading r "
        "JOIN environmental_environmentalparameter p ON p.id = parameter_id "
        "WHERE p.name <> 'Dissolved Oxygen'",
    )
    assert {key: tuple(row) for key, *row in there} == ours
    counted = ask(url, "SELECT count(*) FROM environmental_environmentalreading")
    assert counted == [(len(rows),)]


def test_oxygen_is_a_share_of_saturation(loaded):
    url, _ = loaded
    ((least, most, mean),) = ask(
        url,
        "SELECT min(value), max(value), avg(value) FROM environmental_environmentalreading r "
        "JOIN environmental_environmentalparameter p ON p.id = parameter_id "
        "WHERE p.name = 'Dissolved Oxygen'",
    )
    assert 60 < least < mean < most < 125
    assert 85 < mean < 105


def test_deaths_culls_and_weights_are_those_that_grilse_made(loaded):
    url, job = loaded
    made = grilse_mapped.rows_of(job, "mortality_event", "cull_event")
    ours = {
        row["mortality_event_id"]: (row["event_date"], row["dead_count"], row["biomass_kg"])
        for row in made["mortality_event"]
    }
    ours |= {
        row["cull_event_id"] * 256 + 255: (row["event_date"], row["fish_count"], row["biomass_kg"])
        for row in made["cull_event"]
    }
    assert made["cull_event"]
    there = ask(url, "SELECT id, event_date, count, biomass_kg FROM batch_mortalityevent")
    assert {key: tuple(row) for key, *row in there} == ours


def test_sampled_fish_are_rounded_as_the_column_is(loaded):
    url, job = loaded
    rows = grilse_mapped.rows_of(job, "individual_growth_observation")
    ours = {
        row["observation_id"]: (rounded(row["weight_g"], 2), row["length_cm"])
        for row in rows["individual_growth_observation"]
    }
    there = ask(url, "SELECT id, weight_g, length_cm FROM batch_individualgrowthobservation")
    assert {key: tuple(row) for key, *row in there} == ours


def test_harvests_are_those_that_grilse_made(harvested):
    url, job = harvested
    rows = grilse_mapped.rows_of(job, "harvest_lot")["harvest_lot"]
    ours = {
        row["harvest_lot_id"]: (row["live_weight_kg"], row["gutted_weight_kg"], row["fish_count"])
        for row in rows
    }
    there = ask(
        url, "SELECT id, live_weight_kg, gutted_weight_kg, unit_count FROM harvest_harvestlot"
    )
    assert {key: tuple(row) for key, *row in there} == ours
    assert ours


# ---- as the application would have it ------------------------------------------------------------


def test_every_reading_has_its_stay_and_its_sensor_is_of_its_container(loaded):
    url, _ = loaded
    nothing(
        url,
        "SELECT r.id FROM environmental_environmentalreading r "
        "LEFT JOIN batch_batchcontainerassignment a ON a.id = r.batch_container_assignment_id "
        "LEFT JOIN infrastructure_sensor s ON s.id = r.sensor_id "
        "JOIN environmental_environmentalparameter p ON p.id = r.parameter_id "
        "WHERE a.id IS NULL OR a.batch_id <> r.batch_id OR a.container_id <> r.container_id "
        "OR s.container_id <> r.container_id OR s.sensor_type <> p.name LIMIT 1",
    )


def test_transfers_add_up_over_all_their_actions(loaded):
    url, _ = loaded
    nothing(
        url,
        "SELECT w.id FROM batch_batchtransferworkflow w "
        "LEFT JOIN batch_transferaction t ON t.workflow_id = w.id GROUP BY w.id "
        "HAVING sum(t.transferred_count) IS DISTINCT FROM total_transferred_count "
        "OR sum(t.mortality_during_transfer) IS DISTINCT FROM total_mortality_count "
        "OR count(t.id) <> total_actions_planned OR count(t.id) <> actions_completed "
        "OR abs(sum(t.transferred_biomass_kg) - total_biomass_kg) > 0.005 * count(t.id)",
    )
    nothing(
        url,
        "SELECT t.id FROM batch_transferaction t "
        "JOIN batch_batchcontainerassignment d ON d.id = t.dest_assignment_id "
        "WHERE d.container_id <> t.dest_container_id "
        "OR d.assignment_date <> t.actual_execution_date",
    )


def test_fish_close_for_every_batch(harvested):
    url, _ = harvested
    nothing(
        url,
        "SELECT b.id FROM batch_batch b JOIN batch_creationworkflow c ON c.batch_id = b.id "
        "WHERE c.total_eggs_received - c.total_mortality_on_arrival "
        "<> (SELECT coalesce(sum(count), 0) FROM batch_mortalityevent WHERE batch_id = b.id) "
        " + (SELECT coalesce(sum(total_mortality_count), 0) FROM batch_batchtransferworkflow"
        "    WHERE batch_id = b.id) "
        " + (SELECT coalesce(sum(unit_count), 0) FROM harvest_harvestlot l"
        "    JOIN harvest_harvestevent e ON e.id = l.event_id WHERE e.batch_id = b.id) "
        " + (SELECT coalesce(sum(population_count), 0) FROM batch_batchcontainerassignment"
        "    WHERE batch_id = b.id AND is_active)",
    )


def test_status_stage_and_flags_agree(loaded, harvested):
    for url, _ in (loaded, harvested):
        nothing(
            url,
            "SELECT b.id FROM batch_batch b WHERE "
            "(status = 'COMPLETED') <> (actual_end_date IS NOT NULL) "
            "OR (status = 'ACTIVE') <> EXISTS (SELECT 1 FROM batch_batchcontainerassignment a"
            "    WHERE a.batch_id = b.id AND a.is_active) "
            "OR EXISTS (SELECT 1 FROM batch_batchcontainerassignment a WHERE a.batch_id = b.id "
            "    AND a.is_active AND (a.lifecycle_stage_id <> b.lifecycle_stage_id "
            "                         OR a.departure_date IS NOT NULL))",
        )
    assert {row for (row,) in ask(harvested[0], "SELECT DISTINCT status FROM batch_batch")} == {
        "COMPLETED"
    }


def test_a_sample_has_the_figures_of_its_fish(loaded):
    url, _ = loaded
    nothing(
        url,
        "SELECT s.id FROM batch_growthsample s "
        "JOIN batch_individualgrowthobservation f ON f.growth_sample_id = s.id GROUP BY s.id "
        "HAVING round(avg(weight_g), 2) <> avg_weight_g OR min(weight_g) <> min_weight_g "
        "OR max(weight_g) <> max_weight_g OR count(*) <> sample_size "
        "OR abs(stddev_samp(weight_g) - std_deviation_weight) > 0.0051 "
        "OR abs(avg(100 * weight_g / length_cm ^ 3) - condition_factor) > 0.0051",
    )


def test_feed_is_paid_for_and_lies_in_its_store(loaded):
    url, job = loaded
    nothing(url, "SELECT id FROM inventory_feedingevent WHERE feed_cost IS NULL OR feed_cost < 0")
    holds = {place.store.name: place.store.capacity_kg for _, place in job.farm.places.values()}
    stocks = ask(
        url,
        "SELECT c.name, sum(quantity_kg), min(quantity_kg) FROM infrastructure_feedcontainer c "
        "JOIN inventory_feedcontainerstock s ON s.feed_container_id = c.id GROUP BY c.id",
    )
    assert stocks
    assert all(least >= 0 and total <= holds[name] for name, total, least in stocks)
    nothing(
        url,
        "SELECT s.id FROM inventory_feedcontainerstock s "
        "JOIN inventory_feedpurchase p ON p.id = s.feed_purchase_id "
        "WHERE s.quantity_kg > p.quantity_kg OR s.entry_date::date < p.purchase_date",
    )
    ((bought, left, eaten),) = ask(
        url,
        "SELECT (SELECT sum(quantity_kg) FROM inventory_feedpurchase), "
        "(SELECT sum(quantity_kg) FROM inventory_feedcontainerstock), "
        "(SELECT sum(amount_kg) FROM inventory_feedingevent)",
    )
    assert bought - left == eaten
    ((paid, cost),) = ask(
        url,
        "SELECT (SELECT sum((p.quantity_kg - s.quantity_kg) * cost_per_kg) "
        " FROM inventory_feedpurchase p JOIN inventory_feedcontainerstock s"
        " ON s.feed_purchase_id = p.id), (SELECT sum(feed_cost) FROM inventory_feedingevent)",
    )
    assert abs(paid - cost) / cost < Decimal("0.01")


def test_each_row_has_its_first_version(harvested):
    url, _ = harvested
    with psycopg.connect(url) as connection:
        counts = grilse_aquamind.counts(connection)
    pairs = {
        "batch_historicalbatch": "batch_batch",
        "batch_historicalmortalityevent": "batch_mortalityevent",
        "inventory_historicalfeedingevent": "inventory_feedingevent",
        "inventory_historicalfeedpurchase": "inventory_feedpurchase",
        "finance_historicalfactharvest": "finance_factharvest",
        "batch_historicalindividualgrowthobservation": "batch_individualgrowthobservation",
    }
    for history, table in pairs.items():
        assert counts[history] == counts[table] > 0
    nothing(
        url,
        "SELECT 1 FROM batch_historicalmortalityevent WHERE history_type <> '+' "
        "OR history_user_id IS NULL OR history_date::date <> event_date LIMIT 1",
    )


def test_every_table_that_a_batch_fills_there_is_filled(harvested):
    url, _ = harvested
    with (grilse_aquamind.FACTS / "rows_of_one_full_life_batch.csv").open(newline="") as file:
        filled = {row["table_name"] for row in csv.DictReader(file)}
    with psycopg.connect(url) as connection:
        counts = grilse_aquamind.counts(connection)
    assert len(filled) > 50
    assert {table for table in filled if not counts[table]} == set()


def test_what_the_application_makes_next_gets_a_key_of_its_own(loaded):
    url, _ = loaded
    with psycopg.connect(url) as connection:
        for table in ("batch_batch", "batch_mortalityevent", "inventory_feedpurchase"):
            ((fresh, highest),) = connection.execute(
                f"SELECT nextval(pg_get_serial_sequence('{table}', 'id')), max(id) FROM {table}"
            ).fetchall()
            assert fresh > highest


def test_the_pinned_projection_runs_to_its_end(loaded):
    url, _ = loaded
    nothing(
        url,
        "SELECT b.id FROM batch_batch b LEFT JOIN scenario_projection_run r "
        "ON r.run_id = b.pinned_projection_run_id WHERE r.run_id IS NULL OR total_projections <> "
        "(SELECT count(*) FROM scenario_scenarioprojection p WHERE p.projection_run_id = r.run_id)",
    )


def test_no_container_holds_two_batches(loaded):
    url, _ = loaded
    stays = ask(
        url,
        "SELECT container_id, assignment_date, coalesce(departure_date, 'infinity'::date::date) "
        "FROM batch_batchcontainerassignment WHERE departure_date IS NOT NULL ORDER BY 1, 2",
    )
    assert all(a[0] != b[0] or a[2] <= b[1] for a, b in pairwise(stays))


def test_health_is_told_as_the_application_has_it(harvested):
    url, job = harvested
    rows = grilse_mapped.rows_of(
        job, "lice_count", "treatment", "vaccination", "journal_entry", "lab_sample",
        "welfare_observation",
    )  # fmt: skip
    with psycopg.connect(url) as connection:
        there = grilse_aquamind.counts(connection)
    assert there["health_licecount"] == len(rows["lice_count"]) > 0
    assert there["health_treatment"] == len(rows["treatment"]) + len(rows["vaccination"]) > 20
    assert there["health_journalentry"] == len(rows["journal_entry"]) > 0
    assert there["health_healthlabsample"] == len(rows["lab_sample"]) > 0
    assert there["health_fishparameterscore"] == 10 * len(rows["welfare_observation"]) > 0
    females = sum(
        row["lice_count"] for row in rows["lice_count"]
        if row["species"].startswith("LEP") and (row["sex"], row["stage"]) == ("FEMALE", "ADULT")
    )  # fmt: skip
    counted = ask(
        url,
        "SELECT sum(count_value) FROM health_licecount l JOIN health_licetype t "
        "ON t.id = l.lice_type_id WHERE species = 'Lepeophtheirus salmonis' "
        "AND gender = 'female' AND development_stage = 'adult'",
    )
    assert counted == [(females,)]
    nothing(url, "SELECT id FROM health_licecount WHERE lice_type_id IS NULL LIMIT 1")
    nothing(
        url,
        "SELECT id FROM health_treatment WHERE (treatment_type = 'vaccination') "
        "<> (vaccination_type_id IS NOT NULL)",
    )
    scores = sum(
        value for row in rows["welfare_observation"] for name, value in row.items()
        if name.endswith("_score")
    )  # fmt: skip
    assert ask(url, "SELECT sum(score) FROM health_fishparameterscore") == [(scores,)]


def test_daily_states_follow_each_other_and_population_never_rises(harvested):
    url, _ = harvested
    ((states, stays),) = ask(
        url,
        "SELECT count(*), count(DISTINCT assignment_id) FROM batch_actualdailyassignmentstate",
    )
    assert stays == len(ask(url, "SELECT id FROM batch_batchcontainerassignment"))
    assert states > 5000
    nothing(
        url,
        "SELECT * FROM (SELECT batch_id, date, sum(population) AS fish, lag(sum(population)) "
        "OVER (PARTITION BY batch_id ORDER BY date) AS before "
        "FROM batch_actualdailyassignmentstate GROUP BY batch_id, date) d WHERE fish > before",
    )
    nothing(
        url,
        "SELECT s.id FROM batch_actualdailyassignmentstate s JOIN batch_batch b "
        "ON b.id = s.batch_id WHERE s.date - b.start_date + 1 <> s.day_number "
        "OR sources->>'weight' IS NULL OR (confidence_scores->>'weight')::numeric < 0 LIMIT 1",
    )


# ---- gone again ----------------------------------------------------------------------------------


def test_wiped_the_tables_are_as_before(server, aquamind_template):
    job = grilse_mapped.job(2, "2021-08-01")
    with grilse_postgres.database(server, template=aquamind_template) as url:
        with psycopg.connect(url) as connection:
            before = grilse_aquamind.counts(connection)
        grilse_mapped.bring(url, job, with_history=True)
        with psycopg.connect(url) as connection:
            after = grilse_aquamind.counts(connection)
        told = wipe_count(url, "aquamind")
        assert told.total == sum(after.values()) - sum(before.values()) > 10_000
        gone = wipe(url, "aquamind")
        assert dict(gone.rows) == dict(told.rows)
        assert gone.kept == ()
        with psycopg.connect(url) as connection:
            assert grilse_aquamind.counts(connection) == before
        assert wipe_count(url, "aquamind").loads == 0
        nothing(url, "SELECT 1 FROM pg_namespace WHERE nspname = 'grilse_mapped'")


def test_twenty_batches_are_wiped_to_the_last_row(loaded, server, aquamind_template):
    url, _ = loaded
    with psycopg.connect(server.url(aquamind_template)) as connection:
        before = grilse_aquamind.counts(connection)
    gone = wipe(url, "aquamind")
    assert gone.rows["batch_batch"] == 20
    assert gone.rows["inventory_feed"] == 13
    with psycopg.connect(url) as connection:
        assert grilse_aquamind.counts(connection) == before
