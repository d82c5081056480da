"""The parameters of a species' life: the built-in file, a user's changes to it, the stage plan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from grilse.biology.checks import all_problems, plan_problems
from grilse.ground.errors import BadInput, Problem
from grilse.ground.parameter_files import merged, read_parameters
from grilse.ground.parameters import Parameters

__all__ = [
    "BUILTIN_FILE",
    "Stage",
    "builtin_parameters",
    "builtin_text",
    "changed_parameters",
    "changed_parameters_of",
    "clean_parameters",
    "stages",
]

BUILTIN_FILE = "atlantic_salmon.yaml"
_CLEAN = """
disease: {by_chance: {value: 0}}
sensor: {offset: {value: 0}, gaps_per_year: {value: 0}, drifts_per_year: {value: 0}}
"""
_COLUMNS = ("key", "name", "environment", "days", "container_kind")


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of life, as the parameter file plans it.

    Attributes
    ----------
    key
        Its name in schedules and parameter files, for example ``egg_alevin``.
    name
        Its name for people.
    order
        Its place in life, from 1.
    environment
        ``fresh water`` or ``sea water``.
    default_days
        How long it lasts where nothing else is planned.
    container_kind
        ``tray``, ``tank`` or ``ring``.
    sensors
        What is measured there.
    fcr
        Biological feed conversion, kg feed per kg gain; 0 where the fish are not fed.
    """

    key: str
    name: str
    order: int
    environment: str
    default_days: int
    container_kind: str
    sensors: tuple[str, ...]
    fcr: float


def builtin_text() -> str:
    """Return the built-in parameter file as it stands."""
    data = resources.files("grilse.biology").joinpath("data", BUILTIN_FILE)
    return data.read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def builtin_parameters() -> Parameters:
    """Return the built-in parameters: Atlantic salmon, Faroe Islands and Scotland."""
    parameters = read_parameters(builtin_text(), BUILTIN_FILE)
    _refuse(all_problems(parameters, BUILTIN_FILE))
    return parameters


def changed_parameters(text: str, file: str) -> Parameters:
    """Return the built-in parameters with what a user's file changes.

    Raises
    ------
    BadInput
        With every problem of the file: of the stage plan, names of stages, causes, shares that do
        not add up to 1, and ranges that end before they begin included.
    """
    return changed_parameters_of(builtin_parameters(), text, file)


def changed_parameters_of(base: Parameters, text: str, file: str) -> Parameters:
    """Return any parameters with what a user's file changes; raises as `changed_parameters`."""
    parameters = merged(base, text, file)
    _refuse(all_problems(parameters, BUILTIN_FILE))
    return parameters


def clean_parameters(parameters: Parameters) -> Parameters:
    """Return parameters without mishaps by chance: no outbreak comes, no sensor errs."""
    return changed_parameters_of(parameters, _CLEAN, "--clean")


@lru_cache(maxsize=32)
def stages(parameters: Parameters) -> tuple[Stage, ...]:
    """Return the stage plan in the order of life.

    Raises
    ------
    BadInput
        Where the plan names an environment, container kind or number of days that cannot be.
    """
    _refuse(plan_problems(parameters))
    plan = parameters.table("stages.plan")
    rows = zip(*(plan[name] for name in _COLUMNS), strict=True)
    return tuple(_stage(parameters, order, row) for order, row in enumerate(rows, start=1))


def _stage(parameters: Parameters, order: int, row: Sequence[str | float]) -> Stage:
    key, name, environment, days, kind = row
    return Stage(
        key=str(key),
        name=str(name),
        order=order,
        environment=str(environment),
        default_days=int(days),
        container_kind=str(kind),
        sensors=parameters.texts(("measured", str(environment))),
        fcr=parameters.number(("stages", "fcr", str(key))),
    )


def _refuse(problems: Iterable[Problem]) -> None:
    found = list(problems)
    if found:
        raise BadInput(found)
