"""The models that a farm is run by, as parameters: what is there is taken, the absurd is not.

A growth coefficient is met as 2.45 and as 0.00245 (a thousand degree-days, or one); a rate of
mortality of 0.03 is per cent a day. What is missing or cannot be leaves the built-in value, and is
told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from grilse.ground.parameters import Parameters
from grilse.survey.answers import Row

__all__ = ["Taken", "fcr", "measured", "mortality", "temperature", "tgc"]

_LEAST_TGC, _MOST_TGC = 0.3, 6.0
_LEAST_FCR, _MOST_FCR = 0.5, 3.0
_MOST_PERCENT_A_DAY = 1.0
_LEAST_TEMP_C, _MOST_TEMP_C = -1.9, 25.0
_DAYS_A_MONTH = 30
_MONTHS = 12
_DAYS_A_YEAR = 365
_LEAST_DAYS_A_PROFILE = 300
_MARGIN_C = 1.5

_FIRST_WEEKS = ("egg_alevin", "fry")
"""Stages whose losses are those of hatching and first feeding, of which a general rate says
nothing."""


@dataclass
class Taken:
    """What was taken of a database's models: changes of parameters, and what there is to tell.

    Attributes
    ----------
    changes
        As a parameter file has them.
    told
        A line for each value that was taken, or was not.
    """

    changes: dict[str, Any] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)

    def take(self, path: Sequence[str], value: Any, source: str) -> None:
        """Take a value in place of a parameter's."""
        at = self.changes
        for name in path[:-1]:
            at = at.setdefault(name, {})
        at[path[-1]] = {"value": value, "source": source}
        shown = ", ".join(f"{each:g}" for each in value) if isinstance(value, list) else value
        self.told.append(f"taken       {'.'.join(path)} = {shown}  [{source}]")

    def leave(self, what: str, why: str) -> None:
        """Say that a built-in value stays."""
        self.told.append(f"told        {what}: {why}; the built-in value stays")

    @property
    def text(self) -> str:
        """The changes as the text of a parameter file."""
        return yaml.safe_dump(self.changes, allow_unicode=True, sort_keys=False, width=100)


def tgc(
    taken: Taken, rows: Sequence[Row], words: Mapping[str, str], geographies: Sequence[str],
    sea_stages: Sequence[str],
) -> None:  # fmt: skip
    """Take growth coefficients: of a model in force its value for the sea, and those of stages."""
    for geography in geographies:
        own = [row for row in rows if row["geography"] == geography]
        in_force = [row for row in own if row["model"] == own[0]["model"]]
        if not in_force:
            taken.leave(f"TGC of {geography}", "there is no model")
        for row in in_force:
            per_1000dd = _per_1000dd(row["value"])
            named = words.get(str(row["stage"]), str(row["stage"]))
            what = f"TGC {row['value']} of {row['model']}, {geography}"
            if per_1000dd is None:
                taken.leave(what, f"neither {_LEAST_TGC:g} to {_MOST_TGC:g} nor a thousandth of it")
            elif row["stage"] is not None and named not in words.values():
                taken.leave(what, f"there is no stage {row['stage']}")
            else:
                for stage in sea_stages if row["stage"] is None else (named,):
                    path = ("growth", "stage", stage, geography, "tgc_per_1000dd")
                    taken.take(path, per_1000dd, f"model {row['model']}: {float(row['value']):g}")


def _per_1000dd(value: Any) -> float | None:
    for scale in (1.0, 1000.0):
        scaled = round(float(value) * scale, 6)
        if _LEAST_TGC <= scaled <= _MOST_TGC:
            return scaled
    return None


def fcr(taken: Taken, rows: Sequence[Row], words: Mapping[str, str]) -> None:
    """Take feed conversion by stage; zero stands for a stage that is not fed."""
    in_force = [row for row in rows if row["model"] == rows[0]["model"]]
    if not in_force:
        taken.leave("FCR", "there is no model")
    for row in in_force:
        value, stage = float(row["value"]), words.get(row["stage"])
        what = f"FCR {value:g} of {row['model']}, {row['stage']}"
        if stage is None:
            taken.leave(what, "there is no such stage")
        elif stage == "egg_alevin" and value == 0.0:
            continue
        elif not _LEAST_FCR <= value <= _MOST_FCR:
            taken.leave(what, f"not {_LEAST_FCR:g} to {_MOST_FCR:g}")
        else:
            taken.take(("stages", "fcr", stage), value, f"model {row['model']}")


