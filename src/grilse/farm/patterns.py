"""Names by pattern: ``FI-FW-{01..12}`` stands for twelve names, ``{site}`` for the site's own."""

from __future__ import annotations

import re

__all__ = ["MAX_NAMES", "MAX_NAME_LENGTH", "expanded"]

MAX_NAMES = 100_000
"""Most names that one pattern stands for."""

MAX_NAME_LENGTH = 64

_RANGE = re.compile(r"\{(\d{1,9})\.\.(\d{1,9})\}")
_NAME = re.compile(r"[^\x00-\x1f\x7f{}]+")


def expanded(pattern: str, site: str | None = None) -> tuple[str, ...]:
    """Return the names that a pattern stands for.

    Parameters
    ----------
    pattern
        A name with at most one range ``{first..last}`` in it, whose numbers are written with as
        many digits as `first` has, and with ``{site}`` where the site's name belongs.
    site
        What ``{site}`` stands for; None where no site is known yet.

    Raises
    ------
    ValueError
        With what is wrong with the pattern.
    """
    text = pattern if site is None else pattern.replace("{site}", site)
    parts = _RANGE.split(text)
    if len(parts) > 4:
        raise ValueError("more than one range")
    names = (text,) if len(parts) == 1 else _counted(*parts)
    for name in (names[0], names[-1]):
        if not _NAME.fullmatch(name) or name != name.strip() or len(name) > MAX_NAME_LENGTH:
            raise ValueError(f"{name[:80]!r} is no name")
    return names


def _counted(before: str, first: str, last: str, after: str) -> tuple[str, ...]:
    numbers = range(int(first), int(last) + 1)
    if not 0 < len(numbers) <= MAX_NAMES:
        raise ValueError(f"a range of {len(numbers):,} names")
    return tuple(f"{before}{number:0{len(first)}d}{after}" for number in numbers)
