"""The verb ``plan`` as a person meets it: closing lines, exit codes, nothing half written."""

from pathlib import Path

import pytest

from grilse.cli.main import main
from grilse.schedule.reading import read_schedule

CLASSIC = ["--batches=275", "--stagger=6", "--start-date=2016-01-01", "--as-of=2025-11-18"]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_its_closing_lines_say_what_came_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", *CLASSIC]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 12
    assert [line.split(":")[0] for line in lines[:4]] == [
        "limit       550 batches",
        "limit       537 batches",
        "limit       550 batches",
        "limit       507 batches",
    ]
    assert lines[4] == "            A plan by --policy biosecure keeps to it"
    assert lines[-5] == (
        "bound       Scotland, egg_alevin: a stagger of 4.5 days is the least that it bears; "
        "this plan's 6 are 1.33 times that"
    )
    assert lines[-4].split()[:2] == ["batches", "550"]
    assert "every 6 days, every 12 in a geography" in lines[-4]
    assert lines[-3].split() == ["conflicts", "0"]
    assert lines[-2].startswith("saturation  71.2 % reserved in the steady window")
    assert lines[-1] == "saved       schedule.yaml; next: grilse run schedule.yaml --to out"


def test_a_plan_that_keeps_to_the_limits_says_nothing_of_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["plan", "--batches=5", "--policy=biosecure", "--dry-run"]) == 0
    assert "limit" not in capsys.readouterr().out


def test_the_file_holds_the_plan() -> None:
    assert main(["plan", *CLASSIC, "--seed", "9", "-o", "here.yaml"]) == 0
    schedule = read_schedule("here.yaml")
    assert len(schedule.batches) == 550
    assert schedule.seed == 9


def test_the_same_command_writes_the_same_bytes() -> None:
    for name in ("one.yaml", "two.yaml"):
        assert main(["plan", *CLASSIC, "--output", name]) == 0
    assert Path("one.yaml").read_bytes() == Path("two.yaml").read_bytes()


def test_a_dry_run_saves_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "--batches", "2", "--dry-run"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "nothing (--dry-run)" in lines[-1]
    assert not Path("schedule.yaml").exists()


def test_without_options_it_plans_ten_a_geography() -> None:
    assert main(["plan"]) == 0
    schedule = read_schedule("schedule.yaml")
    assert len(schedule.batches) == 20
    assert schedule.as_of - schedule.batches[-1].start == 50


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("--batches 0", "P-BATCHES"),
        ("--batches many", "--batches"),
        ("--stagger -2", "P-STAGGER"),
        ("--stagger nan", "'nan' is not a number of days"),
        ("--stagger 1e9999", "is not a number of days"),
        ("--start-date 2016-13-01", "--start-date"),
        ("--as-of 2016-01-01 --start-date 2017-01-01", "P-AS-OF"),
        ("--seed -1", "P-SEED"),
        ("--farm nowhere", "F-UNKNOWN"),
        ("--batches 300 --stagger 3", "P-CAPACITY"),
        ("--as-of 9999-12-31", "P-DATES"),
        ("-o nowhere/s.yaml", "there is no directory"),
        ("--sideways", "--sideways"),
    ],
)
def test_bad_input_exits_2_with_a_reason_and_writes_nothing(
    options: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", *options.split()]) == 2
    streams = capsys.readouterr()
    assert told in streams.err
    assert "Traceback" not in streams.err
    assert streams.out == ""
    assert list(Path().iterdir()) == []


def test_a_file_of_another_kind_is_not_overwritten(capsys: pytest.CaptureFixture[str]) -> None:
    Path("schedule.yaml").write_text("metadata: {}\nbatches: []\n")
    assert main(["plan", "--batches", "1"]) == 2
    assert "--overwrite" in capsys.readouterr().err
    assert Path("schedule.yaml").read_text().startswith("metadata: {}")
    assert main(["plan", "--batches", "1", "--overwrite"]) == 0
    assert len(read_schedule("schedule.yaml").batches) == 2
