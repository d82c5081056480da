"""Every command in the pages is understood, and every page is walked: its commands, in order.

A page's commands are the lines of its indented blocks that begin with ``grilse``. They are run one
after the other in an empty folder. A block under a comment ``<!-- not run: why -->`` is only
understood; so is a command that names a server or another place that a test has not. What follows
``# exit code N`` on its line must end with that code. Blocks of Python are run in between, in one
namespace a page.
"""

from __future__ import annotations

import io
import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import pytest

from grilse.cli.main import group, main

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(p for p in DOCS.rglob("*.md") if "made" not in p.relative_to(DOCS).parts)

_ELSEWHERE = ("://", "...")
_SERVED = ("open", "status")
"""Verbs that wait for somebody, or watch another's run."""


@dataclass(frozen=True)
class _Line:
    page: Path
    number: int
    words: tuple[str, ...]
    is_run: bool
    code: int = 0


@dataclass(frozen=True)
class _Block:
    page: Path
    number: int
    text: str


def _lines(page: Path) -> Iterator[_Line]:
    is_run, joined = True, ""
    for number, line in enumerate(page.read_text("utf-8").splitlines(), start=1):
        if line.startswith("<!-- not run:"):
            is_run = False
        elif line.strip() and not line.startswith("    "):
            is_run, joined = True, ""
        text = joined + line.strip()
        if line.startswith("    ") and text.endswith("\\"):
            joined = text[:-1]
            continue
        joined = ""
        if line.startswith("    ") and re.match(r"grilse( |$)", text):
            plain = text.partition("  #")[0].partition(" | ")[0].partition(" > ")[0]
            words = tuple(shlex.split(plain))[1:]
            has_place = not any(mark in word for word in words for mark in _ELSEWHERE)
            told = re.search(r"# exit code (\d+)", text)
            code = int(told.group(1)) if told else 0
            yield _Line(page, number, words, is_run and has_place, code)


def _blocks(page: Path) -> Iterator[_Block]:
    text = page.read_text("utf-8")
    for match in re.finditer(r"^(<!-- not run:.*\n\s*)?```python\n(.*?)^```", text, re.M | re.S):
        if match.group(1) is None:
            yield _Block(page, text[: match.start()].count("\n") + 1, match.group(2))


LINES = [line for page in PAGES for line in _lines(page)]
WALKED = [page for page in PAGES if any(line.is_run for line in _lines(page)) or any(_blocks(page))]


def _command(words: tuple[str, ...]) -> tuple[click.Command, list[str]]:
    rest = list(words)
    command: click.Command | None = group
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        command = command.get_command(click.Context(command), rest.pop(0))
    assert command is not None, f"there is no verb {words[0]}"
    return command, rest


@pytest.mark.parametrize("line", LINES, ids=[f"{line.page.stem}:{line.number}" for line in LINES])
def test_a_command_names_options_that_are_there(line: _Line) -> None:
    command, rest = _command(line.words)
    options = {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
    options |= {"--help", "-h", "--version"}
    named = {word.partition("=")[0] for word in rest if re.match(r"--?[a-z]", word)}
    assert named <= options


@pytest.mark.slow
@pytest.mark.parametrize("page", WALKED, ids=[page.stem for page in WALKED])
def test_a_page_can_be_walked(
    page: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    names: dict[str, object] = {}
    for step in sorted([*_lines(page), *_blocks(page)], key=lambda each: each.number):
        if isinstance(step, _Block):
            exec(compile(step.text, f"{page.name}:{step.number}", "exec"), names)
        elif step.is_run and step.words[0] not in _SERVED:
            code = main(list(step.words))
            said = capsys.readouterr()
            where = f"{page.name}:{step.number}: {step.words}"
            assert code == step.code, f"{where}\n{said.out}{said.err}"
            assert "Traceback" not in said.out + said.err


def test_there_are_pages_with_commands() -> None:
    assert len(LINES) > 10
    assert WALKED
