"""The rules of sea lice in each geography, from the parameters kept beside a dataset."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from grilse.ground.parameters import Parameters

__all__ = ["lice_rules"]

_SCHEMA = pa.schema([
    ("geography", pa.string()), ("month", pa.int32()), ("limit_milli", pa.int32()),
    ("fish_counted", pa.int32()), ("reserve_days", pa.int32()), ("death_days", pa.int32()),
    ("longest_withholding", pa.int32()),
])  # fmt: skip


def lice_rules(parameters: Parameters, geographies: Iterable[str]) -> pa.Table:
    """Return a row a geography and month: ``lice_rule``; none where there are no such parameters.

    Its columns are the limit in thousandths of an adult female a fish, the fish of a count, the
    days before a planned end in which nothing is treated, the days on which fish die of a
    treatment, and the longest withholding of a method.
    """
    names = sorted(set(geographies)) if parameters.has("lice.fish_counted") else []
    rows = [
        {
            "geography": name,
            "month": month,
            "limit_milli": round(limit * 1000.0),
            "fish_counted": int(parameters.number("lice.fish_counted")),
            "reserve_days": int(parameters.number("treatment.reserve_days")),
            "death_days": len(parameters.numbers("treatment.death_days")),
            "longest_withholding": int(max(map(float, _methods(parameters, name)))),
        }
        for name in names
        for month, limit in enumerate(parameters.numbers(("lice", "limit", name)), start=1)
    ]
    return pa.Table.from_pylist(rows, _SCHEMA)


def _methods(parameters: Parameters, geography: str) -> tuple[float | str, ...]:
    return tuple(parameters.table(("treatment", "method", geography))["withholding_days"])
