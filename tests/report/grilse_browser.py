"""A headless Chromium for tests, driven over a pipe: no port, no network, a profile of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--remote-debugging-pipe", "--hide-scrollbars",
)  # fmt: skip
_ON_PIPES = """
import os, sys
reads, writes = int(sys.argv[1]), int(sys.argv[2])
spare = [os.dup(fd) for fd in (reads, writes)]
while min(spare) < 5:
    spare = [os.dup(fd) for fd in spare]
os.dup2(spare[0], 3)
os.dup2(spare[1], 4)
os.execvp(sys.argv[3], sys.argv[3:])
"""
"""Chromium takes commands at descriptor 3 and answers at 4."""

_PATIENCE_SECONDS = 60.0


def chromium() -> str:
    """Return the browser's program, or skip the test where none is installed."""
    for name in _NAMES:
        found = shutil.which(name)
        if found:
            return found
    pytest.skip("no Chromium is installed: Debian and Ubuntu have it as package chromium")


class Page:
    """A page in the browser: what it shows, what it said, and a pointer on it."""

    def __init__(self, reads: int, writes: int) -> None:
        self._reads, self._writes = reads, writes
        self._number, self._waiting = 0, b""
        self.said: list[str] = []
        self.requests: list[str] = []
        target = self._ask("Target.createTarget", {"url": "about:blank"})["targetId"]
        answer = self._ask("Target.attachToTarget", {"targetId": target, "flatten": True})
        self._session = answer["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Give the page a command, and return its answer."""
        return self._ask(method, parameters, self._session)

    def _ask(
        self, method: str, parameters: dict[str, Any], session: str | None = None
    ) -> dict[str, Any]:
        self._number += 1
        wanted = self._number
        message = {"id": wanted, "method": method, "params": parameters}
        message |= {"sessionId": session} if session else {}
        os.write(self._writes, json.dumps(message).encode() + b"\0")
        while True:
            got = self._next()
            self._note(got)
            if got.get("id") == wanted:
                assert "error" not in got, f"{method}: {got['error']}"
                answer: dict[str, Any] = got["result"]
                return answer

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._waiting:
            part = os.read(self._reads, 1 << 20)
            assert part, "the browser went away"
            self._waiting += part
        text, _, self._waiting = self._waiting.partition(b"\0")
        found: dict[str, Any] = json.loads(text)
        return found

    def _note(self, got: dict[str, Any]) -> None:
        """Keep errors and warnings of the page, and what it asked of the network."""
        parameters = got.get("params", {})
        if got.get("method") == "Runtime.exceptionThrown":
            self.said.append(json.dumps(parameters["exceptionDetails"])[:600])
        elif got.get("method") == "Runtime.consoleAPICalled":
            self.said.append(f"{parameters['type']}: {json.dumps(parameters['args'])[:400]}")
        elif got.get("method") == "Log.entryAdded":
            self.said.append(f"{parameters['entry']['level']}: {parameters['entry']['text']}")
        elif got.get("method") == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])

    def run(self, script: str) -> Any:
        """Return what an expression comes to, promises waited for."""
        answer = self.ask(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def open(self, file: Path) -> float:
        """Open a file, wait until it is drawn, and return how many seconds that took."""
        began = time.perf_counter()
        self.ask("Page.navigate", url=file.resolve().as_uri())
        self.wait_for("document.documentElement?.dataset.ready === 'yes'")
        return time.perf_counter() - began

    def wait_for(self, condition: str) -> None:
        """Wait until a condition holds."""
        until = time.monotonic() + _PATIENCE_SECONDS
        while not self.run(condition):
            assert time.monotonic() < until, f"never came true: {condition}; it said {self.said}"
            time.sleep(0.02)

    def size(self, width: int, height: int, scale: float = 1) -> None:
        """Make the window so large."""
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=scale, mobile=False,
        )  # fmt: skip

    def theme(self, name: str) -> None:
        """Let the system prefer light or dark."""
        features = [{"name": "prefers-color-scheme", "value": name}]
        self.ask("Emulation.setEmulatedMedia", features=features)

    def box(self, selector: str) -> dict[str, float]:
        """Return where an element stands in the window, scrolled into it."""
        script = f"""(() => {{ const node = document.querySelector({json.dumps(selector)});
            node.scrollIntoView({{ block: 'center', behavior: 'instant' }});
            const {{ x, y, width, height }} = node.getBoundingClientRect();
            return {{ x, y, width, height }}; }})()"""
        found: dict[str, float] = self.run(script)
        return found

    def mouse(self, kind: str, x: float, y: float, **more: Any) -> None:
        """Move, press or release the pointer."""
        self.ask("Input.dispatchMouseEvent", type=f"mouse{kind}", x=x, y=y, **more)

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Drag the pointer from one place to another."""
        self.mouse("Moved", *start)
        self.mouse("Pressed", *start, button="left", buttons=1, clickCount=1)
        for share in (0.3, 0.6, 1.0):
            x, y = (a + (b - a) * share for a, b in zip(start, end, strict=True))
            self.mouse("Moved", x, y, button="left", buttons=1)
        self.mouse("Released", *end, button="left", clickCount=1)

    def picture(self, file: Path, *, whole: bool = False) -> None:
        """Save what the window, or the whole page, looks like."""
        answer = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        file.write_bytes(b64decode(answer["data"]))

    def paper(self, file: Path) -> bytes:
        """Save the page as it would be printed on A4, and return the file."""
        answer = self.ask(
            "Page.printToPDF", paperWidth=8.27, paperHeight=11.69, preferCSSPageSize=True,
            printBackground=True,
        )  # fmt: skip
        file.write_bytes(b64decode(answer["data"]))
        return file.read_bytes()


@contextmanager
def browser() -> Iterator[Page]:
    """Start a browser with an empty profile, and end it."""
    program = chromium()
    to_read, they_write = os.pipe()
    they_read, to_write = os.pipe()
    with TemporaryDirectory(prefix="grilse-browser-", ignore_cleanup_errors=True) as profile:
        command = [program, *_FLAGS, f"--user-data-dir={profile}", "about:blank"]
        process = subprocess.Popen(
            [sys.executable, "-c", _ON_PIPES, str(they_read), str(they_write), *command],
            pass_fds=(they_read, they_write),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(they_read)
        os.close(they_write)
        try:
            yield Page(to_read, to_write)
        finally:
            os.close(to_write)
            os.close(to_read)
            process.terminate()
            process.wait(timeout=20)
