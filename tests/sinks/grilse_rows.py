"""Rows of any table, made up but with keys that point at each other; and reading them back."""

import duckdb
import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.fs as arrow_fs
import pyarrow.parquet as pq

from grilse.sinks.place import Load
from grilse.tables.catalogue import TABLES
from grilse.tables.fingerprint import add, fingerprint
from grilse.tables.schema import chunk, storage_dtype

BATCHES = (1, 2, 3, 5)
SEGMENTS = {"e0001-farm": (0,), "e0001-s0000": (1, 2), "e0001-s0001": (3,), "e0001-s0002": (5,)}
INPUTS = {"seed": "1", "schedule": "00ff"}
MARKS = {"version": "0.0.0", "seed": "1"}
ROWS = 40


def load(**changes):
    wanted = {"tables": tuple(TABLES.values()), "inputs": INPUTS, "marks": MARKS,
              "segments": SEGMENTS, **changes}  # fmt: skip
    return Load(**wanted)


def key_base(table, number):
    """Keys of a batch's rows; those of the farm's tables are the same for all."""
    return 0 if table.owner == "farm" else number * ROWS


def rows_of(table, number, rows=ROWS):
    """Rows of a batch: keys from `key_base`, references to rows that are there, odd values."""
    if table.name == "batch":
        rows = 1
    ordinals, values = np.arange(rows), {}
    for column in table.columns:
        if column.name in table.primary_key or column.name == "batch_id":
            is_batch = column.name == "batch_id" or (column.references or "").startswith("batch.")
            first = number if is_batch else key_base(table, number)
            values[column.name] = np.full(rows, first) if is_batch else first + ordinals
        else:
            values[column.name] = _values(column, number, ordinals)
    if is_keyed_by_batch(table):
        values = {name: array[:1] for name, array in values.items()}
    return chunk(table, values)


def is_keyed_by_batch(table):
    return any((table.column(n).references or "").startswith("batch.") for n in table.primary_key)


