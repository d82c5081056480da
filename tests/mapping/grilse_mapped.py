"""Loads into an AquaMind database, small enough for tests: few readings, few samples."""

import io
import json
from functools import cache

import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

import grilse_aquamind
from grilse import api
from grilse.api.analysing import analysed, make_analysed
from grilse.api.assembling import tasks_by_size
from grilse.api.loading import load
from grilse.api.mapping import mapped_place
from grilse.api.writing import Writing
from grilse.mapping.masters import Match
from grilse.mapping.model import PgType
from grilse.mapping.reading import read_application
from grilse.mapping.rows import Frame, Workbench
from grilse.mapping.saying import Voice


@cache
def job(pairs, as_of, **asked):
    """Plan so many batches in each of the two geographies."""
    answer = api.plan(batches=pairs, as_of=as_of, **asked)
    return api.prepare(answer.schedule, writing=Writing(readings_per_day=1, sample_every_days=56))


def bring(url, given, *, user=grilse_aquamind.USER, workers=1, **options):
    chosen, place = mapped_place(given, url, "aquamind", user=user, **options)
    return load(chosen, place, workers=workers)


_MADE = {}


def made(given):
    """Make a job's rows, once: of each part, the chunks of each table."""
    if id(given) not in _MADE:
        production = analysed(given.production)
        parts = {
            (task.segment, batch.number): _made(production, batch.plan)
            for task in tasks_by_size(given, 1) for batch in task.batches if batch.plan
        }  # fmt: skip
        _MADE[id(given)] = given, parts
    return _MADE[id(given)][1]


def _made(production, plan):
    found = {}
    for name, chunk in make_analysed(production, plan):
        # Its buffers may be used again for the next batch.
        kept = chunk.take(np.arange(chunk.num_rows))
        found.setdefault(name, []).append(kept)
    return found


def rows_of(given, *tables):
    """Return the rows of some tables of all batches, as Grilse makes them."""
    return {
        name: [
            row for part in made(given).values() for chunk in part.get(name, ())
            for row in chunk.to_pylist()
        ]
        for name in tables
    }  # fmt: skip


# ---- every mapped table read back ----------------------------------------------------------------

_FINE = PgType("numeric", 18, 9)
_CSV = {"int2": pa.int16(), "int4": pa.int32(), "int8": pa.int64(), "float8": pa.float64(),
        "bool": pa.bool_(), "date": pa.date32(), "time": pa.time64("us"),
        "timestamptz": pa.timestamp("us", "UTC")}  # fmt: skip


def voice_at(url, given, handed):
    """Return what says a job's rows as they must stand there, but with nine decimals.

    Keys of master data are asked there, by name.
    """
    application = read_application("aquamind")
    _, place = mapped_place(given, url, "aquamind", user=grilse_aquamind.USER)
    with psycopg.connect(url) as connection:
        (ranges,) = connection.execute("SELECT ranges FROM grilse_mapped.load").fetchone()
        ((user,),) = connection.execute(
            "SELECT id FROM auth_user WHERE username = %s", [grilse_aquamind.USER]
        ).fetchall()
        offsets = {name: keys[2] for name, keys in json.loads(ranges).items()}
        types = {
            part_name(part): {f.name: _FINE if f.type.name == "numeric" else f.type
                              for f in part.fields}
            for part in (*application.masters, *application.tables)
        }  # fmt: skip
        frame = Frame(application, types, offsets, user, place.as_of, place.stays.containers,
                      dict(place.reference()))  # fmt: skip
        bench, matches = Workbench(frame), []
        for master in application.masters:
            ours = bench.masters(master)
            listed = ", ".join(f'"{name}"' for name in master.match)
            there = connection.execute(f'SELECT "{master.key}", {listed} FROM "{master.table}"')
            keys = {tuple(name): key for key, *name in there.fetchall()}
            names = zip(*(ours[name].to_pylist() for name in master.match), strict=True)
            theirs = [keys[name] for name in names]
            match = Match(master, ours["ours"].to_pylist(), theirs)
            bench.learn(master, match.ours, match.theirs)
            matches.append(match)
    return Voice(frame, tuple(matches), handed)


