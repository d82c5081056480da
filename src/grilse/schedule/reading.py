"""A schedule file becomes a schedule, or is refused with every problem at its line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from os import PathLike, fspath
from typing import Any, TextIO

from grilse.ground.days import date_of, day_of
from grilse.ground.errors import BadInput, Problem
from grilse.ground.marked_yaml import MarkedMap, stream
from grilse.ground.text_file import open_text
from grilse.schedule.checks import check_schedule
from grilse.schedule.entries import EntryReader
from grilse.schedule.fields import Fields, Notes, kind_of
from grilse.schedule.layout import DEFAULT_SEED, FORMAT, METADATA_KEYS, TOP_KEYS
from grilse.schedule.model import BatchPlan, Schedule

__all__ = ["SCHEDULE_LIMIT", "Findings", "look_at_schedule", "parse_schedule", "read_schedule"]

SCHEDULE_LIMIT = 2**29
"""Largest schedule file that is read, in characters: some 250,000 batches."""

_PLACEHOLDER_DAYS = 7
"""A last stage shorter than this only keeps a place: the batch lives on."""

_MAX_SEED = 2**63 - 1


def read_schedule(
    path: str | PathLike[str], *, as_of: date | int | None = None, seed: int | None = None
) -> Schedule:
    """Read a schedule file, in our layout or in one of the older ones, and check it.

    Parameters
    ----------
    path
        The YAML file.
    as_of
        Date, or day number, before which rows are written. Otherwise the metadata's `as_of`, else
        its `generated_date`, else the latest day that a batch has lived to by the file.
    seed
        Seed of every draw. Otherwise the metadata's, else `DEFAULT_SEED`.

    Returns
    -------
    Schedule
        Batches in the file's order. Those without a `number` are numbered after those with one, by
        start date and then id. In a file that is not in our layout a batch whose last stage ends on
        or after the file's own as-of date, or lasts under seven days, is open-ended: whatever
        `as_of` is asked for, so that moving it on changes no earlier row.

    Raises
    ------
    BadInput
        With every problem, each at file:line.
    """
    return _sound(look_at_schedule(path, as_of=as_of, seed=seed))


@dataclass(frozen=True)
class Findings:
    """What became of a schedule file: what could be read of it, and all that is wrong.

    Attributes
    ----------
    schedule
        The batches that could be read; it can be run only where there is no problem.
    problems
        By line.
    """

    schedule: Schedule
    problems: tuple[Problem, ...]


def look_at_schedule(
    path: str | PathLike[str], *, as_of: date | int | None = None, seed: int | None = None
) -> Findings:
    """Read a schedule file as far as it can be, and tell every problem; see `read_schedule`.

    Raises
    ------
    BadInput
        Only where there is no such file, or it is no text.
    """
    with closing(open_text(path)) as source:
        return _read(source, fspath(path), as_of, seed)


def parse_schedule(
    source: TextIO, file: str | None = None, *, as_of: date | int | None = None,
    seed: int | None = None,
) -> Schedule:  # fmt: skip
    """Read a schedule from an open text; see `read_schedule`."""
    return _sound(_read(source, file, as_of, seed))


def _sound(found: Findings) -> Schedule:
    if found.problems:
        raise BadInput(found.problems)
    return found.schedule


def _read(source: TextIO, file: str | None, as_of: date | int | None, seed: int | None) -> Findings:
    notes = Notes(file)
    metadata, plans, count = _pieces(source, notes)
    if not count and not notes.problems:
        _no_batches(notes)
    fields = Fields(notes, metadata, "metadata")
    _check_metadata(fields)
    named_as_of = fields.date("as_of", required=False)
    generated = fields.date("generated_date", required=False)
    own = next((day for day in (named_as_of, generated) if day is not None), _latest(plans))
    own_seed = _seed(fields)
    if metadata.pop("format", None) != FORMAT:
        plans = [replace(plan, open_ended=_cut_short(plan, own)) for plan in plans]
    chosen = own if as_of is None else day_of(as_of) if isinstance(as_of, date) else as_of
    chosen_seed = own_seed if seed is None else seed
    _state(metadata, "as_of", named_as_of == chosen, date_of(_within(chosen)))
    _state(metadata, "seed", metadata.get("seed") == chosen_seed, chosen_seed)
    schedule = Schedule(metadata, tuple(_numbered(plans)), chosen, chosen_seed, file)
    notes.problems.extend(check_schedule(schedule))
    return Findings(schedule, tuple(sorted(notes.problems, key=lambda each: each.line or 0)))


def _pieces(source: TextIO, notes: Notes) -> tuple[MarkedMap, list[BatchPlan], int]:
    """Return the metadata, the plans that could be made, and how many items `batches` has."""
    metadata, plans, count = MarkedMap(1), [], 0
    entries = EntryReader(notes)
    try:
        for piece in stream(source, notes.file, "batches", limit=SCHEDULE_LIMIT):
            if piece.key == "batches" and piece.item is not None:
                count += 1
                plan = entries.read(piece.value, piece.line)
                plans.extend([] if plan is None else [plan])
            elif piece.key == "metadata" and isinstance(piece.value, MarkedMap):
                metadata = piece.value
            else:
                _misplaced(notes, piece.key, piece.key_line, piece.value)
    except BadInput as refusal:
        notes.problems.extend(refusal.problems)
    return metadata, plans, count


def _misplaced(notes: Notes, key: str, line: int, value: Any) -> None:
    """Complain of a top-level key that is not known, or whose value is of the wrong kind."""
    if key not in TOP_KEYS:
        near = get_close_matches(key, TOP_KEYS, n=1)
        notes.add(
            "S-UNKNOWN-KEY", "the file has a key that is not known", line, found=key[:60],
            allowed=", ".join(TOP_KEYS), mend=f"Did you mean {near[0]}?" if near else "Remove it",
        )  # fmt: skip
    elif key == "batches" or value is not None:
        wanted = "a list" if key == "batches" else "a mapping"
        message = f"{key} is not what it must be"
        notes.add("S-TYPE", message, line, found=kind_of(value), allowed=wanted)


def _no_batches(notes: Notes) -> None:
    notes.add(
        "S-EMPTY", "the file holds no batches", 1, allowed="a list of batches under batches",
        mend="Make a schedule with: grilse plan",
    )  # fmt: skip


def _check_metadata(fields: Fields) -> None:
    """Complain of keys that look misspelt; the metadata may say more than we know."""
    for key in fields.values:
        near = get_close_matches(str(key), METADATA_KEYS, n=1, cutoff=0.85)
        if key not in METADATA_KEYS and near:
            fields.notes.add(
                "S-UNKNOWN-KEY", "the metadata have a key that looks misspelt",
                fields.line_of(key), found=str(key)[:60], mend=f"Did you mean {near[0]}?",
            )  # fmt: skip


def _seed(fields: Fields) -> int:
    seed = fields.whole("seed", required=False)
    if seed is not None and not 0 <= seed <= _MAX_SEED:
        fields.misfit("seed", f"0 to {_MAX_SEED}", "S-SEED")
    return DEFAULT_SEED if seed is None else seed


def _state(metadata: MarkedMap, key: str, agrees: bool, value: Any) -> None:
    """Make the metadata say what holds; what says so already stays as it was written."""
    if not agrees:
        metadata[key] = value


def _within(day: int) -> int:
    """Keep a day number within what a date can hold; the checks refuse it where it was not."""
    return max(-700_000, min(day, 2_900_000))


def _latest(plans: Sequence[BatchPlan]) -> int:
    return max((plan.start + plan.duration for plan in plans), default=0)


def _cut_short(plan: BatchPlan, own_as_of: int) -> bool:
    """Whether a file that is not in our layout cuts a batch's life short."""
    last = plan.stays[-1]
    return plan.start + last.end_day >= own_as_of or last.days < _PLACEHOLDER_DAYS


def _numbered(plans: Sequence[BatchPlan]) -> list[BatchPlan]:
    """Return the plans with a number each: those that the file does not number are ranked."""
    ranked = sorted((plan for plan in plans if not plan.number), key=_rank)
    first = 1 + max((plan.number for plan in plans), default=0)
    numbers = {id(plan): number for number, plan in enumerate(ranked, start=max(first, 1))}
    return [_with_number(plan, numbers) for plan in plans]


def _with_number(plan: BatchPlan, numbers: Mapping[int, int]) -> BatchPlan:
    return replace(plan, number=numbers[id(plan)]) if id(plan) in numbers else plan


def _rank(plan: BatchPlan) -> tuple[int, str]:
    return plan.start, plan.batch_id
