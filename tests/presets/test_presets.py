"""Presets: plans with a name and a published fingerprint."""

import pytest
from grilse_presets import PAGE, made, page

from grilse import api
from grilse.api.presets import PRESETS, preset
from grilse.cli.main import main
from grilse.ground.errors import BadInput
from grilse.schedule.fingerprint import schedule_fingerprint
from grilse.schedule.reading import read_schedule


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_the_same_for_everybody(name):
    answer = api.plan(**preset(name).question)
    assert len(answer.schedule.batches) == preset(name).batches
    assert schedule_fingerprint(answer.schedule) == preset(name).schedule


@pytest.mark.slow
@pytest.mark.parametrize("name", PRESETS)
def test_its_rows_are_those_published(name):
    assert made(name) == (preset(name).rows, preset(name).content)


def test_the_page_publishes_them():
    assert PAGE.read_text("utf-8") == page(PRESETS)


def test_the_command_line_plans_it(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["plan", "--preset", "demo"]) == 0
    assert schedule_fingerprint(read_schedule("schedule.yaml")) == preset("demo").schedule
    assert main(["plan", "--preset", "demo", "--stagger", "3"]) == 2
    assert "--stagger" in capsys.readouterr().err


def test_there_are_no_others():
    with pytest.raises(BadInput, match="demo, 170, 550, 584"):
        preset("551")
