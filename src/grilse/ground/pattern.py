"""Regular expressions that people write in their files."""

from __future__ import annotations

import re
import warnings

__all__ = ["compiled"]


def compiled(text: str) -> re.Pattern[str]:
    """Return a regular expression of somebody else's.

    Raises
    ------
    ValueError
        If it is none; the message says why.
    """
    try:
        with warnings.catch_warnings():
            # What later versions of Python may read otherwise is not the reader's to hear of.
            warnings.simplefilter("ignore")
            return re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(str(error)) from error
