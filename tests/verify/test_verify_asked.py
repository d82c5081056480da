"""A dataset held against a farm and parameters of the caller's own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grilse.biology.parameters import builtin_parameters, changed_parameters
from grilse.cli.main import main
from grilse.farm.builtin import BUILTIN_FARMS, builtin_farm
from grilse.farm.scaling import scaled
from grilse.verify.dataset import Options, verify
from grilse.verify.verdict import Judgement

CHECKS = ("asked.farm", "asked.parameters")


def judged(root, **asked) -> dict[str, Judgement]:
    verdict = verify(root, Options(only=CHECKS, **asked))
    return {result.name: result.verdict for result in verdict.results}


def test_nothing_named_is_nothing_held_against(clean):
    assert judged(clean) == {}


def test_its_own_farm_and_parameters_pass(clean):
    asked = {"farm": builtin_farm("reference"), "parameters": builtin_parameters()}
    assert judged(clean, **asked) == dict.fromkeys(CHECKS, "pass")


@pytest.mark.parametrize("other", ["larger", "smaller", "built otherwise"])
def test_another_farm_is_told(clean, other):
    farm = builtin_farm("reference")
    if other == "larger":
        farm = scaled(farm, 2)
    elif other == "smaller":
        farm = replace(farm, geographies=farm.geographies[:1])
    else:
        farm = builtin_farm(next(name for name in BUILTIN_FARMS if name != "reference"))
    assert judged(clean, farm=farm)["asked.farm"] == "fail"


def test_other_parameters_are_told(clean, tmp_path):
    text = "sampling:\n  fish: 31\n"
    other = changed_parameters(text, "mine.yaml")
    assert judged(clean, parameters=other)["asked.parameters"] == "fail"


def test_the_command_line_asks(clean, tmp_path, capsys):
    other = tmp_path / "mine.yaml"
    other.write_text("sampling:\n  fish: 31\n")
    assert main(["verify", str(clean), "--only", "asked", "--params", str(other)]) == 1
    assert "made with parameters of fingerprint" in capsys.readouterr().out
    assert main(["verify", str(clean), "--only", "asked", "--farm", "reference"]) == 0
