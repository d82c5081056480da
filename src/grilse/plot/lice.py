"""The panel of sea lice: what was counted, the limit in force, and the treatments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from grilse.plot.canvas import Panel, broken, colour
from grilse.plot.reader import Reader
from grilse.plot.subject import Subject
from grilse.tables.catalogue.lice import TREATMENT_METHODS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["LICE", "OTHER_LICE"]

_FEMALE = "species = 'LEPEOPHTHEIRUS_SALMONIS' AND sex = 'FEMALE' AND c.stage = 'ADULT'"

_RINGS = f"""
SELECT label, count_date AS day, lice_per_fish::DOUBLE AS lice
FROM lice_count c JOIN stay USING (batch_id, assignment_id)
WHERE {_FEMALE} AND count_date >= $first AND count_date < $end"""

_MEANS = f"""
SELECT label, day, avg(lice) AS lice FROM ({_RINGS}) GROUP BY ALL ORDER BY label, day"""

_KIND = """CASE WHEN species <> 'LEPEOPHTHEIRUS_SALMONIS' THEN 'Caligus'
                WHEN c.stage = 'CHALIMUS' THEN 'chalimus'
                ELSE 'mobile, but adult females' END"""

_OTHERS = f"""
SELECT {_KIND} AS kind, count_date AS day,
       sum(lice_count) / avg(fish_counted) / count(DISTINCT assignment_id) AS lice
FROM lice_count c JOIN stay USING (batch_id, assignment_id)
WHERE NOT ({_FEMALE}) AND count_date >= $first AND count_date < $end GROUP BY ALL ORDER BY 1, 2"""

_LIMIT = """
SELECT m.month::DATE AS day, limit_per_fish::DOUBLE AS lice
FROM (SELECT unnest(generate_series(date_trunc('month', $first::DATE), $end::DATE,
                                    INTERVAL 1 MONTH)) AS month) m
JOIN lice_limit l ON l.month = month(m.month) JOIN geography g USING (geography_id)
WHERE g.name = (SELECT any_value(geography) FROM stay)
  AND m.month + INTERVAL 1 MONTH > (SELECT min(start_date) FROM stay
                                    WHERE environment = 'sea water')
ORDER BY 1"""

_TREATMENTS = """
SELECT method, treatment_date AS day, count(*) AS rings
FROM treatment JOIN stay USING (batch_id, assignment_id)
WHERE treatment_date >= $first AND treatment_date < $end GROUP BY ALL ORDER BY method, day"""


def _lice(axes: Axes, reader: Reader, subject: Subject) -> None:
    bounds: dict[str, Any] = {"first": subject.span.first, "end": subject.span.end}
    rings, means = reader.columns(_RINGS, **bounds), reader.columns(_MEANS, **bounds)
    if not len(rings["day"]):
        axes.text(0.5, 0.5, "not at sea", transform=axes.transAxes, ha="center", color="#777777")
        return
    axes.plot(rings["day"], rings["lice"], ".", color="#aaaaaa", markersize=2.2,
              label="adult females, a ring each")  # fmt: skip
    for place, label in enumerate(subject.labels):
        mine = means["label"] == label
        name = "their mean" if len(subject.labels) == 1 else label
        axes.plot(means["day"][mine], means["lice"][mine], color=colour(place), label=name)
    if not reader.lacking(("lice_limit",)):
        limit = reader.columns(_LIMIT, **bounds)
        axes.step(limit["day"], limit["lice"], where="post", color="#b3261e", linewidth=0.9,
                  linestyle="--", label="limit")  # fmt: skip
    if not reader.lacking(("treatment",)):
        _treatments(axes, reader, bounds)
    axes.set_ylim(0, 1.2 * max(axes.get_ylim()[1], 0.1))
    axes.legend(loc="upper left", ncols=7)


def _treatments(axes: Axes, reader: Reader, bounds: dict[str, Any]) -> None:
    told = reader.columns(_TREATMENTS, **bounds)
    for place, method in enumerate(TREATMENT_METHODS):
        mine = told["method"] == method
        if mine.any():
            axes.plot(told["day"][mine], [0.0] * int(mine.sum()), "^", color=colour(place + 1),
                      markersize=6, clip_on=False, zorder=5,
                      label=method.lower().replace("_", "-"))  # fmt: skip
            axes.vlines(told["day"][mine], 0, 1, transform=axes.get_xaxis_transform(),
                        color=colour(place + 1), linewidth=0.5, alpha=0.6)  # fmt: skip


def _others(axes: Axes, reader: Reader, subject: Subject) -> None:
    told = reader.columns(_OTHERS, first=subject.span.first, end=subject.span.end)
    for place, kind in enumerate(dict.fromkeys(told["kind"].tolist())):
        mine = told["kind"] == kind
        day, lice = broken(told["day"][mine], told["lice"][mine])
        axes.plot(day, lice, color=colour(place + 4), linewidth=0.9, label=kind)
    axes.set_ylim(bottom=0)
    if len(told["day"]):
        axes.legend(loc="upper left", ncols=3)


OTHER_LICE = Panel("other lice a fish", ("lice_count",), _others, 0.7)
LICE = Panel("adult females a fish", ("lice_count",), _lice, 1.2)
