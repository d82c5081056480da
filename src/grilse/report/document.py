"""All that a report tells, as plain data: what the page is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from grilse.ground.days import date_of
from grilse.ground.wording import numbered
from grilse.report.areas import areas_panel
from grilse.report.checks import checks_panel
from grilse.report.company import company_panel
from grilse.report.filling import filling_panel
from grilse.report.health import health_of_batches, outbreaks
from grilse.report.lice import Lice, lice
from grilse.report.lives import Life, lives
from grilse.report.planned import plan_panel
from grilse.report.stores import stores_panel
from grilse.report.subject import Subject
from grilse.report.water import Water, water
from grilse.schedule.fingerprint import schedule_fingerprint

__all__ = ["Document", "document"]


@dataclass(frozen=True)
class Document:
    """What a page is made of.

    Attributes
    ----------
    whole
        What the page reads as it opens: about, plan, filling, company, standing, checks.
    parts
        What it reads when it is asked for, by name: areas, stores, and ``life-N`` of each batch.
    """

    whole: dict[str, Any]
    parts: dict[str, Any]


def document(subject: Subject) -> Document:
    """Gather all that a report tells of a subject."""
    rows = subject.rows
    read = water(rows) if rows is not None else Water()
    lousy = lice(rows) if rows is not None else Lice()
    found = _lives(subject, read, lousy)
    whole = {
        "about": _about(subject),
        "plan": plan_panel(subject),
        "filling": filling_panel(subject),
        "company": company_panel(subject),
        "standing": {number: life.pop("stands") for number, life in found.items()},
        "limits": lousy.limits,
        "outbreaks": outbreaks(rows) if rows is not None else None,
        "checks": checks_panel(subject.verdict),
    }
    parts = {
        "areas": areas_panel(subject, read, lousy),
        "stores": stores_panel(rows) if rows is not None else [],
        **{f"life-{number}": life for number, life in sorted(found.items())},
    }
    return Document(whole, parts)


def _about(subject: Subject) -> dict[str, Any]:
    schedule, manifest = subject.schedule, subject.manifest
    return {
        "name": subject.name,
        "farm": subject.farm.name,
        "as_of": schedule.as_of,
        "seed": schedule.seed,
        "policy": str(schedule.metadata.get("policy") or "as the schedule says"),
        "version": manifest.inputs.version if manifest else subject.version,
        "schedule": manifest.inputs.schedule if manifest else schedule_fingerprint(schedule),
        "batches": len(schedule.batches),
        "drawn": len(subject.drawn),
        "first": min(batch.start for batch in schedule.batches),
        "last": max(batch.life.end for batch in schedule.batches),
        "rows": None if manifest is None else sum(t.rows for t in manifest.totals.values()),
        "state": None if manifest is None else manifest.state,
        "title": f"{subject.name}: {numbered(len(schedule.batches), 'batch')}, "
        f"as of {date_of(schedule.as_of)}",
    }


def _lives(subject: Subject, read: Water, lousy: Lice) -> dict[int, Life]:
    rows = subject.rows
    if rows is None or not rows.has("batch"):
        return {}
    numbers = {batch.number for batch in subject.drawn}
    found = lives(rows, numbers)
    for number, name, part in health_of_batches(rows):
        if number in numbers:
            found[number][name] = part
    for number, life in found.items():
        if number in read.of_batches:
            life["water"] = read.of_batches[number]
        if (number,) in lousy.of_batches:
            life["lice"] = lousy.of_batches[number,]
    return found
