"""What the panels tell is what the rows hold."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from grilse.api.reporting import subject_of_dataset
from grilse.dataset.views import connect
from grilse.report.document import Document, document
from grilse.report.rows import Rows
from grilse.report.stores import stores_panel


@pytest.fixture(scope="module")
def told(life: Path) -> Iterator[Document]:
    with connect(life) as connection:
        yield document(subject_of_dataset(life, connection))


@pytest.fixture
def rows(life: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect(life) as connection:
        yield connection


def _one(rows: duckdb.DuckDBPyConnection, sql: str) -> float:
    found = rows.execute(sql).fetchone()
    assert found is not None
    return float(found[0])


def _sum(packed: dict[str, Any]) -> float:
    return float(sum(value or 0 for value in packed["v"]))


def test_deaths_feed_and_harvest_add_up(told: Document, rows: duckdb.DuckDBPyConnection) -> None:
    company = told.whole["company"]
    dead = sum(_sum(each["fish"]) for each in company["dead"])
    assert dead == pytest.approx(_one(rows, "SELECT sum(dead_count) FROM mortality_event"), 1e-3)
    fed = sum(_sum(each["tonnes"]) for each in company["fed"])
    assert fed == pytest.approx(_one(rows, "SELECT sum(amount_kg) / 1000 FROM feeding_event"), 1e-3)
    cut = sum(each["tonnes"] for each in company["harvest"])
    assert cut == pytest.approx(
        _one(rows, "SELECT sum(live_weight_kg) / 1000 FROM harvest_event"), 1e-4
    )
    sold = sum(each["eur"] for each in company["harvest"])
    assert sold == pytest.approx(_one(rows, "SELECT sum(amount_eur) FROM fact_harvest"), 1e-4)


@pytest.mark.parametrize("number", [1, 2])
def test_a_life_is_that_of_its_rows(
    told: Document, rows: duckdb.DuckDBPyConnection, number: int
) -> None:
    life = told.parts[f"life-{number}"]
    dead = sum(_sum(each["fish"]) for each in life["dead"])
    sql = f"SELECT sum(dead_count) FROM mortality_event WHERE batch_id = {number}"
    assert dead == pytest.approx(_one(rows, sql), 1e-3)
    sql = f"SELECT sum(amount_kg) FROM feeding_event WHERE batch_id = {number}"
    assert _sum(life["fed"]["kilos"]) == pytest.approx(_one(rows, sql), 1e-3)
    assert len(life["moved"]) == _one(
        rows, f"SELECT count(*) FROM transfer_workflow WHERE batch_id = {number}"
    )


def test_weights_stand_on_their_sundays(told: Document, rows: duckdb.DuckDBPyConnection) -> None:
    grams = told.parts["life-1"]["true"]["grams"]
    week = grams["s"] + 80
    sunday = f"(DATE '1970-01-05' + {week * 7 + 6})"
    sql = f"""SELECT sum(population_count * avg_weight_g) / sum(population_count)
              FROM true_daily_state WHERE batch_id = 1 AND state_date = {sunday}"""
    assert grams["v"][80] == pytest.approx(_one(rows, sql), 1e-3)


def test_water_is_the_mean_of_its_week(told: Document, rows: duckdb.DuckDBPyConnection) -> None:
    oxygen = told.parts["life-1"]["water"]["oxygen"]
    week = oxygen["mean"]["s"] + 70
    monday = f"(DATE '1970-01-05' + {week * 7})"
    sql = f"""SELECT {{}}(value) FROM environmental_reading WHERE batch_id = 1
              AND parameter = 'oxygen' AND reading_time >= {monday}
              AND reading_time < {monday} + 7"""
    assert oxygen["mean"]["v"][70] == pytest.approx(_one(rows, sql.format("avg")), 1e-3)
    assert oxygen["least"]["v"][70] == pytest.approx(_one(rows, sql.format("min")), 1e-2)
    area = next(each for each in told.parts["areas"] if each["name"] == "FI-SEA-01")
    assert {"temperature", "oxygen"} <= set(area["water"])


def test_lice_are_those_counted(told: Document, rows: duckdb.DuckDBPyConnection) -> None:
    females = told.parts["life-1"]["lice"]["counted"]["females"]
    where = "species = 'LEPEOPHTHEIRUS_SALMONIS' AND sex = 'FEMALE' AND stage = 'ADULT'"
    most = _one(
        rows,
        f"""SELECT max(lice) FROM (SELECT sum(lice_count) / sum(fish_counted) AS lice
            FROM lice_count WHERE batch_id = 1 AND {where}
            GROUP BY date_trunc('week', count_date))""",
    )
    assert max(value for value in females["v"] if value is not None) == pytest.approx(most, 1e-2)
    treated = told.parts["life-1"]["lice"].get("treated", [])
    sql = "SELECT count(*) FROM treatment WHERE batch_id = 1"
    assert sum(each["rings"] for each in treated) == _one(rows, sql)
    assert told.whole["limits"]["Faroe Islands"][0] is not None


def test_analysis_has_an_interval_and_an_outlook(told: Document) -> None:
    analysed = told.parts["life-2"]["analysed"]
    low, grams, high = (
        np.array(analysed[name]["v"], dtype=float) for name in ("low", "grams", "high")
    )
    assert np.nanmin(high - grams) >= 0
    assert np.nanmin(grams - low) >= 0
    outlook = told.parts["life-2"]["outlook"]
    assert outlook["earliest"] <= outlook["harvest"] <= outlook["latest"]
    assert told.parts["life-2"]["coming"]["grams"]["v"]


def test_a_feeds_level_stays_until_the_next_day_that_tells_of_it() -> None:
    rows = duckdb.connect()
    rows.execute("CREATE TABLE geography AS SELECT 1 AS geography_id, 'F' AS name")
    rows.execute("CREATE TABLE station AS SELECT 1 AS station_id, 1 AS geography_id, 's' AS name")
    rows.execute("CREATE TABLE hall AS SELECT 1 AS hall_id, 1 AS station_id, 'h' AS name")
    rows.execute("CREATE TABLE area AS SELECT 9 AS area_id, 1 AS geography_id, 'a' AS name")
    rows.execute(
        "CREATE TABLE feed_store AS SELECT 1 AS store_id, 1 AS hall_id, NULL::INT AS area_id, "
        "'silo' AS name, 'silo' AS kind, 1000.0 AS capacity_kg"
    )
    rows.execute(
        """CREATE TABLE feed_stock AS SELECT * FROM (VALUES
           (1, 1, DATE '2024-01-01', 100.0, 100.0), (1, 1, DATE '2024-01-05', 0.0, 60.0),
           (1, 2, DATE '2024-01-20', 500.0, 500.0), (1, 1, DATE '2024-01-28', 0.0, 10.0))
           AS t(store_id, feed_id, stock_date, received_kg, level_kg)"""
    )
    names = ("feed_store", "feed_stock", "hall", "area", "station", "geography")
    (store,) = stores_panel(Rows(rows, dict.fromkeys(names, 1)))
    assert (store["place"], store["geography"], store["capacity"]) == ("h", "F", 1000)
    assert store["level"]["v"] == [60, 60, 560, 510]
    assert store["came"]["v"] == [100, 0, 500, 0]


def test_health_is_told_by_area_and_batch(told: Document, rows: duckdb.DuckDBPyConnection) -> None:
    outbreaks = told.whole["outbreaks"]
    assert len(outbreaks) == _one(rows, "SELECT count(*) FROM disease_outbreak WHERE stage_id = 6")
    for each in outbreaks:
        assert each["geography"] == "Faroe Islands"
        assert each["last"] is None or each["first"] <= each["last"]
    for number in (1, 2):
        life = told.parts[f"life-{number}"]
        for name, sql in (
            ("vaccinated", "SELECT sum(fish_count) FROM vaccination WHERE batch_id = "),
            ("laboratory", "SELECT count(*) FROM lab_sample WHERE batch_id = "),
        ):
            key = "fish" if name == "vaccinated" else "samples"
            assert sum(each[key] for each in life[name]) == _one(rows, f"{sql}{number}")
    assert told.parts["life-1"]["journal"]
    assert told.parts["life-1"]["welfare"]["v"]
