"""A dataset is verified as a whole: clean, cut into stretches, damaged, or refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from grilse import api
from grilse.ground.errors import BadInput, DestinationError
from grilse.verify.checks import CHECKS
from grilse.verify.dataset import Options, verify
from grilse.verify.verdict import Verdict


def failed(verdict: Verdict) -> set[str]:
    return {result.name for result in verdict.failed}


def test_a_clean_dataset_passes_every_check(clean: Path) -> None:
    verdict = verify(clean)
    assert not failed(verdict), [result.tally.examples for result in verdict.failed]
    unbound = ("policy", "freshness")
    bound = [r for r in verdict.results if r.severity == "error" and r.group not in unbound]
    judged = [r for r in bound if r.tally.reason != "there are no such rows"]
    assert {r.verdict for r in judged} == {"pass"}
    assert len(judged) > len(bound) - 10
    assert {r.verdict for r in verdict.results if r.group == "policy"} == {"inform", "skip"}
    assert {r.verdict for r in verdict.results if r.group == "freshness"} == {"skip"}
    assert verdict.batches == 4
    assert verdict.rows == sum(
        r.tally.rows for r in verdict.results if r.name == "structure.values"
    )


def test_every_check_has_a_name_of_its_own_in_a_group_and_a_meaning() -> None:
    names = [check.name for check in CHECKS]
    assert len(set(names)) == len(names)
    assert all(name.count(".") == 1 for name in names)
    assert all(check.meaning.endswith(".") for check in CHECKS)


def test_stretches_find_what_the_whole_finds(forged: Any) -> None:
    forged.change("growth_sample", None, 5, sample_size=0)
    forged.change("true_daily_state", pc.field("batch_id") == 3, 4, mortality_count=99)
    whole, parts = forged.verify(), forged.verify(stretch_rows=1)
    told = [(r.name, r.tally.rows, r.tally.faults, r.tally.examples) for r in whole.results]
    assert told == [(r.name, r.tally.rows, r.tally.faults, r.tally.examples) for r in parts.results]
    assert "fish.samples" in failed(whole)


def test_a_missing_file_is_found(forged: Any) -> None:
    (forged.root / "harvest_lot" / "e0001-s0000.parquet").unlink()
    verdict = forged.verify()
    assert failed(verdict) == {
        "structure.files",
        "conservation.lots",
        "keys.foreign",
        "books.harvest",
    }


def test_a_damaged_file_is_found_and_the_rest_still_verified(forged: Any) -> None:
    path = forged.root / "feeding_event" / "e0001-s0000.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 3 : len(content) // 2] = b"\xff" * (
        len(content) // 2 - len(content) // 3
    )
    path.unlink()
    path.write_bytes(content)
    verdict = forged.verify()
    assert {"structure.files", "conservation.events"} <= failed(verdict)
    example = verdict.failed[0].tally.examples[0]
    assert example.table == "feeding_event/e0001-s0000.parquet"


def test_a_truncated_file_is_found(forged: Any) -> None:
    path = forged.root / "harvest_lot" / "e0001-s0000.parquet"
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content[:-9])
    assert "structure.files" in failed(forged.verify())


def test_a_key_that_stands_in_two_files_is_found(forged: Any) -> None:
    row = forged.rows("creation_workflow", "e0001-s0000")
    both = pa.concat_tables([row, forged.rows("creation_workflow", "e0001-s0001")])
    forged.write("creation_workflow", "e0001-s0001", both.combine_chunks())
    verdict = forged.verify()
    assert failed(verdict) == {"keys.primary"}
    assert [e.key for e in verdict.failed[0].tally.examples] == [1]


def test_keys_that_lie_between_those_of_other_files_are_no_fault(forged: Any) -> None:
    # As after an extension: later rows of each series lie in a file of their own.
    rows = forged.rows("mortality_event", "e0001-s0000")
    is_even = pc.equal(pc.bit_wise_and(rows["assignment_id"].cast(pa.int64()), 1), 0)
    others = forged.rows("mortality_event", "e0001-s0001")
    forged.write("mortality_event", "e0001-s0000", rows.filter(is_even).combine_chunks())
    moved = pa.concat_tables([rows.filter(pc.invert(is_even)), others])
    forged.write("mortality_event", "e0001-s0001", moved.combine_chunks())
    assert failed(forged.verify()) == set()


def test_rows_out_of_order_are_told_and_no_fault(forged: Any) -> None:
    rows = forged.rows("harvest_lot", "e0001-s0000")
    turned = rows.take(list(range(rows.num_rows))[::-1]).combine_chunks()
    forged.write("harvest_lot", "e0001-s0000", turned)
    verdict = forged.verify()
    assert failed(verdict) == set()
    order = next(result for result in verdict.results if result.name == "structure.order")
    assert order.verdict == "inform"
    assert order.tally.faults >= rows.num_rows - 1


def test_a_key_that_stands_twice_among_rows_out_of_order_is_found(forged: Any) -> None:
    rows = forged.rows("creation_action", "e0001-s0000")
    turned = pa.concat_tables([rows.slice(1, 1), rows.slice(0, 1), rows.slice(1, 1)])
    forged.write("creation_action", "e0001-s0000", turned.combine_chunks())
    assert "keys.primary" in failed(forged.verify())


def test_a_value_that_is_missing_is_found(forged: Any) -> None:
    rows = forged.rows("creation_workflow", "e0001-s0000")
    at = rows.schema.get_field_index("egg_supplier")
    nullable = rows.schema.field(at).with_nullable(True)
    rows = rows.set_column(at, nullable, pa.array([None], pa.string()))
    forged.write("creation_workflow", "e0001-s0000", rows)
    verdict = forged.verify()
    assert failed(verdict) == {"structure.values"}
    assert verdict.failed[0].tally.examples[0].what == "egg_supplier is missing"


def test_checks_can_be_chosen(clean: Path) -> None:
    verdict = verify(clean, Options(only=("fish", "keys.primary"), without=("fish.samples",)))
    names = [result.name for result in verdict.results]
    assert "keys.primary" in names
    assert "fish.samples" not in names
    assert {name.partition(".")[0] for name in names} == {"fish", "keys"}


def test_fingerprints_can_be_left_out(forged: Any) -> None:
    verdict = verify(forged.root, Options(without=("structure.fingerprints",)))
    assert verdict.passed


def test_a_check_that_is_not_there_is_refused(clean: Path) -> None:
    with pytest.raises(BadInput, match="V-CHECK"):
        verify(clean, Options(only=("fishes",)))


@pytest.mark.parametrize("what", ["nothing", "empty", "other", "a file"])
def test_what_is_no_dataset_is_refused(tmp_path: Path, what: str) -> None:
    root = tmp_path / "there"
    if what in ("empty", "other"):
        root.mkdir()
    if what == "other":
        (root / "letter.txt").write_text("Dear reader")
    if what == "a file":
        root.write_text("batches: []")
    said = {"nothing": "no such folder", "a file": "is a file"}.get(what, "not a dataset")
    with pytest.raises(DestinationError, match=said):
        verify(root)


def test_a_manifest_with_a_date_that_is_none_is_refused(forged: Any) -> None:
    path = forged.root / "_grilse" / "manifest.json"
    text = path.read_text().replace("2024-06-01", "2024-06-31")
    path.unlink()
    path.write_text(text)
    with pytest.raises(DestinationError, match="as_of"):
        verify(forged.root)


def test_a_saved_schedule_that_is_gone_is_refused(forged: Any) -> None:
    (forged.root / "_grilse" / "schedule.yaml").unlink()
    with pytest.raises(BadInput, match="F-MISSING"):
        verify(forged.root)


def test_figures_are_measured_and_lie_in_their_bands(clean: Path) -> None:
    figures = {
        (figure.name, figure.group): figure
        for result in verify(clean, Options(only=("realism",))).results
        for figure in result.tally.figures
    }
    feeding = figures["first_feeding_weight", "Faroe Islands"]
    assert feeding.is_inside
    assert feeding.batches == 2
    assert figures["weight_day_260", "Scotland"].is_inside
    assert figures["sea_temperature_lowest", "Faroe Islands"].is_inside
    harvest = figures["harvest_weight", "Faroe Islands"]
    assert harvest.is_inside is False, "the test's fish are harvested at one kilogram"


def test_a_batch_in_the_middle_of_its_harvest_is_sound(tmp_path: Path, lives: Any) -> None:
    one = lives.life(1, "Faroe Islands", 452, site=1, target_kg=0.3, rings=8)
    schedule = lives.schedule(replace(one, eggs=6_000_000))
    report = api.run(api.prepare(schedule), tmp_path / "out", workers=1)
    assert report.statuses == {"ACTIVE": 1}
    verdict = verify(tmp_path / "out")
    assert not failed(verdict), [result.tally.examples for result in verdict.failed]
    events = next(r for r in verdict.results if r.name == "conservation.lots")
    assert events.tally.rows > 0, "some of it is harvested"
