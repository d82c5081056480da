"""A batch's rows said in an application's words, whatever is done with them then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.feather as feather

from grilse.ground.errors import BadInput, DestinationError
from grilse.mapping.masters import Match
from grilse.mapping.model import MappedTable
from grilse.mapping.rows import Frame, Workbench
from grilse.sinks.place import Part

__all__ = ["Voice", "first_versions"]


@dataclass(frozen=True)
class Voice:
    """Says our rows in an application's words.

    Attributes
    ----------
    frame, matches
        What expressions depend on, and the keys of master data.
    handed
        Folder in which what stores tell of batches is handed over: written where rows are of
        stores, read where they are a batch's.
    """

    frame: Frame
    matches: tuple[Match, ...]
    handed: str

    @cached_property
    def bench(self) -> Workbench:
        """The process's own workbench."""
        bench = Workbench(self.frame)
        for match in self.matches:
            bench.learn(match.master, match.ours, match.theirs)
        return bench

    def __getstate__(self) -> dict[str, Any]:
        """Leave the workbench here when the voice goes to another process."""
        return {name: value for name, value in self.__dict__.items() if name != "bench"}

    def said(
        self, part: Part, held: Mapping[str, Sequence[pa.RecordBatch]]
    ) -> Iterator[tuple[MappedTable, pa.Table]]:
        """Say rows, table by table.

        Parameters
        ----------
        part
            Segment, and number of the batch; 0 for stores.
        held
            Our rows, by table.

        Raises
        ------
        DestinationError
            If the mapping cannot be applied to them.
        """
        (segment, number), bench = part, self.bench
        bench.clear()
        for name, chunks in held.items():
            bench.take(name, chunks)
        try:
            if number:
                _take_handed(bench, Path(self.handed), number)
            else:
                _hand_over(bench, Path(self.handed), segment)
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
