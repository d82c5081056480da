"""``grilse validate``: everything that is wrong with a schedule, and how to mend it."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from datetime import datetime

import click

from grilse.api.choosing import FROM_SCHEDULE
from grilse.api.surveying import is_database, surveyed_farm
from grilse.biology.parameters import builtin_parameters
from grilse.farm.builtin import BUILTIN_FARMS
from grilse.farm.finding import find_farm
from grilse.farm.model import Farm
from grilse.ground.wording import numbered
from grilse.plan.metadata import saturation_text
from grilse.plan.validation import Validation, validate_schedule

__all__ = ["command"]

_MOST_A_CODE = 20
_BAD_INPUT = 2
_EXAMPLE = """\b
Examples:
  grilse validate schedule.yaml
  grilse validate schedule.yaml --strict --format json"""


@click.command(name="validate", epilog=_EXAMPLE)
@click.argument("schedule", type=click.Path(exists=True, dir_okay=False))
@click.option(
    "--farm",
    metavar="NAME|FILE|postgresql://...",
    help=f"Hold it against this farm: {', '.join(BUILTIN_FARMS)}, {FROM_SCHEDULE}, a file, or a "
    "database that has one.  "
    "[default: the one that the schedule was planned for, else the reference farm]",
)
@click.option(
    "--as-of",
    type=click.DateTime(formats=["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="In place of the schedule's own.",
)
@click.option(
    "--as",
    "application",
    metavar="NAME|FILE",
    help="Whose tables a database has: grilse, aquamind, or a file of questions.  "
    "[default: grilse]",
)
@click.option("--schema", metavar="NAME", help="Schema of the tables.  [default: theirs]")
@click.option("--strict", is_flag=True, help="Let warnings count as errors.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
def command(
    schedule: str, farm: str | None, as_of: datetime | None, application: str | None,
    schema: str | None, strict: bool, form: str,
) -> int:  # fmt: skip
    """Check a schedule, and tell everything that is wrong with it.

    Every problem has a code, a severity, file and line, the batch, what was found, what is allowed
    and how to mend it. The exit code is 0 where there is no error, 2 where there is one.
    """
    found = validate_schedule(
        schedule,
        builtin_parameters(),
        _farm(farm, application, schema),
        as_of=None if as_of is None else as_of.date(),
        strict=strict,
        derive_farm=farm == FROM_SCHEDULE,
    )
    if form == "json":
        click.echo(json.dumps(_as_data(schedule, found), indent=2, ensure_ascii=False))
    else:
        _tell(schedule, found)
    return 0 if found.is_valid else _BAD_INPUT


def _farm(name: str | None, application: str | None, schema: str | None) -> Farm | None:
    """Return the farm of that name, file or database; None where the schedule decides."""
    if is_database(name):
        return surveyed_farm(str(name), application=application, schema=schema)
    if application is not None or schema is not None:
        raise click.UsageError("--as and --schema go with a database's URL")
    return None if name in (None, FROM_SCHEDULE) else find_farm(str(name))


def _as_data(file: str, found: Validation) -> dict[str, object]:
    return {
        "file": file,
        "valid": found.is_valid,
        "batches": len(found.schedule.batches),
        "farm": found.farm.name,
        **{f"{severity}s": count for severity, count in found.counts.items()},
        "saturation": None if found.saturation is None else round(found.saturation.overall, 4),
        "problems": [asdict(problem) for problem in found.problems],
    }


def _tell(file: str, found: Validation) -> None:
    """Print every problem, of each code at most so many, and what it comes to."""
    told: Counter[str] = Counter()
    for problem in found.problems:
        told[problem.code] += 1
        if told[problem.code] <= _MOST_A_CODE:
            click.echo(str(problem))
    for code, count in told.items():
        if count > _MOST_A_CODE:
            click.echo(f"{code}: {count - _MOST_A_CODE} more; --format json lists them all")
    for line in found.told:
        click.echo(line)
    if found.saturation is not None:
        click.echo(f"saturation  {saturation_text(found.saturation)}")
    counts = ", ".join(numbered(count, severity) for severity, count in found.counts.items())
    verdict = "valid" if found.is_valid else "not valid"
    batches = numbered(len(found.schedule.batches), "batch")
    click.echo(f"{file}: {verdict}; {batches} on farm {found.farm.name}; {counts}")
