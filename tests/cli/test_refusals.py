"""Law 10: bad input is refused whole: where, what, what is allowed; exit 2, nothing written."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from grilse.cli.main import main

SCHEDULE = """\
metadata: {format: grilse-schedule-1, seed: 1, as_of: 2024-06-01}
batches:
- batch_id: FAR-2024-001
  number: 1
  start_date: 2024-01-01
  eggs: 3000000
  duration: 152
  geography: Faroe Islands
  station: FI-FW-01
  freshwater:
    egg_alevin: {hall: FI-FW-01-Hall-A, containers: [FI-FW-01-A-C01], start_day: 0, end_day: 90}
    fry: {hall: FI-FW-01-Hall-B, containers: [FI-FW-01-B-C01], start_day: 90, end_day: 180}
- batch_id: FAR-2024-002
  number: 2
  start_date: 2024-05-01
  eggs: 3000000
  duration: 31
  geography: Faroe Islands
  station: FI-FW-01
  freshwater:
    egg_alevin: {hall: FI-FW-01-Hall-A, containers: [FI-FW-01-A-C01], start_day: 0, end_day: 90}
"""

Edit = Callable[[str], str]


def replacing(old: str, new: str) -> Edit:
    def edit(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return edit


def tree(folder: Path) -> dict[str, bytes | None]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a good schedule, and a folder that holds something else."""
    monkeypatch.chdir(tmp_path)
    Path("good.yaml").write_text(SCHEDULE)
    Path("taken").mkdir()
    Path("taken/letter.txt").write_text("Dear Sir or Madam")
    return tmp_path


