"""Segments over the workers of a Dask cluster: a sliding window of tasks, the record kept here.

The window holds two segments a worker: one in hand, and one to go on with. A worker that is lost
costs what it had in hand, which Dask gives to another; a batch that `ATTEMPTS` workers have died of
is left out. A worker that was thought lost may still write: so files go through a folder of the
writer's own (`AsideSink`), and a segment's record is written here, when its answer has come.
"""

from __future__ import annotations

import logging
import pickle
import queue
import re
import secrets
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from grilse.ground.errors import BadInput, GrilseError, MissingExtra, Problem
from grilse.ground.version import __version__
from grilse.run.pool import ATTEMPTS, UNDONE
from grilse.run.result import SegmentResult
from grilse.run.segment import segment_lost
from grilse.run.slices import Queue
from grilse.run.stop import StopRequest
from grilse.run.task import SegmentTask, Work, keep_no_record

__all__ = ["Cluster", "ClusterError", "Crew", "joined"]

_ADDRESS = re.compile(r"(tcp|tls|ws|wss)://[^/\s]+:[0-9]{1,5}")
_SECONDS_TO_CONNECT = 15
_SECONDS_TO_COME = 30
_SECONDS_TO_FETCH = 5.0
_SECONDS_TO_LEAVE = 10.0
_SECONDS_BETWEEN_LOOKS = 0.2
_SECONDS_BETWEEN_COUNTS = 2.0
_SEGMENTS_A_WORKER = 2
_MOST_LOSSES = 12
"""How often a segment is given out again, batch after batch, before it is given up."""


class ClusterError(GrilseError):
    """A Dask cluster cannot be reached or cannot do what is asked; what is there is whole."""

    exit_code = 2


@dataclass(frozen=True)
class Cluster:
    """A Dask cluster that this run is a client of.

    Attributes
    ----------
    address
        Of its scheduler.
    client
        Dask's own.
    workers
        How many there were when the run came.
    """

    address: str
    client: Any
    workers: int

    def refuse_unseen(self, path: Path) -> None:
        """Refuse a folder that not all workers see.

        Raises
        ------
        ClusterError
            The message names a worker that does not.
        """
        from grilse.run.remote import sees

        blind = [name for name, seen in self.client.run(sees, str(path)).items() if not seen]
        if blind:
            raise ClusterError(
                f"{path.parent}: {len(blind)} of the workers do not see it, the first of them "
                f"{blind[0]}. Write to a folder that all machines share, to an object store or to "
                "a database."
            )


@contextmanager
def joined(address: str) -> Iterator[Cluster]:
    """Be a client of a Dask cluster for as long as the block lasts.

    Raises
    ------
    BadInput
        If the address is none.
    MissingExtra
        If the package is not there.
    ClusterError
        If no scheduler answers, no worker comes, or a worker has another version of Grilse.
    """
    if not _ADDRESS.fullmatch(address):
        raise BadInput(
            Problem("R-SCHEDULER", "is not a scheduler's address", found=address[:80],
                    allowed="such as tcp://10.0.0.1:8786")
        )  # fmt: skip
    try:
        from distributed import Client
    except ImportError as error:
        raise MissingExtra("--engine dask needs a package: pip install 'grilse[dask]'") from error
    # Its lines on lost connections would stand among ours, which say the same.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        client = Client(
            address, timeout=_SECONDS_TO_CONNECT, set_as_default=False, direct_to_workers=False
        )
    except (OSError, TimeoutError) as error:
        raise ClusterError(f"{address}: no scheduler answers there. Is it running?") from error
    try:
        yield Cluster(address, client, _fit_workers(client, address))
    finally:
        with suppress(Exception):
            client.close(timeout=_SECONDS_TO_LEAVE)


