"""YAML that knows its lines: a fast, safe reader on the parser's events, whole or item by item.

It reads a narrow YAML: one document of mappings with scalar keys, sequences and scalars (see
`ground.scalars`). Tags, anchors, aliases, duplicate keys, several documents, NaN, infinity and
integers beyond 64 bits are refused, each at its line: no document can grow beyond its file.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from io import StringIO
from os import PathLike, fspath
from typing import Any, NamedTuple, Protocol, TextIO

import yaml
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner

from grilse.ground.errors import BadInput, Problem
from grilse.ground.scalars import MAYBE_TYPED, resolve
from grilse.ground.text_file import DEFAULT_LIMIT, LimitedText, TooLargeError, open_text

__all__ = [
    "DEFAULT_LIMIT", "MarkedMap", "MarkedSeq", "Piece", "load", "open_text", "plain",
    "read", "resolve", "stream",
]  # fmt: skip

_MAX_DEPTH = 32
_MAX_PROBLEMS = 100


class MarkedMap(dict[Any, Any]):
    """A mapping that knows the line at which it begins, and those of its keys (from 1)."""

    __slots__ = ("key_lines", "line")
    line: int
    key_lines: dict[Any, int]

    def __init__(self, line: int = 0) -> None:
        super().__init__()
        self.line = line
        self.key_lines = {}


class MarkedSeq(list[Any]):
    """A sequence that knows the line at which it begins, and those of its items (from 1)."""

    __slots__ = ("line", "lines")
    line: int
    lines: list[int]

    def __init__(self, line: int = 0) -> None:
        super().__init__()
        self.line = line
        self.lines = []


class Piece(NamedTuple):
    """A part of a document that is read item by item.

    Attributes
    ----------
    key, key_line
        The top-level key, and its line.
    item
        Place of the item in the sequence that is streamed; None where `value` is all of the key's.
    value, line
        What stands there, and where it begins.
    """

    key: str
    key_line: int
    item: int | None
    value: Any
    line: int


class _Events(Protocol):
    def get_event(self) -> Any: ...


class _PureParser(Reader, Scanner, Parser):
    """PyYAML's parser in Python, for where it was built without libyaml."""

    def __init__(self, stream: TextIO) -> None:
        Reader.__init__(self, stream)
        Scanner.__init__(self)
        Parser.__init__(self)


def load(text: str, file: str | None = None, *, limit: int = DEFAULT_LIMIT) -> Any:
    """Return a document's value: marked mappings and sequences, and plain scalars.

    Parameters
    ----------
    text
        The document; an empty one is None.
    file
        Its name, for the problems' places.
    limit
        Largest size read, in characters.

    Raises
    ------
    BadInput
        With every place that is not in the YAML that is read here; broken syntax ends the list.
    """
    builder = _Builder(StringIO(text), file, limit)
    try:
        value = builder.document()
    except _STOPS as stop:
        builder.stopped(stop)
    builder.finish()
    return value


def read(path: str | PathLike[str], *, limit: int = DEFAULT_LIMIT) -> Any:
    """Return the value of a YAML file; see `load`. A file that cannot be read is BadInput too."""
    with open_text(path) as source:
        builder = _Builder(source, fspath(path), limit)
        try:
            value = builder.document()
        except _STOPS as stop:
            builder.stopped(stop)
        builder.finish()
    return value


def stream(
    source: TextIO, file: str | None, sequence: str, *, limit: int = DEFAULT_LIMIT
) -> Iterator[Piece]:
    """Yield a document's top-level values, those of one sequence item by item: memory stays flat.

    Parameters
    ----------
    source
        The open document (see `open_text`).
    file
        Its name, for the problems' places.
    sequence
        The top-level key whose items are yielded one at a time. Where it holds no sequence its
        value is yielded whole.
    limit
        Largest size read, in characters.

    Raises
    ------
    BadInput
        As `load`, after the last piece that could be read.
    """
    builder = _Builder(source, file, limit)
    try:
        yield from builder.pieces(sequence)
    except _STOPS as stop:
        builder.stopped(stop)
    builder.finish()


