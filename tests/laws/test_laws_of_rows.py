"""Laws that can be seen on the rows alone: keys, conservation, places.

The same is in `grilse verify`, told in words of its own; here it is counted anew, so that a fault
shared by simulator and verifier would be seen.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from grilse_laws import BATCH_TABLES, EVENT_TABLES, company, number, run

from grilse.tables.catalogue import TABLES

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dataset of the small company."""
    return run(company(), tmp_path_factory.mktemp("rows"), "--workers", "2")


@pytest.mark.parametrize(
    ("table", "key", "parts"),
    [
        ("environmental_reading", "reading_id",
         "(assignment_id * 16 + sensor_id % 16) * 65536 + date_diff('hour', start, reading_time)"),
        ("feeding_event", "feeding_event_id // 256",
         "assignment_id * 4096 + date_diff('day', start, feeding_time)"),
        ("mortality_event", "mortality_event_id // 256",
         "assignment_id * 4096 + date_diff('day', start, event_date)"),
        ("growth_sample", "growth_sample_id",
         "assignment_id * 4096 + date_diff('day', start, sample_date)"),
        ("individual_growth_observation", "observation_id",
         "growth_sample_id * 256 + fish_number - 1"),
        ("harvest_event", "harvest_event_id",
         "assignment_id * 4096 + date_diff('day', start, event_date)"),
        ("harvest_lot", "harvest_lot_id // 256", "harvest_event_id"),
        ("true_daily_state", "state_id", "assignment_id * 4096 + day_number"),
        ("assignment", "assignment_id // 256", "batch_id"),
        ("transfer_workflow", "transfer_workflow_id // 64", "batch_id"),
        ("transfer_action", "transfer_action_id",
         "(transfer_workflow_id * 256 + source_assignment_id % 256) * 256"
         " + dest_assignment_id % 256"),
        ("creation_action", "creation_action_id", "assignment_id"),
    ],
)  # fmt: skip
def test_keys_are_arithmetic(dataset: Path, table: str, key: str, parts: str) -> None:
    query = (
        f"SELECT count(*) FROM {table} JOIN "
        "(SELECT batch_id, start_date::TIMESTAMP AS start FROM batch) USING (batch_id) "
    )
    assert number(dataset, query) == number(dataset, f"SELECT count(*) FROM {table}") > 0
    assert number(dataset, f"{query} WHERE {key} <> {parts}") == 0


@pytest.mark.parametrize("table", [name for name, table in TABLES.items() if not table.optional])
def test_keys_are_unique_and_below_their_bounds(dataset: Path, table: str) -> None:
    if number(dataset, f"SELECT count(*) FROM {table}") == 0:
        pytest.skip("the small company has no rows of it")
    keys = ", ".join(TABLES[table].primary_key)
    first = TABLES[table].primary_key[0]
    assert number(dataset, f"SELECT count(*) - count(DISTINCT ({keys})) FROM {table}") == 0
    assert number(dataset, f"SELECT max({first}) FROM {table}") < 2**53
    assert number(dataset, f"SELECT min({first}) FROM {table}") > 0


def test_fish_are_conserved_by_batch(dataset: Path) -> None:
    assert number(
        dataset,
        """
        SELECT count(*) FROM batch b WHERE status <> 'PLANNED' AND egg_count <>
            (SELECT sum(dead_on_arrival) FROM creation_action c WHERE c.batch_id = b.batch_id)
          + (SELECT coalesce(sum(dead_count), 0) FROM mortality_event m
             WHERE m.batch_id = b.batch_id)
          + (SELECT coalesce(sum(mortality_count), 0) FROM transfer_workflow t
             WHERE t.batch_id = b.batch_id)
          + (SELECT coalesce(sum(fish_count), 0) FROM harvest_event h
             WHERE h.batch_id = b.batch_id)
          + (SELECT coalesce(sum(fish_count), 0) FROM cull_event h
             WHERE h.batch_id = b.batch_id)
          + (SELECT coalesce(sum(fish_count), 0) FROM escape_event h
             WHERE h.batch_id = b.batch_id)
          + (SELECT coalesce(sum(population_count), 0) FROM assignment a
             WHERE a.batch_id = b.batch_id AND is_active)
        """,
    ) == 0  # fmt: skip
    assert number(dataset, "SELECT count(*) FROM batch WHERE status <> 'PLANNED'") == 7


