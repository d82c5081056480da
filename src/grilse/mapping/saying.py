"""A batch's rows said in an application's words, whatever is done with them then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.feather as feather

from grilse.ground.errors import BadInput, DestinationError
from grilse.mapping.masters import Match
from grilse.mapping.model import MappedTable
from grilse.mapping.rows import Frame, Workbench
from grilse.sinks.place import Part

__all__ = ["first_versions", "said", "taught"]


def taught(frame: Frame, matches: Iterable[Match]) -> Workbench:
    """Return a workbench that knows the keys of all master data."""
    bench = Workbench(frame)
    for match in matches:
        bench.learn(match.master, match.ours, match.theirs)
    return bench


def said(
    bench: Workbench, handed: str, part: Part, held: Mapping[str, Sequence[pa.RecordBatch]]
) -> Iterator[tuple[MappedTable, pa.Table]]:
    """Say rows in the application's words, table by table.

    Parameters
    ----------
    handed
        Folder in which what stores tell of batches is handed over: written where the rows are of
        stores, read where they are a batch's.
    part
        Segment, and number of the batch; 0 for stores.
    held
        Our rows, by table.

    Raises
    ------
    DestinationError
        If the mapping cannot be applied to them.
    """
    segment, number = part
    bench.clear()
    for name, chunks in held.items():
        bench.take(name, chunks)
    try:
        if number:
            _take_handed(bench, Path(handed), number)
        else:
            _hand_over(bench, Path(handed), segment)
        for table in bench.frame.application.of("batch" if number else "store"):
            if bench.is_fed(table.source):
                yield table, bench.rows(table)
    except BadInput as error:
        raise DestinationError(str(error)) from error
    finally:
        bench.clear()


def _hand_over(bench: Workbench, handed: Path, segment: str) -> None:
    """Leave what stores tell of each batch where its rows will be made."""
    for handover in bench.frame.application.handovers:
        if not bench.is_fed(handover.source):
            continue
        rows = bench.handed_over(handover)
        numbers = rows["batch_id"]
        for number in numbers.unique().to_pylist():
            one = rows.filter(pc.equal(numbers, number)).drop_columns("batch_id")
            path = handed / f"{handover.name}-{number}-{segment}.arrow"
            aside = path.with_suffix(".inprogress")
            feather.write_feather(one, str(aside), compression="uncompressed")
            aside.rename(path)


def _take_handed(bench: Workbench, handed: Path, number: int) -> None:
    for handover in bench.frame.application.handovers:
        found = sorted(handed.glob(f"{handover.name}-{number}-*.arrow"))
        if found:
            parts = [feather.read_table(str(path), memory_map=False) for path in found]
            bench.take_table(handover.name, pa.concat_tables(parts))


def first_versions(frame: Frame, table: MappedTable, rows: pa.Table) -> pa.Table | None:
    """Return the first version of each row, or None where the application keeps none."""
    history = table.history
    if history is None or not rows.num_rows:
        return None
    there = frame.types[history.table]
    kept = rows.select([name for name in rows.schema.names if name in there])
    fixed: tuple[tuple[str, pa.Array | pa.ChunkedArray], ...] = (
        ("history_date", rows[history.moment].cast(pa.timestamp("us"))),
        ("history_type", pa.repeat("+", rows.num_rows)),
        ("history_user_id", pa.repeat(frame.user, rows.num_rows)),
    )
    for name, column in fixed:
        kept = kept.append_column(name, column)
    return kept
