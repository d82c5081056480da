"""How figures are measured against their bands, and when a band judges and when it only informs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from importlib.resources import files

from grilse.ground.parameter_files import read_parameters
from grilse.ground.parameters import Parameters
from grilse.verify.bands import band, least_batches, unit
from grilse.verify.evidence import Evidence
from grilse.verify.verdict import Figure

__all__ = [
    "JudgedBy", "judged_batches", "measured", "own_growth", "own_targets", "pooled", "unasked",
]  # fmt: skip

JudgedBy = Callable[[Evidence], str]
"""Tells why a figure only informs in a dataset; nothing where it is judged."""

_OWN = ("growth", "stages", "water", "delivery")
"""Groups of parameters that decide how large fish are, and when."""


def measured(
    evidence: Evidence, name: str, sql: str, judged_by: Iterable[JudgedBy] = ()
) -> tuple[Figure, ...]:
    """Measure a figure batch by batch, and tell the mean of each geography.

    It is measured on the batches that are over, and judged where they are enough; where they are
    not, on all that there are, and informs.

    Parameters
    ----------
    sql
        Returns batch, geography id, value.
    judged_by
        Further reasons for which it may only inform.
    """
    over = judged_batches(evidence)
    found = evidence.session.all(
        f"""
        WITH each AS (
            SELECT * FROM ({sql}) AS found(batch_id, geography_id, value)
            WHERE value IS NOT NULL {unasked(evidence)}
        ), told AS (
            SELECT g.name, value::DOUBLE AS value,
                   batch_id IN (SELECT batch_id FROM batch WHERE status = 'COMPLETED') AS is_over
            FROM each JOIN geography g USING (geography_id)
        )
        SELECT name, is_judged, avg(value), quantile_cont(value, 0.05),
               quantile_cont(value, 0.95), count(*)
        FROM (SELECT *, count(*) FILTER (is_over) OVER (PARTITION BY name) >= {least_batches()}
                        AS is_judged FROM told)
        WHERE is_over OR NOT is_judged GROUP BY ALL ORDER BY 1
        """
    )
    why = _why(evidence, judged_by)
    return tuple(
        Figure(
            name, unit(name, place), place, mean, low, high, *band(name, place), batches,
            reason=why or ("" if is_judged else _few(over.get(place, 0))),
        )
        for place, is_judged, mean, low, high, batches in found
    )  # fmt: skip


def pooled(evidence: Evidence, name: str, sql: str) -> tuple[Figure, ...]:
    """Measure a figure on all of a geography's batches together.

    Parameters
    ----------
    sql
        Returns geography id, value, least and most of its range, and how many batches it is of.
    """
    over = judged_batches(evidence)
    found = evidence.session.all(
        f"SELECT g.name, value, low, high, batches "
        f"FROM ({sql}) AS found(geography_id, value, low, high, batches) "
        f"JOIN geography g USING (geography_id) WHERE value IS NOT NULL ORDER BY 1"
    )
    return tuple(
        Figure(
            name, unit(name, place), place, value, low, high, *band(name, place), batches,
            reason=_few(over.get(place, 0)) if over.get(place, 0) < least_batches() else "",
        )
        for place, value, low, high, batches in found
    )  # fmt: skip


def judged_batches(evidence: Evidence) -> Mapping[str, int]:
    """Return how many batches of each geography are over, those with events asked for left out."""
    found = evidence.session.all(
        f"SELECT g.name, count(*) FROM batch JOIN geography g USING (geography_id) "
        f"WHERE status = 'COMPLETED' {unasked(evidence)} GROUP BY 1"
    )
    return dict(found)


def unasked(evidence: Evidence) -> str:
    """Return the condition that leaves out batches in which the schedule asked for events."""
    if not evidence.has("injected_event"):
        return ""
    return "AND batch_id NOT IN (SELECT batch_id FROM injected_event)"


def own_growth(evidence: Evidence) -> str:
    """Tell whether the farm grows its fish by models of its own."""
    mine, usual = evidence.source.parameters, _built_in()
    for group in _OWN:
        if _values(mine, group) != _values(usual, group):
            return "the farm has growth models of its own"
    return ""


def own_targets(evidence: Evidence) -> str:
    """Tell whether the schedule came from elsewhere, with targets of its own."""
    metadata = evidence.source.schedule.metadata
    return "" if "policy" in metadata else "the schedule has targets of its own"


def _values(parameters: Parameters, group: str) -> list[tuple[object, ...]]:
    return [(leaf.path, leaf.value) for leaf in parameters.leaves() if leaf.path[0] == group]


@lru_cache(maxsize=1)
def _built_in() -> Parameters:
    """Read the parameter file that Grilse comes with, as data: none of its code is used."""
    name = "atlantic_salmon.yaml"
    text = (files("grilse.biology") / "data" / name).read_text(encoding="utf-8")
    return read_parameters(text, name)


def _why(evidence: Evidence, judged_by: Iterable[JudgedBy]) -> str:
    return next((why for rule in judged_by if (why := rule(evidence))), "")


def _few(batches: int) -> str:
    return f"{batches} of {least_batches()} batches that must be over"
