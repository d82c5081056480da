"""The command itself: its verbs, its exit codes, and errors without tracebacks."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import click
import pytest

import grilse
from grilse.cli import main as command_line
from grilse.cli.main import VERBS, group, main
from grilse.ground.errors import (
    BadInput,
    CheckFailed,
    DestinationError,
    GrilseError,
    MissingExtra,
    Problem,
)

THERE = [verb for verb in VERBS if find_spec(f"grilse.cli.{verb}") is not None]


@pytest.fixture
def farm_raises(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], int]:
    """Let the verb farm raise an error, and return the exit code."""
    from grilse.cli import farm

    def run(error: BaseException) -> int:
        @click.command()
        def verb() -> None:
            raise error

        monkeypatch.setattr(farm, "command", verb)
        return main(["farm"])

    return run


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"grilse, version {grilse.__version__}\n"


def test_help_lists_the_verbs_that_are_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    listed = re.findall(r"^  (\w+)  +\S", capsys.readouterr().out.partition("Verbs:")[2], re.M)
    assert listed == THERE
    assert "farm" in THERE


@pytest.mark.parametrize("verb", THERE)
def test_every_verb_is_a_command_with_help(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    command = import_module(f"grilse.cli.{verb}").command
    assert isinstance(command, click.Command)
    assert command.help
    assert main([verb, "--help"]) == 0
    assert "Traceback" not in "".join(capsys.readouterr())


@pytest.mark.parametrize("arguments", [["nix"], ["--nix"], ["farm", "show", "--format", "xml"], []])
def test_wrong_usage_is_told_with_exit_code_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Usage: grilse" in captured.err


def test_bad_input_prints_every_problem_and_a_closing_line(
    farm_raises: Callable[[BaseException], int], capsys: pytest.CaptureFixture[str]
) -> None:
    problems = [Problem("X", "one", file="f", line=3), Problem("Y", "two")]
    assert farm_raises(BadInput(problems)) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [
        "f:3: error X: one", "error Y: two", "2 problems",
    ]  # fmt: skip


def test_a_verb_that_would_have_written_says_that_nothing_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", "--farm", str(tmp_path / "nix.yaml")]) == 2
    assert capsys.readouterr().err.endswith("\n1 problem; nothing was written\n")


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (BadInput(Problem("X", "one")), 2, "error X: one\n1 problem\n"),
        (GrilseError("no"), 1, "grilse: no\n"),
        (CheckFailed("3 checks failed"), 1, "grilse: 3 checks failed\n"),
        (DestinationError("it is full"), 2, "grilse: it is full\n"),
        (MissingExtra("install it"), 2, "grilse: install it\n"),
        (KeyboardInterrupt(), 130, "stopped\n"),
        (click.Abort(), 130, "stopped\n"),
        (BrokenPipeError(), 141, ""),
    ],
    ids=lambda value: type(value).__name__,
)
def test_errors_are_told_without_a_traceback(
    farm_raises: Callable[[BaseException], int],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    code: int,
    text: str,
) -> None:
    monkeypatch.setattr(command_line, "_leave_quietly", lambda: command_line.PIPE_CLOSED)
    assert farm_raises(error) == code
    assert capsys.readouterr().err == text


def test_a_fault_of_our_own_is_not_hidden(farm_raises: Callable[[BaseException], int]) -> None:
    with pytest.raises(ZeroDivisionError):
        farm_raises(ZeroDivisionError())


@pytest.mark.parametrize(("result", "code"), [(None, 0), (3, 3), ("text", 0)])
def test_what_a_verb_returns_is_its_exit_code(
    monkeypatch: pytest.MonkeyPatch, result: object, code: int
) -> None:
    from grilse.cli import farm

    monkeypatch.setattr(farm, "command", click.command()(lambda: result))
    assert main(["farm"]) == code


def test_a_verb_that_is_not_there_is_not_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command_line, "VERBS", {"farm": "F.", "not_there": "N."})
    context = click.Context(group)
    assert group.list_commands(context) == ["farm"]
    assert group.get_command(context, "not_there") is None


def test_a_reader_that_goes_away_is_no_error() -> None:
    program = (
        "import os, sys\n"
        "from grilse.cli.main import main\n"
        "reader, writer = os.pipe()\n"
        "os.close(reader)\n"
        "os.dup2(writer, 1)\n"
        "sys.exit(main(['farm', 'show']))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (141, b"")


def test_the_module_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "grilse", "--version"], capture_output=True, check=True, text=True
    )
    assert done.stdout == f"grilse, version {grilse.__version__}\n"


def test_a_query_that_ctrl_c_ended_is_a_stop(monkeypatch, capsys):
    def interrupted(arguments):
        raise RuntimeError("Query interrupted")

    monkeypatch.setattr("grilse.cli.main._called", interrupted)
    assert main(["run"]) == 130
    assert capsys.readouterr().err == "stopped\n"