def part_name(part):
    return getattr(part, "table", None) or part.name


def wanted(url, given, handed):
    """Return every row that must stand there, by table, sorted by key, with nine decimals."""
    voice, found = voice_at(url, given, handed), {}
    for part, chunks in sorted(made(given).items(), key=lambda item: item[0][1] > 0):
        for table, rows in voice.said(part, chunks):
            if rows.num_rows:
                found.setdefault(table.name, []).append(rows)
    keys = {table.name: table.key.column for table in voice.frame.application.tables}
    return {
        name: pa.concat_tables(found[name]).sort_by(key) if name in found else None
        for name, key in keys.items()
    }


def read_back(url, table):
    """Return the load's rows of a table as they stand there, by key, in types of Arrow."""
    names, key = ", ".join(f'"{field.name}"' for field in table.fields), table.key.column
    with psycopg.connect(url) as connection:
        (ranges,) = connection.execute("SELECT ranges FROM grilse_mapped.load").fetchone()
    *_, offset, last = json.loads(ranges)[table.key.name]
    query = (
        f'SELECT {names} FROM "{table.name}" WHERE "{key}" > {offset} AND "{key}" <= {last} '
        f'ORDER BY "{key}"'
    )
    with (
        psycopg.connect(url) as connection,
        connection.cursor() as cursor,
        cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv)") as copy,
    ):
        text = b"".join(copy)
    if not text:
        return None
    return csv.read_csv(
        io.BytesIO(text),
        csv.ReadOptions(column_names=[field.name for field in table.fields]),
        csv.ParseOptions(newlines_in_values=True),
        csv.ConvertOptions(
            column_types={field.name: _csv_type(field.type) for field in table.fields},
            true_values=["t"], false_values=["f"], null_values=[""], strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )  # fmt: skip


def _csv_type(kind):
    if kind.name == "numeric":
        return pa.decimal128(kind.size, kind.scale)
    return _CSV.get(kind.name, pa.string())


def rounded(table, rows):
    """Return rows rounded as the mapping says: half away from zero; JSON as the server has it."""
    columns = []
    for field, column in zip(table.fields, rows.columns, strict=True):
        if field.type.name == "numeric":
            kind = pa.decimal128(field.type.size, field.type.scale)
            column = pc.round(column, field.type.scale, "half_towards_infinity").cast(kind)
        elif field.type.name == "timestamptz":
            column = column.cast(pa.timestamp("us")).cast(pa.timestamp("us", "UTC"))
        columns.append(column)
    return pa.table(columns, names=rows.schema.names)


def plain_json(column):
    """Return texts of JSON as Python writes them, so that equal ones are alike."""
    coded = column.combine_chunks().dictionary_encode()
    texts = [json.dumps(json.loads(text), sort_keys=True) for text in coded.dictionary.to_pylist()]
    return pa.array(texts, pa.string()).take(coded.indices)


def assert_read_back(table, there, wanted_rows):
    """Assert that a table has the rows that it must have, every column of them."""
    if there is None or wanted_rows is None:
        assert there is wanted_rows, table.name
        return 0
    expected = rounded(table, wanted_rows)
    assert there.num_rows == expected.num_rows, table.name
    for field in table.fields:
        found, ours = there[field.name], expected[field.name]
        if field.type.name == "jsonb":
            found, ours = plain_json(found), plain_json(ours)
        if found != ours.cast(found.type):
            pairs = zip(found.to_pylist(), ours.to_pylist(), strict=True)
            unlike = [(index, *pair) for index, pair in enumerate(pairs) if pair[0] != pair[1]]
            raise AssertionError((table.name, field.name, len(unlike), unlike[:3]))
    return there.num_rows
