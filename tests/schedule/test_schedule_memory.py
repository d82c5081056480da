"""A large company's schedule is held in little: the parent of a run has all of it in memory."""

from __future__ import annotations

import gc
import tracemalloc
from dataclasses import replace
from io import StringIO

from grilse import api
from grilse.schedule.reading import parse_schedule
from grilse.schedule.writing import dump

MOST_BYTES_A_BATCH = 2000


def held_bytes(text: str) -> int:
    gc.collect()
    tracemalloc.start()
    schedule = parse_schedule(StringIO(text))
    gc.collect()
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert schedule.batches
    return held


def test_a_batch_more_takes_two_kilobytes_at_most():
    plan = api.plan(batches=70, stagger=6, as_of="2025-11-18").schedule
    few, many = (replace(plan, batches=plan.batches[:n]) for n in (100, 140))
    parse_schedule(StringIO(dump(few)))
    more = held_bytes(dump(many)) - held_bytes(dump(few))
    assert more < 40 * MOST_BYTES_A_BATCH


def test_what_is_written_alike_is_held_once():
    plan = api.plan(batches=2, stagger=30, as_of="2024-06-01").schedule
    first, _, third, _ = parse_schedule(StringIO(dump(plan))).batches
    assert first.stays[0].below is third.stays[0].below
    assert first.lines["eggs"] - first.line == third.lines["eggs"] - third.line
    assert dict(third.lines)["batch_id"] == third.line
