"""What is measured, a case a function; each runs in a process of its own.

A case takes the folder to work in, and the ones before it have left their schedules there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from benchmarks.applications import aquamind
from benchmarks.databases import postgres
from benchmarks.figure import Figure
from benchmarks.others import generator
from grilse import api
from grilse.api.analysing import ANALYSIS
from grilse.api.comparing import diff
from grilse.api.presets import PRESETS
from grilse.api.reanalysing import analyse
from grilse.compare.result import Comparison
from grilse.dataset.manifest import read_manifest
from grilse.dataset.segments import segment_index, segment_size
from grilse.plan.saving import save_plan
from grilse.run.result import RunResult
from grilse.run.usage import peak_bytes
from grilse.schedule.fingerprint import schedule_fingerprint
from grilse.schedule.reading import read_schedule

__all__ = ["CASES", "FULL"]

_MEGABYTE = 2**20
_CLASSIC = {"start": "2016-01-01", "as_of": "2025-11-18"}
_WORKERS = 2
_REPEATS = 3
_INCUMBENT = 15_650 / 44.7
"""Container-days that the incumbent analyses in a second of CPU."""


def start(folder: Path) -> list[Figure]:
    """From the command to its first words, and to a small dataset."""
    helped = min(_seconds(["--help"], folder) for _ in range(5))
    small = ["--batches", "1", "--start-date", "2024-01-01", "--as-of", "2024-02-01"]
    _seconds(["plan", *small, "--output", "small.yaml"], folder)
    first = _seconds(["run", "small.yaml", "--to", "small", "--workers", "1"], folder)
    written = len(list((folder / "small" / "environmental_reading").glob("*.parquet")))
    return [
        Figure("start: grilse --help", helped, "s", 0.3),
        Figure("start: two young batches on disk", first, "s", 3.0,
               answer=f"{written} files of readings", is_right=written == 2),
    ]  # fmt: skip


def plan_550(folder: Path) -> list[Figure]:
    """Plan, check and write the classic load."""
    wanted = PRESETS["550"]
    began = time.perf_counter()
    answer = api.plan(**wanted.question)
    save_plan(answer, folder / "550.yaml", overwrite=True)
    seconds = time.perf_counter() - began
    found = schedule_fingerprint(read_schedule(folder / "550.yaml"))
    right = found == wanted.schedule
    return [Figure("plan: 550 batches, checked and written", seconds, "s", 1.0,
                   answer="its published fingerprint", is_right=right)]  # fmt: skip


def rows_112(folder: Path) -> list[Figure]:
    """Every fifth segment of the classic load, best of three: into nothing, and into Parquet."""
    job = _not_analysed(_job(folder, every=5))
    null = api.run_to_nothing(job, workers=1)
    made = [api.run(job, folder / "one", workers=1, overwrite=True).result for _ in range(_REPEATS)]
    two = api.run(job, folder / "two", workers=_WORKERS, overwrite=True).result
    same = all(each.tables == null.tables for each in (*made, two))
    return [
        Figure("rows: into nothing, 1 worker", _cost(null), "ns CPU"),
        Figure("rows: Parquet, 1 worker", min(map(_cost, made)), "ns CPU", 120,
               answer="equal to the null sink's fingerprints", is_right=same),
    ]  # fmt: skip


def compared(folder: Path) -> list[Figure]:
    """A fifth of the load twice: equal by fingerprint, equal row by row, and no row as it was."""
    one, two, other = folder / "one", folder / "two", folder / "other"
    job = _not_analysed(_job(folder, every=5))
    api.run(replace(job, schedule=replace(job.schedule, seed=2)), other, overwrite=True)
    began = time.perf_counter()
    alike = diff(one, two)
    assert isinstance(alike, Comparison)
    seconds = time.perf_counter() - began
    read, by_rows = _timed_diff(one, two, by_rows=True)
    differing, changed = _timed_diff(one, other)
    return [
        Figure("diff: equal by fingerprint", seconds, "s", 1.0,
               answer="equal", is_right=alike.is_equal and not alike.rows_read),
        Figure("diff: equal, every row read, a row", read, "ns CPU", 300,
               answer="equal", is_right=by_rows.is_equal),
        Figure("diff: different, a row", differing, "ns CPU", 300,
               answer=f"{len(changed.differing)} tables differ", is_right=not changed.is_equal),
    ]  # fmt: skip


def _timed_diff(a: Path, b: Path, *, by_rows: bool = False) -> tuple[float, Comparison]:
    """Compare two datasets; also return the CPU time for each row of one of them, in ns."""
    began = time.process_time()
    found = diff(a, b, by_rows=by_rows)
    assert isinstance(found, Comparison)
    return (time.process_time() - began) / found.rows_a * 1e9, found


def rows_550(folder: Path) -> list[Figure]:
    """The classic load whole, into Parquet, with one worker and with two; not analysed yet."""
    job, wanted = _not_analysed(_job(folder)), PRESETS["550"].batches
    began = time.perf_counter()
    report = api.run(job, folder / "all", workers=_WORKERS, overwrite=True)
    seconds, result = time.perf_counter() - began, report.result
    whole = result.batches == wanted and not result.failures
    alone = api.run(job, folder / "alone", workers=1, overwrite=True).result
    shutil.rmtree(folder / "alone")
    size = sum(result.bytes.values())
    return [
        Figure("550: run to Parquet, 2 workers, wall", seconds, "s", 20,
               answer=f"{result.batches} batches", is_right=whole),
        Figure("550: rows", result.rows, "rows"),
        Figure("550: rows a second", result.rows / result.wall_seconds, "rows/s"),
        Figure("550: a row", _cost(result), "ns CPU", 120),
        Figure("scaling: 2 workers over 1", alone.wall_seconds / result.wall_seconds, "times", 1.7,
               True, answer="equal rows", is_right=alone.tables == result.tables),
        Figure("550: a row on disk", size / result.rows, "bytes"),
        Figure("550: memory of a worker", result.worker_peak_bytes / _MEGABYTE, "MB", 400),
        Figure("550: memory of the parent", result.parent_peak_bytes / _MEGABYTE, "MB", 300),
    ]  # fmt: skip


def analysed(folder: Path) -> list[Figure]:
    """Growth analysis of every container-day of the classic load: read, estimated, written."""
    began = time.perf_counter()
    result = analyse(folder / "all", workers=_WORKERS).result
    seconds = time.perf_counter() - began
    totals = read_manifest(folder / "all").totals
    states, there = totals["analysis_daily_state"].rows, totals["true_daily_state"].rows
    right = states == there and not result.failures
    return [
        Figure("analysis: 550 batches, 2 workers, wall", seconds, "s", 10,
               answer=f"{states:,} container-days of {there:,}", is_right=right),
        Figure("analysis: CPU of all", _cpu(result), "s", 20),
        Figure("analysis: a container-day", _cpu(result) / states * 1e6, "us CPU"),
        Figure("analysis: over the incumbent's rate", states / _cpu(result) / _INCUMBENT, "times",
               100, True),
    ]  # fmt: skip


def growth(folder: Path) -> list[Figure]:
    """Ten times the batches into nothing: the cost must grow with them, and not more."""
    few, many = _job(folder, every=10), _job(folder)
    small = api.run_to_nothing(few, workers=_WORKERS)
    large = api.run_to_nothing(many, workers=_WORKERS)
    ratio = _cpu(large) / large.rows / (_cpu(small) / small.rows) * 10
    right = large.batches == PRESETS["550"].batches and not (small.failures or large.failures)
    made = f"{small.batches} and {large.batches} batches"
    return [Figure("growth: CPU of ten times the rows", ratio, "times", 10.5, False, made, right)]


def verified(folder: Path) -> list[Figure]:
    """Every check on the classic load."""
    from grilse.verify.dataset import verify

    began = time.perf_counter()
    verdict = verify(folder / "all")
    seconds = time.perf_counter() - began
    return [
        Figure("verify: all checks of 550 batches", seconds, "s", 20,
               answer="verdict", is_right=verdict.passed),
        Figure("verify: memory", peak_bytes() / _MEGABYTE, "MB"),
    ]  # fmt: skip


def plan_50_000(folder: Path) -> list[Figure]:
    """Plan fifty thousand batches on a farm ninety times the reference."""
    from grilse.farm.builtin import reference_farm
    from grilse.farm.scaling import scaled

    farm = scaled(reference_farm(), 90)
    began = time.perf_counter()
    answer = api.plan(batches=25_000, stagger="0.06", start="2016-01-01", farm=farm)
    save_plan(answer, folder / "50000.yaml", overwrite=True)
    right = len(answer.schedule.batches) == 50_000
    seconds = time.perf_counter() - began
    return [Figure("plan: 50,000 batches", seconds, "s", 30, answer="their number", is_right=right)]


def growth_100(folder: Path) -> list[Figure]:
    """A hundred times the batches, on ten farms: 1,750 million rows into nothing."""
    from grilse.farm.builtin import reference_farm
    from grilse.farm.scaling import scaled

    few, batches = _job(folder, every=10), 10 * PRESETS["550"].batches
    farm = scaled(reference_farm(), 10)
    answer = api.plan(batches=batches // 2, stagger="0.6", farm=farm, **_CLASSIC)
    save_plan(answer, folder / "5500.yaml", overwrite=True)
    small = api.run_to_nothing(few, workers=_WORKERS)
    large = api.run_to_nothing(api.prepare(folder / "5500.yaml", farm=farm), workers=_WORKERS)
    ratio = _cpu(large) / large.rows / (_cpu(small) / small.rows) * 100
    right = large.batches == batches and not large.failures
    megabytes = large.parent_peak_bytes / _MEGABYTE
    share = 100 * large.parent_cpu_seconds / _cpu(large)
    return [
        Figure("growth: CPU of a hundred times the rows", ratio, "times", 105,
               answer=f"{large.batches:,} batches", is_right=right),
        Figure("growth: rows of it", large.rows, "rows"),
        Figure("growth: wall time of it", large.wall_seconds, "s"),
        Figure("growth: memory of the parent", megabytes, "MB", 300),
        Figure("growth: the parent's share of the CPU", share, "%", 5),
        Figure("growth: memory of a worker", large.worker_peak_bytes / _MEGABYTE, "MB", 400),
    ]  # fmt: skip


def _job(folder: Path, every: int = 1) -> api.Job:
    """Prepare the classic load, or every so many-th of its segments, each of them whole."""
    job = api.prepare(folder / "550.yaml")
    size = segment_size(max(batch.number for batch in job.schedule.batches))
    chosen = tuple(
        batch for batch in job.schedule.batches if segment_index(batch.number, size) % every == 0
    )
    return replace(job, schedule=replace(job.schedule, batches=chosen))


def _not_analysed(job: api.Job) -> api.Job:
    """Leave out growth analysis, which is a case by itself."""
    return replace(job, tables=tuple(name for name in job.tables if name not in ANALYSIS))


def _cpu(result: RunResult) -> float:
    return result.parent_cpu_seconds + result.worker_cpu_seconds


def _cost(result: RunResult) -> float:
    return _cpu(result) / result.rows * 1e9


def _seconds(words: list[str], folder: Path) -> float:
    began = time.perf_counter()
    command = [sys.executable, "-m", "grilse", *words]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, env=os.environ)
    return time.perf_counter() - began


Case = Callable[[Path], list[Figure]]

CASES: Mapping[str, Case] = {
    case.__name__: case
    for case in (start, plan_550, rows_112, compared, rows_550, analysed, verified, growth)
}
"""Cases of `make bench`, in their order."""

FULL: Mapping[str, Case] = {
    case.__name__: case for case in (postgres, aquamind, generator, growth_100, plan_50_000)
}
"""Cases that take minutes, with --full."""
