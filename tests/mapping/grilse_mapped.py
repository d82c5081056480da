"""Loads into an AquaMind database, small enough for tests: few readings, few samples."""

from functools import cache

import grilse_aquamind
from grilse import api
from grilse.api.loading import load
from grilse.api.mapping import mapped_place
from grilse.api.writing import Writing
from grilse.production import make


@cache
def job(pairs, as_of, **asked):
    """Plan so many batches in each of the two geographies."""
    answer = api.plan(batches=pairs, as_of=as_of, **asked)
    return api.prepare(answer.schedule, writing=Writing(readings_per_day=1, sample_every_days=56))


def bring(url, given, *, user=grilse_aquamind.USER, workers=1, **options):
    chosen, place = mapped_place(given, url, "aquamind", user=user, **options)
    return load(chosen, place, workers=workers)


def rows_of(given, *tables):
    """Return the rows of some tables of all batches, as Grilse makes them."""
    from dataclasses import replace

    found = {name: [] for name in tables}
    production = replace(given.production, tables=frozenset(tables))
    for plan in given.schedule.batches:
        for name, chunk in make(production, plan):
            found[name] += chunk.to_pylist()
    return found
