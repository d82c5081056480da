"""What a planned schedule says of itself: its metadata, and the comment at the head of its file."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import groupby
from operator import itemgetter
from typing import Any

from grilse.farm.builtin import BUILTIN_FARMS
from grilse.farm.model import Farm
from grilse.ground.days import date_of
from grilse.ground.wording import numbered
from grilse.plan.explanation import days_text
from grilse.plan.naming import geographies_planned
from grilse.plan.policies.ladder import is_usual
from grilse.plan.question import DEFAULT_RING_COUNTS, Bottleneck, PlanAnswer, PlanQuestion
from grilse.plan.saturation import Saturation
from grilse.schedule.model import BatchPlan

__all__ = [
    "bound_text",
    "command_text",
    "header_lines",
    "percent",
    "rings_text",
    "saturation_text",
    "schedule_metadata",
    "summary_lines",
    "window_text",
]

_BUILT_IN = "built-in:"


def schedule_metadata(
    question: PlanQuestion,
    farm: Farm,
    batches: Sequence[BatchPlan],
    saturation: Saturation,
    bottleneck: Bottleneck | None,
    sources: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the metadata of a plan; `sources` tells of farm and parameters."""
    turns = question.turns(len(geographies_planned(question, farm)))
    return {
        "policy": question.policy,
        "seed": question.seed,
        "as_of": date_of(question.as_of),
        **({"farm": {"name": farm.name, "origin": farm.origin}} | dict(sources)),
        "total_batches": len(batches),
        "batches_per_geography": _each(batches),
        "stagger_days": _number(question.stagger_days),
        "geography_stagger_days": _number(question.stagger_days * turns),
        "first_start": date_of(min(batch.start for batch in batches)),
        "last_start": date_of(max(batch.start for batch in batches)),
        **_chosen(question),
        "capacity": _capacity(saturation) | _bottleneck(bottleneck),
    }


def _each(batches: Sequence[BatchPlan]) -> int | dict[str, int]:
    """Return how many batches each geography has: one number where they have equally many."""
    counts = Counter(batch.geography for batch in batches)
    equal = len(set(counts.values())) == 1
    return next(iter(counts.values())) if equal else dict(counts)


def _chosen(question: PlanQuestion) -> dict[str, Any]:
    """Return what a plan's question says beyond the plain one."""
    chosen: dict[str, Any] = {}
    if question.ring_counts != DEFAULT_RING_COUNTS:
        chosen["rings"] = rings_text(question.ring_counts)
    if question.reserve != "days":
        chosen["reserve"] = question.reserve
    if question.stage_days:
        chosen["stage_days"] = dict(question.stage_days)
    if question.fallow_days is not None:
        chosen["fallow_days"] = question.fallow_days
    if question.onto is not None:
        chosen["onto"] = question.onto
    if not question.interleave:
        chosen["interleave"] = False
    if question.own_staggers:
        paces = question.own_staggers
        chosen["own_staggers"] = {name: _number(pace) for name, pace in paces.items()}
    if question.hoped_saturation is not None:
        chosen["hoped_saturation"] = float(question.hoped_saturation)
    return chosen


def rings_text(counts: Sequence[int]) -> str:
    """Return ring counts as the command line takes them: ``6..20``, or each of them."""
    first, last = counts[0], counts[-1]
    step = 1 if last >= first else -1
    if tuple(counts) == tuple(range(first, last + step, step)):
        return f"{first}..{last}" if len(counts) > 1 else str(first)
    return ",".join(map(str, counts))


def _number(days: Fraction) -> int | float:
    return int(days) if days.denominator == 1 else float(days)


