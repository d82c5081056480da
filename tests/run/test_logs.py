"""Logs: a file a batch and one to follow; names that cannot meet; nothing of it in the data."""

from __future__ import annotations

import sys
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grilse.dataset.records import BatchRecord, SegmentRecord
from grilse.ground.errors import DestinationError
from grilse.run.capture import hearing
from grilse.run.logs import RUN_LOG, log_name, logging_to
from grilse.run.result import BatchFailure, BatchStory, SegmentResult


def result() -> SegmentResult:
    record = SegmentRecord(
        "e0001-s0000", {}, {},
        {
            1: BatchRecord("FAR-1", "x"),
            2: BatchRecord("b/2", "y", "failed", reason="ValueError: no"),
        },
    )  # fmt: skip
    failure = BatchFailure(2, "b/2", "ValueError: no", "Traceback ...\nValueError: no")
    stories = {1: BatchStory(0.25, "said so\n", ("UserWarning: mind",)), 2: BatchStory(0.1)}
    return SegmentResult(record, (failure,), {1: {"feeding_event": 1234}}, 0.5, 1, stories)


def test_each_batch_has_its_story(tmp_path):
    with logging_to(tmp_path / "logs", lambda number: f"plan of {number}") as log:
        log.segment(result())
    good = (tmp_path / "logs" / "batch_FAR-1.log").read_text()
    for part in (
        "status    made",
        "plan of 1",
        "feeding_event",
        "1,234",
        "0.250",
        "mind",
        "said so",
    ):
        assert part in good, part
    bad = (tmp_path / "logs" / log_name("b/2")).read_text()
    assert "FAILED: ValueError: no" in bad
    assert bad.rstrip().endswith("ValueError: no")
    lines = (tmp_path / "logs" / RUN_LOG).read_text().splitlines()
    assert [line.split(" ", 1)[1].split(":")[0] for line in lines] == [
        "begin", "segment e0001-s0000", "warning FAR-1", "failed b/2", "end",
    ]  # fmt: skip


def test_the_log_says_that_a_run_was_broken_off(tmp_path):
    with pytest.raises(KeyboardInterrupt), logging_to(tmp_path, str):
        raise KeyboardInterrupt
    assert "broken off: KeyboardInterrupt" in (tmp_path / RUN_LOG).read_text()


def test_a_folder_that_cannot_be_is_refused_before_anything_is_made(tmp_path):
    (tmp_path / "logs").write_text("a file")
    with (
        pytest.raises(DestinationError, match="no log can be kept"),
        logging_to(tmp_path / "logs", str),
    ):
        pass


@given(st.lists(st.text(max_size=12), min_size=2, max_size=20, unique=True))
def test_no_two_ids_meet_even_where_case_does_not_count(ids):
    names = [log_name(each) for each in ids]
    assert len({name.lower() for name in names}) == len(ids)
    assert all("/" not in name and "\\" not in name and len(name) < 130 for name in names)


def test_long_and_foreign_ids_are_names_of_files(tmp_path):
    for batch_id in ("../../etc/passwd", "x" * 5000, "Fær-ø", "", "\n", "CON"):
        (tmp_path / log_name(batch_id)).write_text("fine")
    assert len(list(tmp_path.iterdir())) == 6


def test_output_and_warnings_are_heard_and_errors_pass():
    def fails():
        print("to one")
        print("to the other", file=sys.stderr)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), hearing() as heard:
        fails()
    assert heard.output == "to one\nto the other\n"


def test_warnings_are_lines():
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        with hearing() as heard:
            warnings.warn("mind the gap", stacklevel=1)
    assert heard.warnings == ["UserWarning: mind the gap"]
