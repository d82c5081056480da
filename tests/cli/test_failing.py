"""Batches that fail alike are told in one line."""

from grilse.cli.failing import failure_lines
from grilse.run.result import BatchFailure


def test_a_cause_is_told_once_with_its_first_batches():
    failures = [
        BatchFailure(n, f"FAR-{n:03d}", f"KeyError: FAR-{n:03d} lacks day {n}", f"traceback {n}")
        for n in range(1, 551)
    ]
    other = BatchFailure(600, "SCO-600", "BatchTimeout: it took more than 300 s", "late")
    lines = list(failure_lines([*failures, other]))
    assert lines == [
        "failed      550 alike: FAR-001, FAR-002, FAR-003 and 547 more: "
        "KeyError: FAR-001 lacks day 1",
        "failed      SCO-600: BatchTimeout: it took more than 300 s",
    ]
    told = list(failure_lines([*failures, other], verbose=True))
    assert told[1::2] == ["traceback 1", "late"]


def test_different_causes_are_different_lines():
    failures = [BatchFailure(n, f"B{n}", r) for n, r in ((1, "a"), (2, "b"), (3, "a"))]
    assert list(failure_lines(failures)) == [
        "failed      2 alike: B1, B3: a",
        "failed      B2: b",
    ]
