"""Interrupt runs and take them up again; print figures; exit 1 if anything came out otherwise."""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from chaos.content import broken_claims, digest, is_complete
from chaos.interruptions import Interruption, Scene, interruptions

_DISK_MB = 64
_TABLES = (
    "geography,container,batch,assignment,mortality_event,feeding_event,growth_sample,feed_lot,"
    "feed_consumption"
)
"""Tables of batches, stores and farm; the millions of readings would but take time."""

_TOLD_EVERY = 20
_MOST_SECONDS = 120.0
_GOOD_ENDS = {0, 1, 2, 130, -2, -9, -15}
"""Exit codes that a run may have when it is interrupted: never another, and never a traceback."""


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="interruptions  [200]")
    parser.add_argument("--seed", type=int, default=1, help="of the random moments  [1]")
    parser.add_argument("--batches", type=int, default=5, help="in each geography  [5]")
    chosen = parser.parse_args()
    with TemporaryDirectory(prefix="grilse-chaos-") as folder, _disk(Path(folder)) as (place, own):
        scene = Scene(place / "dataset", own, random.Random(chosen.seed))
        schedule = place / "schedule.yaml"
        _grilse("plan", "--batches", chosen.batches, "--stagger", 20, "--as-of", "2024-06-01",
                "--output", schedule)  # fmt: skip
        wanted, seconds = _undisturbed(schedule, place / "undisturbed")
        print(f"undisturbed: {len(wanted)} files in {seconds:.1f} s; {chosen.count} interruptions",
              flush=True)  # fmt: skip
        return _report(*_interrupted(scene, schedule, wanted, seconds, chosen.count))


@contextmanager
def _disk(folder: Path) -> Iterator[tuple[Path, bool]]:
    """Mount a small file system in a folder, where that is allowed."""
    if sys.platform != "linux" or os.geteuid() != 0:
        yield folder, False
        return
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_DISK_MB}m,mode=755", "tmpfs", str(folder)]
    is_mounted = subprocess.run(mount, check=False, capture_output=True).returncode == 0
    folder.chmod(0o755)
    try:
        yield folder, is_mounted
    finally:
        if is_mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=False)


def _command(*words: object) -> list[str]:
    return [sys.executable, "-m", "grilse", *map(str, words)]


def _grilse(*words: object) -> None:
    subprocess.run(_command(*words), check=True, capture_output=True)


def _run_command(schedule: Path, root: Path) -> list[str]:
    return _command("run", schedule, "--to", root, "--workers", 2, "--tables", _TABLES)


def _undisturbed(schedule: Path, root: Path) -> tuple[dict[str, str], float]:
    began = time.monotonic()
    subprocess.run(_run_command(schedule, root), check=True, capture_output=True)
    seconds, found = time.monotonic() - began, digest(root)
    shutil.rmtree(root)
    return found, seconds


def _interrupted(
    scene: Scene, schedule: Path, wanted: dict[str, str], seconds: float, count: int
) -> tuple[Counter[str], Counter[str], list[str]]:
    """Interrupt runs of one dataset after the other; return what struck, what ended, what broke."""
    ways = interruptions(scene)
    struck, ended, wrong = Counter[str](), Counter[str](), list[str]()
    with suppress(KeyboardInterrupt):  # Then the figures are of what was done by then.
        for index in range(count):
            way = ways[index % len(ways)]
            code, said = _one(scene, way, _run_command(schedule, scene.root), seconds)
            struck[way.name] += 1
            ended[f"exit {code}"] += 1
            if code not in _GOOD_ENDS or "Traceback" in said:
                wrong.append(f"{index} {way.name}: exit {code}: {said[-2000:]}")
            wrong += [f"{index} {way.name}: {claim}" for claim in broken_claims(scene.root)]
            if is_complete(scene.root) or index % 4 == 3 or index == count - 1:
                wrong += _resumed(scene, schedule, wanted, f"{index} {way.name}")
                ended["datasets compared"] += 1
            if wrong or (index + 1) % _TOLD_EVERY == 0:
                print(f"{index + 1} interruptions; {len(wrong)} wrong {wrong[-1:]}", flush=True)
    return struck, ended, wrong


def _one(scene: Scene, way: Interruption, command: list[str], seconds: float) -> tuple[int, str]:
    """Start a run, interrupt it at a random moment, and wait for its end."""
    way.prepare(scene)
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, preexec_fn=way.before_exec
    )
    with suppress(subprocess.TimeoutExpired):
        process.wait(scene.chance.uniform(0.3, seconds))
    if process.poll() is None:
        way.strike(process, scene)
    try:
        said = process.communicate(timeout=_MOST_SECONDS)[1]
    except subprocess.TimeoutExpired:
        process.kill()
        said = b"did not end\nTraceback: none, it hung"
    scene.clear()
    return process.returncode, said.decode("utf-8", "replace")


def _resumed(scene: Scene, schedule: Path, wanted: dict[str, str], what: str) -> list[str]:
    """Bring a dataset to its end, compare it, and remove it."""
    done = subprocess.run(
        _run_command(schedule, scene.root), check=False, capture_output=True, text=True
    )
    found = digest(scene.root)
    shutil.rmtree(scene.root, ignore_errors=True)
    if done.returncode != 0:
        return [f"{what}: does not go on: exit {done.returncode}: {done.stderr[-2000:]}"]
    differing = sorted(n for n in wanted.keys() | found.keys() if wanted.get(n) != found.get(n))
    return [f"{what}: differs in {len(differing)} files: {differing[:5]}"] if differing else []


def _report(struck: Counter[str], ended: Counter[str], wrong: list[str]) -> int:
    for name, count in [*sorted(struck.items()), *sorted(ended.items())]:
        print(f"{count:6,}  {name}")
    for line in wrong:
        print(f"WRONG  {line}")
    verdict = f"{len(wrong)} WRONG" if wrong else "content equal every time"
    print(f"{sum(struck.values()):,} interruptions: {verdict}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
