"""What a planned schedule says of itself: its metadata, and the comment at the head of its file."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from grilse.farm.builtin import BUILTIN_FARMS
from grilse.farm.model import Farm
from grilse.ground.days import date_of
from grilse.plan.explanation import days_text
from grilse.plan.policies import saturation as policy
from grilse.plan.question import Bottleneck, PlanAnswer, PlanQuestion
from grilse.plan.saturation import Saturation
from grilse.schedule.model import BatchPlan

__all__ = [
    "command_text",
    "header_lines",
    "percent",
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
    bottleneck: Bottleneck,
    sources: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the metadata of a plan; `sources` tells of farm and parameters."""
    return {
        "policy": policy.NAME,
        "seed": question.seed,
        "as_of": date_of(question.as_of),
        **({"farm": {"name": farm.name, "origin": farm.origin}} | dict(sources)),
        "total_batches": len(batches),
        "batches_per_geography": question.batches_per_geography,
        "stagger_days": _number(question.stagger_days),
        "geography_stagger_days": _number(question.stagger_days * len(farm.geographies)),
        "first_start": date_of(batches[0].start),
        "last_start": date_of(batches[-1].start),
        "capacity": _capacity(saturation) | _bottleneck(bottleneck),
    }


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


def _bottleneck(bottleneck: Bottleneck) -> dict[str, Any]:
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
        f"{meta['total_batches']} batches, {meta['batches_per_geography']} in each geography: "
        f"one starts every {meta['stagger_days']} days, "
        f"every {meta['geography_stagger_days']} days in a geography",
        f"starts {meta['first_start']} to {meta['last_start']}; rows before {meta['as_of']}",
        f"saturation {saturation_text(answer.saturation)}",
        f"bottleneck {bottleneck.group.name}: "
        f"a stagger of {days_text(bottleneck.least_stagger_days)} days is the least it bears",
        f"fullest {fullest.group.name}: {percent(fullest.share)}",
    )


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


def summary_lines(answer: PlanAnswer) -> tuple[str, str, str]:
    """Return the lines that a plan ends with: batches, conflicts, saturation."""
    meta = answer.metadata
    return (
        f"batches     {meta['total_batches']:,} ({meta['batches_per_geography']:,} in each "
        f"geography), starting {meta['first_start']} to {meta['last_start']}: "
        f"every {meta['stagger_days']} days, every {meta['geography_stagger_days']} in a geography",
        f"conflicts   {answer.conflicts}",
        f"saturation  {saturation_text(answer.saturation)}",
    )


def command_text(answer: PlanAnswer) -> str:
    """Return the command that makes this plan again on any day: every choice is written out."""
    meta = answer.metadata
    words = [
        "grilse", "plan", "--batches", meta["batches_per_geography"],
        "--stagger", meta["stagger_days"], "--start-date", meta["first_start"],
        "--as-of", meta["as_of"], "--seed", meta["seed"],
    ]  # fmt: skip
    farm = str(meta["farm"]["origin"]).removeprefix(_BUILT_IN)
    chosen = [] if farm == BUILTIN_FARMS[0] else ["--farm", farm]
    return shlex.join(map(str, [*words, *chosen]))
