"""One run at a time: the lock of a destination says who holds it, and outlives no holder.

The lock is a file made with O_EXCL that names process, host and start. A holder on this host
whose process is gone, or whose number now belongs to a younger process, is dead. One on another
host cannot be asked: it touches its lock every `BEAT_SECONDS`, and is taken for dead when the lock
has not been touched for `DEAD_SECONDS` by the clock of the file system. Two processes that find a
dead holder's lock at once are kept apart by a file lock on it: one takes over, the other is
refused.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from grilse.dataset.files import describe_os_error
from grilse.ground.errors import DestinationError

__all__ = ["BEAT_SECONDS", "DEAD_SECONDS", "Holder", "hold", "holder_of", "is_held"]

BEAT_SECONDS = 20.0
"""How often a holder touches its lock."""

DEAD_SECONDS = 300.0
"""After how long without a touch a holder on another host is taken for dead."""

_SECONDS_BETWEEN_TRIES = 0.05

_STARTING_SECONDS = 60
"""How long a lock may stand without its holder's name: killed between making and writing it."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lock.

    Attributes
    ----------
    pid, host
        The process.
    since
        When it took the lock, ISO 8601, UTC.
    born
        When the process began, in the host's own ticks; empty where the host does not tell.
    """

    pid: int
    host: str
    since: str
    born: str

    def is_alive(self) -> bool:
        """Whether it may still run: true for another host's, which cannot be asked."""
        if self.host != socket.gethostname():
            return True
        return _exists(self.pid) and self.born in ("", _born(self.pid))

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}, since {self.since}"


@contextmanager
def hold(path: Path, *, wait_seconds: float = 0.0) -> Iterator[None]:
    """Hold a lock for as long as the block lasts.

    Parameters
    ----------
    path
        The lock's file; its folder is there.
    wait_seconds
        How long to wait for another holder to let it go.

    Raises
    ------
    DestinationError
        If another run holds it: the message names the run, and says how to go on.
    """
    text = json.dumps(asdict(_this_process()))
    _take(path, text, time.monotonic() + wait_seconds)
    over = threading.Event()
    beat = threading.Thread(target=_beat, args=(path, text, over), daemon=True)
    beat.start()
    try:
        yield
    finally:
        over.set()
        if _read_text(path) == text:
            path.unlink(missing_ok=True)


def _take(path: Path, text: str, until: float) -> None:
    while True:
        try:
            if _create(path, text) or _take_over(path, text):
                return
        except _Held:
            if time.monotonic() >= until:
                raise
            time.sleep(_SECONDS_BETWEEN_TRIES)


class _Held(DestinationError):
    """Another run holds the lock."""


def _beat(path: Path, text: str, over: threading.Event) -> None:
    """Touch the lock from time to time; ask this process to stop if it is another's by now."""
    while not over.wait(BEAT_SECONDS):
        if _read_text(path) not in (text, None):
            os.kill(os.getpid(), signal.SIGTERM)
            return
        with suppress(OSError):
            os.utime(path)


def is_held(path: Path) -> bool:
    """Whether a lock is held by a run that is alive, as far as can be told."""
    holder = holder_of(path)
    return holder is not None and not _is_dead(path, holder)


def _is_dead(path: Path, holder: Holder) -> bool:
    if holder.host == socket.gethostname():
        return not holder.is_alive()
    return _seconds_untouched(path) > DEAD_SECONDS


def _seconds_untouched(path: Path) -> float:
    """Return how long ago a file was touched, by the clock of the system that keeps it."""
    probe = path.with_name(f"{path.name}.{socket.gethostname()}-{os.getpid()}")
    try:
        touched = path.stat().st_mtime
        probe.touch()
        return probe.stat().st_mtime - touched
    except OSError:
        return 0.0
    finally:
        with suppress(OSError):
            probe.unlink(missing_ok=True)


def holder_of(path: Path) -> Holder | None:
    """Return who holds a lock, dead or alive, or None if nobody does or it cannot be read."""
    text = _read_text(path)
    return None if text is None else _parse(text)


def _this_process() -> Holder:
    pid = os.getpid()
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Holder(pid, socket.gethostname(), now, _born(pid))


def _create(path: Path, text: str) -> bool:
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o644)
    except FileExistsError:
        return False
    except OSError as error:
        raise describe_os_error(path, error, "locked") from error
    with os.fdopen(handle, "w") as file:
        file.write(text)
    return True


def _take_over(path: Path, text: str) -> bool:
    """Replace a dead holder's lock; False if it is no longer there, so that one tries again."""
    try:
        file = path.open("r+")
    except FileNotFoundError:
        return False
    except OSError as error:
        raise describe_os_error(path, error, "locked") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise _Held(f"{path}: another run is taking it over at this moment") from error
        if not _is_at(path, file.fileno()):
            return False
        _refuse_if_alive(path, _parse(file.read()))
        fresh = path.with_name(f"{path.name}.{socket.gethostname()}-{os.getpid()}")
        fresh.write_text(text)
        fresh.rename(path)
    return True


def _is_at(path: Path, handle: int) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.lstat())
    except FileNotFoundError:
        return False


def _refuse_if_alive(path: Path, holder: Holder | None) -> None:
    if holder is None and time.time() - path.stat().st_mtime < _STARTING_SECONDS:
        raise _Held(f"{path}: another run is just starting here. Try again in a minute.")
    if holder is not None and not _is_dead(path, holder):
        raise _Held(
            f"{path}: another run is at work here: {holder}. Wait for it; if that process is "
            "gone, remove this file."
        )


def _parse(text: str) -> Holder | None:
    try:
        found: Any = json.loads(text)
        holder = Holder(**found)
    except (ValueError, TypeError):
        return None
    is_sound = type(holder.pid) is int and all(
        isinstance(item, str) for item in (holder.host, holder.since, holder.born)
    )
    return holder if is_sound else None


def _read_text(path: Path) -> str | None:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError):
        return None


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError, ValueError):
        return False
    except PermissionError:
        return True
    return True


def _born(pid: int) -> str:
    """Return the ticks at which a process began (field 22 of Linux's ``stat``), or nothing."""
    text = _read_text(Path("/proc") / str(pid) / "stat")
    return "" if text is None else text.rpartition(")")[2].split()[19]
