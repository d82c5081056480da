"""Pages that are made of the code itself at each build, so that they cannot fall behind it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import click
from sphinx.application import Sphinx

from grilse.biology.parameters import builtin_parameters
from grilse.cli.main import VERBS, group
from grilse.cli.params import leaf_lines
from grilse.tables.catalogue import TABLES
from grilse.tables.forms import as_markdown

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.figure import Figure

_EXIT_CODES = """
## Exit codes

| code | meaning |
|---|---|
| 0 | good |
| 1 | a check failed, or a batch did, or two datasets differ |
| 2 | bad input or usage: nothing was written |
| 130 | stopped by Ctrl-C |
| 141 | whoever read the output went away |

## Completion

    eval "$(_GRILSE_COMPLETE=bash_source grilse)"      # bash: into ~/.bashrc
    eval "$(_GRILSE_COMPLETE=zsh_source grilse)"       # zsh: into ~/.zshrc
    _GRILSE_COMPLETE=fish_source grilse | source       # fish: into its completions
"""


def setup(app: Sphinx) -> dict[str, bool]:
    """Write the pages before the others are read."""
    app.connect("builder-inited", _write)
    return {"parallel_read_safe": True}


def _write(app: Sphinx) -> None:
    folder = Path(app.srcdir) / "reference" / "made"
    folder.mkdir(exist_ok=True)
    pages = {
        "cli": _cli(),
        "tables": _tables(),
        "parameters": _parameters(),
        "benchmarks": _benchmarks(Path(app.srcdir) / "reference" / "benchmarks.json"),
    }
    for name, lines in pages.items():
        text = "\n".join(lines) + "\n"
        path = folder / f"{name}.md"
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, encoding="utf-8")


def _cli() -> Iterator[str]:
    yield "# Command line\n"
    yield "What `grilse --help` and `grilse VERB --help` tell.\n"
    context = click.Context(group)
    for verb in group.list_commands(context):
        command = group.get_command(context, verb)
        if command is not None:
            yield f"## grilse {verb}\n\n{VERBS[verb]}\n"
            yield from _helped(command, f"grilse {verb}")
    yield _EXIT_CODES


def _helped(command: click.Command, name: str) -> Iterator[str]:
    context = click.Context(command, info_name=name, max_content_width=88, terminal_width=88)
    yield f"```text\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for each, inner in command.commands.items():
            yield f"### {name} {each}\n"
            yield from _helped(inner, f"{name} {each}")


def _tables() -> Iterator[str]:
    yield "# Tables\n"
    yield (
        f"{len(TABLES)} tables, as `grilse schema` tells them: also as SQL, as JSON and as a "
        "diagram.\n"
    )
    yield as_markdown(TABLES.values())


def _parameters() -> Iterator[str]:
    yield "# Parameters\n"
    yield (
        "Every number that the biology goes by, with its unit, its range and where it comes from. "
        "`grilse params --format yaml` prints the file; a file of your own says what differs.\n"
    )
    for title, leaves in groupby(builtin_parameters().leaves(), lambda leaf: leaf.path[0]):
        lines = "\n".join(line for leaf in leaves for line in leaf_lines(leaf))
        yield f"## {title}\n\n```text\n{lines}\n```\n"


def _benchmarks(path: Path) -> Iterator[str]:
    report = json.loads(path.read_text("utf-8"))
    facts = ", ".join(f"{name} {value}" for name, value in report["machine"].items())
    yield "# Benchmarks\n"
    yield f"As `python -m benchmarks --full` printed them on this machine: {facts}.\n"
    yield "Every answer was checked. A figure to reach is a goal; one that is missed is told so.\n"
    for title, figures in groupby(report["figures"], lambda each: each["name"].partition(":")[0]):
        yield f"## {title}\n\n| figure | value | to reach | answer checked |\n|---|---|---|---|"
        for each in figures:
            figure = Figure(**{key: each[key] for key in Figure.__dataclass_fields__})
            state = {None: "", True: "reached", False: "missed"}[figure.is_reached]
            bound = "" if figure.reach is None else f"{figure.reach:,.10g} {figure.unit}, {state}"
            value = f"{figure.value:,.4g}" if figure.value < 1000 else f"{figure.value:,.0f}"
            name = figure.name.partition(": ")[2]
            yield f"| {name} | {value} {figure.unit} | {bound} | {figure.answer} |"
        yield ""
