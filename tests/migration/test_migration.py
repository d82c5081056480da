"""A source becomes a schedule and back; what does not fit is listed, never dropped."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from grilse import api
from grilse.api.comparing import diff
from grilse.api.extending import extend
from grilse.api.migrating import export_as_legacy, migrate_check, plan_from_legacy
from grilse.cli.main import main
from grilse.compare.result import Comparison
from grilse.compare.schedules import compare_schedules
from grilse.dataset.manifest import read_manifest, write_manifest
from grilse.ground.errors import BadInput, DestinationError
from grilse.migration.checking import CHECK_TABLES, tolerated
from grilse.migration.export import NEEDED
from grilse.migration.grouping import groups
from grilse.migration.linking import linked
from grilse.migration.mapping import read_mapping
from grilse.migration.reading import read_legacy
from grilse.schedule.model import Schedule
from grilse.schedule.reading import read_schedule
from grilse.schedule.writing import write_schedule
from grilse.verify.dataset import Options, verify

SAMPLE = Path(__file__).parents[2] / "examples" / "legacy-fishtalk"
TABLES = sorted({*NEEDED, *CHECK_TABLES, "transfer_workflow", "creation_workflow"})


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A copy of the sample that can be spoilt."""
    return Path(shutil.copytree(SAMPLE, tmp_path / "source"))


def edited(folder: Path, what: str, change: Callable[[list[dict[str, str]]], object]) -> None:
    path = folder / f"{what}.csv"
    with path.open(newline="") as file:
        reader = csv.DictReader(file)
        rows, names = list(reader), list(reader.fieldnames or [])
    change(rows)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)


def plain(schedule: Schedule) -> Schedule:
    batches = tuple(replace(plan, extra={}) for plan in schedule.batches)
    return replace(schedule, batches=batches)


def test_the_sample_becomes_a_schedule() -> None:
    found = plan_from_legacy(SAMPLE)
    first, second = found.schedule.batches
    assert [stay.stage for stay in first.stays] == ["egg_alevin", "fry", "parr", "smolt", "adult"]
    assert [name for _, name in first.stays[1].containers] == ["F1", "F2", "F3"]
    assert [(stay.start_day, stay.end_day) for stay in first.stays] == [
        (0, 91), (91, 182), (182, 273), (273, 435), (435, 905),
    ]  # fmt: skip
    assert (first.eggs, first.station, first.open_ended) == (200_000, "Northdale", False)
    assert second.open_ended
    assert second.extra["source"]["inputs"] == ["Northdale 22/1/2022"]


def test_bridges_are_passed_over_and_a_day_is_put_in_order() -> None:
    found = plan_from_legacy(SAMPLE)
    assert (found.bridges, found.same_day) == (1, 1)
    source = found.schedule.batches[0].extra["source"]
    assert source["bridges"] == ["P07"]
    assert source["populations"]["parr/Growhall/P1"] == ["P08", "P09"]


def test_the_link_to_sea_is_found_and_told_with_its_evidence() -> None:
    (link,) = plan_from_legacy(SAMPLE).links
    assert (link.days_apart, link.fish_left, link.fish_came) == (1, 144_800, 144_100)
    assert "the same year class" in link.evidence


def test_what_is_not_mapped_is_listed_with_its_place() -> None:
    found = plan_from_legacy(SAMPLE)
    listed = {(each.kind, each.what, each.line) for each in found.unmapped}
    assert {("population", "P18", 19), ("population", "P17", 18), ("transfer", "12", 13)} <= listed
    mapped = {
        name
        for plan in found.schedule.batches
        for names in plan.extra["source"]["populations"].values()
        for name in names
    }
    bridges = {"P07"}
    populations = {f"P{number:02d}" for number in range(1, 19)}
    assert populations - mapped - bridges == {"P17", "P18"}


def test_two_that_fit_as_well_are_not_linked(source: Path) -> None:
    """A second group on land that fits the same fish at sea leaves both unlinked, and listed."""

    def twin(rows: list[dict[str, str]]) -> None:
        for row in list(rows):
            if row.get("PopulationID") in ("P11", "P12"):
                rows.append({**row, "PopulationID": row["PopulationID"] + "x"})

    edited(source, "populations", twin)
    edited(source, "inputs", lambda rows: rows.extend(
        {"PopulationID": name, "InputName": "Twin", "InputNumber": "1", "YearClass": "2020",
         "InputTime": "2020-11-02T09:00", "InputCount": "150000", "AvgWeightG": "50"}
        for name in ("P11x", "P12x")))  # fmt: skip
    legacy = read_legacy(source)
    _, links, unclear = linked(groups(legacy), legacy.rules)
    assert links == []
    assert any("as well as" in each.reason for each in unclear)


