"""A dataset of one whole life, and a company with names that mean harm."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from grilse import api
from grilse.schedule.model import Schedule

# The browser of these tests is taken by its name.
sys.path.insert(0, str(Path(__file__).parent))

HOSTILE = "</script><script>window.harmed=1</script><img src=x onerror=window.harmed=2>&amp;'" + '"'


@pytest.fixture(scope="session")
def life(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of one batch from egg to harvest, and one that still lives."""
    answer = api.plan(
        batches=2, stagger=320, start="2022-01-01", as_of="2024-06-20",
        geographies=["Faroe Islands"],
    )  # fmt: skip
    root = tmp_path_factory.mktemp("report") / "out"
    made = api.run(api.prepare(answer.schedule), root, workers=1)
    assert not made.result.failures
    return root


@pytest.fixture(scope="session")
def hostile_schedule() -> Schedule:
    """A schedule whose names are markup and code: batch, station, hall, area and containers."""
    schedule = api.plan(batches=1, stagger=1, start="2024-01-01", as_of="2024-06-01").schedule
    batch = schedule.batches[0]
    stays = tuple(
        replace(
            stay,
            place=stay.place + HOSTILE,
            containers=tuple((place + HOSTILE, name + HOSTILE) for place, name in stay.containers),
        )
        for stay in batch.stays
    )
    bad = replace(
        batch, batch_id=batch.batch_id + HOSTILE, station=batch.station + HOSTILE,
        geography=batch.geography + HOSTILE, stays=stays,
    )  # fmt: skip
    return replace(schedule, batches=(bad,), metadata={**schedule.metadata, "policy": HOSTILE})
