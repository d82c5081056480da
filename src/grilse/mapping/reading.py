"""A mapping read from YAML: every problem with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from grilse.ground.errors import BadInput, Problem
from grilse.ground.marked_yaml import load, read
from grilse.mapping.model import (
    Application,
    Field,
    Handover,
    History,
    Key,
    MappedTable,
    Master,
    PgType,
)

__all__ = ["BUILTIN", "read_application", "read_type"]

BUILTIN = ("aquamind",)
"""Applications whose mapping comes with Grilse."""

_WORD = re.compile(r"[a-z_][a-z0-9_]*")
_MOST_BITS = 40
_TYPE = re.compile(r"([a-z0-9]+)(?:\((\d+)(?:,(\d+))?\))?")
_FIELD = re.compile(r"([a-z0-9]+(?:\(\d+(?:,\d+)?\))?)\s*=\s*(.+)", re.DOTALL)
_TEXTS = ("application", "user", "batches_there", "stays_there", "containers")
_TEXT_KEYS = {"name", "table", "from", "ours", "key", "batch", "owner", "event"}
_TOP = {*_TEXTS, "schema", "macros", "words", "masters", "handovers", "tables"}
_PARTS = {
    "masters": (
        {"name", "table", "key", "from", "ours", "match", "columns"},
        {"needed", "compare", "history"},
    ),
    "handovers": ({"name", "from", "batch", "columns"}, set[str]()),
    "tables": ({"table", "from", "key", "columns"}, {"history", "owner", "event"}),
}


def read_application(name: str) -> Application:
    """Read the mapping of an application: a built-in one by its name, or a file.

    Raises
    ------
    BadInput
        With every problem of the file.
    """
    if name in BUILTIN:
        file = f"{name}.yaml"
        text = (files("grilse.mapping") / "data" / file).read_text(encoding="utf-8")
        return _Reader(file).application(load(text, file))
    if not name.endswith((".yaml", ".yml")):
        raise BadInput(
            Problem(
                "M-NAME",
                "no such application",
                found=repr(name)[:80],
                allowed=f"{', '.join(BUILTIN)}, or a file FILE.yaml",
            )
        )
    return _Reader(name).application(read(name))


def read_type(text: str) -> PgType | None:
    """Read a type such as ``numeric(10,2)``; None if it is none."""
    found = _TYPE.fullmatch(text)
    if found is None:
        return None
    size = found[2] and int(found[2])
    return PgType(found[1], size or None, int(found[3] or 0))


class _Reader:
    """One reading of one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def application(self, document: Any) -> Application:
        """Return what a document says, or refuse it whole."""
        if not isinstance(document, dict):
            raise BadInput(Problem("M-FORM", "it must hold keys and values", file=self.file))
        for key in document.keys() - _TOP:
            self.refuse("no such key", document, key, allowed=", ".join(sorted(_TOP)))
        texts = {key: self.text(document, key) for key in _TEXTS}
        macros = tuple(map(str, self.listed(document, "macros")))
        words = self.words(document)
        parts = {kind: list(self.parts(document, kind)) for kind in _PARTS}
        if self.problems:
            raise BadInput(self.problems)
        return Application(
            name=texts["application"], file=self.file, schema=str(document.get("schema", "public")),
            user=texts["user"], batches_there=texts["batches_there"],
            stays_there=texts["stays_there"], containers=texts["containers"],
            macros=macros, words=words, masters=tuple(map(_master, parts["masters"])),
            handovers=tuple(map(_handover, parts["handovers"])),
            tables=tuple(map(_table, parts["tables"])),
        )  # fmt: skip

    def refuse(self, message: str, node: Any, key: Any = None, *, allowed: str | None = None,
               found: object = None) -> None:  # fmt: skip
        """Note a problem at a key of a mapping."""
        line = getattr(node, "key_lines", {}).get(key, getattr(node, "line", None))
        said = str(key if found is None else found)[:80]
        self.problems.append(
            Problem("M-FORM", message, file=self.file, line=line, found=said, allowed=allowed)
        )

    def words(self, document: Any) -> dict[str, dict[str, str]]:
        """Read their words for ours."""
        found = document.get("words") or {}
        if not isinstance(found, dict) or not all(isinstance(w, dict) for w in found.values()):
            self.refuse("words are pairs by name", document, "words")
            return {}
        for name in found:
            if not _WORD.fullmatch(str(name)):
                self.refuse("a name is no word", found, name, allowed="small letters, digits, _")
        return {str(n): {str(a): str(b) for a, b in pairs.items()} for n, pairs in found.items()}

    def text(self, node: Any, key: str) -> str:
        """Return a text that must be there."""
        value = node.get(key)
        if not isinstance(value, str) or not value.strip():
            self.refuse(f"{key} is missing, or no text", node, key)
            return ""
        return value.strip()

    def listed(self, node: Any, key: str) -> list[Any]:
        """Return a list that may be there."""
        value = node.get(key)
        if value is None or isinstance(value, list):
            return value or []
        self.refuse(f"{key} is no list", node, key, found=value)
        return []

    def is_sound(self, kind: str, node: Any) -> bool:
        """Whether what stands under a part's keys is of the kinds that they take."""
        before = len(self.problems)
        for key in node.keys() & _TEXT_KEYS:
            if not isinstance(node[key], str) and not (kind == "tables" and key == "key"):
                self.refuse(f"{key} is no text", node, key, found=node[key])
        if "name" in node and not _WORD.fullmatch(str(node["name"])):
            self.refuse("name is no word", node, "name", allowed="small letters, digits, _")
        for key in node.keys() & {"match", "compare"}:
            value = [node[key]] if key == "match" and isinstance(node[key], str) else node[key]
            if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
                self.refuse(f"{key} is no list of names", node, key, found=value)
        if not isinstance(node["columns"], dict):
            self.refuse("columns are no pairs of name and expression", node, "columns")
        elif "event" in node and node["event"] not in node["columns"]:
            self.refuse("event is none of the columns", node, "event", found=node["event"])
        if kind == "tables" and not _is_key(node["key"]):
            self.refuse("a table's key has column, name and bits", node, "key", found=node["key"])
        return len(self.problems) == before

    def parts(self, document: Any, kind: str) -> Iterator[dict[str, Any]]:
        """Yield the parts of a list, with their columns read."""
        needed, more = _PARTS[kind]
        for node in self.listed(document, kind):
            if not isinstance(node, dict):
                self.refuse(f"{kind} are mappings", document, kind)
                continue
            for key in node.keys() - needed - more:
                self.refuse("no such key", node, key, allowed=", ".join(sorted(needed | more)))
            for key in sorted(needed - node.keys()):
                self.refuse(f"{key} is missing", node, key)
            if needed <= node.keys() and self.is_sound(kind, node):
                yield {
                    **node,
                    "line": getattr(node, "line", None),
                    "columns": self.fields(node["columns"]),
                    "history": self.history(node.get("history")),
                }

    def fields(self, node: Any) -> tuple[Field, ...]:
        """Read columns: ``name: type = expression``."""
        found = []
        for name, text in node.items():
            parts = _FIELD.fullmatch(str(text).strip())
            kind = parts and read_type(parts[1])
            if not parts or not kind:
                self.refuse("a column is not 'type = expression'", node, name, found=text)
                continue
            found.append(Field(str(name), kind, parts[2].strip()))
        return tuple(found)

    def history(self, node: Any) -> History | None:
        """Read where versions are kept."""
        if node is None:
            return None
        if not isinstance(node, dict) or not {"table", "moment"} <= node.keys():
            self.refuse("history needs table and moment", node)
            return None
        return History(str(node["table"]), str(node["moment"]))


def _is_key(value: Any) -> bool:
    """Whether a value says of what a table's key is made."""
    return (
        isinstance(value, dict)
        and all(isinstance(value.get(key), str) for key in ("column", "name"))
        and _WORD.fullmatch(value["name"]) is not None
        and type(value.get("bits")) is int
        and 0 <= value["bits"] <= _MOST_BITS
    )


def _master(part: dict[str, Any]) -> Master:
    match = part["match"] if isinstance(part["match"], list) else [part["match"]]
    return Master(
        part["name"], part["table"], part["key"], part["from"], part["ours"], tuple(match),
        part["columns"], bool(part.get("needed", False)), tuple(part.get("compare", ())),
        part["history"], part["line"],
    )  # fmt: skip


def _handover(part: dict[str, Any]) -> Handover:
    return Handover(part["name"], part["from"], part["batch"], part["columns"])


def _table(part: dict[str, Any]) -> MappedTable:
    key = part["key"]
    return MappedTable(
        part["table"], part["from"], part["columns"],
        Key(key["column"], key["name"], key["bits"]), part["history"],
        part.get("owner", "batch"), part["line"], part.get("event"),
    )  # fmt: skip