@pytest.mark.parametrize(
    ("days", "share", "is_linked"), [(1, 1.0, True), (3, 1.0, False), (1, 0.8, False)]
)
def test_the_link_keeps_its_rules(source: Path, days: int, share: float, is_linked: bool) -> None:
    def later(rows: list[dict[str, str]]) -> None:
        for row in rows:
            if row["PopulationID"] in ("P13", "P14"):
                when = datetime.fromisoformat(row["StartTime"]) + timedelta(days=days - 1)
                row["StartTime"] = when.isoformat()

    def fewer(rows: list[dict[str, str]]) -> None:
        for row in rows:
            if row["PopulationID"] in ("P13", "P14"):
                row["InputCount"] = str(int(int(row["InputCount"]) * share))

    edited(source, "populations", later)
    edited(source, "inputs", fewer)
    found = plan_from_legacy(source)
    assert bool(found.links) == is_linked
    left_out = [each.what for each in found.unmapped if each.kind == "batch"]
    assert len(left_out) == (0 if is_linked else 1)
    assert is_linked or "Westfjord S21/7/2020" in left_out[0]


def test_more_fish_harvested_than_counted_raise_the_counts(source: Path) -> None:
    def more(rows: list[dict[str, str]]) -> None:
        rows[0]["Count"] = "40000"

    edited(source, "harvests", more)
    found = plan_from_legacy(source)
    raised = [each for each in found.unmapped if "Ring 1" in each.what and each.kind == "count"]
    assert any("102,000 of later" in each.reason for each in raised)
    counts = [
        anchor["count"] for anchor in found.schedule.batches[0].extra["anchors"]
        if anchor["container"] == "Westfjord/Ring 1" and "count" in anchor
    ]  # fmt: skip
    assert counts == [102_000, 102_000, 102_000]


def test_an_anchor_that_cannot_be_is_told_by_validate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "s.yaml"
    write_schedule(plan_from_legacy(SAMPLE).schedule, path)
    text = path.read_text()
    path.write_text(text.replace("count: 94000", "count: 194000"))
    assert main(["validate", str(path)]) == 2
    assert "S-ANCHOR" in capsys.readouterr().out


def test_the_sample_runs_is_verified_and_checked(tmp_path: Path) -> None:
    found = plan_from_legacy(SAMPLE)
    job = api.prepare(found.schedule)
    api.run(job, tmp_path / "out", workers=1, logs=False)
    verdict = verify(tmp_path / "out", Options(without=("realism", "water", "lice")))
    assert [result.name for result in verdict.failed] == []
    check = migrate_check(SAMPLE, tmp_path / "out", within=tolerated(1, "1%", "0.001"))
    off = {(each.population, each.what) for each in check.differences}
    assert off == {
        ("P17", "missing"), ("P03", "start count"), ("P06", "start date"), ("P12", "end count"),
    }  # fmt: skip
    assert (check.populations, check.found) == (17, 15)
    assert migrate_check(SAMPLE, tmp_path / "out").compared["harvest weight"] == 2


@pytest.mark.slow
def test_a_dataset_moves_on_through_its_anchors(tmp_path: Path) -> None:
    schedule = plan_from_legacy(SAMPLE).schedule
    early, late = tmp_path / "early", tmp_path / "late"
    api.run(api.prepare(schedule, as_of="2021-12-01"), early, workers=1, logs=False)
    extend(early, as_of="2022-10-01", workers=1)
    api.run(api.prepare(schedule, as_of="2022-10-01"), late, workers=1, logs=False)
    assert diff(early, late).is_equal


def company(batches: int, as_of: str = "2024-06-01") -> Schedule:
    return api.plan(batches=batches, as_of=as_of, start="2021-11-13", stagger=12, seed=4).schedule


def ran(schedule: Schedule, root: Path) -> Path:
    api.run(api.prepare(schedule, tables=TABLES), root, workers=1, logs=False)
    return root


