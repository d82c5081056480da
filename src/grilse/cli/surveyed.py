"""What `plan` and `validate` take from databases, in place of the names by which it was asked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from grilse.api.surveying import is_database, standing_in, survey_beside
from grilse.ground.days import today

__all__ = ["aside", "asked_of_databases"]


def aside() -> str:
    """Return the name of a schedule in a folder that goes when the command ends."""
    folder = click.get_current_context().with_resource(TemporaryDirectory(prefix="grilse-plan-"))
    return str(Path(folder) / "schedule.yaml")


def asked_of_databases(
    asked: dict[str, Any], as_of: datetime | None, output: str, application: str | None,
    schema: str | None,
) -> Iterator[str]:  # fmt: skip
    """Put in place of databases' URLs what they say, and yield what there is to tell.

    ``farm`` becomes the file beside `output` in which it is saved, and so does ``parameters``;
    ``onto`` becomes what stands in the database.
    """
    farm, onto = asked["farm"], asked["onto"]
    if not is_database(farm) and not is_database(onto):
        if application is not None or schema is not None:
            raise click.UsageError("--as and --schema go with a database's URL")
        if onto is not None and not Path(onto).exists():
            raise click.UsageError(f"--onto: there is no {onto}")
        return
    if is_database(farm):
        if asked["parameters"] is not None:
            raise click.UsageError("--params: a database's farm comes with its own parameters")
        found = survey_beside(farm, output, application=application, schema=schema)
        asked["farm"], asked["parameters"] = found.farm, found.parameters
        yield from found.told
        yield f"farm        {found.farm}; parameters {found.parameters}: run with these"
    if is_database(onto):
        when = today() if as_of is None else as_of.date()
        asked["onto"], told = standing_in(onto, when, application=application, schema=schema)
        yield from told
