"""Segments over processes: each worker has one segment in hand, and a dead one is replaced.

The parent gives a worker its next segment when it has answered for the last, so no more than one
a worker is in memory. A worker tells each batch that it begins: when it dies it is known of which
batch, its segment is made again, and a batch that `ATTEMPTS` workers have died of is left out. A
batch that takes far too long is ended with its worker. Workers share nothing; they leave when
their parent is gone, and take no notice of Ctrl-C, which is the parent's to answer: it tells them.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

import pyarrow as pa

from grilse.ground.errors import GrilseError
from grilse.run.memory import collecting_rarely, keep_freed_memory
from grilse.run.result import SegmentResult
from grilse.run.segment import Pulse, make_segment, segment_lost
from grilse.run.slices import Queue
from grilse.run.stop import StopRequest
from grilse.run.task import SegmentTask, Work

__all__ = ["ATTEMPTS", "UNDONE", "Pool", "WorkerError", "outcome_of"]

ATTEMPTS = 3
"""How many workers may die of a batch before it is left out."""

_MOST_DEATHS = 4 * ATTEMPTS
"""How many workers may die of a segment, batch after batch, before it is given up."""

_SECONDS_OF_GRACE = 15.0
"""How much longer than its time a batch may take to end by itself before its worker is killed."""

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
        Once it is asked, no further segment is begun; those in hand are finished if that is soon
        done, else undone.

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
        self._again: deque[SegmentTask] = deque()
        self._deaths: Counter[tuple[str, int | None]] = Counter()
        self._workers: list[_Worker] = []
        self._unborn = 0

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
            with collecting_rarely():
                result = make_segment(self._work, task, lambda number: self._stop.is_asked)
            if result is not None:
                yield result

    def _in_workers(self, tasks: Iterable[SegmentTask]) -> Iterator[SegmentResult]:
        payload = pickle.dumps(self._work)
        queue = tasks if isinstance(tasks, Queue) else Queue(tasks)
        try:
            while self._give(queue, payload):
                yield from self._answers()
        finally:
            self._dismiss()

    def _give(self, queue: Queue, payload: bytes) -> bool:
        """Give every idle worker a segment; return whether any has one in hand."""
        for index in range(self._count):
            worker = self._workers[index] if index < len(self._workers) else None
            if worker and worker.in_hand:
                continue
            task = self._next(queue, index)
            if task is None:
                continue
            if worker is None:
                worker = _Worker(payload)
                self._workers.append(worker)
            worker.give(task)
        return any(worker.in_hand for worker in self._workers)

    def _next(self, queue: Queue, worker: int) -> SegmentTask | None:
        if self._stop.is_asked:
            return None
        return self._again.popleft() if self._again else queue.take(worker)

    def _answers(self) -> Iterator[SegmentResult]:
        """Wait until a worker answers, dies or is late, and yield what is finished by that."""
        busy: dict[Any, _Worker] = {w.connection: w for w in self._workers if w.in_hand}
        watched: list[Any] = [*busy]
        if self._stop.is_asked:
            for worker in busy.values():
                worker.let_go()
        else:
            watched.append(self._stop)
        for ready in wait(watched, self._seconds_to_wait()):
            if ready in busy:
                result = self._answer(busy[ready])
                if result is not None:
                    yield result
        self._end_the_late()

    def _seconds_to_wait(self) -> float | None:
        late = [worker.late_at for worker in self._workers if worker.late_at is not None]
        return max(0.0, min(late) - time.monotonic()) if late else None

    def _end_the_late(self) -> None:
        """Kill the workers whose batch is over its time; they are then found dead."""
        now = time.monotonic()
        for worker in self._workers:
            if worker.late_at is not None and worker.late_at <= now:
                worker.end()

    def _answer(self, worker: _Worker) -> SegmentResult | None:
        try:
            answer = worker.connection.recv()
        except (EOFError, OSError):
            return self._bury(worker)
        if answer is None:
            worker.begin()
            return None
        if isinstance(answer, int):
            worker.tell(answer, self._work.patience.batch_seconds)
            return None
        worker.rest()
        if isinstance(answer, Exception):
            raise answer
        return None if answer == UNDONE else answer

    def _bury(self, worker: _Worker) -> SegmentResult | None:
        """Take a dead worker's segment back, without the batch that has killed too many."""
        task, batch = worker.in_hand, worker.batch
        assert task is not None
        self._workers.remove(worker)
        how = worker.dismiss(kill=False)
        self._refuse_unborn(worker, how)
        self._work.sink.discard(task.segment)
        self.restarts += 1
        self._deaths[task.segment, batch] += 1
        self._deaths[task.segment, None] += batch is not None
        reason = f"its worker died {ATTEMPTS} times, the last time of {how}"
        if worker.is_late:
            reason = f"it took more than {self._work.patience.batch_seconds:g} s (--timeout)"
        if self._deaths[task.segment, None] >= (ATTEMPTS if batch is None else _MOST_DEATHS):
            return segment_lost(task, reason)
        if batch is not None and (worker.is_late or self._deaths[task.segment, batch] >= ATTEMPTS):
            task = replace(task, left_out={**task.left_out, batch: reason})
        self._again.append(task)
        return None

    def _refuse_unborn(self, worker: _Worker, how: str) -> None:
        """Give up where worker after worker leaves before it begins, by itself; not if killed."""
        left_unborn = not worker.has_begun and not how.startswith("signal")
        self._unborn = self._unborn + 1 if left_unborn else 0
        if self._unborn >= ATTEMPTS and not any(each.has_begun for each in self._workers):
            raise WorkerError(
                f"worker processes die before they begin ({how}). In a script, call Grilse under "
                '`if __name__ == "__main__":`, since each worker reads the script anew; or give '
                "workers=1."
            )

    def _dismiss(self) -> None:
        """Send the workers home; kill those with work in hand, and undo that work."""
        for worker in self._workers:
            if worker.in_hand is None:
                worker.let_go()
        for worker in self._workers:
            worker.dismiss(kill=worker.in_hand is not None)
            if worker.in_hand is not None:
                self._work.sink.discard(worker.in_hand.segment)
        self._workers = []


