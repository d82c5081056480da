"""What differs is found, counted and named; what is equal is not read."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from grilse import api
from grilse.api.comparing import diff
from grilse.cli.main import main
from grilse.compare.blocks import Block, RowGroup, blocks
from grilse.compare.result import ONLY_A, ONLY_B, ROWS, Comparison
from grilse.compare.rows import compare_rows
from grilse.compare.schedules import ScheduleComparison, compare_schedules
from grilse.compare.tolerance import NOTHING_TOLERATED, read_tolerances
from grilse.ground.days import day_of
from grilse.ground.errors import BadInput, DestinationError
from grilse.schedule.model import BatchPlan, Schedule, Stay
from grilse.schedule.writing import write_schedule
from grilse.sinks.parquet import writer_options
from grilse.tables.catalogue import TABLES

AS_OF = date(2024, 6, 1)


def plan_of(number: int, age: int, *, second: str = "C02") -> BatchPlan:
    station = f"FI-FW-{number:02d}"
    stays = tuple(
        Stay(
            stage, f"{station}-Hall-{letter}",
            tuple((f"{station}-Hall-{letter}", f"{station}-{letter}-{c}") for c in ("C01", second)),
            90 * place, 90 * place + 90,
        )
        for place, (stage, letter) in enumerate((("egg_alevin", "A"), ("fry", "B")))
    )  # fmt: skip
    return BatchPlan(f"FAR-{number:03d}", number, day_of(AS_OF) - age, 20_000 + number, age,
                     "Faroe Islands", station, 5.0, stays, open_ended=True)  # fmt: skip


def schedule_of(*plans: BatchPlan, as_of: date = AS_OF) -> Schedule:
    return Schedule({"seed": 3, "as_of": as_of}, plans, day_of(as_of), 3)


def made(schedule: Schedule, root: Path) -> Path:
    api.run(api.prepare(schedule), root, workers=1, logs=False)
    return root


THREE = schedule_of(plan_of(1, 130), plan_of(2, 100), plan_of(3, 40))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(THREE, tmp_path_factory.mktemp("base") / "a")


@pytest.fixture
def other(base: Path, tmp_path: Path) -> Path:
    """A copy that can be spoilt."""
    return Path(shutil.copytree(base, tmp_path / "b"))


def compared(a: Path, b: Path, **options: object) -> Comparison:
    found = diff(a, b, threads=1, **options)  # type: ignore[arg-type]
    assert isinstance(found, Comparison)
    return found


def test_equal_datasets_are_equal_and_nothing_is_read(base: Path, other: Path) -> None:
    found = compared(base, other)
    assert found.is_equal
    assert found.rows_read == 0
    assert found.rows_a == found.rows_b > 1000


def test_every_row_is_read_when_asked_for(base: Path, other: Path) -> None:
    found = compared(base, other, by_rows=True)
    assert found.is_equal
    assert found.rows_read == found.rows_a + found.rows_b


def test_one_tank_of_one_batch_is_found(base: Path, tmp_path: Path) -> None:
    changed = schedule_of(plan_of(1, 130), plan_of(2, 100, second="C07"), plan_of(3, 40))
    found = compared(base, made(changed, tmp_path / "b"))
    assert not found.is_equal
    assert any("schedule" in line for line in found.told)
    by_table = {each.table: each for each in found.differing}
    assert by_table["assignment"].columns["container_id"] == 2
    for each in found.differing:
        if TABLES[each.table].has_column("batch_id"):
            assert {batch.name for batch in each.batches} == {"FAR-002"}
    example = by_table["assignment"].findings.examples["container_id"][0]
    assert (example.batch, int(example.b) - int(example.a)) == (2, 5)


def rewritten(root: Path, table: str, change: object, *, nth: int = 0) -> None:
    """Rewrite a file of a table; its record stays what it was."""
    path = sorted((root / table).glob("*.parquet"))[nth]
    rows = change(pq.read_table(path, partitioning=None))  # type: ignore[operator]
    path.unlink()
    pq.write_table(rows, path, **writer_options(TABLES[table]))


def test_a_file_touched_by_hand_is_read_though_its_record_says_nothing(
    base: Path, other: Path
) -> None:
    rewritten(other, "mortality_event", lambda rows: rows.slice(1))
    found = compared(base, other)
    (table,) = found.differing
    assert (table.table, table.columns) == ("mortality_event", {ONLY_A: 1})
    assert found.rows_read < found.rows_a / 10


def test_a_value_changed_in_a_file_of_the_same_size_is_found_by_its_rows(
    base: Path, other: Path
) -> None:
    def change(rows: pa.Table) -> pa.Table:
        days = rows["event_date"].to_pylist()
        days[5] = date(2024, 1, 1)
        place = rows.schema.get_field_index("event_date")
        return rows.set_column(place, rows.schema.field(place), pa.array(days, pa.date32()))

    rewritten(other, "mortality_event", change)
    (table,) = compared(base, other, by_rows=True).differing
    assert table.columns == {ROWS: 1, "event_date": 1}


def test_tolerances_and_columns_left_out(base: Path, other: Path) -> None:
    def heavier(rows: pa.Table) -> pa.Table:
        place = rows.schema.get_field_index("avg_weight_g")
        field = rows.schema.field(place)
        raw = [value + type(value)("0.002") for value in rows["avg_weight_g"].to_pylist()]
        return rows.set_column(place, field, pa.array(raw, field.type))

    rewritten(other, "mortality_event", heavier)

    def rows_compared(**options: object) -> Comparison:
        return compared(base, other, by_rows=True, **options)

    assert rows_compared().differing[0].columns.keys() == {ROWS, "avg_weight_g"}
    for same in ("avg_weight_g=0.002", "mortality_event.avg_weight_g=0.01", "avg_weight_g=5%"):
        assert rows_compared(tolerances=[same]).is_equal, same
    for less in ("avg_weight_g=0.001", "true_daily_state.avg_weight_g=1", "avg_weight_g=0.1%"):
        assert not rows_compared(tolerances=[less]).is_equal, less
    assert rows_compared(ignored=["avg_weight_g"]).is_equal
    assert rows_compared(tables=["batch"]).is_equal


def test_a_manifest_alone_tells_tables(base: Path, tmp_path: Path) -> None:
    manifest = tmp_path / "kept.json"
    shutil.copy(base / "_grilse" / "manifest.json", manifest)
    assert compared(base, manifest).is_equal
    text = manifest.read_text()
    told = json.loads(text)["totals"]["mortality_event"]["fingerprint"]
    manifest.write_text(text.replace(told, f"{int(told, 16) ^ 1:016x}"))
    (table,) = compared(base, manifest).differing
    assert (table.table, table.is_looked_into) == ("mortality_event", False)


def test_segments_and_epochs_may_be_cut_otherwise(base: Path, tmp_path: Path) -> None:
    plans = [replace(plan, number=plan.number + 100) for plan in THREE.batches]
    few = made(schedule_of(*plans), tmp_path / "few")
    one = replace(plan_of(4, 30), number=300)
    many = made(schedule_of(*plans, one), tmp_path / "many")
    sizes = [json.loads((d / "_grilse" / "manifest.json").read_text())["segment_size"]
             for d in (few, many)]  # fmt: skip
    assert sizes[0] < sizes[1]
    found = compared(few, many)
    for table in found.differing:
        assert set(table.columns) <= {ONLY_B}, table.table
        assert {batch.name for batch in table.batches} == {"FAR-004"}
    assert compared(few, many, by_rows=True).differing == found.differing


def test_an_incomplete_dataset_is_told(base: Path, other: Path) -> None:
    for path in (other / "_grilse" / "segments").glob("*s0002.json"):
        path.unlink()
    found = compared(base, other)
    assert any(line.startswith("B is not whole") for line in found.told)
    assert {batch.name for t in found.differing for batch in t.batches} == {"FAR-003"}


@pytest.mark.parametrize("text", ["", "avg_weight_g", "avg_weight_g=-1", "nope=1", "cause=1",
                                  "nope.cause=1", "avg_weight_g=1e3"])  # fmt: skip
def test_tolerances_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(BadInput):
        read_tolerances([text])


def test_exit_codes_and_refusals(
    base: Path, other: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["diff", str(base), str(other)]) == 0
    assert capsys.readouterr().out.startswith("equal: ")
    rewritten(other, "mortality_event", lambda rows: rows.slice(1))
    assert main(["diff", str(base), str(other), "--format", "json"]) == 1
    assert json.loads(capsys.readouterr().out)["differing"][0]["columns"][0]["rows"] == 1
    (tmp_path / "x.json").write_text("{")
    (tmp_path / "x.txt").write_text("x")
    write_schedule(THREE, tmp_path / "s.yaml")
    for wrong in ("nowhere", "x.json", "x.txt", "s.yaml", "."):
        assert main(["diff", str(base), str(tmp_path / wrong)]) == 2, wrong
        assert "Traceback" not in capsys.readouterr().err
    assert main(["diff", str(base), str(other), "--table", "nope"]) == 2
    for path in (other / "mortality_event").glob("*.parquet"):
        path.unlink()
    assert main(["diff", str(base), str(other)]) == 2


def test_a_broken_file_is_named(base: Path, other: Path) -> None:
    path = next((other / "batch").glob("*.parquet"))
    path.write_bytes(b"PAR1" * 20)
    with pytest.raises(DestinationError, match="batch"):
        compared(base, other)


def test_schedules(tmp_path: Path) -> None:
    write_schedule(THREE, tmp_path / "a.yaml")
    edited = replace(plan_of(2, 100, second="C07"), eggs=5, harvest_target_kg=4.5)
    write_schedule(schedule_of(plan_of(1, 130), edited), tmp_path / "b.yaml")
    assert diff(tmp_path / "a.yaml", tmp_path / "a.yaml").is_equal
    found = diff(tmp_path / "a.yaml", tmp_path / "b.yaml")
    assert isinstance(found, ScheduleComparison)
    lines = {batch.batch_id: {line[0] for line in batch.lines} for batch in found.differing}
    assert lines == {
        "FAR-002": {"eggs", "harvest_target_kg", "egg_alevin containers", "fry containers"},
        "FAR-003": {""},
    }
    assert main(["diff", str(tmp_path / "a.yaml"), str(tmp_path / "b.yaml")]) == 1


def test_blocks_hold_every_key_once() -> None:
    a = [RowGroup(Path("a"), i, 10, 10 * i, 10 * i + 9) for i in range(7)]
    b = [RowGroup(Path("b"), i, 40, 40 * i, 40 * i + 39) for i in range(2)]
    cut = blocks(a, b, most_rows=20)
    assert len(cut) == 4
    for key in range(80):
        holding = [
            block for block in cut
            if (block.above is None or key > block.above)
            and (block.upto is None or key <= block.upto)
        ]  # fmt: skip
        assert len(holding) == 1
        for side in ("a", "b"):
            groups = getattr(holding[0], side)
            wanted = [g for g in (a if side == "a" else b) if g.least <= key <= g.most]
            assert set(wanted) <= set(groups)
    unknown = RowGroup(Path("a"), 0, 10, None, None)
    assert blocks([unknown], b) == [Block((unknown,), tuple(b))]


def test_rows_out_of_order_or_told_twice() -> None:
    table = TABLES["geography"]
    rows = pa.RecordBatch.from_pylist(
        [{"geography_id": i, "name": f"n{i}", "code": "x"} for i in (1, 2, 3)],
        schema=table.arrow_schema,
    )
    shuffled = rows.take(pa.array([2, 0, 1]))
    assert compare_rows(table, rows, shuffled, NOTHING_TOLERATED, 3).counts == {}
    twice = rows.take(pa.array([0, 1, 1, 2]))
    assert compare_rows(table, rows, twice, NOTHING_TOLERATED, 3).counts == {(None, ONLY_B): 1}
    assert compare_rows(table, twice, rows, NOTHING_TOLERATED, 3).counts == {(None, ONLY_A): 1}


def test_anchors_that_differ_are_told_as_a_schedule_has_them() -> None:
    def with_anchor(count: int) -> Schedule:
        anchors = [{"date": date(2024, 3, 1), "container": "C01", "count": count}]
        return schedule_of(replace(plan_of(1, 130), extra={"anchors": anchors}))

    (batch,) = compare_schedules(with_anchor(5), with_anchor(7)).differing
    (line,) = batch.lines
    assert line == (
        "anchors",
        "1 of them, {date: 2024-03-01, container: C01, count: 5}",
        "1 of them, {date: 2024-03-01, container: C01, count: 7}",
    )


def test_much_that_differs_is_told_in_short(
    base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = made(Schedule({"seed": 4, "as_of": AS_OF}, THREE.batches, day_of(AS_OF), 4), tmp_path)
    assert main(["diff", str(base), str(other)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert int(lines[0].split()[1]) > 8
    assert re.fullmatch(r"The last \d+ are told in short; --format json tells all", lines[-1])
    short = int(lines[-1].split()[2])
    assert all(re.match(r"\w+: .* in A, .* in B", line) for line in lines[-1 - short : -1])
    assert len(lines) < 120
