"""How a process that makes rows treats its memory: what it frees is kept, rubbish seldom sought."""

from __future__ import annotations

import ctypes
import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa

__all__ = ["collecting_rarely", "keep_freed_memory"]

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
"""Names of glibc's settings, from its malloc.h."""

_KEPT_BYTES = 512 * 2**20
_LARGEST_ON_HEAP_BYTES = 32 * 2**20
"""The most that every glibc takes for the threshold of mapping."""


def keep_freed_memory() -> bool:
    """Tell glibc to keep what is freed; return whether it took notice.

    A batch's arrays are of some megabytes: by default each is mapped afresh, and the kernel clears
    its pages again for every batch, which costs a tenth of the time that the rows take. What is
    held at most does not grow. Elsewhere than with glibc nothing happens. Arrow, too, takes its
    memory from glibc from then on: its own allocator hands back what it frees.
    """
    try:
        is_glibc = (os.confstr("CS_GNU_LIBC_VERSION") or "").startswith("glibc")
        mallopt = ctypes.CDLL(None).mallopt if is_glibc else None
    except (AttributeError, OSError, ValueError):
        return False
    if mallopt is None:
        return False
    mapped = mallopt(_M_MMAP_THRESHOLD, _LARGEST_ON_HEAP_BYTES)
    takes_notice = bool(mapped and mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES))
    if takes_notice:
        pa.set_memory_pool(pa.system_memory_pool())
    return takes_notice


@contextmanager
def collecting_rarely() -> Iterator[None]:
    """Look for rubbish a hundredth as often during the block.

    Rows are made with hardly a circle of objects, so that counting references frees nearly all;
    to look for the rest as often as Python does by itself costs some hundredths of the time.
    """
    usual = gc.get_threshold()
    gc.set_threshold(100 * usual[0], *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)
