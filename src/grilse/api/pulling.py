"""What a database holds, as a dataset's folder, for the verbs that read one.

Rows are pulled into files of a folder that lasts as long as they are read; rows and fingerprints
that the database's own ledger tells stand in the records, so that what has been changed there
since it was loaded is found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from os import PathLike
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from grilse.api.growing import growing_of, house_of
from grilse.api.loading import find_place
from grilse.dataset.layout import HOUSE, SEGMENTS
from grilse.dataset.manifest import read_manifest, write_manifest
from grilse.dataset.records import BatchRecord, Made, SegmentRecord, write_record
from grilse.dataset.segments import farm_segment_name, segment_name, store_group_name
from grilse.ground.errors import BadInput, DestinationError, Problem
from grilse.schedule.fingerprint import entry_fingerprint
from grilse.schedule.model import Schedule
from grilse.schedule.reading import read_schedule
from grilse.sinks.growth import Growing, Standing
from grilse.sinks.parquet import writer_options
from grilse.tables.catalogue import TABLES
from grilse.tables.schema import Table
from grilse.tables.totals import Totals

__all__ = ["dataset_of"]

_SEGMENTS = {"farm": farm_segment_name(), "store": store_group_name(0), "batch": segment_name(0)}


@contextmanager
def dataset_of(source: str | PathLike[str], *, schema: str | None = None) -> Iterator[Path]:
    """Give the folder of a dataset: a folder itself, or one into which a database is pulled.

    Parameters
    ----------
    source
        A folder, ``FILE.duckdb``, or ``postgresql://...``.
    schema
        Of a PostgreSQL database; ``grilse`` where none is named.

    Raises
    ------
    BadInput
        If it is of another kind.
    DestinationError
        If it cannot be read, or is not whole.
    """
    place = find_place(source, schema=schema)
    if place is None:
        yield Path(source)
        return
    growing = growing_of(place)
    with growing.hold() as standing:
        if not standing.is_complete or not standing.saved:
            raise DestinationError(
                f"{growing.shown}: is incomplete, or does not hold the schedule that it was made "
                "of. Bring it to its end first: grilse run, by the same command."
            )
        with house_of(standing) as root:
            _pull(growing, standing, root)
            yield root


def _pull(growing: Growing, standing: Standing, root: Path) -> None:
    """Make a whole dataset of a folder that has the house alone."""
    manifest = read_manifest(root)
    unknown = [name for name in manifest.inputs.tables if name not in TABLES]
    if unknown:
        told = Problem("R-TABLE", "holds tables that are not known", found=", ".join(unknown))
        raise BadInput(told)
    as_of = manifest.inputs.as_of
    schedule = read_schedule(root / HOUSE / "schedule.yaml", seed=manifest.inputs.seed)
    numbers = [plan.number for plan in schedule.batches]
    size = 1 << max(numbers, default=1).bit_length()
    tables = tuple(TABLES[name] for name in manifest.inputs.tables)
    sizes = {
        table.name: _shaped(table, growing, root)
        for table in tables
        if standing.totals.get(table.name, Totals()).rows
    }
    (root / SEGMENTS).mkdir(parents=True)
    made = Made(manifest.inputs.origin, "", as_of)
    records = _records(schedule, standing.totals, sizes, {t.name: t.owner for t in tables})
    for record in records:
        write_record(root, record, made)
    totals = {name: standing.totals[name] for name in sizes}
    names = tuple(record.segment for record in records)
    whole = replace(manifest, segment_size=size, segments=names, state="complete", totals=totals)
    write_manifest(root, whole)


def _shaped(table: Table, growing: Growing, root: Path) -> int:
    """Pull a table's rows and write them as a dataset has them; return the file's size."""
    raw = growing.write_states((table,), root)[table.name]
    folder = root / table.name
    folder.mkdir()
    path = folder / f"{_SEGMENTS.get(table.owner, _SEGMENTS['farm'])}.parquet"
    with (
        pq.ParquetFile(raw) as source,
        pq.ParquetWriter(path, table.arrow_schema, **writer_options(table)) as target,
    ):
        for group in range(source.num_row_groups):
            target.write_table(_typed(table, source.read_row_group(group)))
    raw.unlink()
    return path.stat().st_size


def _typed(table: Table, rows: pa.Table) -> pa.Table:
    """Return rows in the table's own types."""
    arrays = []
    for field in table.arrow_schema:
        column = rows[field.name].combine_chunks()
        if isinstance(column, pa.ChunkedArray):
            column = pa.concat_arrays(column.chunks)
        if pa.types.is_dictionary(field.type):
            plain = column.cast(pa.string())
            column = plain.dictionary_encode()
        arrays.append(column.cast(field.type))
    return pa.Table.from_arrays(arrays, schema=table.arrow_schema)


def _records(
    schedule: Schedule,
    totals: Mapping[str, Totals],
    sizes: Mapping[str, int],
    owners: Mapping[str, str],
) -> list[SegmentRecord]:
    """Return a record for the farm's tables, the stores' and the batches'."""
    batches = {
        plan.number: BatchRecord(plan.batch_id, entry_fingerprint(plan))
        for plan in schedule.batches
    }
    found = []
    for owner, name in _SEGMENTS.items():
        held = [
            each
            for each in sizes
            if (owners[each] if owners[each] in _SEGMENTS else "farm") == owner
        ]
        if held or owner == "batch":
            of_batches = batches if owner == "batch" else {0: BatchRecord(owner, "")}
            found.append(
                SegmentRecord(name, {each: totals[each] for each in held},
                              {each: sizes[each] for each in held}, of_batches)
            )  # fmt: skip
    return found
