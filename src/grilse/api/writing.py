"""What of a history is written, and how: cadences, compression, the size of row groups."""

from __future__ import annotations

from dataclasses import dataclass

from grilse.api.choosing import chosen_whole
from grilse.biology.parameters import builtin_parameters, changed_parameters_of
from grilse.ground.errors import BadInput, Problem
from grilse.ground.parameters import Parameters
from grilse.sinks.parquet import COMPRESSIONS, MOST_ROWS_A_GROUP

__all__ = ["NOTHING_OWN", "Writing", "with_writing", "without_writing"]


@dataclass(frozen=True, slots=True)
class Writing:
    """How much of a history is written; None leaves what the parameters say.

    What is written has the same values whatever else is written.

    Attributes
    ----------
    readings_per_day
        Of each sensor, spread over the day.
    sample_every_days
        Days of life from one growth sample of a container to the next.
    dense_days
        Days before the as-of date whose readings are written one by one; of each day before them
        the mean is. 0 for all days.
    compression, row_group_rows
        Of Parquet files: one of ``lz4``, ``zstd``, ``snappy``, ``none``; and most rows of a group.
    """

    readings_per_day: int | None = None
    sample_every_days: int | None = None
    dense_days: int | None = None
    compression: str | None = None
    row_group_rows: int | None = None


NOTHING_OWN = Writing()
"""Everything as the parameters and the writer have it."""


def with_writing(parameters: Parameters, writing: Writing) -> Parameters:
    """Return parameters with what a writing says instead.

    Raises
    ------
    BadInput
        Where a number is out of its parameter's range, under the name of the option.
    """
    options = (
        ("--readings-per-day", "environment", "written_per_day", writing.readings_per_day),
        ("--sample-every", "sampling", "every_days", writing.sample_every_days),
        ("--dense-days", "environment", "dense_days", writing.dense_days),
    )
    _check_files(writing)
    for option, group, name, value in options:
        if value is not None:
            chosen_whole(option, value)
            text = f"{group}: {{{name}: {value}}}"
            parameters = changed_parameters_of(parameters, text, option)
    return parameters


def without_writing(parameters: Parameters) -> Parameters:
    """Return parameters with what a writing can say as the built-in ones have it."""
    for group, name in (
        ("environment", "written_per_day"), ("environment", "dense_days"),
        ("sampling", "every_days"),
    ):  # fmt: skip
        usual = builtin_parameters().number((group, name))
        text = f"{group}: {{{name}: {usual:g}}}"
        parameters = changed_parameters_of(parameters, text, "usual")
    return parameters


def _check_files(writing: Writing) -> None:
    found, allowed = writing.compression, ", ".join(COMPRESSIONS)
    if found is not None and found not in COMPRESSIONS:
        problem = Problem("R-COMPRESSION", "no such compression", found=found, allowed=allowed)
        raise BadInput(problem)
    if writing.row_group_rows is not None:
        chosen_whole("--row-group-rows", writing.row_group_rows, 1, MOST_ROWS_A_GROUP)
