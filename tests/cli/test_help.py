"""Each verb's help has an example, and the examples are commands that it understands."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import click
import pytest

from grilse.cli.main import group


def _commands(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    yield name, command
    if isinstance(command, click.Group):
        for each, inner in command.commands.items():
            yield from _commands(f"{name} {each}", inner)


COMMANDS = [
    each
    for verb in group.list_commands(click.Context(group))
    for each in _commands(f"grilse {verb}", group.get_command(click.Context(group), verb))
]


def _examples(command: click.Command) -> list[str]:
    lines = (command.epilog or "").replace("\b", "").replace("\\\n", " ").splitlines()
    found = (re.search(r"grilse .*", line) for line in lines)
    return [match.group() for match in found if match]


@pytest.mark.parametrize(("name", "command"), COMMANDS, ids=[name for name, _ in COMMANDS])
def test_help_has_an_example(name: str, command: click.Command) -> None:
    if isinstance(command, click.Group):
        assert all(inner.get_short_help_str() for inner in command.commands.values())
    else:
        assert any(example.startswith(name) for example in _examples(command)), name


@pytest.mark.parametrize(("name", "command"), COMMANDS, ids=[name for name, _ in COMMANDS])
def test_examples_name_options_that_are_there(name: str, command: click.Command) -> None:
    options = {text for option in command.params for text in option.opts}
    for example in _examples(command):
        words = shlex.split(example.split(" > ")[0].split(" | ")[0])
        if " ".join(words[: len(name.split())]) == name:
            named = {word.partition("=")[0] for word in words if word.startswith("--")}
            assert named <= options, example
