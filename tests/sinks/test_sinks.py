"""Conformance: what holds for every sink; then what is Parquet's own."""

import pickle

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from grilse.sinks import null, parquet
from grilse.sinks.null import NullSink
from grilse.sinks.parquet import ParquetSink
from grilse.tables.catalogue import TABLES
from grilse.tables.fingerprint import add, fingerprint
from grilse.tables.schema import Column, Table, chunk, storage_dtype
from grilse.tables.totals import Totals, add_totals

READING, BATCH = TABLES["environmental_reading"], TABLES["batch"]
SEGMENT = "e0001-s0000"


def rows_of(table, first, count, *, missing=True):
    """Some rows of any table; nullable columns lack every third value."""
    values = {}
    for c in table.columns:
        if c.kind == "text":
            values[c.name] = [f"{c.name} {n} «ø»" for n in range(first, first + count)]
            continue
        top = len(c.values) if c.kind == "category" else 2 if c.kind == "bool" else 900
        numbers = (np.arange(first, first + count) % top).astype(storage_dtype(c))
        mask = np.arange(count) % 3 == 0
        values[c.name] = np.ma.masked_array(numbers, mask) if c.nullable and missing else numbers
    return chunk(table, values)


def write(sink, batches, segment=SEGMENT, *, dropped=()):
    writer = sink.begin(segment)
    for number, chunks in batches.items():
        writer.begin_batch(number)
        for table, rows in chunks:
            writer.write(table, rows)
        if number in dropped:
            writer.drop_batch()
        else:
            writer.end_batch()
    return writer.commit()


@pytest.fixture(params=["null", "parquet"])
def sink(request, tmp_path):
    return NullSink() if request.param == "null" else ParquetSink(tmp_path, {"seed": "1"})


BATCHES = {
    3: [(BATCH, rows_of(BATCH, 3, 1)), (READING, rows_of(READING, 0, 500))],
    4: [(READING, rows_of(READING, 500, 300)), (READING, rows_of(READING, 800, 10))],
    9: [(BATCH, rows_of(BATCH, 9, 2)), (READING, rows_of(READING, 900, 0))],
}


def test_totals_add_up_over_chunks_and_batches(sink):
    written = write(sink, BATCHES)
    prints = [
        fingerprint(t, rows) for chunks in BATCHES.values() for t, rows in chunks if t is READING
    ]
    assert written.tables["environmental_reading"] == Totals(810, add(*prints))
    assert written.tables["batch"].rows == 3
    assert {n: {t: x.rows for t, x in tables.items()} for n, tables in written.batches.items()} == {
        3: {"batch": 1, "environmental_reading": 500},
        4: {"environmental_reading": 310},
        9: {"batch": 2},
    }
    assert add_totals(written.batches.values()) == written.tables


@pytest.mark.parametrize("dropped", [(), (3,)])
def test_a_large_first_batch_is_written_ahead_and_still_whole_or_not_there(
    tmp_path, monkeypatch, dropped
):
    monkeypatch.setattr(parquet, "AHEAD_ROWS", 100)
    ahead = {3: [*BATCHES[3], *BATCHES[4], *BATCHES[9]], 5: BATCHES[4]}
    written = write(ParquetSink(tmp_path), ahead, dropped=dropped)
    wanted = write(NullSink(), ahead, dropped=dropped)
    assert (written.tables, written.batches) == (wanted.tables, wanted.batches)
    for name, totals in wanted.tables.items():
        assert pq.read_metadata(tmp_path / name / f"{SEGMENT}.parquet").num_rows == totals.rows
    assert {path.parent.name for path in tmp_path.glob("*/*")} == set(wanted.tables)


def test_what_is_written_ahead_goes_when_the_segment_does(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet, "AHEAD_ROWS", 100)
    writer = ParquetSink(tmp_path).begin(SEGMENT)
    writer.begin_batch(3)
    writer.write(*BATCHES[3][1])
    assert len(list(tmp_path.glob("*/*"))) == 1
    writer.abort()
    assert not list(tmp_path.glob("*/*"))


def test_a_dropped_batch_was_never_there(sink):
    written = write(sink, BATCHES, dropped=(4,))
    alone = write(NullSink(), {n: chunks for n, chunks in BATCHES.items() if n != 4})
    assert (written.tables, written.batches) == (alone.tables, alone.batches)


def test_a_chunk_of_another_schema_is_refused(sink):
    writer = sink.begin(SEGMENT)
    writer.begin_batch(1)
    with pytest.raises(ValueError, match="not of table batch"):
        writer.write(BATCH, rows_of(READING, 0, 3))
    rows = rows_of(READING, 0, 3)
    holes = [pa.nulls(3, rows.schema.field(0).type), *rows.columns[1:]]
    with pytest.raises(ValueError, match="reading_id: 3 values are missing"):
        writer.write(READING, pa.RecordBatch.from_arrays(holes, schema=rows.schema))
    writer.abort()


def test_rows_outside_a_batch_and_batches_twice_are_refused(sink):
    writer = sink.begin(SEGMENT)
    with pytest.raises(ValueError, match="outside a batch"):
        writer.write(BATCH, rows_of(BATCH, 0, 1))
    with pytest.raises(ValueError, match="no batch has begun"):
        writer.end_batch()
    writer.begin_batch(1)
    with pytest.raises(ValueError, match="begins twice"):
        writer.begin_batch(2)
    writer.end_batch()
    with pytest.raises(ValueError, match="begins twice"):
        writer.begin_batch(1)
    writer.abort()


def test_a_sink_can_be_sent_to_another_process(sink):
    assert pickle.loads(pickle.dumps(sink)) == sink


