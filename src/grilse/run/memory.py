"""Memory that a process has freed and will want again at once is kept, not handed back."""

from __future__ import annotations

import ctypes
import os

__all__ = ["keep_freed_memory"]

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
"""Names of glibc's settings, from its malloc.h."""

_KEPT_BYTES = 512 * 2**20
_LARGEST_ON_HEAP_BYTES = 32 * 2**20
"""The most that every glibc takes for the threshold of mapping."""


def keep_freed_memory() -> bool:
    """Tell glibc to keep what is freed; return whether it took notice.

    A batch's arrays are of some megabytes: by default each is mapped afresh, and the kernel clears
    its pages again for every batch, which costs a tenth of the time that the rows take. What is
    held at most does not grow. Elsewhere than with glibc nothing happens.
    """
    try:
        is_glibc = (os.confstr("CS_GNU_LIBC_VERSION") or "").startswith("glibc")
        mallopt = ctypes.CDLL(None).mallopt if is_glibc else None
    except (AttributeError, OSError, ValueError):
        return False
    if mallopt is None:
        return False
    mapped = mallopt(_M_MMAP_THRESHOLD, _LARGEST_ON_HEAP_BYTES)
    return bool(mapped and mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES))
