"""Patience with a batch: time for it is limited, and it is tried again when it fails."""

from __future__ import annotations

import ctypes
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from grilse.ground.errors import DestinationError
from grilse.run.task import Patience

__all__ = ["BatchTimeout", "again", "time_limit"]


class BatchTimeout(Exception):
    """A batch took longer than it may."""


@contextmanager
def time_limit(seconds: float | None) -> Iterator[None]:
    """Interrupt the block after so many seconds.

    It comes between two steps of the interpreter; within a call of a library that does not come
    back nothing happens: that is for the parent to end.

    Raises
    ------
    BatchTimeout
        If the time is over.
    """
    if seconds is None:
        yield
        return
    told = f"it took more than {seconds:g} s (--timeout)"
    if threading.current_thread() is not threading.main_thread():
        with _thread_limit(seconds, told):
            yield
        return

    def on_alarm(number: int, frame: FrameType | None) -> None:
        raise BatchTimeout(told)

    before = signal.signal(signal.SIGALRM, on_alarm)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def _thread_limit(seconds: float, told: str) -> Iterator[None]:
    """Do the same in a thread that is not the main one, which no signal reaches."""
    thread, lock = ctypes.c_ulong(threading.get_ident()), threading.Lock()
    ended: list[bool] = []
    interrupt = ctypes.pythonapi.PyThreadState_SetAsyncExc

    def on_time() -> None:
        with lock:
            if not ended:
                interrupt(thread, ctypes.py_object(_ThreadTimeout))

    timer = threading.Timer(seconds, on_time)
    timer.daemon = True
    timer.start()
    try:
        yield
    except _ThreadTimeout:
        raise BatchTimeout(told) from None
    finally:
        timer.cancel()
        with lock:
            ended.append(True)
            # One that was sent, and has not come by now, is taken back.
            interrupt(thread, None)


class _ThreadTimeout(BatchTimeout):
    """Raised in a thread from outside of it: only its type can be sent."""

    def __str__(self) -> str:
        return "it took too long (--timeout)"


def again(
    attempt: Callable[[], None], first: Exception, patience: Patience, is_over: Callable[[], bool]
) -> Exception | None:
    """Try again what failed; return the last failure, or None if it came right.

    Parameters
    ----------
    attempt
        Makes the batch, or raises.
    first
        How it failed the first time.
    is_over
        Whether to give up: a stop was asked for.

    Notes
    -----
    A destination that cannot be written and a time that is over are not tried again: the one stops
    the run, the other would take as long again.
    """
    # Imported here, where a batch has failed: it costs more time than most runs have failures.
    from tenacity import Retrying, retry_if_exception, stop_after_attempt
    from tenacity.wait import wait_random_exponential

    if isinstance(first, BatchTimeout) or patience.retries == 0:
        return first
    enough = stop_after_attempt(1 + patience.retries)
    attempts = Retrying(
        stop=lambda state: is_over() or enough(state),
        retry=retry_if_exception(_may_come_right),
        wait=wait_random_exponential(
            multiplier=patience.first_pause_seconds, max=patience.longest_pause_seconds
        ),
        reraise=True,
    )
    happened = iter([first])

    def once() -> None:
        for failure in happened:
            raise failure
        attempt()

    try:
        attempts(once)
    except DestinationError:
        raise
    except Exception as error:
        return error
    return None


def _may_come_right(error: BaseException) -> bool:
    return isinstance(error, Exception) and not isinstance(error, (BatchTimeout, DestinationError))
