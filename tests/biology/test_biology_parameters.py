"""The built-in parameters: readable, in their ranges, quick; a user's file changes them."""

from __future__ import annotations

import time

import pytest

from grilse.biology.checks import CAUSES
from grilse.biology.mortality import cause_shares
from grilse.biology.parameters import (
    builtin_parameters,
    builtin_text,
    changed_parameters,
    stages,
)
from grilse.ground.errors import BadInput
from grilse.ground.parameter_files import read_parameters
from grilse.tables.catalogue.events import GRADES, MORTALITY_CAUSES
from grilse.tables.catalogue.reference import CONTAINER_KINDS, ENVIRONMENTS, PARAMETERS

LAND = ["egg_alevin", "fry", "parr", "smolt", "post_smolt"]


def test_the_stage_plan_is_the_trades():
    plan = stages(builtin_parameters())
    assert [stage.key for stage in plan] == [*LAND, "adult"]
    assert [stage.name for stage in plan] == [
        "Egg&Alevin",
        "Fry",
        "Parr",
        "Smolt",
        "Post-Smolt",
        "Adult",
    ]
    assert [stage.order for stage in plan] == [1, 2, 3, 4, 5, 6]
    assert [stage.default_days for stage in plan] == [90] * 5 + [450]
    assert [stage.container_kind for stage in plan] == ["tray"] + ["tank"] * 4 + ["ring"]
    assert [stage.fcr for stage in plan] == [0.0, 1.0, 1.1, 1.0, 1.1, 1.12]
    assert plan[0].sensors == PARAMETERS
    assert plan[5].sensors == ("temperature", "oxygen", "ph")


def test_words_are_those_of_the_tables():
    parameters = builtin_parameters()
    for stage in stages(parameters):
        assert stage.environment in ENVIRONMENTS
        assert stage.container_kind in CONTAINER_KINDS
        assert set(stage.sensors) <= set(PARAMETERS)
        for geography in ("Faroe Islands", "Scotland", "Elsewhere"):
            assert set(cause_shares(parameters, stage.key, geography)) <= set(MORTALITY_CAUSES)
    assert parameters.group("harvest.grade_share") == GRADES
    assert sum(parameters.number(f"harvest.grade_share.{grade}") for grade in GRADES) == 1.0


def test_causes_are_those_of_the_tables():
    assert set(CAUSES) == set(MORTALITY_CAUSES)


def test_every_number_has_a_source_and_what_has_none_says_so():
    for leaf in builtin_parameters().leaves():
        assert leaf.source, leaf.path
    unsourced = [leaf for leaf in builtin_parameters().leaves() if "no source read" in leaf.source]
    assert unsourced


def test_the_built_in_file_is_read_quickly():
    text = builtin_text()
    seconds = []
    for _ in range(3):
        begun = time.process_time()
        read_parameters(text, "again.yaml")
        seconds.append(time.process_time() - begun)
    assert min(seconds) < 0.06


def test_another_geography_and_a_stage_of_its_own_are_data():
    ours = changed_parameters(
        """\
stages:
  plan:
    key: [egg_alevin, fry, grower]
    name: [Egg, Fry, Grower]
    environment: [fresh water, fresh water, sea water]
    days: [60, 90, 400]
    container_kind: [tray, tank, ring]
growth:
  stage:
    grower: {Norway: {tgc_per_1000dd: 2.4}}
species: {name: Oncorhynchus mykiss}
""",
        "trout.yaml",
    )
    assert [stage.key for stage in stages(ours)] == ["egg_alevin", "fry", "grower"]
    assert ours.number(("growth", "stage", "grower", "Norway", "tgc_per_1000dd")) == 2.4
    assert ours.fingerprint != builtin_parameters().fingerprint


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("growth:\n  stage:\n    fri: {default: {tgc_per_1000dd: 2}}", "P-STAGE", 3),
        ("mortality:\n  stage:\n    par: {default: {base_pct_per_month: 1}}", "P-STAGE", 3),
        ("growth:\n  container_cv: 3", "P-RANGE", 2),
        ("growth:\n  tgc: 3", "P-KEY", 2),
        (
            "mortality: {stage: {fry: {default: {cause: {name: [NATURAL], share: [0.5]}}}}}",
            "P-SHARE",
            1,
        ),
        (
            "mortality: {stage: {fry: {default: {cause: {name: [BOREDOM], share: [1]}}}}}",
            "P-WORD",
            1,
        ),
        ("harvest:\n  grade_share:\n    SUPERIOR: 0.5", "P-SHARE", 3),
        ("salinity:\n  Scotland:\n    range: [34, 28]", "P-RANGE", 3),
        ("water: {sea: {Norway: {range_c: [15, 4]}}}", "P-RANGE", 1),
        (
            "stages:\n  plan: {key: [fry], name: [Fry], environment: [brackish], days: [9],"
            " container_kind: [tank]}",
            "P-WORD",
            2,
        ),
        (
            "stages:\n  plan: {key: [fry], name: [Fry], environment: [sea water], days: [9.5],"
            " container_kind: [tank]}",
            "P-STAGE",
            2,
        ),
    ],
)
def test_a_users_mistakes_are_located(text, code, line):
    with pytest.raises(BadInput) as refused:
        changed_parameters(text, "ours.yaml")
    problem = refused.value.problems[0]
    assert (problem.code, problem.file, problem.line) == (code, "ours.yaml", line)
