"""Master data: found by name at the target, and added where it is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from grilse.ground.errors import BadInput, Problem
from grilse.mapping.model import Master
from grilse.mapping.rows import Workbench
from grilse.sinks.postgres.ddl import identifier, qualified

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

__all__ = ["Added", "Different", "Match", "Matched", "match_all"]

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


@dataclass(frozen=True)
class Different:
    """A row of master data that says something else there than the farm here."""

    table: str
    column: str
    name: str
    ours: Any
    theirs: Any


@dataclass
class Matched:
    """What came of matching all master data.

    Attributes
    ----------
    matches
        In the order of the mapping.
    added
        What was missing.
    different
        What is there, and says something else.
    """

    matches: list[Match] = field(default_factory=list)
    added: list[Added] = field(default_factory=list)
    different: list[Different] = field(default_factory=list)


def match_all(
    connection: Connection, schema: str, bench: Workbench, *, with_history: bool = False
) -> Matched:
    """Find all masters at the target, in order, and add what is missing.

    Parameters
    ----------
    connection
        In a transaction.
    bench
        Holds our reference rows, and learns each master's keys, for those after it.
    with_history
        Whether what is added gets a first version, where the application keeps versions.

    Raises
    ------
    BadInput
        With every row that is there twice, or missing where it is needed.
    """
    problems: list[Problem] = []
    matched = Matched()
    for master in bench.frame.application.masters:
        ours = bench.masters(master)
        found, missing = _found(connection, schema, master, ours, problems, matched.different)
        if missing and master.is_needed:
            problems.append(_needed_problem(master, ours, missing))
        elif missing:
            fresh = dict(_add(connection, schema, master, ours, missing))
            found |= fresh
            named = {key: _name(master, ours, index) for index, key in fresh.items()}
            matched.added += [Added(master.table, master.key, k, n) for k, n in named.items()]
            if with_history and master.history:
                matched.added += _versions(connection, schema, master, named, bench.frame.user)
        indices = sorted(found)
        match = Match(
            master, [ours["ours"][i].as_py() for i in indices], [found[i] for i in indices]
        )
        bench.learn(master, match.ours, match.theirs)
        matched.matches.append(match)
    if problems:
        raise BadInput(problems)
    return matched


def _name(master: Master, ours: pa.Table, index: int) -> str:
    """Name a row by the texts that it is matched by."""
    values = [ours[name][index].as_py() for name in master.match]
    texts = [value for value in values if isinstance(value, str)]
    return ", ".join(texts or map(str, values))


def _versions(
    connection: Connection, schema: str, master: Master, named: dict[int, str], user: int
) -> list[Added]:
    """Write the first versions of rows that were added, by key and name."""
    assert master.history is not None
    history, moment = master.history.table, identifier(master.history.moment)
    names = ", ".join(identifier(name) for name in (master.key, *(f.name for f in master.fields)))
    own = identifier(master.key)
    made = connection.execute(
        f"INSERT INTO {qualified(schema, history)} "
        f"({names}, history_date, history_type, history_user_id) "
        f"SELECT {names}, {moment}, '+', %s FROM {qualified(schema, master.table)} "
        f"WHERE {own} = ANY(%s) RETURNING history_id, {own}",
        [user, list(named)],
    )
    return [Added(history, "history_id", key, named[of]) for key, of in made.fetchall()]


def _found(
    connection: Connection, schema: str, master: Master, ours: pa.Table,
    problems: list[Problem], different: list[Different],
) -> tuple[dict[int, int], list[int]]:  # fmt: skip
    """Return by place among ours the key there, and the places of those that are missing."""
    there = _there(connection, schema, master)
    names = list(zip(*(ours[name].to_pylist() for name in master.match), strict=True))
    found, missing = {}, []
    for index, name in enumerate(names):
        rows = there.get(name, [])
        keys = [key for key, *_ in rows]
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
            different += _differences(master, ours, index, rows[0][1:])
        else:
            missing.append(index)
    return found, missing


def _there(
    connection: Connection, schema: str, master: Master
) -> dict[tuple[Any, ...], list[tuple[Any, ...]]]:
    """Return by name the keys there, each with what is compared."""
    names = (master.key, *master.compared, *master.match)
    columns = ", ".join(identifier(name) for name in names)
    asked = connection.execute(f"SELECT {columns} FROM {qualified(schema, master.table)}")
    there: dict[tuple[Any, ...], list[tuple[Any, ...]]] = {}
    first = 1 + len(master.compared)
    for row in asked.fetchall():
        there.setdefault(row[first:], []).append(row[:first])
    return there


def _differences(
    master: Master, ours: pa.Table, index: int, theirs: tuple[Any, ...]
) -> Iterator[Different]:
    for column, their in zip(master.compared, theirs, strict=True):
        our = ours[column][index].as_py()
        if our != their:
            yield Different(master.table, column, _name(master, ours, index), our, their)


def _needed_problem(master: Master, ours: pa.Table, missing: list[int]) -> Problem:
    names = [_name(master, ours, i) for i in missing]
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
