"""The rules of each geography's sea, from the parameters kept beside a dataset, as tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa

from grilse.ground.parameters import Parameters

__all__ = ["sea_densities", "sea_rules"]

_GRAMS_PER_KG = 1000.0
_RULES = pa.schema([
    ("geography", pa.string()), ("fallow_days", pa.int64()), ("window_days", pa.int64()),
    ("most_fish", pa.int64()),
])  # fmt: skip
_DENSITIES = pa.schema([
    ("geography", pa.string()), ("from_g", pa.float64()), ("below_g", pa.float64()),
    ("most_kg_per_m3", pa.float64()),
])  # fmt: skip


def sea_rules(parameters: Parameters, geographies: Iterable[str]) -> pa.Table:
    """Return a row a geography: ``sea_rule``; none where the parameters name no such rules."""
    rows = [
        {
            "geography": name,
            "fallow_days": int(parameters.number(("planning", "fallow_days", name))),
            "window_days": int(parameters.number("planning.stocking_window_days")),
            "most_fish": int(parameters.number("planning.most_fish_a_ring")),
        }
        for name in _ruled(parameters, geographies)
    ]
    return pa.Table.from_pylist(rows, _RULES)


def sea_densities(parameters: Parameters, geographies: Iterable[str]) -> pa.Table:
    """Return a row for each geography and band of mean weight: ``sea_density``.

    A band reaches up to, and without, ``below_g``; the last one is open.
    """
    found = _ruled(parameters, geographies)
    return pa.Table.from_pylist(
        [row for name in found for row in _bands(parameters, name)], _DENSITIES
    )


def _bands(parameters: Parameters, geography: str) -> Iterator[dict[str, object]]:
    """Yield the bands of a geography, lightest first."""
    table = parameters.table(("planning", "density", geography))
    limits = [float(limit) for limit in table["kg_per_m3"]]
    bounds = [float(kg) * _GRAMS_PER_KG for kg in table["up_to_kg"][:-1]]
    edges = zip([0.0, *bounds], [*bounds, float("inf")], limits, strict=True)
    for least, below, most in edges:
        values = (geography, least, below, most)
        yield dict(zip(_DENSITIES.names, values, strict=True))


def _ruled(parameters: Parameters, geographies: Iterable[str]) -> list[str]:
    return sorted(set(geographies)) if parameters.has("planning.stocking_window_days") else []
