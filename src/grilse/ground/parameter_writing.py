"""Parameters become a whole parameter file, which reads back equal."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from grilse.ground.parameters import Leaf, Parameters

__all__ = ["dump_parameters"]


def dump_parameters(parameters: Parameters, header: str = "") -> str:
    """Return parameters as the text of a whole parameter file.

    Parameters
    ----------
    parameters
        Each leaf is written with value, unit, range and source, on one line.
    header
        One line of comment at the top.
    """
    first = [f"# {header}"] if header else []
    return "\n".join([*first, *_lines(parameters.tree, 0)]) + "\n"


def _lines(node: Mapping[str, Any], depth: int) -> Iterator[str]:
    for name, below in node.items():
        key = f"{'  ' * depth}{json.dumps(name, ensure_ascii=False)}:"
        if isinstance(below, Leaf):
            # JSON is YAML: a leaf is a flow mapping.
            yield f"{key} {json.dumps(_said(below), ensure_ascii=False)}"
        else:
            yield key
            yield from _lines(below, depth + 1)


def _said(leaf: Leaf) -> dict[str, Any]:
    """Return what a file says of a leaf; texts have neither unit nor range."""
    said = {"value": leaf.value, "unit": leaf.unit, "min": leaf.least, "max": leaf.most}
    said = {key: _plain(value) for key, value in said.items() if value not in ("", None)}
    return {**said, **({"length": "any"} if leaf.any_length else {}), "source": leaf.source}


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value
