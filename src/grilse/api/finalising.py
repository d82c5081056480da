"""The verb finalise: parts made on several machines become one dataset."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from grilse.api.assembling import group_entries, saved
from grilse.api.preparing import Job
from grilse.api.recalling import recall
from grilse.api.running import finished
from grilse.dataset.destination import (
    Destination,
    begin,
    hold_whole,
    look,
    make_house,
    refuse_others,
)
from grilse.dataset.epochs import wanted_keys, whole_segments
from grilse.dataset.files import INPROGRESS, describe_os_error
from grilse.dataset.manifest import Manifest, read_manifest
from grilse.dataset.records import (
    SegmentRecord,
    is_whole,
    read_all_records,
    read_records,
    write_record,
)
from grilse.dataset.segments import segment_key
from grilse.dataset.tidy import remove_unrecorded
from grilse.ground.errors import CheckFailed, DestinationError

__all__ = ["FinalReport", "finalise"]

_NAMED = 5


@dataclass(frozen=True)
class FinalReport:
    """What parts were joined to.

    Attributes
    ----------
    root
        The dataset's folder.
    joined
        Segments that were taken over from other folders.
    manifest
        What the dataset now holds.
    """

    root: Path
    joined: int
    manifest: Manifest


def finalise(
    dataset: str | PathLike[str], parts: Iterable[str | PathLike[str]] = ()
) -> FinalReport:
    """Join the parts of a dataset, check that all are there, of equal inputs, and add them up.

    Parameters
    ----------
    dataset
        Folder of the dataset: the parts were made in it, or copied into it, or are to be.
    parts
        Folders of parts made elsewhere, which are left as they are.

    Raises
    ------
    DestinationError
        If a folder holds no part of this dataset, or a run is at work on it.
    CheckFailed
        If segments are missing, or batches failed: the message names them.
    """
    root, sources = Path(dataset), [Path(part) for part in parts]
    job = recall(root if look(root) == "dataset" or not sources else sources[0])
    make_house(root)
    with hold_whole(root):
        if look(root) == "new":
            begin(root, job.inputs, job.entries, group_entries(job), saved(job))
        there = read_manifest(root)
        refuse_others(root, there, job.inputs)
        joined = sum(_join(root, there, source) for source in sources)
        done = _whole(root, there, job)
        _refuse_gaps(root, there, done)
        remove_unrecorded(root, there, done)
        manifest = finished(job, Destination(root, there, done))
    return FinalReport(root, joined, manifest)


def _whole(root: Path, there: Manifest, job: Job) -> dict[str, SegmentRecord]:
    entries, groups = job.entries, group_entries(job)
    wanted = wanted_keys(entries, there.segment_size, groups)
    records = read_records(root)
    whole = whole_segments(root, there.segments, records, job.inputs, wanted, entries, groups)
    return {name: record for name, record in records.items() if segment_key(name) in whole}


def _join(root: Path, there: Manifest, source: Path) -> int:
    """Take over the segments of another folder that are not there yet; return how many."""
    other = read_manifest(source)
    refuse_others(source, other, there.inputs)
    if (other.segments, other.segment_size) != (there.segments, there.segment_size):
        raise DestinationError(f"{source}: is cut into other segments than {root}")
    held = read_records(root)
    count = 0
    for name, record in read_all_records(source).items():
        is_there = name in held and is_whole(root, held[name])
        if name in there.segments and is_whole(source, record) and not is_there:
            _take_over(root, source, record)
            count += 1
    return count


def _take_over(root: Path, source: Path, record: SegmentRecord) -> None:
    for file in record.files.values():
        path = root / file
        aside = path.with_name(path.name + INPROGRESS)
        try:
            path.parent.mkdir(exist_ok=True)
            aside.unlink(missing_ok=True)
            _link_or_copy(source / file, aside)
            aside.rename(path)
        except OSError as error:
            with suppress(OSError):
                aside.unlink(missing_ok=True)
            raise describe_os_error(path, error, "written") from error
    write_record(root, record)


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _refuse_gaps(root: Path, there: Manifest, done: Mapping[str, SegmentRecord]) -> None:
    missing = [name for name in there.segments if name not in done]
    if not missing:
        return
    records = read_records(root)
    failed = [
        f"{batch.batch_id} ({batch.reason})"
        for name in missing
        if name in records
        for batch in records[name].batches.values()
        if batch.status == "failed"
    ]
    said = (
        f"{root}: {len(missing)} of {len(there.segments)} segments are not whole: {_list(missing)}."
    )
    if failed:
        said += f" Batches failed: {_list(failed)}."
    raise CheckFailed(
        f"{said} Run the parts that are missing again, or the same command without --partition."
    )


def _list(items: list[str]) -> str:
    more = f" and {len(items) - _NAMED} more" if len(items) > _NAMED else ""
    return ", ".join(items[:_NAMED]) + more