def plain(value: Any) -> Any:
    """Return a value without its marks: plain dicts and lists all the way down."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


class _FullError(Exception):
    """Enough problems are listed, or the document's shape ends the reading."""


_STOPS = (yaml.YAMLError, UnicodeError, OSError, TooLargeError, _FullError)


class _Builder:
    """One reading of one document: its events, and the problems met so far."""

    def __init__(self, source: TextIO, file: str | None, limit: int) -> None:
        self.source = LimitedText(source, limit)
        self.file = file
        self.problems: list[Problem] = []
        self.line = 1
        self.next: Any = None

    def document(self) -> Any:
        """Return the value of the only document, None where there is none."""
        event = self.begin()
        value = None if event is None else self.value(event, 0)
        self.end()
        return value

    def begin(self) -> Any:
        """Return the first event of the document, or None for an empty stream."""
        self.next = _parser(self.source).get_event
        self.next()
        event = self.next()
        if not isinstance(event, DocumentStartEvent):
            return None
        return self.next()

    def end(self) -> None:
        """Complain of anything behind the document."""
        event = self.next()
        if isinstance(event, DocumentEndEvent):
            event = self.next()
        if event is not None and not isinstance(event, StreamEndEvent):
            self.refuse(
                "Y-DOCUMENTS", "a second document begins here", event, "One file, one document"
            )

    def pieces(self, sequence: str) -> Iterator[Piece]:
        """Yield the top-level values; the items of `sequence` one by one."""
        event = self.begin()
        if event is None:
            return
        if not isinstance(event, MappingStartEvent):
            self.refuse("Y-TOP", "the file must be a mapping of keys to values", event, None)
            raise _FullError
        seen: dict[Any, int] = {}
        while not isinstance(event := self.next(), MappingEndEvent):
            key = self.key(event, seen)
            key_line = _line(event)
            event = self.next()
            if key == sequence and isinstance(event, SequenceStartEvent):
                yield from self.items(key, key_line, event)
            else:
                line = _line(event)
                yield Piece(str(key), key_line, None, self.value(event, 1), line)
        self.end()

    def items(self, key: str, key_line: int, event: Any) -> Iterator[Piece]:
        """Yield the items of the streamed sequence."""
        self.unmarked(event)
        item = 0
        while not isinstance(event := self.next(), SequenceEndEvent):
            line = _line(event)
            yield Piece(key, key_line, item, self.value(event, 2), line)
            item += 1

    def value(self, event: Any, depth: int) -> Any:
        """Return the value that begins with an event."""
        kind = type(event)
        if kind is ScalarEvent:
            return self.scalar(event)
        if kind is AliasEvent:
            self.no_alias(event)
            return None
        if depth >= _MAX_DEPTH:
            self.refuse("Y-DEPTH", f"nested deeper than {_MAX_DEPTH} levels", event, None)
            raise _FullError
        self.unmarked(event)
        return (
            self.mapping(event, depth) if kind is MappingStartEvent else self.sequence(event, depth)
        )

    def mapping(self, event: Any, depth: int) -> MarkedMap:
        """Return the mapping that begins with an event."""
        result = MarkedMap(_line(event))
        lines, follow = result.key_lines, self.next
        while type(event := follow()) is not MappingEndEvent:
            key = self.key(event, lines)
            value = self.value(follow(), depth + 1)
            result.setdefault(key, value)
        return result

    def sequence(self, event: Any, depth: int) -> MarkedSeq:
        """Return the sequence that begins with an event."""
        result = MarkedSeq(_line(event))
        lines, follow = result.lines, self.next
        while type(event := follow()) is not SequenceEndEvent:
            lines.append(_line(event))
            result.append(self.value(event, depth + 1))
        return result

    def key(self, event: Any, lines: dict[Any, int]) -> Any:
        """Return a key and note its line; a second one of the same name is a problem."""
        if type(event) is not ScalarEvent:
            self.refuse("Y-KEY", "a key must be a plain text or number", event, None)
            raise _FullError
        key = self.scalar(event)
        if key is None or isinstance(key, (bool, date)):
            key = event.value
        if key in lines:
            before = f"first given in line {lines[key]}"
            self.refuse(
                "Y-DUPLICATE-KEY", f"key given twice; {before}", event, "Keep one", str(key)
            )
        else:
            lines[key] = _line(event)
        return key

    def scalar(self, event: Any) -> Any:
        """Return what a scalar stands for: quoted ones and blocks are text."""
        if event.tag is not None or event.anchor is not None:
            self.unmarked(event)
        if not event.implicit[0]:
            return event.value
        text = event.value
        if text and text[0] not in MAYBE_TYPED:
            return text
        try:
            return resolve(text)
        except ValueError as error:
            self.refuse("Y-NUMBER", str(error), event, "Quote it if it is text", text[:40])
            return None

    def unmarked(self, event: Any) -> None:
        """Complain of a tag or an anchor."""
        if event.tag is not None and event.tag != "!":
            self.refuse("Y-TAG", "tags are not read", event, "Leave it out", str(event.tag))
        if event.anchor is not None:
            self.refuse(
                "Y-ANCHOR", "anchors are not read", event, "Leave it out", f"&{event.anchor}"
            )

    def no_alias(self, event: Any) -> None:
        """Complain of an alias, once a line: a bomb of them would fill the screen."""
        last = self.problems[-1] if self.problems else None
        if last is None or (last.code, last.line) != ("Y-ALIAS", _line(event)):
            found = f"*{event.anchor}"
            self.refuse("Y-ALIAS", "aliases are not read", event, "Write the value out", found)

    def refuse(
        self, code: str, message: str, event: Any, mend: str | None, found: str | None = None
    ) -> None:
        """Note a problem at an event."""
        line = _line(event)
        problem = Problem(code, message, file=self.file, line=line, found=found, mend=mend)
        self.problems.append(problem)
        if len(self.problems) >= _MAX_PROBLEMS:
            raise _FullError

    def stopped(self, stop: Exception) -> None:
        """Note why the reading could not go on."""
        if not isinstance(stop, _FullError):
            self.problems.append(_stop_problem(stop, self.file))

    def finish(self) -> None:
        """Raise BadInput if any problem was met."""
        if self.problems:
            raise BadInput(self.problems)


