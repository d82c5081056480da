"""Interrupt runs and take them up again; print figures; exit 1 if anything came out otherwise."""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from chaos.content import DATABASE, broken_claims, digest, is_complete
from chaos.interruptions import Interruption, Scene, interruptions

_DISK_MB = 64
_TABLES = (
    "geography,container,batch,assignment,mortality_event,feeding_event,growth_sample,feed_lot,"
    "feed_consumption"
)
"""Tables of batches, stores and farm; the millions of readings would but take time."""

_PLACES = {"parquet": "{}", "csv": "csv:{}", "duckdb": f"{{}}/{DATABASE}"}
"""Where rows go, as ``--to`` names it, by the dataset's folder."""

_TOLD_EVERY = 20
_MOST_IN_A_ROW = 3
"""Interruptions of one dataset, one after the other, before it is brought to its end."""

_MOST_SECONDS = 120.0
_GOOD_ENDS = {0, 1, 2, 130, -2, -9, -15}
"""Exit codes that a run may have when it is interrupted: never another, and never a traceback."""


@dataclass
class Found:
    """What came of the interruptions.

    Attributes
    ----------
    struck
        How often each way was taken.
    too_late
        How often the run had come to its end by then.
    ended
        Exit codes of the runs, and how many datasets were compared.
    wrong
        What came out otherwise, a line each.
    kept
        Where the folder and the words of a run that went wrong are kept.
    """

    kept: Path
    struck: Counter[str] = field(default_factory=Counter)
    too_late: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def keep(self, what: str, claims: list[str], said: str, root: Path) -> None:
        """Keep what is wrong: its line here, all that was said and the dataset in a folder."""
        if not claims:
            return
        self.wrong += [f"{what}: {claim}" for claim in claims]
        folder = self.kept / f"{len(self.wrong):03d}"
        folder.mkdir(parents=True)
        (folder / "said.txt").write_text("\n".join([what, *claims, "", said]), encoding="utf-8")
        if root.is_dir():
            shutil.copytree(root, folder / "dataset", symlinks=True)
        print(f"WRONG  {self.wrong[-1]}  (kept in {folder})", flush=True)


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="interruptions  [200]")
    parser.add_argument("--seed", type=int, default=1, help="of the random moments  [1]")
    parser.add_argument("--batches", type=int, default=3, help="in each geography  [3]")
    parser.add_argument("--keep", type=Path, help="folder for what goes wrong  [a new one]")
    parser.add_argument("--to", choices=list(_PLACES), default="parquet", help="  [parquet]")
    parser.add_argument("--only", default="", help="ways whose name has this in it  [all]")
    chosen = parser.parse_args()
    began, kept = time.monotonic(), chosen.keep or Path(tempfile.mkdtemp(prefix="grilse-wrong-"))
    with TemporaryDirectory(prefix="grilse-chaos-") as folder, _disk(Path(folder)) as (place, own):
        scene = Scene(place / "dataset", own, random.Random(chosen.seed))
        schedule, to = place / "schedule.yaml", _PLACES[chosen.to]
        _grilse("plan", "--batches", chosen.batches, "--stagger", 20, "--as-of", "2024-06-01",
                "--output", schedule)  # fmt: skip
        wanted, seconds = _undisturbed(schedule, place / "undisturbed", to)
        print(f"undisturbed: {len(wanted)} files in {seconds:.1f} s; {chosen.count} interruptions",
              flush=True)  # fmt: skip
        found = Found(kept)
        with suppress(KeyboardInterrupt):  # Then the figures are of what was done by then.
            ways = [way for way in interruptions(scene) if chosen.only in way.name]
            command = _run_command(schedule, scene.root, to)
            _interrupt(scene, ways, command, wanted, seconds, chosen.count, found)
    if chosen.keep is None and not found.wrong:
        kept.rmdir()
    return _report(found, time.monotonic() - began)


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


def _run_command(schedule: Path, root: Path, to: str) -> list[str]:
    place = to.format(root)
    return _command("run", schedule, "--to", place, "--workers", 2, "--tables", _TABLES)


