"""A survey: a database asked for its farm and models, or for who stands where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from grilse.biology.parameters import builtin_parameters, stages
from grilse.farm.model import Farm
from grilse.ground.days import day_of
from grilse.ground.interval import Interval
from grilse.ground.wording import numbered
from grilse.plan.standing import Hold
from grilse.sinks.postgres.target import Target
from grilse.survey import models
from grilse.survey.answers import Answers, Row, asking
from grilse.survey.places import farm_of_rows
from grilse.survey.questions import Questions

__all__ = ["Occupied", "Survey", "occupied", "survey"]


@dataclass(frozen=True, slots=True)
class Survey:
    """What a database says of a farm.

    Attributes
    ----------
    farm
        What exists.
    parameters_text
        What its models change of the parameters, as the text of a parameter file.
    told
        Which values were taken and from where; which were not, and why.
    """

    farm: Farm
    parameters_text: str
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Occupied:
    """Who stands where, by what a database says.

    Attributes
    ----------
    batch_ids
        Of all batches that are there.
    holds
        A row a container and stay.
    told
        What had to be assumed.
    """

    batch_ids: tuple[str, ...]
    holds: tuple[Hold, ...]
    told: tuple[str, ...]


def survey(target: Target, questions: Questions) -> Survey:
    """Ask a database for its farm, and for the models that it is run by.

    Raises
    ------
    DestinationError
        If it cannot be reached, or cannot answer.
    BadInput
        If it has no container.
    """
    with asking(target, questions) as ask:
        name = urlsplit(target.url).path.strip("/") or "database"
        parameters = builtin_parameters()
        at_sea = tuple(
            stage.key for stage in stages(parameters) if stage.environment == "sea water"
        )
        found = farm_of_rows(
            name, ask("containers"), ask("stores"), questions.stage_patterns, at_sea
        )
        taken = _models(ask, [each.name for each in found.farm.geographies], at_sea)
    return Survey(found.farm, taken.text, (*found.told, *taken.told))


def _models(ask: Answers, geographies: Sequence[str], at_sea: Sequence[str]) -> models.Taken:
    questions, parameters, taken = ask.questions, builtin_parameters(), models.Taken()
    words = questions.stage_words
    models.tgc(taken, ask("tgc"), words, geographies, at_sea)
    models.fcr(taken, ask("fcr"), words)
    models.mortality(taken, ask("mortality"), words, parameters)
    models.temperature(taken, ask("temperature"), geographies)
    models.measured(taken, ask("sensors"), questions.parameter_words, parameters)
    return taken


def occupied(target: Target, questions: Questions, as_of: date) -> Occupied:
    """Ask a database who stands where.

    A batch that is still there is taken to stay for as long as its stage usually lasts, and until
    the day after `as_of` at least; where it goes from there, no row says.

    Raises
    ------
    DestinationError
        If it cannot be reached, or cannot answer.
    """
    usual = {stage.key: stage.default_days for stage in stages(builtin_parameters())}
    with asking(target, questions) as ask:
        lasts = {
            row["stage"]: int(row["days"] or usual.get(_key(questions, row), 0))
            for row in ask("stages")
        }
        rows = ask("holds")
        batch_ids = tuple(str(row["batch"]) for row in ask("batches"))
    still = sorted({str(row["batch"]) for row in rows if row["last_date"] is None})
    batches, stays = numbered(len(batch_ids), "batch"), numbered(len(rows), "stay")
    told = [f"onto        {batches} of the database, in {stays}"]
    if still:
        told.append(
            f"told        {len(still):,} are still there: reserved until their stage is over, as "
            "no row says where they go next"
        )
    holds = tuple(_hold(row, lasts, day_of(as_of)) for row in rows)
    return Occupied(batch_ids, holds, tuple(told))


def _key(questions: Questions, row: Row) -> str:
    return questions.stage_words.get(row["stage"], str(row["stage"]))


def _hold(row: Row, lasts: dict[str, int], as_of: int) -> Hold:
    first = day_of(row["first_date"])
    if row["last_date"] is None:
        end = max(first + lasts.get(row["stage"], 0), as_of + 1)
    else:
        end = max(day_of(row["last_date"]), first + 1)
    return Hold(row["geography"], row["place"], row["container"], Interval(first, end))
