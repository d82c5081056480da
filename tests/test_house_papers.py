"""The papers at the root name verbs, options and targets that are there."""

from __future__ import annotations

import re
import shlex
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import click
import pytest

from grilse.cli.main import VERBS

ROOT = Path(__file__).parents[1]
PAPERS = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")
COMMANDS = re.findall(r"^    (grilse .*)$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("line", COMMANDS)
def test_commands_of_the_readme_are_understood(line: str) -> None:
    _, verb, *rest = shlex.split(line)
    assert verb in VERBS
    if find_spec(f"grilse.cli.{verb}") is None:
        pytest.skip(f"the verb {verb} is not there yet")
    command: click.Command = import_module(f"grilse.cli.{verb}").command
    while isinstance(command, click.Group):
        command = command.commands[rest.pop(0)]
    options = {name for option in command.params for name in option.opts}
    assert {word for word in rest if word.startswith("-")} <= options
    # Parsing alone: the arguments and the values of the options are of a kind that is taken.
    if not any(isinstance(part.type, click.Path) and part.type.exists for part in command.params):
        command.make_context(verb, list(rest))


@pytest.mark.parametrize("paper", PAPERS)
def test_targets_are_in_the_makefile(paper: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    text = (ROOT / paper).read_text("utf-8")
    named = set(re.findall(r"(?:^    |`)make ([a-z]+)", text, re.MULTILINE))
    assert named <= targets


@pytest.mark.parametrize("paper", PAPERS)
def test_links_lead_somewhere(paper: str) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", (ROOT / paper).read_text("utf-8")):
        assert (ROOT / target).exists(), target


@pytest.mark.parametrize("paper", ["ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_one_page_is_one_page(paper: str) -> None:
    assert len((ROOT / paper).read_text("utf-8").splitlines()) <= 70


def test_every_room_is_in_the_architecture() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    rooms = {
        path.stem
        for path in (ROOT / "src" / "grilse").iterdir()
        if not path.name.startswith("_") and (path.is_dir() or path.suffix == ".py")
    }
    assert {room for room in rooms if f"`{room}`" not in text} == set()
