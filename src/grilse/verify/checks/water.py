"""Water: what sensors tell can be so."""

from __future__ import annotations

from grilse.tables.catalogue.reference import PARAMETERS
from grilse.verify.bands import limit, reading_range
from grilse.verify.check import check
from grilse.verify.evidence import Evidence
from grilse.verify.runs import READINGS
from grilse.verify.verdict import Fault, Tally

__all__ = ["CHECKS"]


@check(
    "water.oxygen",
    "Oxygen is what water of that temperature, read at the same time, can hold.",
    needs=(READINGS, "container"),
)
def oxygen(evidence: Evidence) -> Tally:
    return evidence.seen("water.oxygen")


@check("water.ranges", "No sensor tells what its parameter cannot be.", needs=(READINGS,))
def ranges(evidence: Evidence) -> Tally:
    tally = Tally()
    for parameter in PARAMETERS:
        least, most = reading_range(parameter)
        tally += evidence.faults(
            """
            SELECT 'environmental_reading', batch_id, first_key,
                   format('{} from {} to {}; it can be {} to {}', parameter, least / 1000.0,
                          most / 1000.0, $lowest, $highest)
            FROM environmental_reading_run
            WHERE parameter = $parameter
              AND (least < $lowest * 1000 OR most > $highest * 1000)
            """,
            (),
            parameter=parameter,
            lowest=least,
            highest=most,
        )
    return tally + Tally(evidence.rows(READINGS))


@check(
    "water.season",
    "At sea the water follows the season: late summer and late winter are apart.",
    needs=(READINGS, "assignment", "container", "area"),
)
def season(evidence: Evidence) -> Tally:
    # The keys of a series lie side by side: some long stays are read, not every reading.
    rows, least = 0, limit("sea_season_least_c")
    faults: list[Fault] = []
    for assignment, batch, place in evidence.session.all(_LONG_STAYS):
        first = assignment << 20 | _TEMPERATURE << 16
        mine = f"reading_id BETWEEN {first} AND {first + 0xFFFF}"
        if evidence.source.application is not None:
            mine = f"assignment_id = {assignment} AND parameter = 'temperature'"
        count, warm, cold = evidence.session.all(
            f"""
            SELECT count(*), avg(value::DOUBLE) FILTER (month(reading_time) IN (8, 9)),
                   avg(value::DOUBLE) FILTER (month(reading_time) IN (2, 3))
            FROM environmental_reading WHERE {mine}
            """
        )[0]
        rows += count
        if warm is not None and cold is not None and abs(warm - cold) < least:
            what = f"{warm:.2f} degC in Aug and Sep at {place}, {cold:.2f} degC in Feb and Mar"
            faults.append(Fault("assignment", batch, assignment, what))
    return Tally.of(rows, faults)


_TEMPERATURE = PARAMETERS.index("temperature") + 1

_LONG_STAYS = """
SELECT assignment_id, batch_id, place
FROM (
    SELECT *, row_number() OVER (PARTITION BY geography ORDER BY assignment_id) AS nth
    FROM (
        SELECT geography, place, min(batch_id) AS batch_id, min(assignment_id) AS assignment_id
        FROM whereabouts WHERE environment = 'sea water' AND until - start_date >= 365
        GROUP BY 1, 2
    )
) WHERE nth <= 3 ORDER BY 1
"""
"""A stay of a year or more in each of three areas of each geography."""

CHECKS = (oxygen, ranges, season)
