"""``grilse run``: make the history that a schedule stands for."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from grilse import api
from grilse.api.analysing import ANALYSIS
from grilse.api.loading import load
from grilse.api.writing import Writing
from grilse.cli.failing import failure_lines
from grilse.cli.loading import load_lines, refuse_options
from grilse.cli.mapped import mapped, mapping_options
from grilse.cli.telling import figures, run_lines, slice_lines
from grilse.dataset.destination import look
from grilse.ground.errors import CheckFailed
from grilse.ground.wording import numbered
from grilse.run.result import RunResult
from grilse.run.task import PATIENCE, Patience

__all__ = ["command"]

_DATE = click.DateTime(formats=["%Y-%m-%d"])
_EXAMPLE = """\b
Example: grilse run schedule.yaml --to out --workers 4"""
_STOPPED = 130


@click.command(name="run", epilog=_EXAMPLE)
@click.argument("schedule", metavar="SCHEDULE")
@click.option(
    "--to",
    metavar="PLACE",
    help="A folder, FILE.duckdb, postgresql://..., csv:DIR, s3://..., or - for one table.",
)
@click.option("--schema", metavar="NAME", help="Schema of a database.  [default: grilse]")
@mapping_options
@click.option("--farm", metavar="NAME|FILE", help="Farm to run on.  [default: reference]")
@click.option("--as-of", type=_DATE, metavar="YYYY-MM-DD", help="In place of the schedule's own.")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="In place of the schedule's own.")
@click.option(
    "--workers",
    type=click.IntRange(1, 1024),
    metavar="N",
    help="Processes; 1 works in this one.  [default: the processors allowed]",
)
@click.option(
    "--engine",
    type=click.Choice(["processes", "dask"]),
    default="processes",
    show_default=True,
    help="Who makes the rows: processes of this machine, or a Dask cluster's workers.",
)
@click.option("--scheduler", metavar="tcp://...", help="Scheduler of the Dask cluster.")
@click.option("--overwrite", is_flag=True, help="Replace a dataset of other inputs.")
@click.option("--update", is_flag=True, help="Where the schedule changed, make again what changed.")
@click.option("--only-failed", is_flag=True, help="Make just the segments of failed batches.")
@click.option(
    "--partition", metavar="I/N", help="Make part I of N alone; `grilse finalise` joins them."
)
@click.option(
    "--retries",
    type=click.IntRange(0, 100),
    default=PATIENCE.retries,
    show_default=True,
    metavar="N",
    help="How often a batch that failed is made again.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0.0, 1e6, min_open=True),
    default=PATIENCE.batch_seconds,
    show_default=True,
    metavar="S",
    help="Seconds that one batch may take.",
)
@click.option("--params", metavar="FILE", help="Parameters that differ from the built-in ones.")
@click.option(
    "--other-inputs",
    is_flag=True,
    help="Run on another farm, or with other parameters, than it was planned with.",
)
@click.option(
    "--clean", is_flag=True, help="No outbreaks or sensor faults by chance; those asked for stay."
)
@click.option(
    "--tables",
    metavar="NAME,...",
    help="Tables to write, by name.  [default: all but optional ones]",
)
@click.option("--also", metavar="NAME,...", help="Optional tables to write as well: area_weather.")
@click.option("--prepared", metavar="DIR", help="Feed demand written by `grilse prepare`.")
@click.option("--no-analysis", is_flag=True, help="No growth analysis of the rows made.")
@click.option("--skip", metavar="NAME,...", help="Tables not to write.")
@click.option(
    "--readings-per-day", type=int, metavar="N", help="Fewer readings a sensor, of the same values."
)
@click.option("--sample-every", type=int, metavar="D", help="Days between growth samples.")
@click.option(
    "--dense-days",
    type=int,
    metavar="N",
    help="Single readings for the last N days alone, daily means before.",
)
@click.option(
    "--compression",
    type=click.Choice(["lz4", "zstd", "snappy", "none"]),
    help="Of Parquet.  [default: lz4]",
)
@click.option("--row-group-rows", type=int, metavar="N", help="Most rows of a Parquet row group.")
@click.option(
    "--use-partitions",
    is_flag=True,
    help="Make each slice that the schedule names whole in one worker.",
)
@click.option("--log-dir", metavar="DIR", help="Where logs are kept.  [default: logs in --to]")
@click.option("--no-logs", is_flag=True, help="Keep no logs.")
@click.option("--dry-run", is_flag=True, help="Check and estimate, but write nothing.")
@click.option(
    "--verbose",
    is_flag=True,
    help="Tell how far it is into a pipe as well, and print the traceback of a batch that failed.",
)
@click.option(
    "--no-progress", is_flag=True, help="Do not tell how far it is, on a terminal either."
)
def command(
    schedule: str, to: str | None, schema: str | None, farm: str | None,
    as_of: datetime | None, seed: int | None,
    workers: int | None, engine: str, scheduler: str | None, overwrite: bool, update: bool,
    only_failed: bool, partition: str | None,
    retries: int, timeout: float, dry_run: bool, verbose: bool, no_progress: bool,
    params: str | None, other_inputs: bool, clean: bool, tables: str | None, skip: str | None,
    readings_per_day: int | None, sample_every: int | None, dense_days: int | None,
    compression: str | None, row_group_rows: int | None, log_dir: str | None, no_logs: bool,
    use_partitions: bool, no_analysis: bool, also: str | None, prepared: str | None,
    application: str | None, as_user: str | None, with_history: bool, drop_keys: bool,
) -> None:  # fmt: skip
    """Make the history that SCHEDULE stands for: validated first, then every batch in parallel.

    A run that was stopped goes on by the same command.
    """
    if (engine == "dask") != (scheduler is not None):
        raise click.UsageError("--engine dask and --scheduler tcp://HOST:PORT go together")
    if to is None and not dry_run:
        raise click.UsageError("say where to write: --to DIR (or --dry-run to write nothing)")
    when = None if as_of is None else as_of.date()
    writing = Writing(readings_per_day, sample_every, dense_days, compression, row_group_rows)
    job = api.prepare(
        schedule, farm=farm, parameters=params, as_of=when, seed=seed, tables=_names(tables),
        skip=[*(_names(skip) or ()), *(ANALYSIS if no_analysis else ())], writing=writing,
        also=_names(also) or (), other_inputs=other_inputs, clean=clean, prepared=prepared,
    )  # fmt: skip
    for line in job.told:
        click.echo(line, err=to == "-")
    job, place = mapped(
        job, to, schema, application, as_user, with_history, drop_keys, overwrite=overwrite
    )  # fmt: skip
    if to is not None and place is None:
        look(Path(to))
    if dry_run:
        for line in figures(api.expect(job), workers):
            click.echo(line)
        return
    assert to is not None
    is_told = not no_progress and (verbose or sys.stderr.isatty())
    if place is not None:
        refuse_options(update=update, only_failed=only_failed, partition=partition,
                       compression=compression, row_group_rows=row_group_rows)  # fmt: skip
        loaded = load(job, place, workers=workers, overwrite=overwrite, progress=is_told,
                      patience=Patience(retries, timeout), log_dir=log_dir,
                      scheduler=scheduler)  # fmt: skip
        for line in load_lines(loaded):
            click.echo(line, err=to == "-")
        _end(loaded.result, verbose)
        return
    report = api.run(
        job, to, workers=workers, overwrite=overwrite, update=update, only_failed=only_failed,
        part=partition, patience=Patience(retries, timeout), progress=is_told,
        log_dir=log_dir, logs=not no_logs, use_partitions=use_partitions,
        scheduler=scheduler,
    )  # fmt: skip
    for line in (*run_lines(report), *slice_lines(report.slices)):
        click.echo(line)
    _end(report.result, verbose)


def _names(listed: str | None) -> list[str] | None:
    """Return the names of a list with commas; None where there is no list."""
    return None if listed is None else [name for name in map(str.strip, listed.split(",")) if name]


def _end(result: RunResult, verbose: bool) -> None:
    """Tell what failed, and leave with the exit code that says so."""
    for line in failure_lines(result.failures, verbose=verbose):
        click.echo(line, err=True)
    if result.is_stopped:
        click.echo("Stopped. The same command goes on from here.", err=True)
        sys.exit(_STOPPED)
    if result.failures:
        raise CheckFailed(
            f"{numbered(len(result.failures), 'batch')} failed; the others are whole."
        )
