"""What of a history is written, and how: cadences, compression, the size of row groups."""

from __future__ import annotations

from dataclasses import dataclass

from grilse.biology.parameters import changed_parameters_of
from grilse.ground.parameters import Parameters

__all__ = ["Writing", "with_writing"]


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
    """

    readings_per_day: int | None = None
    sample_every_days: int | None = None
    dense_days: int | None = None


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
    for option, group, name, value in options:
        if value is not None:
            text = f"{group}: {{{name}: {value}}}"
            parameters = changed_parameters_of(parameters, text, option)
    return parameters
