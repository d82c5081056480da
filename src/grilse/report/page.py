"""The page: what is gathered, in one HTML file with its own styles and code, and nothing outside.

Nothing of the data is ever markup: it stands in blocks of JSON in which ``<`` is written as an
escape, or deflated; the page's code puts it into text nodes alone; and a policy in the page's head
lets no code run but the page's own, and no request go out.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from html import escape
from importlib import resources
from typing import Any
from zlib import compress

from grilse.report.document import Document

__all__ = ["MARK", "page_text"]

MARK = "<!-- grilse report -->"
"""Stands in the first line of every report, so that one may be replaced by another."""

_SCRIPTS = (
    "ground.js", "scale.js", "chart.js", "brush.js", "map.js", "plan.js", "company.js", "areas.js",
    "batch.js", "checks.js", "main.js",
)  # fmt: skip
_LEVEL = 9
_STYLES = ("page.css", "print.css")


def page_text(document: Document) -> str:
    """Return the whole page.

    Equal documents give equal pages.
    """
    style = "\n".join(_asset(name) for name in _STYLES)
    script = "\n".join(["'use strict';", "(() => {", *map(_asset, _SCRIPTS), "})();"])
    words = {
        "MARK": MARK,
        "POLICY": _policy(style, script),
        "TITLE": escape(str(document.whole["about"]["title"])),
        "STYLE": style,
        "DATA": "\n".join(_blocks(document)),
        "SCRIPT": script,
    }
    parts = _asset("page.html").split("{{")
    return parts[0] + "".join(_filled(part, words) for part in parts[1:])


def _filled(part: str, words: dict[str, str]) -> str:
    """Put a word in place of the name that a part of the template begins with."""
    name, _, rest = part.partition("}}")
    return words[name] + rest


def _asset(name: str) -> str:
    return resources.files("grilse.report").joinpath("page", name).read_text(encoding="utf-8")


def _blocks(document: Document) -> Iterator[str]:
    yield f'<script type="application/json" id="whole">{_json(document.whole)}</script>'
    for name, value in document.parts.items():
        yield f'<script type="text/plain" id="block-{escape(name)}">{_squeezed(value)}</script>'


def _squeezed(value: Any) -> str:
    """Return JSON deflated, in base 64: letters, digits, ``+``, ``/`` and ``=`` alone."""
    return b64encode(compress(_json(value).encode(), _LEVEL)).decode()


def _json(value: Any) -> str:
    """Return JSON that can stand within HTML: nothing in it can close its element."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _policy(style: str, script: str) -> str:
    """Return the page's content policy: its own style and code, by their hashes, and no more."""
    return (
        "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; "
        f"style-src {_hash(style)}; script-src {_hash(script)}"
    )


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
