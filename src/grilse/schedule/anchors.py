"""Anchors: what a source says of a batch's fish, which its simulated life passes through exactly.

An anchor stands under a batch's ``anchors``::

    {date: 2021-04-02, container: FI-SEA-01-Ring-01, count: 120400, weight_g: 431.5}
    {date: 2022-05-30, container: FI-SEA-01-Ring-01, harvested: 40100, weight_g: 5620}

The first kind holds at the start of its day: so many fish are alive there, of that mean weight. A
date on which the fish leave holds as they leave; on the first day of life it may also say how many
eggs were ``delivered``. The second kind holds on its day: so many fish are harvested, of that mean
weight. Count or weight may be left out. A third kind says of a transfer how many fish went where::

    {date: 2021-04-02, container: FI-FW-01-E-C01, to: FI-SEA-01-Ring-01, moved: 120400, died: 90}
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from typing import Any

from grilse.ground.days import date_of, day_of
from grilse.ground.errors import BadInput, Problem
from grilse.schedule.model import BatchPlan, Schedule, Stay

__all__ = ["Anchor", "anchors_of", "check_anchors"]

_KEYS = (
    "date", "container", "count", "harvested", "weight_g", "delivered", "to", "moved", "died",
)  # fmt: skip
_MOST_FISH, _MOST_GRAMS = 2**31 - 1, 100_000.0


@dataclass(frozen=True, slots=True)
class Anchor:
    """An anchor, in the stay and container that it is of.

    Attributes
    ----------
    stay
        Place of the stay in the batch's life.
    row
        Place of the container among the stay's.
    day
        Day of the stay.
    count
        Fish alive at the start of that day, or None.
    harvested
        Fish harvested on that day, 0 for none.
    weight_g
        Mean weight at the start of the day, or of those harvested; None where it is not known.
    delivered
        Eggs delivered into the container, dead ones included; None where it is not known.
    to
        Place of the container of the next stay that fish are moved into; -1 where it is no move.
    moved, died
        Fish that arrive there, and that die on the way.
    """

    stay: int
    row: int
    day: int
    count: int | None = None
    harvested: int = 0
    weight_g: float | None = None
    delivered: int | None = None
    to: int = -1
    moved: int = 0
    died: int = 0

    @property
    def is_move(self) -> bool:
        """Whether it tells of a transfer."""
        return self.to >= 0


def anchors_of(plan: BatchPlan) -> tuple[Anchor, ...]:
    """Return the anchors of a batch's entry, by stay, container and day.

    Raises
    ------
    BadInput
        With every problem of them.
    """
    raw = plan.extra.get("anchors")
    if not raw:
        return ()
    problems = list(_shape_problems(plan, raw))
    found: list[Anchor] = []
    if not problems:
        found = sorted(_placed(plan, raw, problems), key=lambda a: (a.stay, a.row, a.day, a.to))
        problems += _count_problems(plan, [anchor for anchor in found if not anchor.is_move])
    if problems:
        raise BadInput(problems)
    return tuple(found)


def check_anchors(schedule: Schedule) -> None:
    """Check the anchors of every batch.

    Raises
    ------
    BadInput
        With every problem of them, at its line.
    """
    problems: list[Problem] = []
    for plan in schedule.batches:
        try:
            anchors_of(plan)
        except BadInput as refusal:
            problems += [replace(each, file=schedule.file) for each in refusal.problems]
    if problems:
        raise BadInput(problems)


def _shape_problems(plan: BatchPlan, raw: Any) -> Iterator[Problem]:
    """Yield what is wrong with the anchors as they are written."""
    line = plan.lines.get("anchors", plan.line)
    if not isinstance(raw, list):
        yield _problem(plan, line, "anchors must be a list", repr(raw)[:60])
        return
    for item in raw:
        at = getattr(item, "line", None) or line
        if not isinstance(item, Mapping):
            yield _problem(plan, at, "an anchor must be a mapping", repr(item)[:60])
            continue
        for key in item:
            if key not in _KEYS:
                allowed = ", ".join(_KEYS)
                text = "an anchor has a key that is not known"
                yield _problem(plan, at, text, str(key)[:60], allowed)
        if _as_date(item.get("date")) is None:
            text = "an anchor has no date that can be read"
            yield _problem(plan, at, text, repr(item.get("date"))[:60], "YYYY-MM-DD")
        if not {"count", "harvested", "weight_g", "to"} & set(item):
            yield _problem(plan, at, "an anchor says nothing", str(dict(item))[:60])
        if "to" in item and {"count", "harvested", "weight_g"} & set(item):
            yield _problem(plan, at, "an anchor of a move says more", str(dict(item))[:60])
        if "count" in item and "harvested" in item:
            yield _problem(plan, at, "an anchor has a count or a harvest, not both", None)
        yield from _number_problems(plan, at, item)


def _number_problems(
    plan: BatchPlan, line: int | None, item: Mapping[str, Any]
) -> Iterator[Problem]:
    fish = (("count", 0), ("harvested", 1), ("delivered", 0), ("moved", 0), ("died", 0))
    for key, least in fish:
        value = item.get(key, least)
        if (
            not isinstance(value, int)
            or isinstance(value, bool)
            or not least <= value <= _MOST_FISH
        ):
            text, allowed = (
                f"an anchor's {key} is no number of fish",
                f"a whole number from {least}",
            )
            yield _problem(plan, line, text, repr(value)[:60], allowed)
    grams = item.get("weight_g", 1.0)
    is_number = isinstance(grams, (int, float)) and not isinstance(grams, bool)
    if not is_number or not 0.0 < grams <= _MOST_GRAMS:
        allowed = f"grams, above 0, to {_MOST_GRAMS:g}"
        yield _problem(plan, line, "an anchor's weight is none", repr(grams)[:60], allowed)


def _placed(
    plan: BatchPlan, raw: Iterable[Mapping[str, Any]], problems: list[Problem]
) -> Iterator[Anchor]:
    """Yield each anchor where it belongs; what belongs nowhere is noted."""
    for item in raw:
        day = day_of(_as_date(item["date"]) or date.min) - plan.start
        name = str(item.get("container", ""))
        stay = _stay(plan, name, day, item)
        to = -1
        if stay is not None and "to" in item:
            to = _row(plan.stays[stay + 1], str(item["to"]))
            stay = stay if to >= 0 else None
        if stay is None:
            problems.append(_nowhere(plan, item, name))
            continue
        grams = item.get("weight_g")
        yield Anchor(
            stay,
            _row(plan.stays[stay], name),
            day - plan.stays[stay].start_day,
            item.get("count"),
            item.get("harvested", 0),
            None if grams is None else float(grams),
            item.get("delivered"),
            to,
            item.get("moved", 0),
            item.get("died", 0),
        )


def _stay(plan: BatchPlan, name: str, day: int, item: Mapping[str, Any]) -> int | None:
    """Return the stay that holds a container on a day of life, or ends on it."""
    last, is_harvest = len(plan.stays) - 1, "harvested" in item
    holding = [i for i, stay in enumerate(plan.stays) if _row(stay, name) >= 0]
    if "to" in item:
        ending = [i for i in holding if plan.stays[i].end_day == day and i < last]
        return ending[-1] if ending else None
    for i in holding:
        stay = plan.stays[i]
        if stay.start_day <= day and (day < stay.end_day or (i == last and plan.open_ended)):
            return i if not is_harvest or i == last else None
    ending = [i for i in holding if plan.stays[i].end_day == day]
    return ending[-1] if ending and not is_harvest else None


def _row(stay: Stay, name: str) -> int:
    """Return the place of a container, by its name or place/name; -1 where it is none of a stay."""
    for row, (place, container) in enumerate(stay.containers):
        if name in (container, f"{place}/{container}"):
            return row
    return -1


def _nowhere(plan: BatchPlan, item: Mapping[str, Any], name: str) -> Problem:
    line = getattr(item, "line", None) or plan.lines.get("anchors", plan.line)
    names = sorted({container for stay in plan.stays for _, container in stay.containers})
    near = get_close_matches(name, names, n=1)
    spans = [
        f"{date_of(plan.start + stay.start_day)} to {date_of(plan.start + stay.end_day)}"
        for stay in plan.stays
        if _row(stay, name) >= 0
    ]
    what = "is harvested before the batch's last stage" if "harvested" in item and spans else (
        "is of a container and date at which the batch is not there"
    )  # fmt: skip
    allowed = "; ".join(spans) or (f"did you mean {near[0]}?" if near else None)
    return _problem(plan, line, f"an anchor {what}", f"{name} on {item['date']}", allowed)


def _count_problems(plan: BatchPlan, anchors: list[Anchor]) -> Iterator[Problem]:
    """Yield where a container's fish would have to become more, which fish never do."""
    line = plan.lines.get("anchors", plan.line)
    before: Anchor | None = None
    left = taken = 0
    for anchor in anchors:
        if before is None or (anchor.stay, anchor.row) != (before.stay, before.row):
            left, taken = _MOST_FISH, 0
        elif anchor.day == before.day and bool(anchor.harvested) == bool(before.harvested):
            yield _problem(plan, line, "two anchors hold one container on one day",
                           _where(plan, anchor))  # fmt: skip
        before = anchor
        if anchor.harvested:
            taken += anchor.harvested
        elif anchor.count is not None:
            left, taken = _after(left, taken, anchor.count), 0
            if left < anchor.count:
                text = "fish would have to become more between two anchors"
                yield _problem(plan, line, text, f"{_where(plan, anchor)}: {anchor.count} fish",
                               f"at most {max(left, 0)}")  # fmt: skip
            left = anchor.count
        if taken > left:
            yield _problem(plan, line, "more fish are harvested than are there",
                           f"{_where(plan, anchor)}: {taken} fish", f"at most {left}")  # fmt: skip


def _after(left: int, taken: int, count: int) -> int:
    """Return how many fish there can be at most, after a harvest."""
    return min(left - taken, _MOST_FISH) if left < _MOST_FISH else count


def _where(plan: BatchPlan, anchor: Anchor) -> str:
    stay = plan.stays[anchor.stay]
    return (
        f"{stay.containers[anchor.row][1]} on {date_of(plan.start + stay.start_day + anchor.day)}"
    )


def _problem(
    plan: BatchPlan, line: int | None, text: str, found: str | None, allowed: str | None = None
) -> Problem:
    return Problem("S-ANCHOR", text, batch=plan.batch_id, line=line, found=found, allowed=allowed)


def _as_date(value: Any) -> date | None:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
