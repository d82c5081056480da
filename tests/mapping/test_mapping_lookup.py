"""What is looked up beside SQL is what SQL's own function gives."""

import pyarrow as pa
import pytest

from grilse.mapping.lookup import Lookup, looked_up

NAMES = {"stage", "lice_type"}


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("stage_of(stage_id)", ("stage", "stage_id")),
        (" stage_of(stage_id % 16)\n", ("stage", "stage_id % 16")),
        (
            "lice_type_of(lice_kind(species, sex, stage))",
            ("lice_type", "lice_kind(species, sex, stage)"),
        ),
        ("station_of(station_id)", None),
        ("coalesce(stage_of(a), stage_of(b))", None),
        ("stage_of(a) + stage_of(b)", None),
        ("stage_of('(') || stage_of(')')", None),
        ("stage_of((a)", None),
        ("stage_off(a)", None),
    ],
)
def test_only_a_whole_expression_is_looked_up(expression, found):
    assert looked_up(expression, NAMES) == found


@pytest.mark.parametrize(
    ("ours", "kind", "keys"),
    [
        ([7, 3, 5], "BIGINT", [3, None, 5, 4]),
        (["g", "c", "e"], "VARCHAR", ["c", None, "e", "d"]),
    ],
)
def test_what_has_no_row_there_is_missing(ours, kind, keys):
    lookup = Lookup(pa.array(ours), pa.array([70, 30, 50], pa.int64()))
    assert lookup.sql_type == kind
    assert lookup.find(pa.chunked_array([keys[:2], keys[2:]])).to_pylist() == [30, None, 50, None]
