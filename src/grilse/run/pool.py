"""Segments over processes: each worker has one segment in hand, and a dead one is replaced.

The parent gives a worker its next segment when it has answered for the last, so no more than one
a worker is in memory, and when a worker dies it is known which segment it had: that one is done
again, `ATTEMPTS` times at most, and no other is touched. Workers share nothing; they leave when
their parent is gone, and take no notice of Ctrl-C, which is the parent's to answer.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

import pyarrow as pa

from grilse.ground.errors import GrilseError
from grilse.run.memory import keep_freed_memory
from grilse.run.result import SegmentResult
from grilse.run.segment import make_segment, segment_lost
from grilse.run.stop import StopRequest
from grilse.run.task import SegmentTask, Work

__all__ = ["ATTEMPTS", "Pool", "WorkerError"]

ATTEMPTS = 3
"""How often a segment is given to a worker before it is given up: its workers died of it."""

_SECONDS_TO_LEAVE = 10.0


class WorkerError(GrilseError):
    """A worker failed outside of any batch; the message holds its traceback."""


class Pool:
    """Makes segments, in this process or in several.

    Parameters
    ----------
    work
        What all segments share; pickled once, and sent to each worker once.
    workers
        How many processes; 1 makes the segments in this one.
    stop
        Once it is asked, no further segment is begun; those in hand are finished.

    Attributes
    ----------
    restarts
        Workers that died and were replaced.
    """

    def __init__(self, work: Work, workers: int, stop: StopRequest) -> None:
        self.restarts = 0
        self._work = work
        self._count = workers
        self._stop = stop
        self._again: deque[tuple[SegmentTask, int]] = deque()
        self._workers: list[_Worker] = []

    def results(self, tasks: Iterable[SegmentTask]) -> Iterator[SegmentResult]:
        """Make segments, and yield what came of each as it is finished, in any order.

        `tasks` is read as workers become free, so that it may be made as it goes. However the
        iteration ends, no worker and no unfinished file is left.

        Raises
        ------
        DestinationError
            If the destination cannot be written; segments yielded before are whole.
        """
        return self._in_process(tasks) if self._count == 1 else self._in_workers(tasks)

    def _in_process(self, tasks: Iterable[SegmentTask]) -> Iterator[SegmentResult]:
        keep_freed_memory()
        for task in tasks:
            if self._stop.is_asked:
                return
            yield make_segment(self._work, task)

    def _in_workers(self, tasks: Iterable[SegmentTask]) -> Iterator[SegmentResult]:
        payload = pickle.dumps(self._work)
        queue = ((task, 1) for task in tasks)
        try:
            while self._give(queue, payload):
                yield from self._answers()
        finally:
            self._dismiss()

    def _give(self, queue: Iterator[tuple[SegmentTask, int]], payload: bytes) -> bool:
        """Give every idle worker a segment; return whether any has one in hand."""
        for index in range(self._count):
            worker = self._workers[index] if index < len(self._workers) else None
            if worker and worker.in_hand:
                continue
            item = self._next(queue)
            if item is None:
                break
            if worker is None:
                worker = _Worker(payload)
                self._workers.append(worker)
            worker.give(*item)
        return any(worker.in_hand for worker in self._workers)

    def _next(self, queue: Iterator[tuple[SegmentTask, int]]) -> tuple[SegmentTask, int] | None:
        if self._stop.is_asked:
            return None
        return self._again.popleft() if self._again else next(queue, None)

    def _answers(self) -> Iterator[SegmentResult]:
        """Wait until a worker answers or dies, and yield what is finished by that."""
        busy: dict[Any, _Worker] = {w.connection: w for w in self._workers if w.in_hand}
        watched: list[Any] = [*busy] if self._stop.is_asked else [*busy, self._stop]
        for ready in wait(watched):
            worker = busy.get(ready)
            if worker is not None:
                result = self._answer(worker)
                if result is not None:
                    yield result

    def _answer(self, worker: _Worker) -> SegmentResult | None:
        try:
            answer = worker.connection.recv()
        except (EOFError, OSError):
            return self._bury(worker)
        if answer is None:
            worker.begin()
            return None
        worker.in_hand = None
        if isinstance(answer, Exception):
            raise answer
        result: SegmentResult = answer
        return result

    def _bury(self, worker: _Worker) -> SegmentResult | None:
        """Take a dead worker's segment back; give it up if it has killed too many."""
        assert worker.in_hand is not None
        task, attempt = worker.in_hand
        self._workers.remove(worker)
        how = worker.dismiss(kill=False)
        self._work.sink.discard(task.segment)
        self.restarts += 1
        if attempt < ATTEMPTS:
            self._again.append((task, attempt + 1))
            return None
        return segment_lost(task, f"its worker died {attempt} times, the last time of {how}")

    def _dismiss(self) -> None:
        """Send the workers home; kill those with work in hand, and undo that work."""
        for worker in self._workers:
            if worker.in_hand is None:
                worker.let_go()
        for worker in self._workers:
            worker.dismiss(kill=worker.in_hand is not None)
            if worker.in_hand is not None:
                self._work.sink.discard(worker.in_hand[0].segment)
        self._workers = []


class _Worker:
    """A worker process, seen from its parent."""

    def __init__(self, payload: bytes) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.in_hand: tuple[SegmentTask, int] | None = None
        self._process: BaseProcess = context.Process(
            target=_serve, args=(theirs,), name="grilse-worker", daemon=True
        )
        self._process.start()
        self._payload, self._is_ready = payload, False
        theirs.close()

    def give(self, task: SegmentTask, attempt: int) -> None:
        """Give it a segment; one that is still starting gets it when it says that it is ready."""
        self.in_hand = (task, attempt)
        if self._is_ready:
            self._send(pickle.dumps(task))

    def begin(self) -> None:
        """Send it the work, and the segment in hand, now that it listens: a send cannot block."""
        self._is_ready = True
        self._send(self._payload)
        self._payload = b""
        if self.in_hand is not None:
            self._send(pickle.dumps(self.in_hand[0]))

    def let_go(self) -> None:
        """Tell it that there is nothing more to do."""
        self._send(b"")

    def _send(self, message: bytes) -> None:
        # A worker that is dead is found so when its answer is awaited.
        with suppress(BrokenPipeError, ConnectionResetError):
            self.connection.send_bytes(message)

    def dismiss(self, *, kill: bool) -> str:
        """Wait until it has left, and say how it did."""
        if kill:
            self._process.kill()
        self._process.join(_SECONDS_TO_LEAVE)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        code = self._process.exitcode or 0
        self.connection.close()
        self._process.close()
        return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _serve(connection: Connection) -> None:
    """Make segments until there are no more: the life of a worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    pa.set_cpu_count(1)
    keep_freed_memory()
    connection.send(None)
    work: Work = pickle.loads(connection.recv_bytes())
    while message := connection.recv_bytes():
        connection.send(_answer(work, message))


def _answer(work: Work, message: bytes) -> SegmentResult | Exception:
    try:
        return make_segment(work, pickle.loads(message))
    except GrilseError as error:
        return error
    except Exception as error:
        from traceback import format_exc

        return WorkerError(f"{type(error).__name__}: {error}\n{format_exc()}")


def _leave_with_parent() -> None:
    """Die at once when the parent has: another run may hold the destination by now."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
