"""What ``--to`` takes: a folder, or the name of another place that a load can go to."""

from __future__ import annotations

import os
from pathlib import Path

from grilse.ground.errors import BadInput, Problem
from grilse.sinks.csv import CsvSink
from grilse.sinks.files import FilePlace
from grilse.sinks.parquet import ParquetSink
from grilse.sinks.place import Place
from grilse.sinks.postgres.place import PostgresPlace
from grilse.sinks.postgres.target import DEFAULT_SCHEMA, SCHEMES, read_target
from grilse.sinks.shelf import read_shelf
from grilse.sinks.stdout import StdoutPlace

__all__ = ["FORMS", "read_destination"]

FORMS = "DIR, FILE.duckdb, postgresql://..., csv:DIR, s3://bucket/prefix, - (one table)"
"""The forms of a destination, for messages and help."""

_DUCKDB_ENDINGS = (".duckdb", ".ddb")


def read_destination(text: str, *, schema: str = DEFAULT_SCHEMA) -> Path | Place:
    """Read a destination.

    Parameters
    ----------
    text
        One of `FORMS`.
    schema
        Of a database.

    Returns
    -------
    Path or Place
        The path of a folder for a dataset of Parquet files, else the place.

    Raises
    ------
    BadInput
        If it is none of these, or holds a password.
    """
    if text == "-":
        return StdoutPlace()
    scheme, has_scheme, _ = text.partition("://")
    if has_scheme:
        if scheme in SCHEMES:
            return PostgresPlace(read_target(text, schema))
        return FilePlace(read_shelf(text), ParquetSink, ".parquet")
    kind, has_kind, folder = text.partition(":")
    if has_kind and kind == "csv":
        _refuse_nothing(text, folder)
        return FilePlace(read_shelf(folder), CsvSink, ".csv")
    _refuse_nothing(text, text)
    return _local(Path(text))


def _local(path: Path) -> Path | Place:
    if path.suffix in _DUCKDB_ENDINGS and not os.path.isdir(path):
        from grilse.sinks.duckdb import DuckDbPlace

        return DuckDbPlace(path)
    return path


def _refuse_nothing(text: str, name: str) -> None:
    if not name.strip():
        raise BadInput(
            Problem("D-FORM", "that names no destination", found=repr(text), allowed=FORMS)
        )
