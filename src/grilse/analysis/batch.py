"""The growth analysis of one batch, from its rows to the rows of the analysis tables."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from grilse.analysis.appetite import with_appetite
from grilse.analysis.books import keep_books
from grilse.analysis.epochs import course_of
from grilse.analysis.estimate import estimate, start_weight
from grilse.analysis.expected import expected_gain, water
from grilse.analysis.models import Models
from grilse.analysis.observations import Rows, observe
from grilse.analysis.projection import project
from grilse.analysis.rollup import batch_days, day_rows, week_rows
from grilse.analysis.scenario import outlined
from grilse.analysis.states import daily_rows, states
from grilse.analysis.weighings import weighings
from grilse.tables.catalogue import analysis as tables
from grilse.tables.schema import Table, chunk

__all__ = ["analyse"]


def analyse(rows: Rows, models: Models, as_of: int) -> Iterator[tuple[Table, pa.RecordBatch]]:
    """Yield the analysis of one batch, table by table; nothing where it has not begun.

    Parameters
    ----------
    rows
        Its own, of the tables of `observations.COLUMNS` that are there; of others nothing is
        looked at, least of all of the truth.
    models
        Of the farm.
    as_of
        Day number: what is not yet over lasts until then.

    Raises
    ------
    ValueError
        If rows are not what they should be.
    """
    seen = observe(rows, as_of)
    if seen is None:
        return
    books, bath, weighed = keep_books(seen), water(seen, models), weighings(seen)
    full = expected_gain(seen, models, bath)
    growth = with_appetite(seen, models, books, weighed, full)
    course = course_of(seen.stays, growth)
    found = estimate(seen, course, weighed, start_weight(seen, models.egg_weight_g))
    state = states(seen, books, bath, found)
    plan = outlined(seen)
    days = batch_days(seen, books, bath, state)
    daily = daily_rows(seen, books, bath, weighed, state)
    yield tables.ANALYSIS_DAILY_STATE, chunk(tables.ANALYSIS_DAILY_STATE, daily)
    yield tables.ANALYSIS_BATCH_DAY, chunk(tables.ANALYSIS_BATCH_DAY, day_rows(seen, days, plan))
    yield tables.ANALYSIS_BATCH_WEEK, chunk(tables.ANALYSIS_BATCH_WEEK, week_rows(seen, days, plan))
    for table, columns in project(seen, models, books, bath, found, plan):
        yield table, chunk(table, columns)
