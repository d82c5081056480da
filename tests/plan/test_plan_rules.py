"""One planted fault a rule; and all of them are told at once."""

from dataclasses import dataclass, replace
from fractions import Fraction

import pytest

from grilse.biology.parameters import builtin_parameters, stages
from grilse.farm.builtin import reference_farm
from grilse.farm.model import Farm
from grilse.ground.errors import BadInput
from grilse.plan.planning import plan
from grilse.plan.question import PlanQuestion, exact_stagger
from grilse.plan.rules import question_problems

SOUND = PlanQuestion(as_of=20_000)
LIFE = stages(builtin_parameters())


@dataclass(frozen=True)
class Stage:
    key: str
    default_days: int


def codes(question: PlanQuestion, farm: Farm | None = None) -> list[str]:
    return [problem.code for problem in question_problems(question, farm or reference_farm(), LIFE)]


def test_a_sound_question_has_no_problem() -> None:
    assert codes(SOUND) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"batches_per_geography": 0}, "P-BATCHES"),
        ({"batches_per_geography": 2**24}, "P-BATCHES"),
        ({"stagger_days": Fraction(-1)}, "P-STAGGER"),
        ({"stagger_days": Fraction(36_526)}, "P-STAGGER"),
        ({"seed": -1}, "P-SEED"),
        ({"seed": 2**63}, "P-SEED"),
        ({"containers_a_stage": 0}, "P-COUNT"),
        ({"ring_counts": ()}, "P-COUNT"),
        ({"start": -1}, "P-DATES"),
        ({"start": 83_500, "as_of": 84_000}, "P-DATES"),
        ({"start": 20_000}, "P-AS-OF"),
        ({"start": 20_001}, "P-AS-OF"),
    ],
)
def test_each_fault_is_found(change: dict[str, object], code: str) -> None:
    assert codes(replace(SOUND, **change)) == [code]


def test_all_faults_are_told_at_once() -> None:
    question = replace(SOUND, batches_per_geography=-3, stagger_days=Fraction(-1), seed=-1)
    with pytest.raises(BadInput) as refusal:
        plan(question, reference_farm(), LIFE)
    assert [problem.code for problem in refusal.value.problems] == [
        "P-BATCHES", "P-STAGGER", "P-SEED",
    ]  # fmt: skip


def test_a_farm_needs_geographies_with_codes_of_their_own() -> None:
    faroe = reference_farm().geographies[0]
    assert codes(SOUND, Farm("none", ())) == ["P-FARM"]
    assert codes(SOUND, Farm("twins", (faroe, faroe))) == ["P-FARM"]


@pytest.mark.parametrize("life", [(), (Stage("egg_alevin", 0),), (Stage("egg_alevin", 2731),)])
def test_a_life_needs_stages_of_days(life: tuple[Stage, ...]) -> None:
    found = question_problems(SOUND, reference_farm(), life)
    assert [problem.code for problem in found] == ["P-STAGES"]


def test_a_stagger_is_what_was_written() -> None:
    assert exact_stagger(4.35) == exact_stagger("4.35") == Fraction(87, 20)
    assert exact_stagger(6) == 6