def _capacity(saturation: Saturation) -> dict[str, Any]:
    shares: dict[str, dict[str, float]] = {}
    for group in saturation.groups:
        shares.setdefault(group.group.geography, {})[group.group.stage] = round(group.share, 4)
    return {
        "window_start": date_of(saturation.window.start),
        "window_end": date_of(saturation.window.end),
        "steady": saturation.steady,
        "saturation": round(saturation.overall, 4),
        "saturation_by_group": shares,
        "fished_days": saturation.fished_days,
        "fished_share": round(saturation.fished_share, 4),
        "ever_used": saturation.ever_used,
        "ever_used_share": round(saturation.ever_used_share, 4),
    }


def _bottleneck(bottleneck: Bottleneck | None) -> dict[str, Any]:
    if bottleneck is None:
        return {}
    return {
        "bottleneck": bottleneck.group.name,
        "least_stagger_days": float(days_text(bottleneck.least_stagger_days)),
    }


def header_lines(answer: PlanAnswer) -> tuple[str, ...]:
    """Return the file's comment: command, batches, span, saturation and bottleneck."""
    meta = answer.metadata
    bottleneck = answer.bottleneck
    fullest = answer.saturation.fullest
    return (
        command_text(answer),
        f"{numbered(meta['total_batches'], 'batch')}, {_each_text(answer)}: "
        f"one starts every {meta['stagger_days']} days, "
        f"every {meta['geography_stagger_days']} days in a geography",
        f"starts {meta['first_start']} to {meta['last_start']}; rows before {meta['as_of']}",
        f"saturation {saturation_text(answer.saturation)}",
        *([] if bottleneck is None else [f"bottleneck {bound_text(answer, bottleneck)}"]),
        f"fullest {fullest.group.name}: {percent(fullest.share)}",
    )


def bound_text(answer: PlanAnswer, bottleneck: Bottleneck) -> str:
    """Return the bound and how far the plan is from it, on one line."""
    least = bottleneck.least_stagger_days
    text = (
        f"{bottleneck.group.name}: a stagger of {days_text(least)} days is the least that it bears"
    )
    stagger = answer.question.stagger_days
    if answer.question.ladder_days or answer.question.own_staggers or stagger <= 0:
        return text
    if stagger == least:
        return f"{text}, and this plan reaches it"
    return f"{text}; this plan's {days_text(stagger)} are {float(stagger / least):.2f} times that"


def saturation_text(saturation: Saturation) -> str:
    """Return the saturation in its three senses, on one line."""
    return (
        f"{percent(saturation.overall)} reserved {window_text(saturation)}; "
        f"{percent(saturation.fished_share)} fished by as-of "
        f"({saturation.fished_days:,} container-days); "
        f"{percent(saturation.ever_used_share)} of containers ever used"
    )


def window_text(saturation: Saturation) -> str:
    """Name the window that saturation is taken over."""
    start, end = date_of(saturation.window.start), date_of(saturation.window.end)
    if saturation.steady:
        return f"in the steady window {start} to {end}"
    return f"over the whole plan {start} to {end} (too short to be steady)"


def percent(share: float) -> str:
    """Return a share as a percentage with one decimal."""
    return f"{100 * share:.1f} %"


def summary_lines(answer: PlanAnswer) -> tuple[str, ...]:
    """Return what a plan tells: first what explains it, last batches, conflicts, saturation."""
    meta = answer.metadata
    lines = [f"groups      {line}" for line in _group_lines(answer.saturation)]
    if answer.bottleneck is not None:
        lines.append(f"bound       {bound_text(answer, answer.bottleneck)}")
    if answer.question.hoped_saturation is not None:
        hoped = float(answer.question.hoped_saturation)
        lines.append(f"hoped       {percent(hoped)}; reached {percent(answer.saturation.overall)}")
    return (
        *answer.told,
        *lines,
        f"batches     {meta['total_batches']:,} ({_each_text(answer)}), "
        f"starting {meta['first_start']} to {meta['last_start']}: {_pace(answer)}",
        f"conflicts   {answer.conflicts}",
        f"saturation  {saturation_text(answer.saturation)}",
    )


