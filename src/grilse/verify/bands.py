"""Limits and bands: what a row may not break, and what a figure is expected in, as data."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from grilse.ground.parameter_files import read_parameters
from grilse.ground.parameters import Parameters

__all__ = ["FILE", "band", "least_batches", "limit", "reading_range", "rungs", "unit"]

FILE = "bands.yaml"


@lru_cache(maxsize=1)
def _bands() -> Parameters:
    text = (files("grilse.verify") / FILE).read_text(encoding="utf-8")
    return read_parameters(text, FILE)


def limit(name: str) -> float:
    """Return a limit by its name; raises KeyError where there is none."""
    return _bands().number(("limit", name))


def band(name: str, geography: str) -> tuple[float, float]:
    """Return the least and the most that a figure is expected to be in a geography."""
    least, most = _bands().numbers(("band", name, geography))
    return least, most


def least_batches() -> int:
    """Return how many batches of a geography must be over before a band judges a figure."""
    return int(limit("realism_batches"))


def reading_range(parameter: str) -> tuple[float, float]:
    """Return the least and the most that a sensor of a parameter can tell, in its unit."""
    least, most = _bands().numbers(("reading", parameter))
    return least, most


def rungs() -> tuple[int, ...]:
    """Return the days of life of the usual ladder."""
    return tuple(int(day) for day in _bands().numbers(("ladder", "rungs")))


def unit(name: str, geography: str) -> str:
    """Return the unit of a figure."""
    return str(_bands().leaf(("band", name, geography)).unit)