def test_abort_and_discard_are_harmless_at_any_time(sink):
    writer = sink.begin(SEGMENT)
    writer.abort()
    writer.abort()
    sink.discard(SEGMENT)


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_every_table_is_read_back_equal(tmp_path, table):
    chunks = [rows_of(table, 0, 70), rows_of(table, 70, 30, missing=False)]
    written = write(ParquetSink(tmp_path), {1: [(table, c) for c in chunks]})
    path = tmp_path / table.name / f"{SEGMENT}.parquet"
    found = pq.read_table(path)
    assert found.equals(pa.Table.from_batches(chunks))
    assert found.schema.equals(table.arrow_schema)
    assert found.schema.field(0).metadata == table.arrow_schema.field(0).metadata
    assert written.bytes == {table.name: path.stat().st_size}
    again = [fingerprint(table, rows) for rows in found.to_batches()]
    assert add(*again) == written.tables[table.name].fingerprint


def test_bulk_tables_have_a_row_group_a_batch_and_others_one_a_segment(tmp_path):
    write(ParquetSink(tmp_path), BATCHES)
    groups = {
        name: pq.ParquetFile(tmp_path / name / f"{SEGMENT}.parquet").metadata
        for name in ("batch", "environmental_reading")
    }
    found = {
        n: [m.row_group(i).num_rows for i in range(m.num_row_groups)] for n, m in groups.items()
    }
    assert found == {"batch": [3], "environmental_reading": [500, 310]}


def test_small_tables_are_flushed_when_they_pass_the_buffer(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet, "BUFFERED_ROWS", 100)
    write(ParquetSink(tmp_path), {n: [(BATCH, rows_of(BATCH, n, 60))] for n in range(1, 6)})
    found = pq.ParquetFile(tmp_path / "batch" / f"{SEGMENT}.parquet")
    sizes = [found.metadata.row_group(i).num_rows for i in range(found.num_row_groups)]
    assert sizes == [120, 120, 60]
    wanted = pa.Table.from_batches([rows_of(BATCH, n, 60) for n in range(1, 6)])
    assert found.read().equals(wanted)


def test_gathered_batches_have_the_fingerprints_of_each_alone(tmp_path, monkeypatch):
    batches = {n: [(BATCH, rows_of(BATCH, n, 60)), *BATCHES[4]] for n in range(1, 6)}
    alone = {n: write(NullSink(), {n: chunks}).batches[n] for n, chunks in batches.items()}
    assert len({totals["batch"].fingerprint for totals in alone.values()}) == 5
    monkeypatch.setattr(parquet, "BUFFERED_ROWS", 100)
    monkeypatch.setattr(null, "_GATHERED_ROWS", 100)
    for sink in (ParquetSink(tmp_path), NullSink()):
        assert write(sink, batches).batches == alone


def test_encodings_statistics_and_marks(tmp_path):
    marks = {"version": "0.1.0", "seed": "42", "format": "1"}
    write(ParquetSink(tmp_path, marks), BATCHES)
    path = tmp_path / "environmental_reading" / f"{SEGMENT}.parquet"
    group = pq.ParquetFile(path).metadata.row_group(0)
    columns = {group.column(i).path_in_schema: group.column(i) for i in range(group.num_columns)}
    for name, column in columns.items():
        wanted = {"parameter": "RLE_DICTIONARY", "reading_id": "DELTA_BINARY_PACKED"}
        wanted["value"] = wanted["reading_id"]
        assert wanted.get(name, "PLAIN") in column.encodings, name
        assert column.compression == ("UNCOMPRESSED" if name in ("parameter", "value") else "LZ4")
        assert column.is_stats_set == (name in ("reading_id", "reading_time")), name
    assert columns["value"].physical_type == "INT32"
    metadata = pq.read_schema(path).metadata
    assert {key.decode(): value.decode() for key, value in metadata.items()} == {
        "grilse.synthetic": "true", "grilse.version": "0.1.0", "grilse.seed": "42",
        "grilse.format": "1", "grilse.table": "environmental_reading",
    }  # fmt: skip


def test_nothing_has_its_name_before_commit_and_abort_leaves_nothing(tmp_path):
    writer = ParquetSink(tmp_path).begin(SEGMENT)
    writer.begin_batch(1)
    for table, rows in BATCHES[3]:
        writer.write(table, rows)
    assert not list(tmp_path.rglob("*.parquet*"))
    writer.end_batch()
    assert [path.name for path in tmp_path.rglob("*.parquet*")] == [f"{SEGMENT}.parquet.inprogress"]
    writer.abort()
    assert not list(tmp_path.rglob("*.parquet*"))


def test_what_a_dead_writer_left_is_removed_and_nothing_else(tmp_path):
    for name in ("batch/e0001-s0000", "area/e0001-s0000", "batch/e0001-s0001"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / f"{name}.parquet.inprogress").write_text("half")
    (tmp_path / "batch/e0001-s0000.parquet").write_text("whole")
    ParquetSink(tmp_path).discard(SEGMENT)
    left = sorted(str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*.*"))
    assert left == ["batch/e0001-s0000.parquet", "batch/e0001-s0001.parquet.inprogress"]


def test_equal_rows_make_equal_files(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write(ParquetSink(tmp_path / name), BATCHES)
    for path in (tmp_path / "a").rglob("*.parquet"):
        assert path.read_bytes() == (tmp_path / "b" / path.relative_to(tmp_path / "a")).read_bytes()


def test_a_narrow_table_of_ones_own(tmp_path):
    table = Table("own", "x", "batch", (Column("n", "int64", "Key."),), ("n",), ("n",))
    write(ParquetSink(tmp_path), {1: [(table, chunk(table, {"n": np.arange(5)}))]})
    assert pq.read_table(tmp_path / "own" / f"{SEGMENT}.parquet")["n"].to_pylist() == [*range(5)]
