"""Sea lice, week by week, beside the limit in force, and the treatments that followed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from grilse.report.rows import WEEK, Rows
from grilse.report.series import by_group, packed, rounded

__all__ = ["Lice", "lice"]

_COUNTED = f"""
SELECT l.batch_id, a.name AS area, g.name AS geography, {WEEK.format("l.count_date")} AS week,
       sum(l.fish_counted) FILTER (l.sex = 'FEMALE' AND l.stage = 'ADULT'
           AND l.species = 'LEPEOPHTHEIRUS_SALMONIS')::DOUBLE AS fish,
       sum(l.lice_count) FILTER (l.sex = 'FEMALE' AND l.stage = 'ADULT'
           AND l.species = 'LEPEOPHTHEIRUS_SALMONIS')::DOUBLE AS females,
       sum(l.lice_count) FILTER (l.stage <> 'CHALIMUS'
           AND l.species = 'LEPEOPHTHEIRUS_SALMONIS')::DOUBLE AS mobile,
       sum(l.lice_count) FILTER (l.species = 'CALIGUS_ELONGATUS')::DOUBLE AS caligus
FROM lice_count l JOIN container c USING (container_id) JOIN area a USING (area_id)
JOIN geography g USING (geography_id) GROUP BY ALL"""

_A_FISH = """
SELECT {key}, week, sum(females) / sum(fish) AS females, sum(mobile) / sum(fish) AS mobile,
       sum(caligus) / sum(fish) AS caligus
FROM lice_read WHERE fish > 0 GROUP BY ALL ORDER BY {key}, week"""

_TREATED = """
SELECT {key}, datediff('day', DATE '1970-01-01', t.treatment_date) AS day, t.method,
       count(*) AS rings, sum(t.fish_count)::DOUBLE AS fish,
       max(t.lice_per_fish)::DOUBLE AS lice, max(t.limit_per_fish)::DOUBLE AS limit,
       avg(t.effect_pct)::DOUBLE AS effect
FROM treatment t JOIN container c USING (container_id) JOIN area a USING (area_id)
JOIN geography g USING (geography_id)
GROUP BY {key}, day, t.method ORDER BY {key}, day, t.method"""

_LIMITS = """
SELECT g.name AS geography, month, limit_per_fish::DOUBLE AS limit
FROM lice_limit JOIN geography g USING (geography_id) ORDER BY 1, 2"""

_KINDS = ("females", "mobile", "caligus")
_BATCH = ("batch_id",)
_AREA = ("geography", "area")

Key = tuple[Any, ...]


@dataclass(frozen=True)
class Lice:
    """Lice a fish, by week, and treatments.

    Attributes
    ----------
    of_batches, of_areas
        By number, and by geography and area: ``counted`` and ``treated``.
    limits
        Adult females a fish that may not be passed, January first, by geography.
    """

    of_batches: dict[Key, dict[str, Any]] = field(default_factory=dict)
    of_areas: dict[Key, dict[str, Any]] = field(default_factory=dict)
    limits: dict[str, list[float | int | None]] = field(default_factory=dict)


def lice(rows: Rows) -> Lice:
    """Read counts and treatments; nothing where the dataset has none."""
    if not rows.has("lice_count", "container", "area", "geography"):
        return Lice()
    rows.hold("lice_read", _COUNTED)
    return Lice(_by(rows, _BATCH, "t.batch_id"), _by(rows, _AREA, "g.name, a.name"), _limits(rows))


def _by(rows: Rows, names: tuple[str, ...], columns: str) -> dict[Key, dict[str, Any]]:
    """Return counts and treatments by a key of one or two columns."""
    found: dict[Key, dict[str, Any]] = {}
    counted = rows.ask(_A_FISH.format(key=", ".join(names)))
    for key, week, *kinds in _runs(counted, len(names), ("week", *_KINDS)):
        series = zip(_KINDS, kinds, strict=True)
        found[key] = {"counted": {kind: packed(week, values, 3) for kind, values in series}}
    if rows.has("treatment"):
        treated = rows.ask(_TREATED.format(key=columns))
        told = ("day", "method", "rings", "fish", "lice", "limit", "effect")
        for key, *parts in _runs(treated, len(names), told):
            each = [dict(zip(told, map(_value, row), strict=True)) for row in
                    zip(*parts, strict=True)]  # fmt: skip
            found.setdefault(key, {})["treated"] = each
    return found


def _runs(found: Any, keys: int, told: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    """Yield each key, made of the first columns, with its part of the columns told."""
    first = list(found)[:keys]
    parts = [found[name] for name in told]
    for value, *rest in by_group(found[first[-1]], *(found[name] for name in first), *parts):
        heads = rest[: len(first)]
        key = tuple(column[0] for column in heads[:-1])
        yield (*key, value), *rest[len(first) :]


def _value(value: Any) -> Any:
    return value if isinstance(value, str) else rounded(float(value), 6)


def _limits(rows: Rows) -> dict[str, list[float | int | None]]:
    limits: dict[str, list[float | int | None]] = {}
    if rows.has("lice_limit"):
        found = rows.ask(_LIMITS)
        for geography, month, limit in zip(*found.values(), strict=True):
            limits.setdefault(str(geography), [None] * 12)[int(month) - 1] = rounded(float(limit))
    return limits
