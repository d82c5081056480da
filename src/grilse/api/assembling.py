"""What a run is put together from: the segments to make, the work they share, the texts kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from hashlib import blake2b
from importlib.resources import files
from pathlib import Path

from grilse.api.analysing import analysed, make_analysed
from grilse.api.preparing import Job
from grilse.biology.parameters import builtin_parameters, builtin_text
from grilse.dataset import segments
from grilse.dataset.destination import Destination
from grilse.dataset.files import Text
from grilse.dataset.manifest import FORMAT
from grilse.dataset.records import write_record
from grilse.farm.fingerprint import farm_fingerprint
from grilse.farm.model import Farm
from grilse.ground.days import date_of
from grilse.ground.parameter_writing import dump_parameters
from grilse.ground.parameters import Parameters
from grilse.ground.version import __version__
from grilse.production import StoreGroup, draw_on, farm_stores
from grilse.run.task import PATIENCE, BatchTask, Patience, SegmentTask, Work
from grilse.schedule.model import BatchPlan
from grilse.schedule.writing import pieces
from grilse.sinks.protocol import Sink
from grilse.tables.catalogue import TABLES

__all__ = ["group_entries", "marks", "saved", "tasks_by_size", "tasks_of", "work_of"]

_FARM_NUMBER = 0


def work_of(
    job: Job, sink: Sink, destination: Destination | None, patience: Patience = PATIENCE
) -> Work:
    """Return what all segments of a job share; without a destination no record is kept."""
    chosen = {name: TABLES[name] for name in job.tables}
    production = analysed(job.production)
    if destination is None:
        return Work(make_analysed, production, chosen, sink, patience=patience)
    keep = partial(write_record, destination.root, made=destination.made)
    return Work(make_analysed, production, chosen, sink, keep, patience)


def tasks_of(job: Job, destination: Destination) -> Iterator[SegmentTask]:
    """Yield the segments that a destination wants, under the names that it gives them."""
    for task in tasks_by_size(job, destination.manifest.segment_size, destination.name_of):
        if destination.wants(task.segment):
            yield task


def tasks_by_size(
    job: Job, size: int, name_of: Callable[[str], str] = str
) -> Iterator[SegmentTask]:
    """Yield all segments of a job, the farm's own first."""
    entry = farm_fingerprint(job.farm)
    farm = name_of(segments.farm_segment_name())
    yield SegmentTask(farm, (BatchTask(_FARM_NUMBER, "farm", entry, None),))
    by_number = {batch.number: batch for batch in job.schedule.batches}
    for index, numbers in segments.numbers_by_segment(by_number, size).items():
        name = name_of(segments.segment_name(index))
        yield SegmentTask(name, tuple(_task(job, by_number[number]) for number in numbers))
    for key, (group, entry) in _store_groups(job).items():
        ids = f"stores {group.stores[0].store_id} to {group.stores[-1].store_id}"
        name = name_of(key)
        yield SegmentTask(name, (BatchTask(_FARM_NUMBER, ids, entry, group),))


def group_entries(job: Job) -> dict[str, str]:
    """Return for each segment of feed stores the fingerprint of the batches that draw on them."""
    return {name: entry for name, (_, entry) in _store_groups(job).items()}


def _store_groups(job: Job) -> dict[str, tuple[StoreGroup, str]]:
    """Return the feed stores by the segment that they are in; none where no table needs them."""
    if not any(TABLES[name].owner == "store" for name in job.tables):
        return {}
    stores = farm_stores(job.farm)
    drawing = draw_on(job.farm, sorted(job.schedule.batches, key=lambda batch: batch.number))
    groups = {}
    for index, ids in enumerate(segments.store_groups(len(stores))):
        batches = {batch.number: batch for i in ids for batch in drawing.get(i, ())}
        drawn = tuple(batches[number] for number in sorted(batches))
        group = StoreGroup(tuple(stores[i - 1] for i in ids), drawn)
        text = "\n".join(f"{batch.number} {job.entries[batch.number]}" for batch in drawn)
        entry = blake2b(text.encode(), digest_size=16).hexdigest()
        groups[segments.store_group_name(index)] = group, entry
    return groups


def _task(job: Job, batch: BatchPlan) -> BatchTask:
    return BatchTask(batch.number, batch.batch_id, job.entries[batch.number], batch)


def marks(job: Job) -> dict[str, str]:
    """Return what every file and view says of where it comes from."""
    return {
        "synthetic": "made by Grilse; no record of a real farm",
        "version": __version__,
        "seed": str(job.schedule.seed),
        "format": str(FORMAT),
    }


def saved(job: Job) -> dict[str, Text]:
    """Return the texts that are kept beside the manifest, so that the dataset explains itself."""
    own = {**job.schedule.metadata, "seed": job.schedule.seed}
    own["as_of"] = date_of(job.schedule.as_of)
    return {
        "schedule.yaml": pieces(replace(job.schedule, metadata=own)),
        "farm.yaml": _farm_text(job.farm),
        "parameters.yaml": _parameters_text(job.parameters),
    }


def _parameters_text(parameters: Parameters) -> str:
    if parameters == builtin_parameters():
        return builtin_text()
    return dump_parameters(parameters, "The parameters that this dataset was made with.")


def _farm_text(farm: Farm) -> str:
    kind, _, name = farm.origin.partition(":")
    if kind == "built-in":
        return (files("grilse.farm") / "data" / f"{name}.yaml").read_text(encoding="utf-8")
    if farm.origin == "schedule":
        return "# The farm of all that schedule.yaml, beside this file, names.\n"
    return Path(farm.origin).read_text(encoding="utf-8")