def refused(command: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Call a command that must be refused, and return what it said."""
    before = tree(Path())
    assert main(command.split()) == 2
    streams = capsys.readouterr()
    assert streams.out == ""
    assert "Traceback" not in streams.err
    assert tree(Path()) == before
    return streams.err


def test_the_schedule_is_good_without_the_edits(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "good.yaml", "--dry-run"]) == 0
    assert "2 begun by the as-of date" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("edit", "line", "told"),
    [
        pytest.param(
            replacing("eggs: 3000000", "eggs: -5"), 6, ["eggs", "-5"], id="negative eggs"
        ),
        pytest.param(replacing("eggs: 3000000", "eggs: 0"), 6, ["eggs", "0"], id="no eggs"),
        pytest.param(
            replacing("eggs: 3000000", "eggs: many"), 6, ["eggs", "many"], id="wrong type"
        ),
        pytest.param(
            replacing("eggs: 3000000", "egs: 3000000"), 6, ["egs", "eggs"], id="unknown key"
        ),
        pytest.param(
            replacing("start_date: 2024-01-01", "start_date: 2024-13-01"), 5, ["2024-13-01"],
            id="no such date",
        ),
        pytest.param(
            replacing("start_day: 90, end_day: 180", "start_day: 90, end_day: 30"), 12,
            ["30"], id="end before start",
        ),
        pytest.param(
            replacing("start_date: 2024-05-01", "start_date: 2024-02-01"), 21,
            ["FI-FW-01-A-C01", "FAR-2024-001"], id="overlap",
        ),
        pytest.param(replacing("    fry:", "    frog:"), 12, ["frog", "fry"], id="unknown stage"),
        pytest.param(
            replacing("FAR-2024-002", "FAR-2024-001"), 13, ["FAR-2024-001"], id="duplicate id"
        ),
        pytest.param(replacing("number: 2", "number: 1"), 14, ["1"], id="duplicate number"),
        pytest.param(
            replacing("FAR-2024-001", "../../x"), 3, ["../../x"], id="an id that climbs"
        ),
        pytest.param(
            replacing("station: FI-FW-01", "station: [FI"), None, [], id="broken YAML"
        ),
        pytest.param(lambda text: "", None, [], id="an empty file"),
        pytest.param(lambda text: "42\n", 1, [], id="a number alone"),
        pytest.param(lambda text: text[:60], None, [], id="half a file"),
        pytest.param(lambda text: "\x00\x01\x02" * 50, None, [], id="bytes of another kind"),
        pytest.param(
            replacing("geography: Faroe Islands", "geography: {}"), 8, ["geography"],
            id="a mapping for a name",
        ),
    ],
)  # fmt: skip
def test_a_bad_schedule_is_refused_where_it_is_bad(
    edit: Edit, line: int | None, told: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("bad.yaml").write_text(edit(SCHEDULE))
    said = refused("run bad.yaml --to out", capsys)
    first = [text for text in said.splitlines() if text.startswith("bad.yaml:")]
    assert first, said
    assert re.match(r"bad\.yaml(:\d+)?: error [A-Z]-[A-Z-]+: ", first[0]), first[0]
    if line is not None:
        assert any(text.startswith(f"bad.yaml:{line}: ") for text in first), said
    for word in told:
        assert word in said
    assert re.search(r"\d+ problems?; nothing was written", said)


def test_every_problem_is_told_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    text = SCHEDULE.replace("eggs: 3000000", "eggs: -5")
    Path("bad.yaml").write_text(text.replace("number: 2", "number: 1"))
    said = refused("run bad.yaml --to out", capsys)
    assert {line.split(":")[1] for line in said.splitlines()[:-1]} >= {"6", "14", "16"}


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("run nowhere.yaml --to out", "nowhere.yaml"),
        ("run taken --to out", "taken"),
        ("run good.yaml --to taken", "holds something else: letter.txt"),
        ("run good.yaml --to good.yaml", "good.yaml"),
        ("run good.yaml --to good.yaml/out", "good.yaml/out"),
        ("run good.yaml", "--to"),
        ("run good.yaml --to out --workers 0", "--workers"),
        ("run good.yaml --to out --workers two", "--workers"),
        ("run good.yaml --to out --sideways", "--sideways"),
        ("run good.yaml --to out --seed -1", "--seed"),
        ("run good.yaml --to out --as-of soon", "--as-of"),
        ("run good.yaml --to out --farm nowhere", "F-UNKNOWN"),
        ("run good.yaml good.yaml --to out", "good.yaml"),
        ("run", "SCHEDULE"),
        ("walk good.yaml --to out", "walk"),
        ("open nowhere", "nowhere"),
        ("open taken", "is not a dataset"),
        ("open good.yaml", "is not a dataset"),
        ("demo --to taken", "holds something that no demo made"),
        ("demo --to good.yaml", "good.yaml"),
        ("demo --workers 0", "--workers"),
    ],
)
def test_a_bad_command_is_refused(
    command: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told in refused(command, capsys)


def test_a_dataset_of_other_inputs_is_not_replaced(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "good.yaml", "--to", "out", "--workers", "1"]) == 0
    capsys.readouterr()
    said = refused("run good.yaml --to out --workers 1 --seed 2", capsys)
    assert "seed: there 1, wanted 2" in said
    assert "--overwrite" in said


@pytest.mark.skipif(sys.platform == "win32", reason="links need leave there")
def test_nothing_is_written_through_a_link(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "good.yaml", "--to", "out", "--workers", "1"]) == 0
    capsys.readouterr()
    Path("out/batch").rename("elsewhere")
    os.symlink(Path("elsewhere").absolute(), "out/batch")
    Path("bad.yaml").write_text(SCHEDULE.replace("eggs: 3000000", "eggs: 2999999"))
    assert "link" in refused("run bad.yaml --to out --workers 1 --overwrite", capsys)


def test_a_query_that_cannot_be_answered_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "good.yaml", "--to", "out", "--workers", "1"]) == 0
    capsys.readouterr()
    assert main(["open", "out", "--sql", "SELECT nonsense"]) == 2
    assert "O-SQL" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["run bad.yaml --to out", "run good.yaml --to taken", "walk"])
def test_it_is_the_same_for_the_installed_command(command: str, here: Path) -> None:
    Path("bad.yaml").write_text(SCHEDULE.replace("eggs: 3000000", "eggs: -5"))
    before = tree(here)
    done = subprocess.run(
        [sys.executable, "-m", "grilse", *command.split()],
        capture_output=True, text=True, check=False, cwd=here,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    assert done.stderr != ""
    assert tree(here) == before
