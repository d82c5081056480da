"""What a process has used: processors allowed, CPU seconds, peak memory."""

from __future__ import annotations

import os
import resource
import sys
import time
from pathlib import Path

__all__ = ["allowed_processors", "children_cpu_seconds", "cpu_seconds", "peak_bytes"]


def allowed_processors() -> int:
    """Return how many processors this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def cpu_seconds() -> float:
    """Return the CPU seconds that this process has spent."""
    return time.process_time()


def children_cpu_seconds() -> float:
    """Return the CPU seconds of the child processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def peak_bytes() -> int:
    """Return the most memory that this process has held.

    Linux counts in `getrusage` what the parent held when it made the process, so its own count
    (VmHWM) is read there.
    """
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
