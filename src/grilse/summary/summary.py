"""A summary: sections of a few rows each, asked of a dataset's tables."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb

from grilse.ground.errors import DestinationError
from grilse.summary.questions import QUESTIONS

__all__ = ["Section", "Summary", "Value", "as_json", "as_text", "sections"]

Value = str | int | float | None


@dataclass(frozen=True)
class Section:
    """A section of a summary.

    Attributes
    ----------
    name, title
        For programs, and for people.
    columns
        Names, with units.
    rows
        In order.
    reason
        Why it could not be asked, where it could not.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    reason: str = ""


@dataclass(frozen=True)
class Summary:
    """A dataset in a page.

    Attributes
    ----------
    source
        Its folder or file.
    facts
        Single figures by name: as_of, seed, rows, bytes.
    sections
        In the order in which they are told.
    """

    source: str
    facts: Mapping[str, Value]
    sections: tuple[Section, ...]


def sections(rows: duckdb.DuckDBPyConnection, held: Iterable[str]) -> Iterator[Section]:
    """Yield what tables tell.

    Parameters
    ----------
    rows
        A database in which the tables go by their names.
    held
        Names of those that are there.

    Raises
    ------
    DestinationError
        If the tables are not as Grilse writes them.
    """
    there = set(held)
    for question in QUESTIONS:
        missing = [name for name in question.needs if name not in there]
        if missing:
            reason = f"there is no {', '.join(missing)}"
            yield Section(question.name, question.title, (), (), reason)
            continue
        try:
            answer = rows.execute(question.sql)
            columns = tuple(str(column[0]) for column in answer.description or ())
            found = tuple(tuple(map(_plain, row)) for row in answer.fetchall())
        except duckdb.Error as error:
            said = str(error).splitlines()[0]
            raise DestinationError(
                f"{', '.join(question.needs)}: cannot be read: {said}"
            ) from error
        yield Section(question.name, question.title, columns, found)


def _plain(value: Any) -> Value:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, (int, float, str)) or value is None else str(value)


def as_text(summary: Summary) -> Iterator[str]:
    """Yield a summary's lines: facts first, then a small table a section."""
    width = max((len(name) for name in summary.facts), default=0)
    yield summary.source
    yield from (f"  {name:{width}}  {_said(value)}" for name, value in summary.facts.items())
    for section in summary.sections:
        yield ""
        yield section.title + (f": {section.reason}" if section.reason else "")
        if not section.reason and not section.rows:
            yield "  none"
        if section.rows:
            yield from _lines(section)


def _lines(section: Section) -> Iterator[str]:
    """Yield the lines of a section's table: words to the left, numbers to the right."""
    said = [_plainly if column == "year" else _said for column in section.columns]
    rows = (tuple(say(cell) for say, cell in zip(said, row, strict=True)) for row in section.rows)
    cells = [section.columns, *rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(section.columns))]
    words = [isinstance(value, str) for value in section.rows[0]]
    for row in cells:
        yield (
            "  "
            + "  ".join(
                cell.ljust(width) if is_word else cell.rjust(width)
                for cell, width, is_word in zip(row, widths, words, strict=True)
            ).rstrip()
        )


def _said(value: Value) -> str:
    if value is None:
        return "-"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)


def _plainly(value: Value) -> str:
    return "-" if value is None else str(value)


def as_json(summary: Summary) -> str:
    """Return a summary as JSON: rows as objects, and None for what could not be asked."""
    told = {
        section.name: None
        if section.reason
        else [dict(zip(section.columns, row, strict=True)) for row in section.rows]
        for section in summary.sections
    }
    return json.dumps({"source": summary.source, **summary.facts, **told}, indent=2,
                      ensure_ascii=False)  # fmt: skip