def _fit_workers(client: Any, address: str) -> int:
    """Return how many workers there are, all of this version."""
    from grilse.run.remote import version

    try:
        client.wait_for_workers(1, timeout=_SECONDS_TO_COME)
        found: dict[str, str] = client.run(version)
    except TimeoutError as error:
        raise ClusterError(
            f"{address}: no worker has come within {_SECONDS_TO_COME} s. Start some: "
            f"dask worker {address} --nthreads 1"
        ) from error
    except Exception as error:
        raise ClusterError(
            f"{address}: a worker cannot take part: {_first_line(error)}. Each needs Grilse "
            f"{__version__} and the same Python: pip install 'grilse[dask]'"
        ) from error
    others = {name: there for name, there in found.items() if there != __version__}
    if others:
        name, there = next(iter(others.items()))
        raise ClusterError(f"{name}: has Grilse {there}; this run is of {__version__}")
    return len(found)


def _first_line(error: BaseException) -> str:
    return (f"{type(error).__name__}: {error}".splitlines() or [""])[0]


class Crew:
    """Makes segments on a cluster; to `run_segments` it is what a `Pool` is.

    Parameters
    ----------
    cluster
        Whose workers make them.
    work
        What all segments share; its `keep` is called here.
    stop
        Once it is asked, no further segment is given out; those in hand are finished if that is
        soon done, else undone.

    Attributes
    ----------
    restarts
        Workers that were lost.
    """

    def __init__(self, cluster: Cluster, work: Work, stop: StopRequest) -> None:
        self.restarts = 0
        self._cluster, self._client, self._stop = cluster, cluster.client, stop
        self._work, self._keep = replace(work, keep=keep_no_record), work.keep
        self._name = f"grilse-{secrets.token_hex(6)}"
        self._in_hand: dict[str, tuple[SegmentTask, Any]] = {}
        self._done: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._again: deque[SegmentTask] = deque()
        self._begun: dict[str, int] = {}
        self._begins: Counter[tuple[str, int]] = Counter()
        self._losses: Counter[str] = Counter()
        self._known: set[str] = set()
        self._counted, self._seen = 0.0, time.monotonic()
        self._is_let_go = False

    def results(self, tasks: Iterable[SegmentTask]) -> Iterator[SegmentResult]:
        """Make segments, and yield what came of each as it is finished, in any order.

        Raises
        ------
        ClusterError
            If the scheduler is gone.
        DestinationError
            If the destination cannot be written; segments yielded before are whole.
        """
        from grilse.run.remote import Shared

        waiting = tasks if isinstance(tasks, Queue) else Queue(tasks)
        self._client.subscribe_topic(self._name, self._note)
        try:
            self._client.register_plugin(
                Shared(self._name, pickle.dumps(self._work)), name=self._name
            )
            while self._fill(waiting):
                yield from self._answers()
            self._counted = 0.0
            self._count()
        finally:
            self._leave()

    def _note(self, event: tuple[float, tuple[str, int]]) -> None:
        """Take note of a batch that begins."""
        segment, number = event[1]
        self._begun[segment] = number
        self._begins[segment, number] += 1

    def _fill(self, waiting: Queue) -> bool:
        """Fill the window; return whether anything is in it."""
        room = _SEGMENTS_A_WORKER * max(1, self._count()) - len(self._in_hand)
        for _ in range(room):
            task = None if self._stop.is_asked else self._next(waiting)
            if task is None:
                break
            self._give(task)
        return bool(self._in_hand)

    def _next(self, waiting: Queue) -> SegmentTask | None:
        return self._again.popleft() if self._again else waiting.take(0)

    def _give(self, task: SegmentTask) -> None:
        from grilse.run.remote import make_there

        key = f"{self._name}-{task.segment}-{self._losses[task.segment]}"
        future = self._client.submit(make_there, self._name, task, key=key, pure=False)
        self._in_hand[key] = task, future
        self._await(key)

    def _await(self, key: str) -> None:
        self._in_hand[key][1].add_done_callback(lambda _: self._done.put(key))

    def _count(self) -> int:
        """Count the workers, from time to time; those that are gone were lost."""
        now = time.monotonic()
        if now - self._counted > _SECONDS_BETWEEN_COUNTS:
            there = set(self._asked(self._client.nthreads))
            self.restarts += len(self._known - there)
            self._known, self._counted = there, now
            self._seen = now if there else self._seen
        if now - self._seen > _SECONDS_TO_COME:
            raise ClusterError(
                f"{self._cluster.address}: no worker is left. Segments finished before are kept; "
                "start workers, and the same command goes on from there."
            )
        return len(self._known)

    def _asked(self, question: Callable[[], Any]) -> Any:
        """Ask the scheduler; a scheduler that is gone ends the run."""
        try:
            return question()
        except (OSError, TimeoutError) as error:
            raise self._gone() from error

    def _gone(self) -> ClusterError:
        return ClusterError(
            f"{self._cluster.address}: the scheduler is gone. Segments finished before are kept; "
            "the same command goes on from there."
        )

    def _answers(self) -> Iterator[SegmentResult]:
        """Wait for a segment, for a while, and yield it."""
        if self._stop.is_asked:
            self._let_go()
        try:
            key = self._done.get(timeout=_SECONDS_BETWEEN_LOOKS)
        except queue.Empty:
            if self._client.status != "running":
                raise self._gone() from None
            return
        if key in self._in_hand:
            result = self._answer(key, *self._in_hand.pop(key))
            if result is not None:
                self._keep(result.record)
                yield result

    def _answer(self, key: str, task: SegmentTask, future: Any) -> SegmentResult | None:
        from distributed import KilledWorker
        from distributed.client import FutureCancelledError

        try:
            answer = future.result(timeout=_SECONDS_TO_FETCH)
        except KilledWorker:
            return self._bury(task)
        except TimeoutError:
            # Whoever had the answer was lost: Dask has the segment made again.
            self._in_hand[key] = task, future
            self._await(key)
            return None
        except (FutureCancelledError, OSError) as error:
            if self._client.status != "running":
                raise self._gone() from error
            return None if self._is_let_go else self._bury(task)
        except Exception as error:
            raise ClusterError(
                f"{self._cluster.address}: a worker could not make {task.segment}: "
                f"{_first_line(error)}"
            ) from error
        if isinstance(answer, Exception):
            raise answer
        return None if answer == UNDONE else answer

    def _bury(self, task: SegmentTask) -> SegmentResult | None:
        """Give a segment out again whose workers died, without the batch that has killed many."""
        segment, batch = task.segment, self._begun.get(task.segment)
        self._losses[segment] += 1
        if self._losses[segment] >= _MOST_LOSSES:
            return segment_lost(task, "every worker that made it was lost")
        if batch is not None and self._begins[segment, batch] >= ATTEMPTS:
            reason = f"its worker died {self._begins[segment, batch]} times"
            task = replace(task, left_out={**task.left_out, batch: reason})
        self._again.append(task)
        return None

    def _let_go(self) -> None:
        """Take back what has not begun; ask for the rest to be ended, once."""
        if self._is_let_go:
            return
        from grilse.run.remote import let_go

        self._is_let_go = True
        for key, (task, future) in list(self._in_hand.items()):
            if task.segment not in self._begun:
                future.cancel()
                del self._in_hand[key]
        self._client.run(let_go, self._name)

    def _leave(self) -> None:
        """Leave no segment in hand anywhere, and nothing of this run at the workers."""
        from grilse.run.remote import is_at_work, let_go

        with suppress(Exception):
            if self._in_hand:
                self._client.run(let_go, self._name)
                self._client.cancel([future for _, future in self._in_hand.values()])
                end = time.monotonic() + _SECONDS_TO_LEAVE
                while time.monotonic() < end and any(self._client.run(is_at_work).values()):
                    time.sleep(_SECONDS_BETWEEN_LOOKS)
            self._client.unsubscribe_topic(self._name)
            self._client.unregister_worker_plugin(self._name)
        self._in_hand = {}
