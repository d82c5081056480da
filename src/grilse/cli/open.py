"""``grilse open``: start DuckDB in a dataset's folder."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import click

from grilse.dataset.layout import DATABASE
from grilse.dataset.manifest import read_manifest
from grilse.dataset.views import connect
from grilse.ground.errors import BadInput, DestinationError, Problem

__all__ = ["command"]

_EXAMPLE = """\b
Example: grilse open out
Example: grilse open out --sql "SELECT status, count(*) FROM batch GROUP BY ALL\""""


@click.command(name="open", epilog=_EXAMPLE)
@click.argument("dataset", metavar="DIR")
@click.option("--sql", metavar="QUERY", help="Run one query, print its answer, and leave.")
def command(dataset: str, sql: str | None) -> None:
    """Open the dataset in DIR in DuckDB: a view a table, over its Parquet files.

    Without --sql the program `duckdb` is started there; without that program, a plain prompt.
    """
    root = Path(dataset)
    read_manifest(root)
    if sql is not None:
        _answer(root, sql)
    elif shutil.which("duckdb"):
        raise SystemExit(subprocess.call(["duckdb", "-readonly", DATABASE], cwd=root))
    else:
        _prompt(root)


def _answer(root: Path, sql: str) -> None:
    """Print the answer to one query."""
    import duckdb

    with connect(root) as rows:
        try:
            click.echo(str(rows.sql(sql)))
        except duckdb.Error as error:
            raise BadInput(Problem("O-SQL", str(error).splitlines()[0], found=sql)) from None


def _prompt(root: Path) -> None:
    """Answer queries line by line until the input ends."""
    click.echo(f"{root / DATABASE}: one query a line; an empty line or Ctrl-D leaves.")
    click.echo("(For more, install the program duckdb, or read the files from Python.)")
    while True:
        try:
            sql = input("D " if os.isatty(0) else "").strip()
        except EOFError:
            return
        if not sql:
            return
        try:
            _answer(root, sql)
        except (BadInput, DestinationError) as error:
            click.echo(str(error), err=True)
