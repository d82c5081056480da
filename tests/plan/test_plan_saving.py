"""A plan becomes a file whole, and never in the place of something else."""

from dataclasses import replace
from pathlib import Path

import pytest

from grilse.biology.parameters import builtin_parameters
from grilse.farm.builtin import reference_farm
from grilse.ground.errors import DestinationError
from grilse.plan.metadata import command_text, header_lines
from grilse.plan.planning import plan_life
from grilse.plan.question import PlanAnswer, PlanQuestion
from grilse.plan.saving import save_plan
from grilse.schedule.reading import read_schedule

QUESTION = PlanQuestion(as_of=20_000, batches_per_geography=3, seed=5)


@pytest.fixture(scope="module")
def answer() -> PlanAnswer:
    return plan_life(QUESTION, reference_farm(), builtin_parameters())


def test_what_is_saved_reads_back(answer: PlanAnswer, tmp_path: Path) -> None:
    save_plan(answer, tmp_path / "s.yaml")
    back = read_schedule(tmp_path / "s.yaml")
    assert back.batches == answer.schedule.batches
    assert (back.seed, back.as_of) == (5, 20_000)
    assert back.metadata["capacity"]["bottleneck"] == "Scotland, egg_alevin"
    assert [path.name for path in tmp_path.iterdir()] == ["s.yaml"]


def test_the_head_of_the_file_tells_command_batches_span_saturation_bottleneck(
    answer: PlanAnswer, tmp_path: Path
) -> None:
    save_plan(answer, tmp_path / "s.yaml")
    head = (tmp_path / "s.yaml").read_text().splitlines()[:6]
    assert head == [f"# {line}" for line in header_lines(answer)]
    assert head[0] == (
        "# grilse plan --batches 3 --stagger 30 --start-date 2024-03-18 --as-of 2024-10-04 --seed 5"
    )
    assert head[1].startswith("# 6 batches, 3 in each geography: one starts every 30 days")
    assert head[2] == "# starts 2024-03-18 to 2024-08-15; rows before 2024-10-04"
    assert head[3].startswith("# saturation ")
    assert head[4].startswith("# bottleneck Scotland, egg_alevin")


def test_the_command_at_the_head_makes_the_same_plan(answer: PlanAnswer) -> None:
    named = replace(QUESTION, start=answer.schedule.batches[0].start)
    again = plan_life(named, reference_farm(), builtin_parameters())
    assert again.schedule == answer.schedule
    assert command_text(again) == command_text(answer)


def test_a_schedule_of_ours_is_replaced(answer: PlanAnswer, tmp_path: Path) -> None:
    target = tmp_path / "s.yaml"
    shorter = plan_life(
        replace(QUESTION, batches_per_geography=1), reference_farm(), builtin_parameters()
    )
    save_plan(shorter, target)
    save_plan(answer, target)
    assert len(read_schedule(target).batches) == 6


def test_anything_else_stays_unless_told(answer: PlanAnswer, tmp_path: Path) -> None:
    target = tmp_path / "notes.txt"
    target.write_text("buy feed\n")
    with pytest.raises(DestinationError, match=r"notes\.txt: holds something that is not"):
        save_plan(answer, target)
    assert target.read_text() == "buy feed\n"
    save_plan(answer, target, overwrite=True)
    assert len(read_schedule(target).batches) == 6


def test_an_empty_file_is_in_nobodys_way(answer: PlanAnswer, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").touch()
    save_plan(answer, tmp_path / "s.yaml")


@pytest.mark.parametrize("name", ["", ".", "nowhere/s.yaml", "a" * 300])
def test_places_that_cannot_be(answer: PlanAnswer, tmp_path: Path, name: str) -> None:
    output = f"{tmp_path}/{name}" if name else ""
    with pytest.raises(DestinationError):
        save_plan(answer, output, overwrite=True)
    assert list(tmp_path.iterdir()) == []
