"""Grilse makes the operating history of salmon farms: planned to the last tank, always the same.

>>> import grilse
>>> answer = grilse.plan(batches=1, stagger=30, as_of="2024-01-01")
>>> deaths = grilse.tables(answer, ["mortality_event"])["mortality_event"].read_all()

Each verb is a call: `plan`, `save_plan`, `validate`, `run`, `tables`, `analyse`, `verify`. A verb's
modules are imported when it is first called; to import the package costs nothing.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from grilse.ground.version import __version__

if TYPE_CHECKING:
    from grilse.api.calls import run as run
    from grilse.api.calls import tables as tables
    from grilse.api.calls import validate as validate
    from grilse.api.calls import verify as verify
    from grilse.api.planning import plan as plan
    from grilse.api.reanalysing import analyse as analyse
    from grilse.plan.saving import save_plan as save_plan

__all__ = ["__version__", "analyse", "plan", "run", "save_plan", "tables", "validate", "verify"]

_HOMES = {
    "analyse": "grilse.api.reanalysing",
    "plan": "grilse.api.planning",
    "run": "grilse.api.calls",
    "save_plan": "grilse.plan.saving",
    "tables": "grilse.api.calls",
    "validate": "grilse.api.calls",
    "verify": "grilse.api.calls",
}
"""The module of each verb."""


def _verb(name: str) -> Any:
    return getattr(import_module(_HOMES[name]), name)


class _Room(ModuleType):
    """A package of Grilse's that has a verb's name, and can be called as the verb."""

    def __call__(self, *args: Any, **options: Any) -> Any:
        return _verb(self.__name__.rpartition(".")[2])(*args, **options)


class _Front(ModuleType):
    """Grilse itself: ``grilse.plan`` is the verb, and stays one when the package is imported."""

    def __getattr__(self, name: str) -> Any:
        if name in _HOMES:
            return _verb(name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _HOMES and type(value) is ModuleType:
            value.__class__ = _Room
        super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *__all__})


sys.modules[__name__].__class__ = _Front