def _parser(source: LimitedText) -> _Events:
    try:
        from yaml.cyaml import CParser  # type: ignore[attr-defined]
    except ImportError:
        return _PureParser(source)  # type: ignore[arg-type]
    return CParser(source)


def _stop_problem(stop: Exception, file: str | None) -> Problem:
    if isinstance(stop, TooLargeError):
        allowed = f"at most {stop.args[0]:,} characters"
        return Problem("F-TOO-LARGE", "the file is too large", file=file, allowed=allowed)
    if isinstance(stop, UnicodeError):
        return Problem(
            "F-ENCODING", "the file is not UTF-8 text", file=file, mend="Save it as UTF-8"
        )
    if isinstance(stop, OSError):
        detail = stop.strerror or str(stop)
        return Problem("F-UNREADABLE", f"the file cannot be read: {detail}", file=file)
    mark: Any = getattr(stop, "problem_mark", None) or getattr(stop, "context_mark", None)
    what = getattr(stop, "problem", None) or getattr(stop, "reason", None) or str(stop)
    column = "" if mark is None else f" (column {mark.column + 1})"
    line = None if mark is None else mark.line + 1
    message = f"this is not YAML: {what}{column}"
    mend = "Check the indentation, quotes and brackets here and in the line before"
    return Problem("Y-SYNTAX", message, file=file, line=line, mend=mend)


def _line(event: Any) -> int:
    line: int = event.start_mark.line + 1
    return line
