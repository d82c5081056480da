"""How observations are weighed: the estimator's own parameters, as data."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from grilse.ground.parameter_files import read_parameters
from grilse.ground.parameters import Parameters

__all__ = ["FILE", "setting"]

FILE = "data/analysis.yaml"


@lru_cache(maxsize=1)
def _settings() -> Parameters:
    text = (files("grilse.analysis") / FILE).read_text(encoding="utf-8")
    return read_parameters(text, FILE)


@lru_cache(maxsize=64)
def setting(path: str) -> float:
    """Return a parameter of the estimator by its path, ``growth.daily_cv``."""
    return _settings().number(path)
