"""Ways to interrupt a run, each a function of the run's process and its folder."""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Interruption", "Scene", "interruptions"]


@dataclass
class Scene:
    """Where a run takes place.

    Attributes
    ----------
    root
        The dataset's folder.
    is_own_disk
        Whether it lies on a small file system of its own, which can be filled.
    chance
        Where the random moments come from.
    ballast
        What fills the disk.
    file_bytes
        Where the next run's files end that may not be larger.
    """

    root: Path
    is_own_disk: bool
    chance: random.Random
    ballast: list[Path] = field(default_factory=list)
    file_bytes: int = 0

    def clear(self) -> None:
        """Take away what was put in the run's way."""
        if self.is_own_disk:
            _remount(self, "rw")
        elif self.root.is_dir():
            self.root.chmod(0o755)
        while self.ballast:
            self.ballast.pop().unlink(missing_ok=True)


@dataclass(frozen=True)
class Interruption:
    """One way to interrupt a run.

    Attributes
    ----------
    name
        For the figures.
    strike
        Done at a random moment.
    prepare
        Done before the run starts.
    before_exec
        Done in the run's process before it is the run.
    """

    name: str
    strike: Callable[[subprocess.Popen[bytes], Scene], None] = lambda process, scene: None
    prepare: Callable[[Scene], None] = lambda scene: None
    before_exec: Callable[[], None] | None = None


def interruptions(scene: Scene) -> list[Interruption]:
    """Return the ways that this machine allows."""
    ways = [
        Interruption("kill -9 of a worker", _kill_worker),
        Interruption("kill -9 of the run", lambda process, _: process.kill()),
        Interruption("SIGTERM", lambda process, _: process.terminate()),
        Interruption("Ctrl-C", lambda process, _: process.send_signal(signal.SIGINT)),
        Interruption("Ctrl-C twice", _interrupt_twice),
        Interruption(
            "a limit on file sizes",
            prepare=_choose_limit,
            before_exec=lambda: _limit_file_sizes(scene),
        ),
    ]
    if scene.is_own_disk:
        ways.append(Interruption("a full disk", prepare=_fill_disk))
    if scene.is_own_disk or os.geteuid() != 0:
        ways.append(Interruption("a folder that may not be written", prepare=_make_read_only))
    return ways


def _kill_worker(process: subprocess.Popen[bytes], scene: Scene) -> None:
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    try:
        numbers = [int(number) for number in children.read_text().split()]
        if numbers:
            os.kill(scene.chance.choice(numbers), signal.SIGKILL)
    except (OSError, ValueError):
        pass  # It has none yet, or none any longer.


def _interrupt_twice(process: subprocess.Popen[bytes], scene: Scene) -> None:
    process.send_signal(signal.SIGINT)
    time.sleep(scene.chance.uniform(0.0, 0.3))
    process.send_signal(signal.SIGINT)


def _choose_limit(scene: Scene) -> None:
    """Choose here: a process that is about to be the run draws from a copy, always the same."""
    scene.file_bytes = round(2_000 * 300 ** scene.chance.random())


def _limit_file_sizes(scene: Scene) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (scene.file_bytes, scene.file_bytes))


def _make_read_only(scene: Scene) -> None:
    if scene.is_own_disk:
        _remount(scene, "ro")
    elif scene.root.is_dir():
        scene.root.chmod(0o555)


def _remount(scene: Scene, how: str) -> None:
    place = str(scene.root.parent)
    subprocess.run(["mount", "-o", f"remount,{how}", place], check=True, capture_output=True)


def _fill_disk(scene: Scene) -> None:
    """Leave a little room, of a random size."""
    free = shutil.disk_usage(scene.root.parent).free
    size = max(0, free - scene.chance.randrange(20_000, 3_000_000))
    path = scene.root.parent / "ballast"
    with path.open("wb") as file:
        for _ in range(size // 2**16):
            file.write(bytes(2**16))
    scene.ballast.append(path)