def _undisturbed(schedule: Path, root: Path, to: str) -> tuple[dict[str, str], float]:
    began = time.monotonic()
    subprocess.run(_run_command(schedule, root, to), check=True, capture_output=True)
    seconds, found = time.monotonic() - began, digest(root)
    shutil.rmtree(root)
    return found, seconds


def _interrupt(
    scene: Scene, ways: list[Interruption], command: list[str], wanted: dict[str, str],
    seconds: float, count: int, found: Found,
) -> None:  # fmt: skip
    """Interrupt runs, one dataset after the other, and bring each to its end in between."""
    in_a_row = 0
    for index in range(count):
        way = ways[index % len(ways)]
        what, in_a_row = f"{index} {way.name}", in_a_row + 1
        claims, said = _one(scene, way, command, seconds, found)
        found.keep(what, claims + broken_claims(scene.root), said, scene.root)
        is_last = index == count - 1 or in_a_row >= scene.chance.randint(1, _MOST_IN_A_ROW)
        if is_last or is_complete(scene.root):
            in_a_row = 0
            found.keep(what, *_resumed(scene, command, wanted, found), scene.root)
            shutil.rmtree(scene.root, ignore_errors=True)
        if (index + 1) % _TOLD_EVERY == 0:
            print(f"{index + 1} interruptions; {len(found.wrong)} wrong", flush=True)


def _one(
    scene: Scene, way: Interruption, command: list[str], seconds: float, found: Found
) -> tuple[list[str], str]:
    """Start a run, interrupt it at a random moment, and wait for its end; say what is wrong."""
    way.prepare(scene)
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, preexec_fn=way.before_exec
    )
    with suppress(subprocess.TimeoutExpired):
        process.wait(scene.chance.uniform(0.3, seconds))
    is_over = process.poll() is not None
    if not is_over:
        way.strike(process, scene)
    is_hung = False
    try:
        said = process.communicate(timeout=_MOST_SECONDS)[1]
    except subprocess.TimeoutExpired:
        process.kill()
        said, is_hung = process.communicate()[1], True
    scene.clear()
    code, text = process.returncode, said.decode("utf-8", "replace")
    found.struck[way.name] += 1
    found.too_late[way.name] += is_over and code == 0
    found.ended[f"exit {code}"] += 1
    claims = [f"did not end in {_MOST_SECONDS:g} s"] if is_hung else []
    if code not in _GOOD_ENDS or "Traceback" in text:
        claims.append(f"exit {code}: {text[-300:]}")
    return claims, text


def _resumed(
    scene: Scene, command: list[str], wanted: dict[str, str], found: Found
) -> tuple[list[str], str]:
    """Bring a dataset to its end, and compare it; say what is wrong."""
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    found.ended["datasets brought to their end and compared"] += 1
    if done.returncode != 0:
        return [f"does not go on: exit {done.returncode}: {done.stderr[-300:]}"], done.stderr
    there = digest(scene.root)
    differing = sorted(n for n in wanted.keys() | there.keys() if wanted.get(n) != there.get(n))
    claims = [f"differs in {len(differing)} files: {differing[:5]}"] if differing else []
    return claims, "\n".join([done.stderr, done.stdout, *differing])


def _report(found: Found, seconds: float) -> int:
    for name, count in sorted(found.struck.items()):
        late = f", {found.too_late[name]} of them after its end" if found.too_late[name] else ""
        print(f"{count:6,}  {name}{late}")
    for name, count in sorted(found.ended.items()):
        print(f"{count:6,}  {name}")
    for line in found.wrong:
        print(f"WRONG  {line}")
    verdict = f"{len(found.wrong)} WRONG, kept in {found.kept}" if found.wrong else _EQUAL
    print(f"{found.struck.total():,} interruptions in {seconds:,.0f} s: {verdict}")
    return 1 if found.wrong else 0


_EQUAL = "content equal every time"


if __name__ == "__main__":
    sys.exit(main())
