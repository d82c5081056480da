"""What parameters must keep whoever changes them, beyond each number's own range."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from grilse.ground.errors import Problem
from grilse.ground.parameters import DEFAULT, Leaf, Parameters

__all__ = [
    "CAUSES", "CONTAINER_KINDS", "ENVIRONMENTS", "LAB_METHODS", "LAB_TISSUES",
    "TREATMENT_METHODS", "WELFARE_INDICATORS", "all_problems", "plan_problems",
]  # fmt: skip

ENVIRONMENTS = ("fresh water", "sea water")
CONTAINER_KINDS = ("tray", "tank", "ring")
CAUSES = (
    "UNKNOWN", "NATURAL", "NON_VIABLE", "FAILED_FEEDING", "HANDLING", "DEFORMITY", "MATURATION",
    "PREDATION", "ENVIRONMENT", "DISEASE", "WINTER_ULCER", "PD", "CMS", "GILL_DISEASE",
    "JELLYFISH", "DELOUSING", "LICE", "VACCINATION",
)  # fmt: skip
"""What fish can be said to have died of."""

TREATMENT_METHODS = ("THERMAL", "MECHANICAL", "FRESHWATER", "BATH", "IN_FEED")
"""How fish can be rid of lice."""

LAB_TISSUES = ("HEART", "GILL", "SKIN", "KIDNEY")
LAB_METHODS = ("PCR", "HISTOLOGY", "CULTURE")
"""What a laboratory looks at, and how."""

WELFARE_INDICATORS = (
    "gill_score", "eye_score", "wound_score", "scale_score", "fin_score", "snout_score",
    "opercula_score", "spine_score", "emaciation_score", "maturation_score",
)  # fmt: skip
"""What welfare is told by, in the order of the scores' columns."""

_BY_STAGE = (
    "stages.fcr",
    "growth.stage",
    "growth.weight_cv",
    "mortality.stage",
    "condition.stage",
    "water.hatchery.stage",
)
"""Groups whose names are keys of stages."""

_PARTS = (("lice", "mobile_parts"), ("treatment", "death_days"))
"""Lists of parts of one whole."""

_ROUNDING = 1e-9


def all_problems(parameters: Parameters, own_file: str) -> Iterator[Problem]:
    """Yield all that is wrong with parameters; `own_file` is the built-in one's name."""
    yield from plan_problems(parameters)
    yield from _name_problems(parameters, own_file)
    yield from _grade_problems(parameters)
    for leaf in parameters.leaves():
        if leaf.path[-1] == "cause":
            yield from _cause_problems(parameters, leaf)
        if leaf.path[:2] == ("treatment", "method"):
            yield from _method_problems(parameters, leaf)
        if leaf.path[:2] == ("laboratory", "disease"):
            yield from _laboratory_problems(parameters, leaf)
        if leaf.path == ("welfare", "indicator"):
            yield from _indicator_problems(parameters, leaf)
        if leaf.path in _PARTS:
            yield from _not_one(leaf, parameters.numbers(leaf.path), "parts")
        if "range" in leaf.path[-1].split("_"):
            yield from _range_problems(parameters, leaf)


def plan_problems(parameters: Parameters) -> Iterator[Problem]:
    """Yield what is wrong with the stage plan: words that are none, days that are not whole."""
    leaf, plan = parameters.leaf("stages.plan"), parameters.table("stages.plan")
    yield from _not_among(leaf, "environment", plan["environment"], ENVIRONMENTS)
    yield from _not_among(leaf, "container_kind", plan["container_kind"], CONTAINER_KINDS)
    for days in plan["days"]:
        if days != int(days):
            yield leaf.problem("P-STAGE", "days must be whole", found=str(days))


def _name_problems(parameters: Parameters, own_file: str) -> Iterator[Problem]:
    """Yield a problem for each name that ought to be a stage's and is not, at its first leaf.

    Stages that only the built-in file knows are no fault: another plan leaves them unused.
    """
    keys = parameters.table("stages.plan")["key"]
    for path in _BY_STAGE:
        for name in parameters.group(path):
            leaf = _first_leaf(parameters, (*path.split("."), name))
            if name != DEFAULT and name not in keys and leaf.file != own_file:
                allowed = ", ".join(map(str, keys))
                yield leaf.problem("P-STAGE", f"{name} is no stage of the plan", allowed=allowed)


def _grade_problems(parameters: Parameters) -> Iterator[Problem]:
    grades = parameters.group("harvest.grade_share")
    shares = [parameters.number(f"harvest.grade_share.{grade}") for grade in grades]
    leaf = parameters.leaf(f"harvest.grade_share.{grades[0]}")
    yield from _not_one(leaf, shares, "the grades' shares")


def _cause_problems(parameters: Parameters, leaf: Leaf) -> Iterator[Problem]:
    table = parameters.table(leaf.path)
    yield from _not_among(leaf, "cause", table["name"], CAUSES)
    yield from _not_one(leaf, map(float, table["share"]), "shares")


def _method_problems(parameters: Parameters, leaf: Leaf) -> Iterator[Problem]:
    table = parameters.table(leaf.path)
    yield from _not_among(leaf, "method", table["name"], TREATMENT_METHODS)
    for column in ("share", "share_when_ill"):
        yield from _not_one(leaf, map(float, table[column]), f"the column {column}")


def _laboratory_problems(parameters: Parameters, leaf: Leaf) -> Iterator[Problem]:
    allowed = {"tissue": LAB_TISSUES, "method": LAB_METHODS}.get(leaf.path[-1])
    if allowed is not None:
        yield from _not_among(leaf, leaf.path[-1], [parameters.text(leaf.path)], allowed)


def _indicator_problems(parameters: Parameters, leaf: Leaf) -> Iterator[Problem]:
    names = tuple(map(str, parameters.table(leaf.path)["name"]))
    if names != WELFARE_INDICATORS:
        allowed = ", ".join(WELFARE_INDICATORS)
        message = "the indicators are these, in this order"
        yield leaf.problem("P-WORD", message, found=", ".join(names), allowed=allowed)


def _range_problems(parameters: Parameters, leaf: Leaf) -> Iterator[Problem]:
    first, last = parameters.numbers(leaf.path)
    if first > last:
        found = f"{first:g} to {last:g}"
        yield leaf.problem("P-RANGE", "the range ends before it begins", found=found)


def _not_one(leaf: Leaf, shares: Iterable[float], what: str) -> Iterator[Problem]:
    total = sum(shares)
    if abs(total - 1.0) > _ROUNDING:
        yield leaf.problem("P-SHARE", f"{what} must add up to 1", found=f"{total:g}")


def _not_among(
    leaf: Leaf, column: str, found: Iterable[str | float], allowed: tuple[str, ...]
) -> Iterator[Problem]:
    for word in found:
        if word not in allowed:
            listed = ", ".join(allowed)
            yield leaf.problem("P-WORD", f"unknown {column}", found=str(word), allowed=listed)


def _first_leaf(parameters: Parameters, path: tuple[str, ...]) -> Leaf:
    return next(leaf for leaf in parameters.leaves() if leaf.path[: len(path)] == path)
