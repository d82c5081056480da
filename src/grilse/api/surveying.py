"""A database asked what a farm has: saved beside the schedule, so that it is asked once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from os import PathLike
from pathlib import Path

from grilse.biology.parameters import changed_parameters
from grilse.dataset.files import write_whole
from grilse.farm.model import Farm
from grilse.farm.reading import read_farm
from grilse.farm.scaling import farm_text
from grilse.plan.standing import Standing
from grilse.sinks.postgres.target import SCHEMES, Target, read_target
from grilse.survey.questions import Questions, questions_of
from grilse.survey.surveying import Survey, occupied, survey

__all__ = ["Surveyed", "is_database", "standing_in", "survey_beside", "surveyed_farm"]


@dataclass(frozen=True, slots=True)
class Surveyed:
    """A survey that was saved.

    Attributes
    ----------
    farm, parameters
        Names of the files.
    told
        What was taken, from where, and what was not.
    """

    farm: str
    parameters: str
    told: tuple[str, ...]


def is_database(name: str | PathLike[str] | None) -> bool:
    """Whether a farm, or what to plan onto, is named by a database's URL."""
    return isinstance(name, str) and name.partition("://")[0] in SCHEMES and "://" in name


def survey_beside(
    url: str, output: str | PathLike[str], *, application: str | None = None,
    schema: str | None = None,
) -> Surveyed:  # fmt: skip
    """Ask a database for its farm and models, and save both beside a schedule's file.

    Parameters
    ----------
    url
        ``postgresql://...``, without a password.
    output
        Where the schedule goes: ``plan.yaml`` has ``plan.farm.yaml`` and ``plan.params.yaml``
        beside it, which are replaced if they are there.
    application, schema
        Whose tables they are: ``grilse``, ``aquamind`` or a file of questions; and where.

    Raises
    ------
    BadInput
        If the URL, the application or what the database holds makes no farm.
    DestinationError
        If the database cannot be reached or cannot answer, or a file cannot be written.
    """
    target, questions = _asked(url, application, schema)
    found = survey(target, questions)
    beside = Path(output)
    farm, parameters = (beside.with_suffix(f".{kind}.yaml") for kind in ("farm", "params"))
    about = f"# As the database {target.url} told it, by {questions.application}'s tables.\n"
    _write(farm, about + farm_text(found.farm), lambda: read_farm(farm))
    text = found.parameters_text
    _write(parameters, about + text, lambda: changed_parameters(about + text, str(parameters)))
    return Surveyed(str(farm), str(parameters), found.told)


def surveyed_farm(url: str, *, application: str | None = None, schema: str | None = None) -> Farm:
    """Ask a database for its farm alone.

    Raises
    ------
    BadInput, DestinationError
        As `survey_beside`.
    """
    found: Survey = survey(*_asked(url, application, schema))
    return found.farm


def standing_in(
    url: str, as_of: date, *, application: str | None = None, schema: str | None = None
) -> tuple[Standing, tuple[str, ...]]:
    """Ask a database who stands where; return it for `plan`, and what there is to tell.

    Raises
    ------
    BadInput, DestinationError
        As `survey_beside`.
    """
    found = occupied(*_asked(url, application, schema), as_of)
    return Standing(holds=found.holds, batch_ids=found.batch_ids), found.told


def _asked(url: str, application: str | None, schema: str | None) -> tuple[Target, Questions]:
    questions = questions_of(application)
    return read_target(url, schema or questions.schema), questions


def _write(path: Path, text: str, check: Callable[[], object]) -> None:
    """Write a file and read it back, so that what is refused later is refused now."""
    write_whole(path, text)
    check()