def one_ring_changed(schedule: Schedule) -> Schedule:
    """Let one ring of the first batch be another: one that nobody holds."""
    plan = schedule.batches[0]
    sea = plan.stays[-1]
    area = sea.containers[0][0]
    held = {pair for each in schedule.batches for stay in each.stays for pair in stay.containers}
    free = next(
        (area, f"{area}-Ring-{number:02d}") for number in range(20, 0, -1)
        if (area, f"{area}-Ring-{number:02d}") not in held
    )  # fmt: skip
    anchors = [
        {**item, **{key: "/".join(free) for key in ("container", "to")
                    if item.get(key) == "/".join(sea.containers[0])}}
        for item in plan.extra.get("anchors", [])
    ]  # fmt: skip
    stays = (*plan.stays[:-1], replace(sea, containers=(free, *sea.containers[1:])))
    source = plan.extra["source"]
    ring = f"adult/{'/'.join(sea.containers[0])}"
    named = {f"adult/{'/'.join(free)}" if key == ring else key: ids
             for key, ids in source["populations"].items()}  # fmt: skip
    extra = {"source": {**source, "populations": named}, "anchors": anchors}
    changed = replace(plan, stays=stays, extra=extra)
    return replace(schedule, batches=(changed, *schedule.batches[1:]))


def round_trip(batches: int, folder: Path) -> None:
    schedule = company(batches)
    data = ran(schedule, folder / "data")
    export_as_legacy(data, folder / "legacy")
    found = plan_from_legacy(folder / "legacy", seed=4)
    assert found.unmapped == ()
    assert found.mapped == found.populations > 50 * batches
    assert plain(schedule).batches == plain(found.schedule).batches
    write_schedule(found.schedule, folder / "migrated.yaml")
    read = read_schedule(folder / "migrated.yaml")
    assert compare_schedules(read, found.schedule).is_equal
    anew, again = (ran(read, folder / name) for name in ("anew", "again"))
    assert diff(anew, again).is_equal
    assert migrate_check(folder / "legacy", anew).differences == ()
    export_as_legacy(anew, folder / "back")
    for path in sorted((folder / "legacy").iterdir()):
        assert path.read_bytes() == (folder / "back" / path.name).read_bytes(), path.name
    changed = ran(one_ring_changed(read), folder / "changed")
    compared = diff(anew, changed)
    assert isinstance(compared, Comparison)
    assert not compared.is_equal
    named = {batch.name for table in compared.differing for batch in table.batches}
    assert named == {schedule.batches[0].batch_id}
    check = migrate_check(folder / "legacy", changed)
    assert {(each.batch, each.what) for each in check.differences} == {
        (schedule.batches[0].batch_id, "container")
    }


def test_the_way_back_closes(tmp_path: Path) -> None:
    round_trip(1, tmp_path)


@pytest.mark.slow
def test_the_way_back_closes_for_fifty_batches(tmp_path: Path) -> None:
    round_trip(25, tmp_path)


def test_a_batch_of_an_endless_name_is_left_out_and_told(tmp_path: Path) -> None:
    schedule = company(1)
    export_as_legacy(ran(schedule, tmp_path / "data"), tmp_path / "legacy")
    plans, name = tmp_path / "legacy/plans.csv", schedule.batches[0].batch_id
    rows = [line.split(",") for line in plans.read_text().splitlines()]
    endless = [[*row[:3], "x" * 100 if row[3] == name else row[3], *row[4:]] for row in rows]
    assert endless != rows
    plans.write_text("\n".join(",".join(row) for row in endless))
    found = plan_from_legacy(tmp_path / "legacy", seed=4)
    assert len(found.schedule.batches) == len(schedule.batches) - 1
    assert any("x" * 80 in str(each) for each in found.unmapped)


def test_what_is_not_whole_is_not_exported(tmp_path: Path) -> None:
    data = ran(company(1), tmp_path / "data")
    write_manifest(data, replace(read_manifest(data), state="incomplete"))
    with pytest.raises(DestinationError, match="is incomplete"):
        export_as_legacy(data, tmp_path / "legacy")
    assert not (tmp_path / "legacy").exists()


