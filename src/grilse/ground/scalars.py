"""What a plain YAML scalar stands for, and how text is written so that it is read as text again.

Plain scalars are integers, decimals, ``true`` and ``false``, ``null``, ISO dates, and otherwise
text, much as in the core schema of YAML 1.2: ``no`` and ``12:30`` are text, and so is a number
with needless leading zeros (``007``), since that is a name.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

__all__ = ["MAYBE_TYPED", "resolve", "written"]

MAYBE_TYPED = frozenset("-+.~0123456789nNtTfF")
"""What a plain scalar begins with that may stand for anything but text."""

_WORDS: dict[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip

_INT64 = 2**63
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_PLAIN = re.compile(r"[A-Za-z](?:[A-Za-z0-9_./() -]*[A-Za-z0-9_./()-])?")
_OLD_WORDS = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}


def resolve(text: str) -> Any:
    """Return what a plain scalar stands for.

    Raises
    ------
    ValueError
        For numbers that are not finite, and integers beyond 64 bits.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in MAYBE_TYPED:
        return text
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if _DATE.fullmatch(text):
        return _date(text)
    if _NUMBER.fullmatch(text) and not _LEADING_ZERO.fullmatch(text):
        return _float(text)
    if _NOT_FINITE.fullmatch(text):
        raise ValueError("numbers must be finite")
    return text


def _integer(text: str) -> int:
    value = int(text) if len(text) < 24 else _INT64
    if not -_INT64 <= value < _INT64:
        raise ValueError("integers must fit in 64 bits")
    return value


def _float(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError("numbers must be finite")
    return value


def _date(text: str) -> date | str:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


def written(value: Any) -> str:
    """Return a scalar as YAML that `resolve`, and readers of YAML 1.1, take for that same value.

    Raises
    ------
    TypeError
        For what is no scalar.
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (int, float)):
        return _number(value)
    raise TypeError(f"{type(value).__name__} is no scalar")


def _number(value: int | float) -> str:
    """Write a number; an exponent without a point would be text to readers of YAML 1.1."""
    text = repr(value)
    return text.replace("e", ".0e") if "e" in text and "." not in text else text


def _text(text: str) -> str:
    if _PLAIN.fullmatch(text) and text.lower() not in _OLD_WORDS:
        return text
    if text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    return character if character.isprintable() else f"\\U{ord(character):08x}"
