"""Being asked to stop: the first Ctrl-C or SIGTERM is a request, the second stops at once."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["StopRequest", "listening"]


class StopRequest:
    """Whether a stop was asked for; its `fileno` can be waited on with `multiprocessing`."""

    def __init__(self) -> None:
        self.is_asked = False
        self._reader, self._writer = os.pipe()

    def fileno(self) -> int:
        """Return the handle that becomes readable when a stop is asked for."""
        return self._reader

    def ask(self) -> None:
        """Ask for a stop."""
        if not self.is_asked:
            self.is_asked = True
            os.write(self._writer, b"s")

    def close(self) -> None:
        """Give the handles back."""
        os.close(self._reader)
        os.close(self._writer)


@contextmanager
def listening() -> Iterator[StopRequest]:
    """Turn SIGINT and SIGTERM into a request while the block lasts; a second one interrupts it.

    Raises
    ------
    KeyboardInterrupt
        At the second signal. Outside the main thread signals stay as they are.
    """
    request = StopRequest()

    def on_signal(number: int, frame: FrameType | None) -> None:
        if request.is_asked:
            raise KeyboardInterrupt
        request.ask()

    signals = (signal.SIGINT, signal.SIGTERM)
    is_main = threading.current_thread() is threading.main_thread()
    before = {s: signal.signal(s, on_signal) for s in signals} if is_main else {}
    try:
        yield request
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        request.close()
