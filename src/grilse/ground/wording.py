"""How a number of things is said."""

from __future__ import annotations

__all__ = ["numbered"]

_HISSING = ("ch", "sh", "s", "x")


def numbered(count: int, thing: str) -> str:
    """Return a number with what it counts, as ``1 batch`` and ``1,200 batches``.

    Parameters
    ----------
    count
        How many there are.
    thing
        What one of them is called: a regular English noun.
    """
    ending = "" if count == 1 else "es" if thing.endswith(_HISSING) else "s"
    return f"{count:,} {thing}{ending}"
