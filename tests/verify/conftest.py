"""A small dataset of four lives, made once by the real pipeline, and a way to plant faults."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from grilse import api
from grilse.dataset.manifest import read_manifest, write_manifest
from grilse.dataset.records import read_records, record_totals, write_record
from grilse.ground.days import day_of
from grilse.schedule.model import BatchPlan, Schedule, Stay
from grilse.sinks.parquet import writer_options
from grilse.tables.catalogue import TABLES
from grilse.tables.fingerprint import fingerprint
from grilse.tables.totals import Totals
from grilse.verify.dataset import Options, verify
from grilse.verify.verdict import Verdict

# What plants faults is taken by its name.
sys.path[:0] = [str(Path(__file__).parent)]

AS_OF = date(2024, 6, 1)
HOUSES = {"Faroe Islands": "FI", "Scotland": "S"}
LAND = ("egg_alevin", "fry", "parr", "smolt", "post_smolt")


def life(
    number: int, geography: str, age: int, *, site: int, tanks: int = 2, rings: int = 3,
    target_kg: float = 1.0, sea_days: int = 260, last: int = 6,
) -> BatchPlan:  # fmt: skip
    """Plan a batch of that age on `AS_OF`, in containers of its own, up to its `last`-th stage."""
    code, hall = HOUSES[geography], f"{HOUSES[geography]}-FW-{site:02d}"
    stays = [
        Stay(
            stage, f"{hall}-Hall-{letter}",
            tuple((f"{hall}-Hall-{letter}", f"{hall}-{letter}-C{i + 1:02d}") for i in range(tanks)),
            90 * place, 90 * (place + 1),
        )
        for place, (stage, letter) in enumerate(zip(LAND, "ABCDE", strict=True))
    ]  # fmt: skip
    area = f"{code}-SEA-{site:02d}"
    sea = tuple((area, f"{area}-Ring-{i + 1:02d}") for i in range(rings))
    stays.append(Stay("adult", area, sea, 450, 450 + sea_days))
    return BatchPlan(
        f"{geography[:3].upper()}-{number:03d}", number, day_of(AS_OF) - age, 30_000 + number,
        max(age, 0), geography, hall, target_kg, tuple(stays[:last]),
    )  # fmt: skip


def schedule_of(*batches: BatchPlan) -> Schedule:
    """Make a schedule of some lives."""
    return Schedule({"seed": 7, "as_of": AS_OF}, batches, day_of(AS_OF), 7)


def four_lives() -> Schedule:
    """A life that is over, one at sea, one among the fry, and one that is yet to begin."""
    return schedule_of(
        life(1, "Faroe Islands", 750, site=1),
        life(2, "Scotland", 560, site=1, tanks=3, rings=2, target_kg=4.0),
        life(3, "Faroe Islands", 120, site=2),
        life(4, "Scotland", -10, site=2),
    )


@pytest.fixture(scope="session")
def lives() -> SimpleNamespace:
    """Ways to plan lives, and a schedule of them."""
    return SimpleNamespace(life=life, schedule=schedule_of)


@pytest.fixture(scope="session")
def four() -> Schedule:
    """The schedule of the four lives."""
    return four_lives()


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset that nobody has touched."""
    root = tmp_path_factory.mktemp("clean") / "dataset"
    report = api.run(api.prepare(four_lives(), also=["area_weather"]), root, workers=1)
    assert not report.result.failures
    return root


@pytest.fixture
def forge(tmp_path: Path) -> Callable[[Path], Dataset]:
    """Make a copy to plant faults in, which shares the files that are not rewritten."""

    def made(root: Path) -> Dataset:
        return Dataset(Path(shutil.copytree(root, tmp_path / "dataset", copy_function=os.link)))

    return made


@pytest.fixture
def forged(clean: Path, forge: Callable[[Path], Dataset]) -> Dataset:
    """A copy of the clean dataset in which faults can be planted."""
    return forge(clean)


