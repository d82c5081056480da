"""The models that growth is expected by: those of the farm's scenarios, or of the parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from grilse.analysis.arrays import Columns, Floats, Ints, columns_of, empty_columns
from grilse.biology.growth import StageGrowth, stage_growth
from grilse.biology.parameters import stages
from grilse.ground.parameters import Parameters
from grilse.tables.catalogue import TABLES

__all__ = ["REFERENCE", "Models", "StageModel", "read_models"]

_DAYS_A_YEAR = 366
_USUAL_TEMP_C = 10.0

REFERENCE: Mapping[str, tuple[str, ...]] = {
    "geography": ("geography_id", "name"),
    "stage": ("stage_id", "code"),
    "scenario_model": (
        "scenario_model_id", "geography_id", "stage_id", "tgc_per_1000dd", "reference_temp_c",
        "fcr",
    ),
    "temperature_profile": ("scenario_model_id", "day_of_year", "temp_c"),
}  # fmt: skip
"""Tables of the farm that are looked at, with the columns of each."""


@dataclass(frozen=True)
class StageModel:
    """What is expected of a stage in a geography.

    Attributes
    ----------
    growth
        How it grows.
    fcr
        kg feed per kg gain; 0 where the fish are not fed.
    profile_c
        Mean temperature by day of the year, shape (366,).
    """

    growth: StageGrowth
    fcr: float
    profile_c: Floats


@dataclass(frozen=True)
class Models:
    """The models of a farm.

    Attributes
    ----------
    by_place
        By geography and stage.
    usual
        Of a stage that no model is known of.
    egg_weight_g
        What eggs weigh where nothing is said of them.
    """

    by_place: Mapping[tuple[int, int], StageModel]
    usual: StageModel
    egg_weight_g: float

    def of(self, geography: int, stage: int) -> StageModel:
        """Return the model of a stage in a geography."""
        return self.by_place.get((geography, stage), self.usual)


Tables = Mapping[str, Sequence[pa.RecordBatch | pa.Table]]


def read_models(tables: Tables, parameters: Parameters) -> Models:
    """Return a farm's models, from its own tables where it has them.

    Parameters
    ----------
    tables
        Rows of the tables of `REFERENCE` that are there.
    parameters
        For what the tables do not tell: the bell of growth over temperature, the slow start at
        sea, and all of a model where there is none.
    """
    told = {name: _columns(name, tables.get(name, ())) for name in REFERENCE}
    geographies = dict(zip(told["geography"]["geography_id"].tolist(), told["geography"]["name"],
                           strict=True))  # fmt: skip
    codes = dict(zip(told["stage"]["stage_id"].tolist(), told["stage"]["code"], strict=True))
    usual = _from_parameters(parameters, "default", "default")
    known = {stage.key for stage in stages(parameters)}
    found = {
        (place, stage): _from_parameters(parameters, code, name) if code in known else usual
        for place, name in geographies.items()
        for stage, code in codes.items()
    }
    own = _own(told, found, usual)
    egg = parameters.number("delivery.egg_weight_g")
    return Models({**found, **own}, usual, egg)


def _own(
    told: Mapping[str, Columns], found: Mapping[tuple[int, int], StageModel], usual: StageModel
) -> dict[tuple[int, int], StageModel]:
    """Return the models that the farm's tables tell."""
    model, profile = told["scenario_model"], told["temperature_profile"]
    profiles = _profiles(profile["scenario_model_id"], profile["day_of_year"], profile["temp_c"])
    own = {}
    for row in zip(*(model[name].tolist() for name in REFERENCE["scenario_model"]), strict=True):
        key, place, stage, tgc, temp, fcr = row
        base = found.get((place, stage), usual)
        growth = replace(
            base.growth, tgc_per_1000dd=tgc / 10_000.0, reference_temp_c=temp / 100.0
        )  # fmt: skip
        own[place, stage] = StageModel(growth, fcr / 1000.0, profiles.get(key, base.profile_c))
    return own


def _profiles(model: Ints, day: Ints, temp: Ints) -> dict[int, Floats]:
    found = {}
    for key in np.unique(model).tolist():
        mine = model == key
        order = np.argsort(day[mine], kind="stable")
        if mine.sum() == _DAYS_A_YEAR:
            found[key] = temp[mine][order] / 100.0
    return found


def _from_parameters(parameters: Parameters, code: str, geography: str) -> StageModel:
    growth = stage_growth(parameters, code, geography)
    months = _months(parameters, code, geography)
    if months is None:
        profile = np.full(_DAYS_A_YEAR, growth.reference_temp_c or _USUAL_TEMP_C)
    else:
        middle = (np.arange(len(months)) + 0.5) * _DAYS_A_YEAR / len(months)
        profile = np.interp(np.arange(_DAYS_A_YEAR), middle, months, period=_DAYS_A_YEAR)
    return StageModel(growth, parameters.number(("stages", "fcr", code)), profile)


def _months(parameters: Parameters, code: str, geography: str) -> tuple[float, ...] | None:
    """Return the sea's temperature by month, for a stage that is spent there."""
    at_sea = {stage.key for stage in stages(parameters) if stage.environment == "sea water"}
    path = ("water", "sea", geography, "monthly_mean_c")
    return parameters.numbers(path) if code in at_sea and parameters.has(path) else None


def _columns(name: str, parts: Sequence[pa.RecordBatch | pa.Table]) -> Columns:
    names = REFERENCE[name]
    found = [columns_of(TABLES[name], part, names) for part in parts if part.num_rows]
    if not found:
        return {n: [] if TABLES[name].column(n).kind == "text" else e
                for n, e in empty_columns(names).items()}  # fmt: skip
    return {
        n: [word for part in found for word in part[n]]
        if TABLES[name].column(n).kind == "text"
        else np.concatenate([part[n] for part in found])
        for n in names
    }
