"""A source's CSV files become a `Legacy`: a row that cannot be read is listed, never dropped."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from grilse.ground.errors import BadInput, Problem
from grilse.ground.text_file import open_text
from grilse.migration.legacy import (
    Container,
    Harvest,
    Input,
    Legacy,
    PlannedStay,
    Population,
    Status,
    Transfer,
    Unmapped,
)
from grilse.migration.mapping import COLUMNS, OPTIONAL_FILES, RULES, Layout
from grilse.schedule.layout import stage_key

__all__ = ["read_legacy"]

_SEA = ("RING", "PEN", "CAGE", "SEA")
_MOST_FISH, _MOST_GRAMS = 2**31 - 1, 100_000.0

Made = TypeVar("Made")


class _RowError(ValueError):
    """A row cannot be read; the argument says why."""


@dataclass(frozen=True)
class _Row:
    """A row of a file: its texts by our names of the columns."""

    layout: Layout
    file: str
    line: int
    values: Mapping[str, str]

    def text(self, name: str) -> str:
        """Return a text that must be there."""
        value = self.maybe(name)
        if value is None:
            raise _RowError(f"it has no {name}")
        return value

    def maybe(self, name: str) -> str | None:
        """Return a text, or None where it is empty."""
        return self.values.get(name, "").strip() or None

    def time(self, name: str) -> datetime:
        """Return a moment that must be there, UTC."""
        value = self.maybe_time(name)
        if value is None:
            raise _RowError(f"it has no {name}")
        return value

    def maybe_time(self, name: str) -> datetime | None:
        """Return a moment, or None where it is empty."""
        text = self.maybe(name)
        if text is None:
            return None
        try:
            form = self.layout.dates
            found = datetime.strptime(text, form) if form else datetime.fromisoformat(text)
        except ValueError as error:
            raise _RowError(f"{name} {text[:40]!r} is no time") from error
        if not 1990 <= found.year <= 2100:
            raise _RowError(f"{name} {text[:40]} lies outside 1990 to 2100")
        return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found

    def count(self, name: str) -> int | None:
        """Return a number of fish, or None where it is empty."""
        value = self._number(name, _MOST_FISH)
        if value is not None and value != int(value):
            raise _RowError(f"{name} {value} is no whole number")
        return None if value is None else int(value)

    def grams(self, name: str) -> float | None:
        """Return a weight, None where it is empty or 0."""
        return self._number(name, _MOST_GRAMS) or None

    def _number(self, name: str, most: float) -> float | None:
        text = self.maybe(name)
        if text is None:
            return None
        try:
            value = float(text)
        except ValueError as error:
            raise _RowError(f"{name} {text[:40]!r} is no number") from error
        if not 0 <= value <= most:
            raise _RowError(f"{name} {text[:40]} lies outside 0 to {most:g}")
        return value

    def stage(self) -> str | None:
        """Return the key of its stage, or None where it names none."""
        text = self.maybe("Stage")
        key = None if text is None else stage_key(text)
        if text is not None and key is None:
            raise _RowError(f"stage {text[:40]!r} is not known")
        return key


@dataclass
class _Reading:
    """What is being read of a folder, and what could not be."""

    folder: Path
    layout: Layout
    unmapped: list[Unmapped] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def each(self, what: str, make: Callable[[_Row], Made]) -> Iterator[Made]:
        """Yield what is made of each row of a file; a row of which nothing can be is listed."""
        for row in self._rows(what):
            try:
                yield make(row)
            except _RowError as error:
                name = next((v for v in row.values.values() if v), "?")[:40]
                kind = what.removesuffix("es") if what == "statuses" else what.removesuffix("s")
                self.unmapped.append(Unmapped(kind, name, str(error), row.file, row.line))

    def _rows(self, what: str) -> Iterator[_Row]:
        name = self.layout.file(what)
        path = self.folder / name
        if not path.is_file():
            if what not in OPTIONAL_FILES or what in self.layout.files:
                told = Problem("G-FILE", f"the source has no file of {what}", file=str(path),
                               mend="Export it, or name it in the mapping file")  # fmt: skip
                self.problems.append(told)
            return
        with open_text(path) as file:
            try:
                rows = csv.reader(file, delimiter=self.layout.delimiter)
                names = self._names(what, path, [cell.strip() for cell in next(rows, [])])
                for cells in rows:
                    if any(cells):
                        yield _Row(self.layout, name, rows.line_num, self._cells(names, cells))
            except (csv.Error, UnicodeDecodeError) as error:
                told = Problem("G-CSV", f"this is no CSV: {error}", file=str(path))
                self.problems.append(told)

    def _names(self, what: str, path: Path, header: list[str]) -> dict[str, int]:
        """Return the place of each column that is there; one that must be is asked for."""
        places = {}
        for name, must in COLUMNS[what].items():
            called = self.layout.column(what, name)
            if called in header:
                places[name] = header.index(called)
            elif must:
                found = ", ".join(header)[:120]
                told = Problem("G-COLUMN", f"the file has no column {called}", file=str(path),
                               line=1, found=found, mend="Name it in the mapping file")  # fmt: skip
                self.problems.append(told)
        return places

    @staticmethod
    def _cells(names: Mapping[str, int], cells: list[str]) -> dict[str, str]:
        return {name: cells[place] if place < len(cells) else "" for name, place in names.items()}


def read_legacy(folder: str | Path, layout: Layout | None = None) -> Legacy:
    """Read a source.

    Parameters
    ----------
    folder
        Of its CSV files.
    layout
        What they are called; by default as in `mapping.COLUMNS`.

    Raises
    ------
    BadInput
        If a file or a column that must be there is not.
    """
    reading = _Reading(Path(folder), layout or Layout())
    if not reading.folder.is_dir():
        raise BadInput(Problem("G-FOLDER", "there is no such folder", file=str(folder)))
    containers = _by_id(reading.each("containers", _container), reading, "container")
    populations = _by_id(
        reading.each("populations", _population(containers)), reading, "population"
    )
    transfers = tuple(reading.each("transfers", _transfer(populations)))
    inputs = tuple(reading.each("inputs", _input(populations)))
    statuses = tuple(reading.each("statuses", _status(populations)))
    harvests = tuple(reading.each("harvests", _harvest(populations)))
    as_of: list[datetime] = []
    plans = tuple(reading.each("plans", _plan(containers, as_of)))
    if reading.problems:
        raise BadInput(reading.problems)
    return Legacy(
        populations, transfers, inputs, statuses, harvests, plans,
        max(as_of, default=None) or _latest(populations.values(), transfers, statuses, harvests),
        reading.layout.system, {name: reading.layout.rule(name) for name in RULES},
        tuple(reading.unmapped),
    )  # fmt: skip


def _by_id(made: Iterable[tuple[str, Made, _Row]], reading: _Reading, kind: str) -> dict[str, Made]:
    """Return what was made by its id; of one that stands twice the first holds."""
    found: dict[str, Made] = {}
    for name, item, row in made:
        if name in found:
            reason = "it stands twice; the first holds"
            reading.unmapped.append(Unmapped(kind, name, reason, row.file, row.line))
        else:
            found[name] = item
    return found


def _latest(
    populations: Iterable[Population], transfers: Iterable[Transfer],
    statuses: Iterable[Status], harvests: Iterable[Harvest],
) -> datetime | None:  # fmt: skip
    times = [p.start for p in populations] + [p.end for p in populations if p.end]
    times += [each.time for group in (transfers, statuses, harvests) for each in group]
    return max(times, default=None)


def _container(row: _Row) -> tuple[str, Container, _Row]:
    place, name = row.text("GroupName"), row.text("ContainerName")
    is_sea = row.text("ContainerType").upper() in _SEA
    geography = row.text("Geography")
    stage = row.stage() or row.layout.stage(place, name) or ("adult" if is_sea else None)
    container_id = row.text("ContainerID")
    named = row.layout.geographies.get(geography, geography)
    made = Container(container_id, name, place, row.text("SiteName"), named, is_sea, stage)
    return container_id, made, row


def _population(
    containers: Mapping[str, Container],
) -> Callable[[_Row], tuple[str, Population, _Row]]:
    def made(row: _Row) -> tuple[str, Population, _Row]:
        container = containers.get(row.text("ContainerID"))
        if container is None:
            raise _RowError(f"its container {row.text('ContainerID')} is not known")
        start, end = row.time("StartTime"), row.maybe_time("EndTime")
        if end is not None and end < start:
            raise _RowError(f"it ends on {end:%Y-%m-%d}, before it starts")
        population = Population(
            row.text("PopulationID"), container, start, end, row.count("StartCount"),
            row.grams("StartAvgWeightG"), row.count("EndCount"), row.grams("EndAvgWeightG"),
            row.stage() or container.stage, row.line, row.line,
        )  # fmt: skip
        return population.population_id, population, row

    return made


def _known(row: _Row, column: str, populations: Mapping[str, Population]) -> str:
    name = row.text(column)
    if name not in populations:
        raise _RowError(f"{column} {name} is no population that was read")
    return name


def _transfer(populations: Mapping[str, Population]) -> Callable[[_Row], Transfer]:
    def made(row: _Row) -> Transfer:
        source, dest = (
            _known(row, f"{w}", populations) for w in ("SourcePopBefore", "DestPopAfter")
        )
        if source == dest:
            raise _RowError(f"it leads from {source} back into it")
        left = _known(row, "SourcePopAfter", populations) if row.maybe("SourcePopAfter") else None
        stood = _known(row, "DestPopBefore", populations) if row.maybe("DestPopBefore") else None
        return Transfer(
            row.text("TransferID"), row.time("OperationTime"), source, left, stood, dest,
            row.count("Count"), row.count("DeadCount") or 0, row.grams("AvgWeightG"), row.line,
        )  # fmt: skip

    return made


def _input(populations: Mapping[str, Population]) -> Callable[[_Row], Input]:
    def made(row: _Row) -> Input:
        count = row.count("InputCount")
        if not count:
            raise _RowError("it has no InputCount")
        return Input(
            _known(row, "PopulationID", populations), _key(row), row.time("InputTime"), count,
            row.grams("AvgWeightG"), row.line,
        )  # fmt: skip

    return made


def _key(row: _Row) -> tuple[str, str, str]:
    return row.text("InputName"), row.text("InputNumber"), row.text("YearClass")


def _status(populations: Mapping[str, Population]) -> Callable[[_Row], Status]:
    return lambda row: Status(
        _known(row, "PopulationID", populations), row.time("StatusTime"), row.count("Count"),
        row.grams("AvgWeightG"),
    )  # fmt: skip


def _harvest(populations: Mapping[str, Population]) -> Callable[[_Row], Harvest]:
    def made(row: _Row) -> Harvest:
        count = row.count("Count")
        if not count:
            raise _RowError("it has no Count")
        name = _known(row, "PopulationID", populations)
        return Harvest(name, row.time("HarvestTime"), count, row.grams("AvgWeightG"))

    return made


def _plan(
    containers: Mapping[str, Container], as_of: list[datetime]
) -> Callable[[_Row], PlannedStay]:
    def made(row: _Row) -> PlannedStay:
        name, told = row.maybe("ContainerID"), row.maybe_time("AsOf")
        if name is not None and name not in containers:
            raise _RowError(f"its container {name} is not known")
        if told is not None:
            as_of.append(told)
        target = row.grams("HarvestTargetKg")
        return PlannedStay(
            _key(row), row.maybe("BatchID"), row.count("BatchNumber"), row.count("InputCount"),
            target, row.stage(),
            containers[name] if name else None, row.maybe_time("StartTime"),
            row.maybe_time("EndTime"),
        )  # fmt: skip

    return made
