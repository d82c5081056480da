"""A segment made by a Dask worker: what every worker is given once, and what it answers.

Dask gives the plug-in to the workers that are there and to those that come later, so that a worker
that is lost takes nothing with it. Workers make one segment at a time, whatever their threads: the
makers of rows use their buffers again. They keep no record; that is for the run, when it has the
answer.
"""

from __future__ import annotations

import os
import pickle
import threading
from typing import Any

import pyarrow as pa
from distributed import Worker, WorkerPlugin, get_worker
from distributed.utils import sync

from grilse.ground.version import __version__
from grilse.run.memory import keep_freed_memory
from grilse.run.pool import outcome_of
from grilse.run.result import SegmentResult
from grilse.run.task import SegmentTask, Work

__all__ = ["Shared", "is_at_work", "let_go", "make_there", "sees", "version"]

_ONE_AT_A_TIME = threading.Lock()


class Shared(WorkerPlugin):  # type: ignore[misc]
    """What the segments of a run share, at a worker.

    Parameters
    ----------
    name
        Of the run; also of the topic under which batches that begin are told.
    payload
        The work, pickled; read when the first segment comes.
    """

    def __init__(self, name: str, payload: bytes) -> None:
        self.name = name
        self.is_let_go = False
        self._payload = payload
        self._work: Work | None = None
        self._worker: Any = None
        self._threads = 0

    def setup(self, worker: Worker) -> None:
        """Take note of the worker, and be sparing with its memory and threads."""
        self._worker, self._threads = worker, pa.cpu_count()
        pa.set_cpu_count(1)
        keep_freed_memory()

    def teardown(self, worker: Worker) -> None:
        """Leave the worker as it was."""
        self.is_let_go = True
        pa.set_cpu_count(self._threads)

    def make(self, task: SegmentTask) -> SegmentResult | str | Exception:
        """Make a segment, and tell each batch that begins."""
        if self._work is None:
            self._work = pickle.loads(self._payload)
        worker = self._worker

        def pulse(number: int) -> bool:
            """Tell the batch, and wait until that has come: it may be the worker's last."""
            told = worker.scheduler.log_event
            sync(worker.loop, told, topic=self.name, msg=[task.segment, number])
            return self.is_let_go

        return outcome_of(self._work, task, pulse)


def make_there(name: str, task: SegmentTask) -> SegmentResult | str | Exception:
    """Make a segment of a run, in a thread of a Dask worker."""
    shared: Shared = get_worker().plugins[name]
    with _ONE_AT_A_TIME:
        return shared.make(task)


def let_go(name: str, dask_worker: Worker) -> None:
    """Tell a worker that nothing more is to be begun."""
    shared = dask_worker.plugins.get(name)
    if shared is not None:
        shared.is_let_go = True


def is_at_work() -> bool:
    """Whether a segment is in hand at this worker."""
    return _ONE_AT_A_TIME.locked()


def version() -> str:
    """Return the version of Grilse at this worker."""
    return __version__


def sees(path: str) -> bool:
    """Whether this worker sees a path."""
    return os.path.exists(path)