def mortality(
    taken: Taken, rows: Sequence[Row], words: Mapping[str, str], parameters: Parameters
) -> None:
    """Take base mortality: a general rate for all stages after first feeding, and stages' own."""
    in_force = [row for row in rows if row["model"] == rows[0]["model"]]
    if not in_force:
        taken.leave("mortality", "there is no model")
    stages = [str(key) for key in parameters.table("stages.plan")["key"]]
    own = {words.get(str(row["stage"]), str(row["stage"])) for row in in_force}
    for row in in_force:
        rate = float(row["percent_a_day"])
        what = f"mortality of {rate:g} % a day of {row['model']}"
        named = words.get(str(row["stage"]), str(row["stage"]))
        general = [s for s in stages if s not in _FIRST_WEEKS and s not in own]
        if not 0.0 <= rate <= _MOST_PERCENT_A_DAY:
            taken.leave(what, f"not 0 to {_MOST_PERCENT_A_DAY:g}")
        elif row["stage"] is not None and named not in stages:
            taken.leave(what, f"there is no stage {row['stage']}")
        else:
            a_month = round((1.0 - (1.0 - rate / 100.0) ** _DAYS_A_MONTH) * 100.0, 4)
            for stage in general if row["stage"] is None else [named]:
                for path in _mortality_paths(parameters, stage):
                    taken.take(path, a_month, f"model {row['model']}: {rate:g} % a day")


def _mortality_paths(parameters: Parameters, stage: str) -> Iterator[tuple[str, ...]]:
    """Yield the parameters of a stage's base mortality: the usual one, and geographies' own."""
    own = [
        leaf.path
        for leaf in parameters.leaves()
        if leaf.path[:3] == ("mortality", "stage", stage) and leaf.path[-1] == "base_pct_per_month"
    ]
    yield from own or [("mortality", "stage", stage, "default", "base_pct_per_month")]


def temperature(taken: Taken, rows: Sequence[Row], geographies: Sequence[str]) -> None:
    """Take the sea's temperature by month, where a profile covers most of a year."""
    for geography in geographies:
        own = [row for row in rows if row["geography"] == geography]
        days = [(int(r["day_number"]), float(r["temp_c"])) for r in own if r["temp_c"] is not None]
        what = f"temperature profile of {geography}"
        if not own:
            taken.leave(what, "there is none")
        elif len({day % _DAYS_A_YEAR for day, _ in days}) < _LEAST_DAYS_A_PROFILE:
            taken.leave(what, f"{own[0]['profile']} tells {len(days)} days")
        elif not all(_LEAST_TEMP_C <= temp <= _MOST_TEMP_C for _, temp in days):
            taken.leave(what, f"not {_LEAST_TEMP_C:g} to {_MOST_TEMP_C:g} degC")
        else:
            _take_months(taken, geography, days, f"profile {own[0]['profile']}")


def _take_months(
    taken: Taken, geography: str, days: Sequence[tuple[int, float]], source: str
) -> None:
    of_month: list[list[float]] = [[] for _ in range(_MONTHS)]
    for day, temp in days:
        of_month[(day - 1) % _DAYS_A_YEAR * _MONTHS // _DAYS_A_YEAR].append(temp)
    means = [round(sum(temps) / len(temps), 2) for temps in of_month]
    taken.take(("water", "sea", geography, "monthly_mean_c"), means, source)
    low, high = round(min(means) - _MARGIN_C, 2), round(max(means) + _MARGIN_C, 2)
    taken.take(("water", "sea", geography, "range_c"), [low, high], source)


def measured(
    taken: Taken, rows: Sequence[Row], words: Mapping[str, str], parameters: Parameters
) -> None:
    """Take what sensors measure on land and at sea."""
    for environment, at_sea in (("fresh water", False), ("sea water", True)):
        named = [str(row["parameter"]) for row in rows if bool(row["at_sea"]) == at_sea]
        known = {words.get(name, name) for name in named}
        usual = parameters.texts(("measured", environment))
        strange = sorted(name for name in named if words.get(name, name) not in _known(parameters))
        if strange:
            taken.leave(f"sensors of {', '.join(strange)}", "they measure what is not simulated")
        found = [name for name in _known(parameters) if name in known]
        if not found:
            taken.leave(f"sensors in {environment}", "there are none")
        elif set(found) != set(usual):
            taken.take(("measured", environment), found, "its sensors")


def _known(parameters: Parameters) -> tuple[str, ...]:
    return tuple(str(name) for name in parameters.texts(("measured", "fresh water")))
