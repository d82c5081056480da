"""A mapping's file: what it says, and how it is refused."""

import pyarrow as pa
import pytest

from grilse.ground.errors import BadInput
from grilse.mapping.model import PgType
from grilse.mapping.reading import read_application, read_type
from grilse.mapping.rows import Frame, Workbench, asked_tables
from grilse.mapping.wire import KINDS
from grilse.tables import keys
from grilse.tables.catalogue import TABLES

SMALL = """
application: small
user: SELECT 1 WHERE %s <> ''
batches_there: SELECT id, name FROM lots
stays_there: SELECT '', 0, '', DATE '2000-01-01', NULL WHERE false
containers: tank
words:
  status: {ACTIVE: on}
tables:
  - table: lots
    key: {column: id, name: batch, bits: 0}
    from: batch
    columns:
      id: int8 = batch_key(batch_id)
      name: varchar(20) = batch_number
"""


@pytest.fixture
def written(tmp_path):
    def write(text):
        path = tmp_path / "small.yaml"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def refused(written, old, new):
    with pytest.raises(BadInput) as caught:
        read_application(written(SMALL.replace(old, new)))
    return caught.value.problems


def test_the_built_in_mapping_is_read_whole():
    known = read_application("aquamind")
    assert known.name == "aquamind"
    assert len({table.key.name for table in known.tables}) == len(known.tables)
    assert {field.type.name for table in known.tables for field in table.fields} <= set(KINDS)
    assert {table.owner for table in known.tables} == {"batch", "store"}


def test_every_table_that_the_built_in_mapping_asks_for_is_ours():
    asked = asked_tables(read_application("aquamind"))
    assert {"environmental_reading", "feed_consumption", "harvest_lot", "sensor"} <= asked
    assert asked <= TABLES.keys()


def test_a_small_mapping_is_read(written):
    known = read_application(written(SMALL))
    (table,) = known.tables
    assert table.fields[1].type == PgType("varchar", 20)
    assert table.fields[1].expression == "batch_number"
    assert known.words == {"status": {"ACTIVE": "on"}}


def test_a_name_that_is_none_is_refused_with_those_that_are():
    with pytest.raises(BadInput, match="aquamind, or a file"):
        read_application("aquamnd")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("user: SELECT 1 WHERE %s <> ''\n", "", "user is missing"),
        ("containers: tank", "containers: tank\nsurprise: 1", "no such key"),
        ("int8 = batch_key(batch_id)", "batch_key(batch_id)", "type = expression"),
        ("    from: batch\n", "", "from is missing"),
        ("    from: batch\n", "    from: batch\n    colour: red\n", "no such key"),
        ("  status: {ACTIVE: on}", "  status: [on]", "words are pairs"),
        ("  status: {ACTIVE: on}", "  sta tus: {ACTIVE: on}", "no word"),
        ("name: batch, bits: 0", "name: a b, bits: 0", "column, name and bits"),
        ("name: batch, bits: 0", "name: batch, bits: 99", "column, name and bits"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(written, old, new, said):
    problems = refused(written, old, new)
    assert any(said in problem.message for problem in problems)
    assert all(problem.file for problem in problems)


def test_types_are_read_as_sql_writes_them():
    assert read_type("numeric(10,2)") == PgType("numeric", 10, 2)
    assert str(read_type("numeric(10,2)")) == "numeric(10,2)"
    assert str(read_type("varchar(50)")) == "varchar(50)"
    assert read_type("not a type") is None


@pytest.mark.parametrize(
    ("name", "last"),
    [
        ("assignment", lambda n: keys.assignment_id(n, keys.MAX_SLOTS - 1)),
        ("transfer", lambda n: keys.transfer_workflow_id(n, keys.MAX_STAGES - 1)),
        ("transfer_part",
         lambda n: keys.transfer_action_id(keys.transfer_workflow_id(n, 63), 255, 255)),
        ("reading", lambda n: keys.reading_id(keys.assignment_id(n, 255), 15, 65535)),
        ("feeding", lambda n: keys.sub_key(keys.day_key(keys.assignment_id(n, 255), 4095), 255)),
        ("sample", lambda n: keys.day_key(keys.assignment_id(n, 255), 4095)),
        ("scenario", lambda n: keys.scenario_id(n, 3)),
        ("projection", lambda n: keys.projection_id(keys.scenario_id(n, 3), 4095)),
        ("purchase",
         lambda s: keys.lot_id(keys.purchase_id(keys.stock_id(s, 31, 65535), 3), 63)),
    ],
)  # fmt: skip
def test_a_key_has_room_for_all_that_an_owner_can_have(name, last):
    (table,) = (t for t in read_application("aquamind").tables if t.key.name == name)
    for number in (1, 7, 550):
        assert last(number) < (number + 1) << table.key.bits
        assert last(number) >= number << table.key.bits


def test_an_expression_that_is_no_sql_is_told_with_its_line(written):
    known = read_application(written(SMALL.replace("= batch_number", "= batch_numbr")))
    bench = Workbench(Frame(known, {}, {}, 1, 20_000))
    with pytest.raises(BadInput) as caught:
        bench.rows(known.tables[0])
    (problem,) = caught.value.problems
    assert problem.line == known.tables[0].line
    assert "batch_numbr" in problem.message


def test_values_are_rounded_as_the_column_there_is(written):
    known = read_application(written(SMALL.replace("varchar(20) = batch_number",
                                                   "numeric(9,3) = avg_weight_g")))  # fmt: skip
    types = {"lots": {"name": PgType("numeric", 8, 1)}}
    bench = Workbench(Frame(known, types, {"batch": 100}, 1, 20_000))
    batch = TABLES["batch"].arrow_schema
    row = {field.name: None for field in batch}
    row |= {"batch_id": 7, "avg_weight_g": "12.250"}
    bench.take_table("batch", pa.table({n: pa.array([v]) for n, v in row.items() if v}))
    assert [str(v) for v in bench.rows(known.tables[0]).to_pylist()[0].values()] == ["107", "12.3"]


def test_a_mapping_sees_no_file_and_no_variable(written):
    for table in ("read_csv('/etc/hosts')", "batch_rows"):
        known = read_application(written(SMALL.replace("from: batch\n", f"from: {table}\n")))
        with pytest.raises(BadInput, match="M-SQL"):
            Workbench(Frame(known, {}, {}, 1, 20_000)).rows(known.tables[0])
