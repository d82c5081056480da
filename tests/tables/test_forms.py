"""The catalogue in each form: whole, and true where a machine can read it back."""

from __future__ import annotations

import json

import duckdb
import pytest

from grilse.cli.main import main
from grilse.tables.catalogue import TABLES
from grilse.tables.forms import FORMS, as_json, as_mermaid, as_sql


@pytest.mark.parametrize("form", FORMS)
def test_every_form_names_every_table_and_column(form: str) -> None:
    told = FORMS[form](TABLES.values())
    for table in TABLES.values():
        assert table.name in told
        for column in table.columns:
            assert column.name in told


def test_the_sql_makes_the_tables_with_their_keys() -> None:
    with duckdb.connect() as database:
        database.execute(as_sql(TABLES.values()))
        made = database.execute(
            "SELECT table_name, column_name, is_nullable FROM information_schema.columns"
        ).fetchall()
        keys = database.execute(
            "SELECT count(*) FROM duckdb_constraints() WHERE constraint_type = 'FOREIGN KEY'"
        ).fetchone()
    wanted = {
        (table.name, column.name, "YES" if column.nullable else "NO")
        for table in TABLES.values()
        for column in table.columns
    }
    assert set(made) == wanted
    references = [c for table in TABLES.values() for c in table.columns if c.references]
    assert keys == (len(references) - 1,), "all but the workflow's key, wider than the batch's"


def test_the_sql_of_some_tables_points_at_no_other() -> None:
    with duckdb.connect() as database:
        database.execute(as_sql([TABLES["harvest_lot"]]))


def test_json_tells_units_and_words() -> None:
    told = {table["name"]: table for table in json.loads(as_json(TABLES.values()))}
    columns = {column["name"]: column for column in told["harvest_lot"]["columns"]}
    assert columns["live_weight_kg"]["unit"] == "kg"
    assert columns["live_weight_kg"]["type"] == "numeric(12,2)"
    assert columns["grade"]["values"] == list(TABLES["harvest_lot"].column("grade").values)
    assert columns["harvest_event_id"]["references"] == "harvest_event.harvest_event_id"


def test_the_diagram_draws_each_reference_among_its_tables() -> None:
    told = as_mermaid([TABLES["harvest_event"], TABLES["harvest_lot"]])
    assert "harvest_event ||--o{ harvest_lot : harvest_event_id" in told
    assert "batch" not in [line.split()[0] for line in told.splitlines()[1:] if line.split()]


def test_the_verb(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "harvest_lot"]) == 0
    told = capsys.readouterr().out
    assert "gutted_weight_kg" in told
    assert "growth_sample" not in told


def test_a_table_that_is_not_there_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "harvst_lot"]) == 2
    assert "harvst_lot" in capsys.readouterr().err
