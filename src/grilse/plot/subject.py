"""Whom a picture is of: stays of one batch, or all that ever stood in one area, hall or ring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from grilse.ground.errors import BadInput, Problem
from grilse.plot.reader import Reader, Span

__all__ = [
    "NEEDED", "Asked", "Stage", "Subject", "subject_of_batch", "subject_of_container",
    "subject_of_place",
]  # fmt: skip

NEEDED = ("batch", "assignment", "stage", "container", "hall", "area", "station", "geography")

_ALL = """
CREATE OR REPLACE TEMP TABLE stay AS
SELECT a.assignment_id, a.batch_id, b.batch_number AS label, a.container_id,
       c.name AS container, c.hall_id, c.area_id, coalesce(h.name, r.name) AS place,
       s.name AS stage, s.stage_order, s.environment, a.start_date,
       coalesce(a.departure_date, $as_of::DATE) AS until, g.name AS geography
FROM assignment a JOIN batch b USING (batch_id) JOIN stage s ON s.stage_id = a.stage_id
JOIN container c ON c.container_id = a.container_id
LEFT JOIN hall h ON h.hall_id = c.hall_id LEFT JOIN area r ON r.area_id = c.area_id
LEFT JOIN station t ON t.station_id = h.station_id
JOIN geography g ON g.geography_id = coalesce(t.geography_id, r.geography_id)
WHERE a.start_date < $as_of::DATE AND """

_CONTAINER = """
SELECT c.container_id, c.name, coalesce(h.name, r.name) AS place
FROM container c LEFT JOIN hall h USING (hall_id) LEFT JOIN area r ON r.area_id = c.area_id
WHERE c.name = $named OR concat_ws('/', coalesce(h.name, r.name), c.name) = $named
   OR c.container_id = $number"""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage that a batch lived in: its name, and its days."""

    name: str
    first: date
    end: date


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a picture is of; the rows of their stays are in the temporary table ``stay``.

    Attributes
    ----------
    title, note
        Said above the picture.
    labels
        Ids of the batches, by their numbers.
    span
        The days to be drawn.
    stages
        Of a single batch; none of others.
    environments
        Those of the stays.
    today
        The as-of date of a batch that lives on, beyond which there are expectations alone.
    """

    title: str
    note: str
    labels: Sequence[str]
    span: Span
    stages: Sequence[Stage] = ()
    environments: Sequence[str] = ()
    today: date | None = None

    @property
    def is_at_sea(self) -> bool:
        """Whether some of the fish were at sea."""
        return "sea water" in self.environments


def subject_of_batch(reader: Reader, named: str, as_of: date, asked: Asked) -> Subject:
    """Choose the stays of one batch.

    Parameters
    ----------
    named
        The batch's id in the schedule, or its number.

    Raises
    ------
    BadInput
        If there is no such batch, or it has not begun.
    """
    found = reader.rows(
        "SELECT batch_id, batch_number, status, start_date, g.name FROM batch "
        "JOIN geography g USING (geography_id) WHERE batch_number = $named OR batch_id = $number",
        named=named, number=_number(named),
    )  # fmt: skip
    if not found:
        raise BadInput(Problem("L-BATCH", "the dataset has no such batch", found=named[:80]))
    batch, label, status, start, geography = found[0]
    note = f"{geography}, eggs on {start}, {status.lower()} by {as_of}"
    reader.connection.execute(_ALL + f"a.batch_id = {int(batch)}", {"as_of": as_of})
    stages = tuple(
        Stage(*row)
        for row in reader.rows(
            "SELECT stage, min(start_date), max(until) FROM stay GROUP BY stage, stage_order "
            "ORDER BY stage_order"
        )
    )
    return _subject(reader, str(label), note, asked, stages, _expected_end(reader, batch, status))


def _expected_end(reader: Reader, batch: int, status: str) -> date | None:
    """Return the day up to which a batch that lives on is expected to; None for others."""
    if status != "ACTIVE" or reader.lacking(("scenario_projection",)):
        return None
    found = reader.rows(
        "SELECT max(projection_date) + 1 FROM scenario_projection WHERE batch_id = $batch",
        batch=batch,
    )
    end: date | None = found[0][0]
    return end


def subject_of_place(reader: Reader, named: str, as_of: date, asked: Asked) -> Subject:
    """Choose all stays in one sea area or hall; raises as `subject_of_batch`."""
    found = reader.rows(
        "SELECT name FROM area WHERE name = $named UNION SELECT name FROM hall WHERE name = $named",
        named=named,
    )
    if not found:
        raise BadInput(
            Problem("L-AREA", "the dataset has no such area or hall", found=named[:80],
                    mend="Look for its name in the tables area and hall")
        )  # fmt: skip
    reader.connection.execute(_ALL + "coalesce(h.name, r.name) = $named",
                              {"as_of": as_of, "named": named})  # fmt: skip
    return _subject(reader, named, f"all batches there, up to {as_of}", asked)


def subject_of_container(reader: Reader, named: str, as_of: date, asked: Asked) -> Subject:
    """Choose all stays in one container, by name, PLACE/NAME or id; raises as the others do."""
    found = reader.rows(_CONTAINER, named=named, number=_number(named))
    if len(found) != 1:
        what = (
            "several containers go by that name" if found else "the dataset has no such container"
        )
        raise BadInput(
            Problem("L-CONTAINER", what, found=named[:80],
                    mend="give PLACE/NAME, as in FI-SEA-01/FI-SEA-01-Ring-01, or its id")
        )  # fmt: skip
    container, name, place = found[0]
    reader.connection.execute(_ALL + f"a.container_id = {int(container)}", {"as_of": as_of})
    return _subject(reader, str(name), f"in {place}", asked)


@dataclass(frozen=True, slots=True)
class Asked:
    """The days asked for; None where all are wanted."""

    first: date | None = None
    end: date | None = None

    def within(self, first: date, end: date) -> Span:
        """Return the days asked for, of those that there are.

        Raises
        ------
        BadInput
            If none is left.
        """
        span = Span(max(first, self.first or first), min(end, self.end or end))
        if span.days < 1:
            raise BadInput(
                Problem("L-DAYS", "there is nothing to draw on the days asked for",
                        found=f"{self.first or first} up to {self.end or end}",
                        allowed=f"{first} up to {end}")
            )  # fmt: skip
        return span


def _subject(
    reader: Reader,
    title: str,
    note: str,
    asked: Asked,
    stages: Sequence[Stage] = (),
    ahead: date | None = None,
) -> Subject:
    first, end = reader.rows("SELECT min(start_date), max(until) FROM stay")[0]
    if first is None:
        raise BadInput(
            Problem("L-EMPTY", f"no fish have been in {title} by the as-of date")
        )  # fmt: skip
    labels = reader.rows("SELECT DISTINCT label, batch_id FROM stay ORDER BY batch_id")
    environments = reader.rows("SELECT DISTINCT environment FROM stay ORDER BY 1")
    goes_on = ahead is not None and ahead > end
    span = asked.within(first, max(end, ahead or end))
    return Subject(
        title, note, [str(label) for label, _ in labels], span, stages,
        [str(name) for (name,) in environments], end if goes_on else None,
    )  # fmt: skip


def _number(named: Any) -> int:
    is_number = named.isascii() and named.isdigit() and len(named) < 10
    return int(named) if is_number else -1
