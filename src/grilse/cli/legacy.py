"""What ``grilse plan --from-legacy`` does and says."""

from __future__ import annotations

import json
import shlex
from collections.abc import Collection, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from grilse.dataset.files import write_whole
from grilse.ground.wording import numbered
from grilse.migration.scheduling import Migration
from grilse.schedule.writing import write_schedule

__all__ = ["WITH_A_SOURCE", "refuse_options", "save_and_tell"]

WITH_A_SOURCE = {
    "from_legacy", "mapping", "is_anchored", "seed", "as_of", "dry_run", "output", "overwrite",
}  # fmt: skip
"""Options that go with --from-legacy."""

_TOLD = 20


def refuse_options(what: str, allowed: Collection[str]) -> None:
    """Refuse options of planning where something else says what is planned."""
    context = click.get_current_context()
    named = [
        option
        for option in context.params
        if context.get_parameter_source(option) is ParameterSource.COMMANDLINE
    ]
    others = sorted(set(named) - set(allowed))
    if others:
        words = ", ".join(f"--{option.replace('_', '-')}" for option in others)
        raise click.UsageError(f"{what} says what is planned: leave out {words}")


def save_and_tell(found: Migration, source: str, output: str | None) -> None:
    """Save a migrated schedule with a report beside it, and say what became of the source."""
    report = None if output is None else f"{output}.migration.json"
    if output is not None and report is not None:
        write_schedule(found.schedule, output, _header(found, source))
        write_whole(Path(report), json.dumps(_report(found), indent=1, ensure_ascii=False) + "\n")
    for line in _lines(found, report):
        click.echo(line)
    if output is None:
        click.echo("saved       nothing (--dry-run); next: the same command without --dry-run")
    else:
        name = shlex.quote(output)
        click.echo(f"saved       {name}; next: grilse run {name} --to out")


def _header(found: Migration, source: str) -> list[str]:
    return [
        f"Made by Grilse: grilse plan --from-legacy {source}",
        f"{numbered(len(found.schedule.batches), 'batch')}: "
        f"{found.mapped} of {numbered(found.populations, 'population')}",
        f"{len(found.unmapped)} things of the source are not here as they stand there",
    ]


def _lines(found: Migration, report: str | None) -> Iterator[str]:
    anchors = sum(len(plan.extra.get("anchors", ())) for plan in found.schedule.batches)
    yield f"batches     {len(found.schedule.batches):,}, with {numbered(anchors, 'anchor')}"
    yield (
        f"populations {found.mapped:,} of {found.populations:,} mapped; "
        f"{numbered(found.bridges, 'bridge')} passed over; "
        f"{found.same_day:,} put in order within a day"
    )
    moved = sum(count for days, count in found.shifted.items() if days)
    if moved:
        worst = max(map(abs, found.shifted))
        off = numbered(worst, "day")
        yield f"dates       {numbered(moved, 'start')} up to {off} off the source"
    for link in found.links:
        yield f"linked      {link.land} to {link.sea}: {link.evidence}"
    yield f"unmapped    {len(found.unmapped):,}" + (f"; all in {report}" if report else "")
    yield from (f"  - {each}" for each in found.unmapped[:_TOLD])
    if len(found.unmapped) > _TOLD:
        yield f"  and {len(found.unmapped) - _TOLD:,} more"


def _report(found: Migration) -> dict[str, Any]:
    """Return all that became of the source, for programs."""
    return {
        "batches": {plan.batch_id: plan.extra.get("source", {}) for plan in found.schedule.batches},
        "populations": found.populations,
        "mapped": found.mapped,
        "bridges": found.bridges,
        "same_day": found.same_day,
        "containers_by_days_off": {str(days): count for days, count in found.shifted.items()},
        "links": [{**asdict(link), "evidence": link.evidence} for link in found.links],
        "unmapped": [asdict(each) for each in found.unmapped],
    }