def _values(column, number, ordinals):
    count = len(ordinals)
    mask = ordinals % 3 == 1
    if column.references:
        parent = TABLES[column.references.partition(".")[0]]
        is_one = parent.name == "batch" or is_keyed_by_batch(parent)
        first = number if is_one else key_base(parent, number)
        array = np.full(count, first) if is_one else first + ordinals
    elif column.kind == "text":
        texts = [f"{column.name} {n} «ø», \"q\" 'q' \\N \t{'x' * (n % 5)}" for n in ordinals]
        if not column.nullable:
            return texts
        return [None if m else t for m, t in zip(mask, texts, strict=True)]
    elif column.kind == "category":
        array = (ordinals // 7) % len(column.values)
    elif column.kind == "bool":
        array = ordinals % 2 == 0
    else:
        array = odd_numbers(column, ordinals + number)
    array = array.astype(storage_dtype(column))
    return np.ma.masked_array(array, mask) if column.nullable else array


def odd_numbers(column, ordinals):
    """Values near the ends of a column's range and near zero, of both signs."""
    top = {"decimal": 10**column.precision - 1, "int32": 2**31 - 1, "int64": 2**53,
           "date": 30_000, "timestamp": 2_000_000_000_000_000}[column.kind]  # fmt: skip
    choices = np.array([0, 1, -1, 9, 10_000, -10_001, top, -top, 12_345, 99_999_999], np.int64)
    choices = np.clip(choices, -top, top)
    return choices[ordinals % len(choices)]


def make(number, tables=TABLES):
    """Yield (table, chunk) of a batch, or of the farm for 0; children before parents."""
    for table in reversed(tables.values()):
        if (table.owner == "farm") == (number == 0):
            yield table, rows_of(table, number)


def write_segment(sink, name, numbers, *, tables=TABLES, dropped=()):
    writer = sink.begin(name)
    try:
        for number in numbers:
            writer.begin_batch(number)
            for table, rows in make(number, tables):
                writer.write(table, rows)
            if number in dropped:
                writer.drop_batch()
            else:
                writer.end_batch()
        return writer.commit()
    except BaseException:
        writer.abort()
        raise


def write_load(place, wanted=None, *, dropped=()):
    wanted = wanted or load()
    tables = {table.name: table for table in wanted.tables}
    with place.hold(wanted) as held:
        for name, numbers in wanted.segments.items():
            left = [number for number in numbers if (name, number) not in held.done]
            if left:
                write_segment(held.sink, name, left, tables=tables, dropped=dropped)
        return held.finish()


def expected(numbers=(0, *BATCHES)):
    """The fingerprints of all rows, by table: those of Parquet, and of every other place."""
    parts = {}
    for number in numbers:
        for table, rows in make(number):
            parts.setdefault(table.name, []).append(fingerprint(table, rows))
    return {name: add(*prints) for name, prints in parts.items()}


def prints_of(read, names=TABLES):
    """The fingerprints of what `read(table)` finds, by table."""
    found = {name: read(TABLES[name]) for name in names}
    return {
        name: add(*(fingerprint(TABLES[name], batch) for batch in canonical(TABLES[name], rows)))
        for name, rows in found.items()
    }


def canonical(table, rows):
    """Turn a table read back into chunks of the table's own schema."""
    columns = []
    for column in table.columns:
        array = rows[column.name].combine_chunks()
        if column.kind == "category":
            words = pa.array(column.values, pa.string())
            codes = pa.compute.index_in(array.cast(pa.string()), value_set=words)
            array = pa.DictionaryArray.from_arrays(codes.cast(pa.int8()), words)
        elif column.kind == "timestamp":
            array = array.cast(pa.timestamp("us", "UTC"))
        columns.append(array if column.kind == "category" else array.cast(column.arrow_type))
    return pa.Table.from_arrays(columns, schema=table.arrow_schema).combine_chunks().to_batches()


def read_parquet(filesystem, root):
    def read(table):
        found = sorted(
            info.path
            for info in filesystem.get_file_info(arrow_fs.FileSelector(f"{root}/{table.name}"))
        )
        return pa.concat_tables(pq.read_table(path, filesystem=filesystem) for path in found)

    return read


def read_csv(root):
    def read(table):
        kinds = {
            c.name: pa.decimal128(c.precision, c.scale) if c.kind == "decimal"
            else pa.string() if c.kind in ("category", "text") else c.arrow_type
            for c in table.columns
        }  # fmt: skip
        options = arrow_csv.ConvertOptions(
            column_types=kinds, strings_can_be_null=True, quoted_strings_can_be_null=False
        )
        parsing = arrow_csv.ParseOptions(newlines_in_values=True)
        files = sorted((root / table.name).glob("*.csv"))
        return pa.concat_tables(
            arrow_csv.read_csv(f, parse_options=parsing, convert_options=options) for f in files
        )

    return read


def read_duckdb(path):
    def read(table):
        with duckdb.connect(str(path), read_only=True) as database:
            database.execute("SET TimeZone = 'UTC'")
            return database.sql(f'SELECT * FROM "{table.name}"').to_arrow_table()

    return read


def read_postgres(url, schema="grilse"):
    def read(table):
        with psycopg.connect(url) as connection:
            connection.execute("SET timezone = 'UTC'")
            found = connection.execute(f'SELECT * FROM {schema}."{table.name}"').fetchall()
        kinds = [
            pa.decimal128(c.precision, c.scale) if c.kind == "decimal"
            else pa.string() if c.kind == "category" else c.arrow_type
            for c in table.columns
        ]  # fmt: skip
        columns = list(zip(*found, strict=True)) or [()] * len(kinds)
        arrays = [pa.array(v, k) for v, k in zip(columns, kinds, strict=True)]
        return pa.Table.from_arrays(arrays, names=[c.name for c in table.columns])

    return read
