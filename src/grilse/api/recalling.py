"""The job that made a dataset, from the copies of its inputs that are kept beside the manifest."""

from __future__ import annotations

from datetime import date
from os import PathLike
from pathlib import Path

from grilse.api.choosing import FROM_SCHEDULE
from grilse.api.preparing import Job, prepare
from grilse.dataset.layout import HOUSE
from grilse.dataset.manifest import differences, read_manifest
from grilse.farm.model import Farm
from grilse.ground.errors import DestinationError
from grilse.ground.parameter_files import read_parameters
from grilse.ground.text_file import open_text

__all__ = ["kept_job", "recall"]


def recall(dataset: str | PathLike[str], *, as_of: date | str | None = None) -> Job:
    """Return the job that made a dataset.

    Parameters
    ----------
    as_of
        In place of the dataset's own.

    Raises
    ------
    DestinationError
        If there is no dataset, or the copies of its inputs are not what it was made of: edited, or
        of another version of Grilse.
    BadInput
        If a copy cannot be read.
    """
    root = Path(dataset)
    inputs = read_manifest(root).inputs
    job = kept_job(root)
    lines = differences(inputs, job.inputs)
    if lines:
        raise DestinationError(
            f"{root}: the copies of its inputs in {HOUSE} are not what it was made of:\n  "
            + "\n  ".join(lines)
            + "\nUse the version that made it, and its own schedule: grilse run ... --to "
            + str(root)
        )
    if as_of is None:
        return job
    return prepare(
        job.schedule, farm=job.farm, parameters=job.parameters, as_of=as_of, tables=inputs.tables,
        other_inputs=True,
    )  # fmt: skip


def kept_job(dataset: str | PathLike[str]) -> Job:
    """Return the job that the copies of a dataset's inputs tell of, as they stand.

    Raises
    ------
    DestinationError
        If there is no dataset.
    BadInput
        If a copy cannot be read.
    """
    root = Path(dataset)
    inputs = read_manifest(root).inputs
    house = root / HOUSE
    parameters_file = house / "parameters.yaml"
    with open_text(parameters_file) as file:
        parameters = read_parameters(file.read(), str(parameters_file))
    return prepare(
        house / "schedule.yaml",
        farm=_farm(house / "farm.yaml"),
        parameters=parameters,
        as_of=inputs.as_of,
        seed=inputs.seed,
        tables=inputs.tables,
        other_inputs=True,
    )


def _farm(path: Path) -> Farm | str | Path:
    """Return the farm's file, or the word for the farm that the schedule itself names."""
    with open_text(path) as file:
        lines = [line for line in file.read().splitlines() if not line.startswith("#")]
    return path if any(line.strip() for line in lines) else FROM_SCHEDULE
