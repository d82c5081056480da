"""The options of verbs that write into another application's tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

from grilse.api.loading import find_place
from grilse.api.preparing import Job
from grilse.sinks.place import Place

__all__ = ["mapped", "mapping_options"]

Command = TypeVar("Command", bound=Callable[..., object])


def mapping_options(command: Command) -> Command:
    """Give a verb ``--as`` and what goes with it."""
    for option in (
        click.option("--with-history", is_flag=True,
                     help="With --as: a first version of each row, as the application keeps them."),
        click.option("--drop-keys", is_flag=True,
                     help="With --as: put keys and indexes away for the load, and back; faster, "
                     "for the tables' owner."),
        click.option("--as-user", metavar="NAME",
                     help="With --as: the application's user who is said to have done it."),
        click.option("--as", "application", metavar="NAME|FILE",
                     help="Into another application's own tables: aquamind, or a mapping's file."),
    ):  # fmt: skip
        command = option(command)
    return command


def mapped(
    job: Job, to: str | None, schema: str | None, application: str | None, as_user: str | None,
    with_history: bool, drop_keys: bool, *, overwrite: bool = False,
) -> tuple[Job, Place | None]:  # fmt: skip
    """Return the place that ``--to`` names, and the job as that place wants it."""
    if application is None:
        if as_user is not None or with_history or drop_keys:
            raise click.UsageError("--as-user, --with-history and --drop-keys go with --as")
        return job, None if to is None else find_place(to, schema=schema)
    if to is None or as_user is None:
        raise click.UsageError("--as wants --to postgresql://... and --as-user NAME")
    if overwrite:
        raise click.UsageError("--overwrite: remove what is there by `grilse wipe`")
    from grilse.api.mapping import mapped_place

    return mapped_place(job, to, application, user=as_user, schema=schema,
                        with_history=with_history, drop_keys=drop_keys)  # fmt: skip
