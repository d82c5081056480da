"""A dataset held against the source that it was migrated from, population by population."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb

from grilse.ground.errors import BadInput, Problem
from grilse.migration.grouping import day
from grilse.migration.legacy import Legacy, Population

__all__ = ["CHECK_TABLES", "Difference", "MigrationCheck", "Tolerated", "check_migration",
           "tolerated"]  # fmt: skip

CHECK_TABLES = (
    "assignment", "batch", "container", "legacy_population", "harvest_event", "creation_action",
)  # fmt: skip
"""Tables that a check reads."""

_SHARE = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)(%?)")

_ASSIGNMENTS = """
WITH caught AS (
    SELECT assignment_id, sum(fish_count) AS fish,
           sum(fish_count * avg_weight_g::DOUBLE) / sum(fish_count) AS grams
    FROM harvest_event GROUP BY 1
), brought AS (SELECT assignment_id, sum(egg_count) AS eggs FROM creation_action GROUP BY 1)
SELECT l.source_population, l.legacy_population_id, b.batch_number, a.assignment_id, c.name,
       a.start_date, a.departure_date, a.initial_count, a.population_count,
       a.avg_weight_g::DOUBLE, caught.fish, caught.grams, brought.eggs
FROM legacy_population l JOIN assignment a USING (assignment_id)
JOIN container c ON c.container_id = a.container_id JOIN batch b ON b.batch_id = a.batch_id
LEFT JOIN caught USING (assignment_id) LEFT JOIN brought USING (assignment_id)
ORDER BY l.legacy_population_id
"""


@dataclass(frozen=True, slots=True)
class Tolerated:
    """How far a dataset may be from its source.

    Attributes
    ----------
    days
        Between dates.
    count, weight
        Fish and grams, or percent of the source's where `count_share`, `weight_share` say so.
    """

    days: int = 0
    count: float = 0.0
    count_share: bool = False
    weight: float = 0.001
    weight_share: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """Something of a population that differs by more than is tolerated.

    Attributes
    ----------
    population, batch, container
        Whose it is; the batch is empty where no row stands for the population.
    what
        ``missing``, ``container``, ``start date``, ``end date``, ``start count``, ``end count``,
        ``end weight``, ``input``, ``harvest``, ``harvest weight``.
    source, dataset
        On either side.
    """

    population: str
    batch: str
    container: str
    what: str
    source: str
    dataset: str

    def __str__(self) -> str:
        """Format as ``P7 (FAR-2020-001, Ring-01): end count: 100 in the source, 99 here``."""
        where = ", ".join(part for part in (self.batch, self.container) if part)
        who = f"{self.population} ({where})" if where else self.population
        return f"{who}: {self.what}: {self.source} in the source, {self.dataset} here"


@dataclass(frozen=True)
class MigrationCheck:
    """What came of it.

    Attributes
    ----------
    populations, found
        Of the source, and those that rows stand for.
    compared
        Figures compared, by what they are.
    differences
        Those that lie further apart than is tolerated.
    """

    populations: int
    found: int
    compared: Mapping[str, int] = field(default_factory=dict)
    differences: tuple[Difference, ...] = ()


def tolerated(days: int = 0, count: str = "0", weight: str = "0.001") -> Tolerated:
    """Read tolerances: ``50`` fish or ``1%``.

    Raises
    ------
    BadInput
        If one is none.
    """
    matches = {}
    for name, text in (("count", count), ("weight", weight)):
        match = _SHARE.fullmatch(text.strip())
        if match is None:
            allowed = "a number, or a number with % behind it"
            raise BadInput(
                Problem("G-TOLERANCE", f"{name} is no tolerance", found=text[:40], allowed=allowed)
            )
        matches[name] = (float(match[1]), match[2] == "%")
    return Tolerated(days, *matches["count"], *matches["weight"])


def check_migration(
    legacy: Legacy, rows: duckdb.DuckDBPyConnection, within: Tolerated
) -> MigrationCheck:
    """Compare populations, counts, weights and dates of a source with a dataset's rows.

    An assignment that stands for several populations is held against the first one's start and the
    last one's end.

    Parameters
    ----------
    rows
        A database in which the tables of `CHECK_TABLES` go by their names.
    """
    held: dict[int, list[Sequence[Any]]] = {}
    for row in rows.execute(_ASSIGNMENTS).fetchall():
        held.setdefault(row[3], []).append(row)
    standing = {row[0] for parts in held.values() for row in parts}
    bridged = _passed_over(legacy, standing)
    differences = [
        Difference(name, "", each.container.name, "missing", _lived(each), "no row")
        for name, each in legacy.populations.items()
        if name not in standing and name not in bridged
    ]
    compared: dict[str, int] = {}
    for parts in held.values():
        for what, source, dataset, is_near in _figures(legacy, parts, within):
            compared[what] = compared.get(what, 0) + 1
            if not is_near:
                _, _, batch, _, container = parts[0][:5]
                told = Difference(parts[0][0], batch, container, what, source, dataset)
                differences.append(told)
    found = len(standing & set(legacy.populations))
    return MigrationCheck(len(legacy.populations), found, compared, tuple(differences))


def _passed_over(legacy: Legacy, standing: set[str]) -> set[str]:
    """Return the bridges: short, moved into and out of, and carried by no row."""
    into = {move.dest_after for move in legacy.transfers}
    out = {move.source_before for move in legacy.transfers}
    hours = legacy.rules.get("bridge_hours", 24.0)
    return {
        name
        for name, each in legacy.populations.items()
        if name not in standing and name in into and name in out and each.end is not None
        and (each.end - each.start).total_seconds() < hours * 3600
    }  # fmt: skip


def _lived(each: Population) -> str:
    end = "on" if each.end is None else f"to {each.end:%Y-%m-%d}"
    return f"{each.start:%Y-%m-%d} {end}"


Figure = tuple[str, str, str, bool]


def _figures(legacy: Legacy, parts: Sequence[Sequence[Any]], within: Tolerated) -> Iterator[Figure]:
    """Yield what is compared of an assignment: what, there, here, and whether it is near."""
    known = [legacy.populations[row[0]] for row in parts if row[0] in legacy.populations]
    if not known:
        yield "population", "none", str(parts[0][0]), False
        return
    row, first, last = parts[0], known[0], known[-1]
    _, _, _, _, container, start, end, initial, final, grams, caught, caught_g, eggs = row
    yield "container", first.container.name, container, first.container.name == container
    yield _dates("start date", first.start.date(), start, within)
    over = last.end.date() if last.end is not None else None
    yield _dates("end date", over, end, within)
    yield from _numbers(legacy, known, (initial, final, grams, caught, caught_g, eggs), within)


def _numbers(
    legacy: Legacy, known: Sequence[Population], here: tuple[Any, ...], within: Tolerated
) -> Iterator[Figure]:
    initial, final, grams, caught, caught_g, eggs = here
    begun = [each for each in known if day(each.start) == day(known[0].start)][-1]
    last = known[-1]
    if begun.start_count is not None:
        yield _fish("start count", begun.start_count, initial, within)
    if last.end_count is not None:
        yield _fish("end count", last.end_count, final, within)
    if last.end_weight_g is not None:
        yield _grams("end weight", last.end_weight_g, grams, within)
    names = [each.population_id for each in known]
    brought = [each for each in legacy.inputs if each.population_id in names]
    if brought and eggs is not None:
        yield _fish("input", sum(each.count for each in brought), int(eggs), within)
    taken = [each for name in names for each in legacy.harvests_of.get(name, ())]
    fish = sum(each.count for each in taken)
    if fish or caught:
        if fish:
            yield _fish("harvest", fish, int(caught or 0), within)
        weighed = [(each.count, each.weight_g) for each in taken if each.weight_g is not None]
        if weighed and caught_g is not None:
            mean = sum(n * g for n, g in weighed) / sum(n for n, _ in weighed)
            yield _grams("harvest weight", mean, caught_g, within)


def _dates(what: str, source: date | None, here: date | None, within: Tolerated) -> Figure:
    if source is None or here is None:
        return what, _said(source), _said(here), source is here
    return what, _said(source), _said(here), abs((source - here).days) <= within.days


def _said(when: date | None) -> str:
    return "still there" if when is None else when.isoformat()


def _fish(what: str, source: int, here: int, within: Tolerated) -> Figure:
    most = source * within.count / 100.0 if within.count_share else within.count
    return what, f"{source:,}", f"{here:,}", abs(source - here) <= most


def _grams(what: str, source: float, here: float, within: Tolerated) -> Figure:
    most = source * within.weight / 100.0 if within.weight_share else within.weight
    return what, f"{source:.3f} g", f"{here:.3f} g", abs(source - here) <= most + 5e-4
