"""Every table says of itself what is true."""

from __future__ import annotations

import pytest

from grilse.tables.catalogue import TABLES
from grilse.tables.schema import Column, Table, storage_dtype

EVERY = pytest.mark.parametrize("table", TABLES.values(), ids=TABLES.keys())


@EVERY
def test_names_of_columns_are_unique(table: Table) -> None:
    names = [column.name for column in table.columns]
    assert len(set(names)) == len(names)


@EVERY
def test_keys_sort_and_dates_are_columns(table: Table) -> None:
    for name in (*table.primary_key, *table.sort, *table.future):
        assert table.column(name).name == name
    assert table.primary_key
    assert set(table.primary_key) <= set(table.sort)
    assert not any(table.column(name).nullable for name in table.primary_key)


@EVERY
def test_the_event_date_is_a_moment_that_is_always_there(table: Table) -> None:
    if table.event_date is not None:
        column = table.column(table.event_date)
        assert column.kind in ("date", "timestamp")
        assert not column.nullable
    assert table.event_date not in table.future


@EVERY
def test_every_reference_fits_a_target_that_comes_before(table: Table) -> None:
    order = list(TABLES)
    for column in table.columns:
        if column.references is None:
            continue
        name, _, key = column.references.partition(".")
        target = TABLES[name]
        assert target.primary_key == (key,)
        assert order.index(name) < order.index(table.name)
        assert column.kind in ("int32", "int64")
        assert storage_dtype(column).itemsize >= storage_dtype(target.column(key)).itemsize


@EVERY
def test_rows_of_a_batch_name_it(table: Table) -> None:
    if table.owner == "batch" and table.name != "creation_workflow":
        assert any(column.name == "batch_id" for column in table.columns)
    if table.owner == "farm":
        assert table.event_date is None


@EVERY
def test_columns_are_whole(table: Table) -> None:
    assert table.description.endswith(".")
    for column in table.columns:
        assert column.description.endswith("."), column.name
        assert (column.kind == "category") == bool(column.values), column.name
        assert len(set(column.values)) == len(column.values) < 128, column.name
        assert (column.kind == "decimal") == (column.precision > 0), column.name
        assert 0 <= column.scale <= column.precision <= 18, column.name


@EVERY
def test_units_are_said_where_the_name_ends_in_one(table: Table) -> None:
    endings = {"_g": "g", "_kg": "kg", "_cm": "cm", "_mm": "mm", "_m3": "m3", "_c": "degC"}
    for column in table.columns:
        for ending, unit in endings.items():
            if column.name.endswith(ending):
                assert column.unit == unit, column.name


@EVERY
def test_the_arrow_schema_is_the_tables(table: Table) -> None:
    schema = table.arrow_schema
    assert schema.names == [column.name for column in table.columns]
    for column in table.columns:
        field = schema.field(column.name)
        assert field.nullable == column.nullable
        assert field.type == column.arrow_type
        assert field.metadata[b"description"].decode() == column.description
        assert (field.metadata.get(b"unit") or b"").decode() == (column.unit or "")


def test_a_table_is_known_by_its_name() -> None:
    assert all(name == table.name for name, table in TABLES.items())
    with pytest.raises(KeyError, match="batch has no column weight"):
        TABLES["batch"].column("weight")
    assert isinstance(TABLES["batch"].column("batch_id"), Column)