def test_another_layout_is_read_by_a_mapping(source: Path, tmp_path: Path) -> None:
    with (source / "populations.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    rows[0][0], rows[0][2] = "PopNo", "Begun"
    for row in rows[1:]:
        for place in (2, 3):
            if row[place]:
                row[place] = datetime.fromisoformat(row[place]).strftime("%d.%m.%Y %H:%M")
    (source / "populations.csv").unlink()
    for what in ("containers", "transfers", "inputs", "statuses", "harvests"):
        path = source / f"{what}.csv"
        with path.open(newline="") as file:
            other = list(csv.reader(file))
        for row in other[1:]:
            for place, cell in enumerate(row):
                if len(cell) == 16 and cell[4] == "-":
                    row[place] = datetime.fromisoformat(cell).strftime("%d.%m.%Y %H:%M")
            if what == "containers":
                row[4], row[6] = "Faroes", ""
        with path.open("w", newline="") as file:
            csv.writer(file, delimiter=";").writerows(other)
    with (source / "Pops.txt").open("w", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(
        'delimiter: ";"\ndates: "%d.%m.%Y %H:%M"\n'
        "files: {populations: {file: Pops.txt, columns: {PopulationID: PopNo, StartTime: Begun}}}\n"
        "geographies: {Faroes: Faroe Islands}\n"
        "stages:\n- {place: Hatchery, stage: egg_alevin}\n- {place: Start.*, stage: fry}\n"
        '- {place: Growhall, stage: parr}\n- {container: "S[0-9]", stage: smolt}\n'
    )
    usual, mapped = plan_from_legacy(SAMPLE), plan_from_legacy(source, mapping=mapping)
    assert plain(mapped.schedule).batches == plain(usual.schedule).batches


WRONG = {
    "a key": "fiels: {}",
    "a rule": "rules: {link_dais: 2}",
    "out of range": "rules: {link_days: 900}",
    "a stage": "stages: [{place: x, stage: fish}]",
    "a pattern": 'stages: [{place: "[", stage: fry}]',
    "a file": "files: {pops: {file: x.csv}}",
    "a column": "files: {populations: {columns: {Popid: x}}}",
    "a delimiter": 'delimiter: ";;"',
    "no mapping": "[1, 2]",
}


@pytest.mark.parametrize("text", WRONG.values(), ids=list(WRONG))
def test_mappings_that_are_none_are_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "mapping.yaml"
    path.write_text(f"\n{text}\n")
    with pytest.raises(BadInput) as refused:
        read_mapping(path)
    assert {problem.code for problem in refused.value.problems} == {"G-MAPPING"}
    assert {problem.line for problem in refused.value.problems} <= {2} or text == WRONG[
        "no mapping"
    ]


def test_the_command_line(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "s.yaml")
    assert main(["plan", "--from-legacy", str(source), "-o", out]) == 0
    assert "linked      Northdale 20/1/2020 to Westfjord" in capsys.readouterr().out
    report = json.loads(Path(f"{out}.migration.json").read_text())
    assert report["links"][0]["days_apart"] == 1
    assert main(["plan", "--from-legacy", str(source), "--batches", "3", "-o", out]) == 2
    assert main(["plan", "--from-legacy", str(tmp_path / "no"), "-o", out]) == 2
    (source / "inputs.csv").unlink()
    assert main(["plan", "--from-legacy", str(source), "-o", out]) == 2
    (source / "transfers.csv").write_text("a,b\n1,2\n")
    (source / "populations.csv").write_bytes(b"\xff\xfe\x00")
    assert main(["plan", "--from-legacy", str(source), "-o", out]) == 2
    assert main(["migrate-check", str(source), str(tmp_path)]) == 2
    assert main(["migrate-check", str(SAMPLE), str(tmp_path), "--count", "x"]) == 2
    assert main(["export", str(tmp_path), "--as", "fishtalk", "--to", str(tmp_path / "x")]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_bad_rows_are_listed_and_the_rest_is_read(source: Path) -> None:
    def spoil(rows: list[dict[str, str]]) -> None:
        rows[0]["StartTime"] = "yesterday"
        rows[1]["EndCount"] = "-4"
        rows[2]["StartAvgWeightG"] = "heavy"
        rows[3]["EndTime"] = "1999-01-01"

    edited(source, "populations", spoil)
    legacy = read_legacy(source)
    lines = [each.line for each in legacy.unmapped if each.file == "populations.csv"]
    assert lines == [2, 3, 4, 5, 19]
