"""Rows of where a batch comes from: the populations of another system that it stands for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from grilse.expand.grid import Columns, from_rows
from grilse.simulate.state import BatchState
from grilse.simulate.world import World
from grilse.tables import keys
from grilse.tables.catalogue.migration import LEGACY_POPULATION
from grilse.tables.schema import Table

__all__ = ["legacy_populations"]


def legacy_populations(world: World, state: BatchState) -> Iterator[tuple[Table, Columns]]:
    """Yield the populations that a batch's assignments stand for; none where it has no source."""
    source = state.plan.extra.get("source")
    if not isinstance(source, Mapping):
        return
    held = source.get("populations")
    if not isinstance(held, Mapping):
        return
    rows = list(_rows(state, source, held))
    if rows:
        yield LEGACY_POPULATION, from_rows(rows)


def _rows(
    state: BatchState, source: Mapping[str, Any], held: Mapping[Any, Any]
) -> Iterator[dict[str, Any]]:
    inputs = ", ".join(map(str, source.get("inputs") or []))
    for stay in state.stays:
        for row, ref in enumerate(stay.containers):
            assignment = keys.assignment_id(state.plan.number, stay.first_slot + row)
            named = f"{stay.stage.key}/{ref.path[2]}/{ref.path[3]}"
            for place, population in enumerate(held.get(named) or ()):
                yield {
                    "legacy_population_id": keys.day_key(assignment, place),
                    "batch_id": state.plan.number,
                    "assignment_id": assignment,
                    "container_id": ref.container_id,
                    "source_system": str(source.get("system", "")),
                    "source_input": inputs,
                    "source_population": str(population),
                }
