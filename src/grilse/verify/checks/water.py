"""Water: what sensors tell can be so."""

from __future__ import annotations

from grilse.tables.catalogue.reference import PARAMETERS
from grilse.verify.bands import reading_range
from grilse.verify.check import check
from grilse.verify.evidence import Evidence
from grilse.verify.runs import READINGS
from grilse.verify.verdict import Tally

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


CHECKS = (oxygen, ranges)
