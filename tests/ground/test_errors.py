"""Errors: located, whole, and the same on the far side of a process."""

from __future__ import annotations

import pickle

import pytest

from grilse.ground.errors import (
    BadInput,
    CheckFailed,
    DestinationError,
    GrilseError,
    MissingExtra,
    Problem,
)

FULL = Problem(
    "S-OVERLAP", "two batches hold one tank", file="s.yaml", line=7, batch="FAR-2020-001",
    found="day 3", allowed="day 9", mend="Move one of them",
)  # fmt: skip


def test_a_problem_says_where_what_and_how_to_mend_it() -> None:
    assert str(FULL) == (
        "s.yaml:7: error S-OVERLAP: batch FAR-2020-001: two batches hold one tank "
        "(found day 3; allowed day 9). Move one of them"
    )


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Problem("X", "wrong"), "error X: wrong"),
        (Problem("X", "wrong", file="f"), "f: error X: wrong"),
        (Problem("X", "wrong", line=0, file="f"), "f:0: error X: wrong"),
        (Problem("X", "odd", severity="warning", found="1"), "warning X: odd (found 1)"),
        (Problem("X", "odd", allowed="2"), "error X: odd (allowed 2)"),
    ],
)
def test_a_problem_leaves_out_what_it_does_not_know(problem: Problem, text: str) -> None:
    assert str(problem) == text


def test_bad_input_lists_every_problem() -> None:
    error = BadInput([FULL, Problem("X", "wrong")])
    assert str(error).splitlines() == [str(FULL), "error X: wrong"]
    assert BadInput(FULL).problems == (FULL,)


def test_bad_input_survives_a_pickle() -> None:
    error = pickle.loads(pickle.dumps(BadInput([FULL])))
    assert isinstance(error, BadInput)
    assert error.problems == (FULL,)


@pytest.mark.parametrize(
    ("kind", "code"),
    [(GrilseError, 1), (CheckFailed, 1), (BadInput, 2), (DestinationError, 2), (MissingExtra, 2)],
)
def test_exit_codes(kind: type[GrilseError], code: int) -> None:
    assert issubclass(kind, GrilseError)
    assert kind.exit_code == code
