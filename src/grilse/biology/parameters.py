"""The parameters of a species' life: the built-in file, a user's changes to it, the stage plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from grilse.ground.errors import BadInput, Problem
from grilse.ground.parameter_files import merged, read_parameters
from grilse.ground.parameters import DEFAULT, Leaf, Parameters

__all__ = [
    "BUILTIN_FILE",
    "CONTAINER_KINDS",
    "ENVIRONMENTS",
    "Stage",
    "builtin_parameters",
    "builtin_text",
    "changed_parameters",
    "stages",
]

BUILTIN_FILE = "atlantic_salmon.yaml"
ENVIRONMENTS = ("fresh water", "sea water")
CONTAINER_KINDS = ("tray", "tank", "ring")

_BY_STAGE = (
    "stages.fcr",
    "growth.stage",
    "growth.weight_cv",
    "mortality.stage",
    "condition.stage",
    "water.hatchery.stage",
)
"""Groups whose names are keys of stages."""


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
    stages(parameters)
    return parameters


def changed_parameters(text: str, file: str) -> Parameters:
    """Return the built-in parameters with what a user's file changes.

    Raises
    ------
    BadInput
        With every problem of the file, those of the stage plan and of names of stages included.
    """
    parameters = merged(builtin_parameters(), text, file)
    stages(parameters)
    return parameters


@lru_cache(maxsize=32)
def stages(parameters: Parameters) -> tuple[Stage, ...]:
    """Return the stage plan in the order of life.

    Raises
    ------
    BadInput
        Where the plan names an environment, container kind or number of days that cannot be, or a
        group names a stage that the plan lacks.
    """
    problems = [*_plan_problems(parameters), *_name_problems(parameters)]
    if problems:
        raise BadInput(problems)
    plan = parameters.table("stages.plan")
    rows = zip(*(plan[name] for name in _COLUMNS), strict=True)
    return tuple(_stage(parameters, order, row) for order, row in enumerate(rows, start=1))


_COLUMNS = ("key", "name", "environment", "days", "container_kind")


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


def _plan_problems(parameters: Parameters) -> Iterator[Problem]:
    leaf, plan = parameters.leaf("stages.plan"), parameters.table("stages.plan")
    yield from _not_among(leaf, "environment", plan["environment"], ENVIRONMENTS)
    yield from _not_among(leaf, "container_kind", plan["container_kind"], CONTAINER_KINDS)
    for days in plan["days"]:
        if days != int(days):
            yield leaf.problem("P-STAGE", "days must be whole", found=str(days))


def _not_among(
    leaf: Leaf, column: str, found: Iterable[str | float], allowed: tuple[str, ...]
) -> Iterator[Problem]:
    for word in found:
        if word not in allowed:
            yield leaf.problem(
                "P-STAGE", f"unknown {column}", found=str(word), allowed=", ".join(allowed)
            )


def _name_problems(parameters: Parameters) -> Iterator[Problem]:
    """Yield a problem for each name that ought to be a stage's and is not, at its first leaf."""
    keys = parameters.table("stages.plan")["key"]
    for path in _BY_STAGE:
        for name in parameters.group(path):
            known = name == DEFAULT or name in keys
            if not known and not _built_in(parameters, path, name):
                leaf = _first_leaf(parameters, (*path.split("."), name))
                yield leaf.problem(
                    "P-STAGE",
                    f"{name} is no stage of the plan",
                    allowed=", ".join(map(str, keys)),
                )


def _built_in(parameters: Parameters, path: str, name: str) -> bool:
    """Whether a name comes from the built-in file: another plan may leave its stages unused."""
    return _first_leaf(parameters, (*path.split("."), name)).file == BUILTIN_FILE


def _first_leaf(parameters: Parameters, path: tuple[str, ...]) -> Leaf:
    return next(leaf for leaf in parameters.leaves() if leaf.path[: len(path)] == path)
