"""What ``grilse run`` does and says where ``--to`` is another place than a folder of Parquet."""

from __future__ import annotations

from collections.abc import Iterator

import click

from grilse.api.loading import LoadReport
from grilse.cli.telling import cost_lines, saturation_lines, table_lines

__all__ = ["load_lines", "refuse_options"]


def refuse_options(**given: object) -> None:
    """Refuse the options that only a folder of Parquet files can take."""
    names = [f"--{name.replace('_', '-')}" for name, value in given.items() if value]
    if names:
        raise click.UsageError(f"{', '.join(names)}: only where --to is a folder")


def load_lines(report: LoadReport) -> Iterator[str]:
    """Say what a load brought, what it took, and what followed the last row."""
    result, finished = report.result, report.finished
    skipped = f"; {report.skipped:,} were there already" if report.skipped else ""
    yield f"batches     {result.batches:,} brought{skipped}"
    yield from table_lines(finished.totals)
    yield from cost_lines(result)
    if finished.seconds:
        steps = ", ".join(f"{name} {seconds:,.1f} s" for name, seconds in finished.seconds.items())
        yield f"after       {steps}"
    for note in finished.notes:
        yield f"note        {note}"
    yield from saturation_lines(report.saturation)
    yield f"load        {report.shown} ({'complete' if finished.is_complete else 'incomplete'})"
