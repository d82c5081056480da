"""``grilse params``: every parameter of the biology, with unit, range and source."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import click

from grilse.api.choosing import chosen_parameters
from grilse.ground.errors import BadInput, Problem
from grilse.ground.parameter_writing import dump_parameters
from grilse.ground.parameters import Leaf

__all__ = ["command", "leaf_lines"]

_EXAMPLE = """\b
Examples:
  grilse params growth
  grilse params --format yaml > mine.yaml"""


@click.command(name="params", epilog=_EXAMPLE)
@click.argument("path", required=False, metavar="[PATH]")
@click.option(
    "--params", metavar="FILE", help="Parameters that differ from the built-in ones, checked."
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "yaml"]), default="text",
    show_default=True,
)  # fmt: skip
def command(path: str | None, params: str | None, form: str) -> None:
    """Show every parameter, or those below PATH, such as growth.stage.fry.

    A file of your own says only what differs: `sampling: {every_days: 14}`. Names, units and ranges
    are checked, and every problem is told at its line.
    """
    parameters = chosen_parameters(params)
    wanted = tuple(path.split(".")) if path else ()
    leaves = [leaf for leaf in parameters.leaves() if leaf.path[: len(wanted)] == wanted]
    if not leaves:
        allowed = ", ".join(parameters.group())
        raise BadInput(Problem("P-PATH", "no such parameter", found=path, allowed=allowed))
    if form == "yaml":
        click.echo(dump_parameters(parameters), nl=False)
    elif form == "json":
        told = {"fingerprint": parameters.fingerprint, "parameters": list(map(_as_data, leaves))}
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        click.echo(f"fingerprint {parameters.fingerprint}")
        click.echo("\n".join(line for leaf in leaves for line in leaf_lines(leaf)))


def _as_data(leaf: Leaf) -> dict[str, Any]:
    return {
        "path": ".".join(leaf.path),
        "value": _plain(leaf.value),
        "unit": _plain(leaf.unit),
        "min": _plain(leaf.least),
        "max": _plain(leaf.most),
        "source": leaf.source,
    }


def leaf_lines(leaf: Leaf) -> Iterator[str]:
    """Yield a parameter's line, and below it what a table says of its columns."""
    name = ".".join(leaf.path)
    if isinstance(leaf.value, Mapping):
        yield f"{name}  [{leaf.source}]"
        for column, values in leaf.value.items():
            yield f"  {column:<18} {_said(values)}{_bounds(leaf, column)}"
        return
    yield f"{name} = {_said(leaf.value)}{_bounds(leaf, None)}  [{leaf.source}]"


def _bounds(leaf: Leaf, column: str | None) -> str:
    unit, least, most = (
        part.get(column or "") if isinstance(part, Mapping) else part
        for part in (leaf.unit, leaf.least, leaf.most)
    )
    allowed = "" if least is None else f" ({_said(least)} to {_said(most)})"
    return f"{f' {unit}' if unit else ''}{allowed}"


def _said(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(_said, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value