class _Worker:
    """A worker process, seen from its parent."""

    def __init__(self, payload: bytes) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.in_hand: SegmentTask | None = None
        self.batch: int | None = None
        self.late_at: float | None = None
        self.is_late = False
        self._process: BaseProcess = context.Process(
            target=_serve, args=(theirs,), name="grilse-worker", daemon=True
        )
        self._process.start()
        self._payload, self._is_ready, self._is_let_go = payload, False, False
        theirs.close()

    @property
    def has_begun(self) -> bool:
        """Whether it has ever said that it is ready."""
        return self._is_ready

    def give(self, task: SegmentTask) -> None:
        """Give it a segment; one that is still starting gets it when it says that it is ready."""
        self.in_hand = task
        if self._is_ready:
            self._send(pickle.dumps(task))

    def begin(self) -> None:
        """Send it the work, and the segment in hand, now that it listens: a send cannot block."""
        self._is_ready = True
        self._send(self._payload)
        self._payload = b""
        if self.in_hand is not None:
            self._send(pickle.dumps(self.in_hand))
        if self._is_let_go:
            self._send(b"")

    def tell(self, batch: int, seconds: float | None) -> None:
        """Note that it has begun a batch, and by when that should be over."""
        self.batch = batch
        if seconds is not None:
            self.late_at = time.monotonic() + seconds + _SECONDS_OF_GRACE

    def rest(self) -> None:
        """Note that it has answered for its segment."""
        self.in_hand = self.batch = self.late_at = None

    def end(self) -> None:
        """Kill it: its batch takes too long."""
        self.is_late, self.late_at = True, None
        self._process.kill()

    def let_go(self) -> None:
        """Tell it, once, that there is nothing more to do than to end what it has in hand."""
        if self._is_ready and not self._is_let_go:
            self._send(b"")
        self._is_let_go = True

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


UNDONE = "undone"
"""A worker's answer where a stop was asked for, and its segment is undone."""


def outcome_of(work: Work, task: SegmentTask, pulse: Pulse) -> SegmentResult | str | Exception:
    """Make a segment; return what came of it, `UNDONE`, or why no more can be made."""
    try:
        return make_segment(work, task, pulse) or UNDONE
    except GrilseError as error:
        return error
    except Exception as error:
        from traceback import format_exc

        return WorkerError(f"{type(error).__name__}: {error}\n{format_exc()}")


def _serve(connection: Connection) -> None:
    """Make segments until there are no more: the life of a worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    pa.set_cpu_count(1)
    keep_freed_memory()
    connection.send(None)
    work: Work = pickle.loads(connection.recv_bytes())
    with collecting_rarely():
        while message := connection.recv_bytes():
            connection.send(_answer(work, message, connection))
    sys.stdout.flush()
    sys.stderr.flush()
    # All that it had to do is done and kept: to take the interpreter down would cost a tenth of a
    # second more, for which the parent waits.
    os._exit(0)


def _answer(work: Work, message: bytes, connection: Connection) -> SegmentResult | str | Exception:
    def pulse(number: int) -> bool:
        """Tell the batch. While a segment is in hand, whatever comes says that there is no more."""
        try:
            connection.send(number)
            return connection.poll()
        except OSError:
            os._exit(1)  # Its parent is gone.

    return outcome_of(work, pickle.loads(message), pulse)


def _leave_with_parent() -> None:
    """Die at once when the parent has: another run may hold the destination by now."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
