"""Figures of many seeds: how often each lies in its band."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from grilse.verify.bands import limit
from grilse.verify.verdict import Figure

__all__ = ["SeedFigure", "failing", "over_seeds", "seed_data", "seed_table"]


@dataclass(frozen=True, slots=True)
class SeedFigure:
    """A figure of a geography as many seeds have it.

    Attributes
    ----------
    name, unit, group, least, most, applies_to
        As in `Figure`.
    values
        Its value by seed, where it was judged, or informs.
    inside, judged
        In how many seeds it lay in its band, of how many that judged it.
    reason
        Why it only informs, where no seed judged it.
    """

    name: str
    unit: str
    group: str
    least: float | None
    most: float | None
    applies_to: str
    values: tuple[float, ...]
    inside: int
    judged: int
    reason: str

    @property
    def share(self) -> float | None:
        """Share of the seeds in which it lay in its band; None where none judged it."""
        return self.inside / self.judged if self.judged else None

    @property
    def holds(self) -> bool:
        """Whether that is as often as it must be; what only informs holds."""
        return self.share is None or self.share >= limit("realism_seeds_share")


def over_seeds(seeds: Iterable[Iterable[Figure]]) -> tuple[SeedFigure, ...]:
    """Gather the figures of each seed, in the order of the first that has them."""
    found: dict[tuple[str, str], list[Figure]] = {}
    for figures in seeds:
        for figure in figures:
            found.setdefault((figure.name, figure.group), []).append(figure)
    return tuple(_gathered(each) for each in found.values())


def _gathered(each: list[Figure]) -> SeedFigure:
    first = each[0]
    judged = [figure for figure in each if figure.verdict in ("inside", "OUTSIDE")]
    return SeedFigure(
        first.name, first.unit, first.group, first.least, first.most, first.applies_to,
        tuple(figure.value for figure in each if figure.value is not None),
        sum(figure.verdict == "inside" for figure in judged), len(judged),
        "" if judged else first.reason,
    )  # fmt: skip


def seed_table(
    figures: Iterable[SeedFigure],
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Return the head and the rows of a table of figures over seeds."""
    head = (
        "figure", "geography", "band", "mean", "least", "greatest", "unit", "inside", "verdict",
    )  # fmt: skip
    return head, tuple(_cells(figure) for figure in figures)


def _cells(figure: SeedFigure) -> tuple[str, ...]:
    values = figure.values
    told = (sum(values) / len(values), min(values), max(values)) if values else (None,) * 3
    share = f"{figure.inside} of {figure.judged}" if figure.judged else "-"
    verdict = f"informs ({figure.reason})" if figure.reason else _word(figure)
    band = " to ".join("?" if end is None else f"{end:g}" for end in (figure.least, figure.most))
    numbers = ("" if value is None else f"{value:.4g}" for value in told)
    return (figure.name, figure.group, band, *numbers, figure.unit, share, verdict)


def _word(figure: SeedFigure) -> str:
    return "holds" if figure.holds else "FAILS"


def seed_data(figure: SeedFigure) -> dict[str, Any]:
    """Return a figure over seeds as plain data."""
    return {**asdict(figure), "share": figure.share, "holds": figure.holds}


def failing(figures: Iterable[SeedFigure]) -> Iterator[SeedFigure]:
    """Yield the figures that do not lie in their bands as often as they must."""
    return (figure for figure in figures if not figure.holds)