def _each_text(answer: PlanAnswer) -> str:
    each = answer.metadata["batches_per_geography"]
    if isinstance(each, int):
        return f"{each:,} in each geography"
    return ", ".join(f"{count:,} in {name}" for name, count in each.items())


def _group_lines(saturation: Saturation) -> Iterator[str]:
    """Yield a line a geography; neighbouring stages that are equally full stand together."""
    by_geography: dict[str, list[tuple[str, str]]] = {}
    for group in saturation.groups:
        said = (group.group.stage, percent(group.share))
        by_geography.setdefault(group.group.geography, []).append(said)
    for geography, shares in by_geography.items():
        runs = [(share, list(run)) for share, run in groupby(shares, key=itemgetter(1))]
        said_of = (f"{_stages_text([stage for stage, _ in run])} {share}" for share, run in runs)
        yield f"{geography}: {', '.join(said_of)}"


def _stages_text(stages: Sequence[str]) -> str:
    return stages[0] if len(stages) == 1 else f"{stages[0]} to {stages[-1]}"


def _pace(answer: PlanAnswer) -> str:
    """Say how often batches start."""
    question, meta = answer.question, answer.metadata
    if question.ladder_days:
        return f"a ladder of {len(question.ladder_days)} ages on {meta['as_of']}"
    if question.own_staggers:
        paces = (f"{days_text(pace)} in {name}" for name, pace in question.own_staggers.items())
        return f"every {', '.join(paces)} days"
    return (
        f"every {meta['stagger_days']} days, every {meta['geography_stagger_days']} in a geography"
    )


def command_text(answer: PlanAnswer) -> str:
    """Return the command that makes this plan again on any day: every choice is written out."""
    meta = answer.metadata
    question = answer.question
    words = [
        "grilse", "plan", "--batches", question.batches_per_geography,
        "--stagger", meta["stagger_days"], "--start-date", date_of(first_new_start(answer)),
        "--as-of", meta["as_of"], "--seed", meta["seed"],
    ]  # fmt: skip
    if question.ladder_days:
        words = ["grilse", "plan", "--as-of", meta["as_of"], "--seed", meta["seed"]]
        if not is_usual(question.ladder_days):
            words += ["--ladder", ",".join(map(str, question.ladder_days))]
    farm = str(meta["farm"]["origin"]).removeprefix(_BUILT_IN)
    chosen = [] if farm == BUILTIN_FARMS[0] else ["--farm", farm]
    return shlex.join(map(str, [*words, *chosen, *_options(question)]))


def first_new_start(answer: PlanAnswer) -> int:
    """Return the day of the first start that the plan itself made."""
    new = answer.schedule.batches[-_new_batches(answer) :]
    return min(batch.start for batch in new)


def _new_batches(answer: PlanAnswer) -> int:
    known = len(answer.question.geographies) or len({b.geography for b in answer.schedule.batches})
    return min(len(answer.schedule.batches), answer.question.batches_per_geography * known)


def _options(question: PlanQuestion) -> Iterator[str]:
    """Yield the options that a plan differs by from the plain one."""
    if question.policy != "saturation":
        yield from ("--policy", question.policy)
    if question.ring_counts != DEFAULT_RING_COUNTS:
        yield from ("--rings", rings_text(question.ring_counts))
    if question.reserve != "days":
        yield from ("--reserve", question.reserve)
    if not question.interleave:
        yield "--no-interleave"
    if question.own_staggers:
        yield "--fit"
    for key, days in question.stage_days.items():
        yield from ("--stage-days", f"{key}={days}")
    if question.fallow_days is not None:
        yield from ("--fallow-days", str(question.fallow_days))
    if question.onto is not None:
        yield from ("--onto", question.onto)
    if question.batches_an_area > 1:
        yield from ("--batches-an-area", str(question.batches_an_area))
    for name in question.geographies:
        yield from ("--geography", name)
    if question.eggs is not None:
        yield from ("--eggs", str(question.eggs))