@dataclass(frozen=True)
class Dataset:
    """A dataset whose rows can be forged, records and all."""

    root: Path

    def segments(self, table: str) -> list[str]:
        """Names of the segments that have rows of a table."""
        return [name for name, record in read_records(self.root).items() if table in record.tables]

    def rows(self, table: str, segment: str) -> pa.Table:
        """Read a table's rows of a segment."""
        return pq.read_table(self.root / table / f"{segment}.parquet", partitioning=None)

    def write(self, table: str, segment: str, rows: pa.Table, *, is_recorded: bool = True) -> None:
        """Write a table's rows of a segment; by default with a record and manifest that fit."""
        path = self.root / table / f"{segment}.parquet"
        path.unlink(missing_ok=True)
        pq.write_table(rows, path, row_group_size=1 << 24, **writer_options(TABLES[table]))
        if is_recorded:
            self.record(table, segment, rows, path.stat().st_size)

    def record(self, table: str, segment: str, rows: pa.Table, size: int) -> None:
        """Make the record of a segment, and the manifest, fit a table's rows."""
        record = read_records(self.root)[segment]
        parts = rows.combine_chunks().to_batches()
        totals = sum(
            (Totals(p.num_rows, fingerprint(TABLES[table], p)) for p in parts), Totals()
        )  # fmt: skip
        tables, sizes = {**record.tables, table: totals}, {**record.bytes, table: size}
        (self.root / "_grilse" / "segments" / f"{segment}.json").unlink()
        write_record(self.root, replace(record, tables=tables, bytes=sizes))
        self.add_up()

    def add_up(self) -> None:
        """Make the manifest's totals those of the records."""
        manifest = read_manifest(self.root)
        (self.root / "_grilse" / "manifest.json").unlink()
        totals = record_totals(read_records(self.root).values())
        write_manifest(self.root, replace(manifest, totals=totals))

    def find(self, table: str, where: Any = None, nth: int = 0) -> tuple[str, int, dict[str, Any]]:
        """Return segment, place and values of the nth row that an expression holds of."""
        for segment in self.segments(table):
            rows = self.rows(table, segment)
            found = rows.append_column("place", pa.array(range(rows.num_rows)))
            found = found if where is None else found.filter(where)
            if nth < found.num_rows:
                place = found["place"][nth].as_py()
                return segment, place, rows.slice(place, 1).to_pylist()[0]
            nth -= found.num_rows
        raise AssertionError(f"no such row in {table}")

    def change(self, table: str, where: Any = None, nth: int = 0, **values: Any) -> dict[str, Any]:
        """Change values of one row; a function makes the value from the row. Return the old row."""
        segment, place, row = self.find(table, where, nth)
        rows = self.rows(table, segment)
        for name, value in values.items():
            new = value(row) if callable(value) else value
            rows = rows.set_column(
                rows.schema.get_field_index(name), rows.schema.field(name),
                _with(rows[name].combine_chunks(), place, new),
            )  # fmt: skip
        self.write(table, segment, rows)
        return row

    def drop(self, table: str, where: Any = None, nth: int = 0) -> dict[str, Any]:
        """Drop one row and return it."""
        segment, place, row = self.find(table, where, nth)
        rows = self.rows(table, segment)
        kept = pa.concat_tables([rows.slice(0, place), rows.slice(place + 1)])
        self.write(table, segment, kept.combine_chunks())
        return row

    def repeat(self, table: str, where: Any = None, nth: int = 0) -> dict[str, Any]:
        """Write one row twice, side by side, and return it."""
        segment, place, row = self.find(table, where, nth)
        rows = self.rows(table, segment)
        parts = [rows.slice(0, place + 1), rows.slice(place, 1), rows.slice(place + 1)]
        self.write(table, segment, pa.concat_tables(parts).combine_chunks())
        return row

    def verify(self, **options: Any) -> Verdict:
        """Verify it; realism is left out."""
        return verify(self.root, Options(without=("realism",), **options))


def _with(column: pa.Array, place: int, value: Any) -> pa.Array:
    """Return a column with another value in one place."""
    kind = column.type
    plain = column.cast(pa.string()) if pa.types.is_dictionary(kind) else column
    parts = [plain.slice(0, place), pa.array([value], plain.type), plain.slice(place + 1)]
    joined = pa.concat_arrays(parts)
    return joined.dictionary_encode().cast(kind) if pa.types.is_dictionary(kind) else joined
