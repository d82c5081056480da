"""Master data: found by name at the target, and added where it is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from grilse.ground.errors import BadInput, Problem
from grilse.mapping.model import Master
from grilse.mapping.rows import Workbench
from grilse.sinks.postgres.ddl import identifier, qualified

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

__all__ = ["Added", "Match", "match_all"]

_NAMED = 3


@dataclass(frozen=True)
class Match:
    """A master's rows there: the keys of ours, and theirs, in step."""

    master: Master
    ours: list[Any]
    theirs: list[int]


@dataclass(frozen=True)
class Added:
    """A row that was added to master data."""

    table: str
    key_column: str
    key: int
    name: str


def match_all(
    connection: Connection, schema: str, bench: Workbench
) -> tuple[list[Match], list[Added]]:
    """Find all masters at the target, in order, and add what is missing.

    Parameters
    ----------
    connection
        In a transaction.
    bench
        Holds our reference rows, and learns each master's keys, for those after it.

    Raises
    ------
    BadInput
        With every row that is there twice, or missing where it is needed.
    """
    problems: list[Problem] = []
    matches, added = [], []
    for master in bench.frame.application.masters:
        ours = bench.masters(master)
        found, missing = _found(connection, schema, master, ours, problems)
        if missing and not master.is_needed:
            for index, key in _add(connection, schema, master, ours, missing):
                found[index] = key
                named = ", ".join(str(ours[name][index].as_py()) for name in master.match)
                added.append(Added(master.table, master.key, key, named))
        elif missing:
            problems.append(_needed_problem(master, ours, missing))
        indices = sorted(found)
        match = Match(
            master, [ours["ours"][i].as_py() for i in indices], [found[i] for i in indices]
        )
        bench.learn(master, match.ours, match.theirs)
        matches.append(match)
    if problems:
        raise BadInput(problems)
    return matches, added


def _found(
    connection: Connection, schema: str, master: Master, ours: pa.Table, problems: list[Problem]
) -> tuple[dict[int, int], list[int]]:
    """Return by place among ours the key there, and the places of those that are missing."""
    there = _there(connection, schema, master)
    names = list(zip(*(ours[name].to_pylist() for name in master.match), strict=True))
    found, missing = {}, []
    for index, name in enumerate(names):
        keys = there.get(name, [])
        if len(keys) > 1:
            problems.append(
                Problem(
                    "M-TWICE", f"{master.table}: more than one row is named so",
                    found=f"{name} as {', '.join(map(str, keys[:_NAMED]))}",
                    mend="Rename or remove all but one",
                )
            )  # fmt: skip
        elif keys:
            found[index] = keys[0]
        else:
            missing.append(index)
    return found, missing


def _there(connection: Connection, schema: str, master: Master) -> dict[tuple[Any, ...], list[int]]:
    columns = ", ".join(identifier(name) for name in (master.key, *master.match))
    asked = connection.execute(f"SELECT {columns} FROM {qualified(schema, master.table)}")
    there: dict[tuple[Any, ...], list[int]] = {}
    for key, *name in asked.fetchall():
        there.setdefault(tuple(name), []).append(key)
    return there


def _needed_problem(master: Master, ours: pa.Table, missing: list[int]) -> Problem:
    names = [", ".join(str(ours[name][i].as_py()) for name in master.match) for i in missing]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return Problem(
        "M-MASTER", f"{master.table} lacks what the load needs",
        found=f"no {'; '.join(names[:_NAMED])}{more}",
    )  # fmt: skip


def _add(
    connection: Connection, schema: str, master: Master, ours: pa.Table, missing: list[int]
) -> Iterator[tuple[int, int]]:
    """Add rows under keys of the table's own sequence; rows named alike among ours are one."""
    names = [field.name for field in master.fields]
    chosen = ours.select(names).take(missing).to_pylist()
    keys: dict[tuple[Any, ...], int] = {}
    fresh = iter(_fresh_keys(connection, schema, master, len(missing)))
    columns = ", ".join(identifier(name) for name in (master.key, *names))
    statement = f"COPY {qualified(schema, master.table)} ({columns}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for index, row in zip(missing, chosen, strict=True):
            name = tuple(row[column] for column in master.match)
            if name not in keys:
                keys[name] = next(fresh)
                copy.write_row([keys[name], *row.values()])
            yield index, keys[name]


def _fresh_keys(connection: Connection, schema: str, master: Master, count: int) -> list[int]:
    found = connection.execute(
        "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
        [qualified(schema, master.table), master.key, count],
    )
    return [key for (key,) in found.fetchall()]