def test_fish_are_conserved_by_assignment(dataset: Path) -> None:
    assert number(
        dataset,
        """
        SELECT count(*) FROM assignment a WHERE initial_count <>
            (SELECT coalesce(sum(dead_count), 0) FROM mortality_event m
             WHERE m.assignment_id = a.assignment_id)
          + (SELECT coalesce(sum(transferred_count + mortality_count), 0) FROM transfer_action t
             WHERE t.source_assignment_id = a.assignment_id)
          + (SELECT coalesce(sum(fish_count), 0) FROM harvest_event h
             WHERE h.assignment_id = a.assignment_id)
          + (SELECT coalesce(sum(fish_count), 0) FROM cull_event h
             WHERE h.assignment_id = a.assignment_id)
          + (SELECT coalesce(sum(fish_count), 0) FROM escape_event h
             WHERE h.assignment_id = a.assignment_id)
          + CASE WHEN is_active THEN population_count ELSE 0 END
        """,
    ) == 0  # fmt: skip


def test_a_batch_has_the_fish_of_its_assignments(dataset: Path) -> None:
    some_left = """
        SELECT count(*) FROM batch b WHERE status = 'ACTIVE' AND EXISTS
            (FROM assignment a WHERE a.batch_id = b.batch_id AND stage_id = b.stage_id
             AND NOT is_active)
    """
    assert number(dataset, some_left) > 0, "no batch is half harvested: nothing is tried"
    assert number(
        dataset,
        """
        SELECT count(*) FROM batch b WHERE population_count <>
            (SELECT coalesce(sum(population_count), 0) FROM assignment a
             WHERE a.batch_id = b.batch_id AND is_active)
        """,
    ) == 0  # fmt: skip


def test_no_container_is_held_twice_on_a_day(dataset: Path) -> None:
    assert number(
        dataset,
        """
        SELECT count(*) FROM assignment a JOIN assignment b USING (container_id)
        WHERE a.assignment_id < b.assignment_id
          AND a.start_date < coalesce(b.departure_date, DATE '9999-01-01')
          AND b.start_date < coalesce(a.departure_date, DATE '9999-01-01')
        """,
    ) == 0  # fmt: skip
    # The query has something to find: an area holds several batches at once, in rings of their own.
    assert number(
        dataset,
        """
        SELECT max(batches) FROM (
            SELECT count(DISTINCT batch_id) AS batches FROM assignment
            JOIN container USING (container_id) WHERE is_active GROUP BY area_id)
        """,
    ) >= 2  # fmt: skip


def test_a_batch_never_leaves_its_geography(dataset: Path) -> None:
    elsewhere = """
        SELECT count(*) FROM assignment JOIN batch b USING (batch_id)
        JOIN container USING (container_id) LEFT JOIN hall h USING (hall_id)
        LEFT JOIN station s USING (station_id) LEFT JOIN area a USING (area_id)
    """
    where = "coalesce(s.geography_id, a.geography_id)"
    assert number(dataset, f"{elsewhere} WHERE {where} <> b.geography_id") == 0
    held = number(dataset, f"{elsewhere} WHERE {where} = b.geography_id")
    assert held == number(dataset, "SELECT count(*) FROM assignment")


@pytest.mark.parametrize("table", EVENT_TABLES)
def test_nothing_is_dated_on_or_after_the_as_of_date(dataset: Path, table: str) -> None:
    day = TABLES[table].event_date
    assert number(dataset, f"SELECT count(*) FROM {table} WHERE {day} >= DATE '2024-06-01'") == 0


def test_every_table_of_batches_names_its_batch() -> None:
    for name in BATCH_TABLES:
        assert TABLES[name].column("batch_id").name == "batch_id", name
