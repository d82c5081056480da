from dataclasses import replace

import pytest

from grilse.dataset.destination import finish, look, open_destination
from grilse.dataset.layout import DATABASE, MANIFEST, SEGMENTS
from grilse.dataset.manifest import Inputs, read_manifest
from grilse.dataset.records import BatchRecord, Made, SegmentRecord, write_record
from grilse.ground.errors import DestinationError
from grilse.tables.totals import Totals

INPUTS = Inputs("0.1.0", 1, "2025-01-01", "s", "f", "p", ("batch", "geography"))
SAVED = {"schedule.yaml": "batches: []\n"}


def begin(root, inputs=INPUTS, numbers=(1, 2), saved=SAVED, **options):
    with open_destination(root, inputs, numbers, saved, **options) as destination:
        return destination


MADE = Made(INPUTS.origin, as_of=INPUTS.as_of)


def write_segment(root, segment, *, status="done", made=MADE, batches=None):
    """A segment as a run leaves it."""
    (root / "batch").mkdir(exist_ok=True)
    path = root / "batch" / f"{segment}.parquet"
    path.write_bytes(b"PAR1 rows PAR1")
    number = 0 if segment.endswith("farm") else int(segment[7:]) + 1
    held = {n: BatchRecord("x", "e", status, Totals(1, 5)) for n in batches or (number,)}
    tables, sizes = {"batch": Totals(1, 5)}, {"batch": path.stat().st_size}
    write_record(root, SegmentRecord(segment, tables, sizes, held), made)
    return path


def names(root):
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


@pytest.mark.parametrize("depth", ["new", "a/b/c"])
def test_a_new_destination_is_begun(tmp_path, depth):
    root = tmp_path / depth
    assert look(root) == "new"
    destination = begin(root, numbers=(1, 5, 300))
    assert destination.manifest.segment_size == 4
    assert destination.manifest.segments == (
        "e0001-farm", "e0001-s0000", "e0001-s0001", "e0001-s0074",
    )  # fmt: skip
    assert names(root) == ["_grilse/manifest.json", "_grilse/schedule.yaml"]
    assert (root / "_grilse/schedule.yaml").read_text() == SAVED["schedule.yaml"]
    assert look(root) == "dataset"


def test_an_empty_folder_and_one_only_begun_are_new(tmp_path):
    assert look(tmp_path) == "new"
    begin(tmp_path)
    (tmp_path / MANIFEST).unlink()
    (tmp_path / "_grilse/manifest.json.inprogress").write_text("{")
    assert look(tmp_path) == "new"
    begin(tmp_path)
    assert look(tmp_path) == "dataset"


def test_a_folder_of_others_is_refused_with_what_it_holds(tmp_path):
    for name in "abcdefg":
        (tmp_path / f"{name}.txt").write_text(name)
    before = names(tmp_path)
    for overwrite in (False, True):
        with pytest.raises(DestinationError) as refused:
            begin(tmp_path, overwrite=overwrite)
        assert "holds something else: a.txt, b.txt, c.txt, d.txt, e.txt and 2 more" in str(
            refused.value
        )
    assert names(tmp_path) == before


def test_a_house_folder_of_others_is_refused(tmp_path):
    (tmp_path / "_grilse").mkdir()
    (tmp_path / "_grilse/notes.txt").write_text("mine")
    with pytest.raises(DestinationError, match="holds something else"):
        begin(tmp_path)


def test_a_file_and_a_dangling_link_are_refused(tmp_path):
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(DestinationError, match="is a file, not a folder"):
        begin(tmp_path / "file")
    with pytest.raises(DestinationError, match="is a link"):
        begin(tmp_path / "link")
    with pytest.raises(DestinationError, match="Not a directory"):
        begin(tmp_path / "file" / "inside")


@pytest.mark.parametrize(
    "place", ["batch", "farm.duckdb", "_grilse/segments", "_grilse/lock", "batch/e0001-s0000"]
)
def test_links_inside_are_refused(tmp_path, place):
    root, outside = tmp_path / "dataset", tmp_path / "outside"
    begin(root)
    outside.mkdir()
    (outside / "e0001-s0000.parquet").write_text("precious")
    link = root / place
    if link.is_dir():
        link.rmdir()
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(outside)
    for overwrite in (False, True):
        with pytest.raises(DestinationError, match="holds links"):
            begin(root, overwrite=overwrite)
    assert names(outside) == ["e0001-s0000.parquet"]


def test_a_root_that_is_a_link_to_a_folder_is_taken(tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "disk")
    begin(tmp_path / "out")
    assert look(tmp_path / "disk") == "dataset"


def test_the_same_inputs_go_on_and_skip_what_is_whole(tmp_path):
    begin(tmp_path)
    write_segment(tmp_path, "e0001-s0000")
    write_segment(tmp_path, "e0001-s0001")
    assert sorted(begin(tmp_path).done) == ["e0001-s0000", "e0001-s0001"]


@pytest.mark.parametrize("damage", ["failed", "missing", "short", "long", "end"])
def test_what_is_not_whole_is_removed_and_made_again(tmp_path, damage):
    begin(tmp_path)
    write_segment(tmp_path, "e0001-s0000")
    path = write_segment(tmp_path, "e0001-s0001", status="failed" if damage == "failed" else "done")
    if damage == "missing":
        path.unlink()
    elif damage != "failed":
        path.write_bytes({"short": b"", "long": b"PAR1 more rows PAR1", "end": bytes(14)}[damage])
    assert [*begin(tmp_path).done] == ["e0001-s0000"]
    assert names(tmp_path / "batch") == ["e0001-s0000.parquet"]
    assert names(tmp_path / SEGMENTS) == ["e0001-s0000.json"]


def test_a_segment_that_the_manifest_does_not_name_is_removed(tmp_path):
    begin(tmp_path)
    write_segment(tmp_path, "e0001-s0099")
    assert not begin(tmp_path).done
    assert not names(tmp_path / "batch")


def test_other_inputs_are_refused_naming_the_difference(tmp_path):
    begin(tmp_path)
    before = names(tmp_path)
    other = replace(INPUTS, seed=2, schedule="s2")
    with pytest.raises(DestinationError) as refused:
        begin(tmp_path, other)
    assert "seed: there 1, wanted 2" in str(refused.value)
    assert "schedule: there s, wanted s2" in str(refused.value)
    assert "--overwrite" in str(refused.value)
    assert names(tmp_path) == before


def test_overwrite_removes_what_is_ours_and_nothing_else(tmp_path):
    begin(tmp_path, saved={"schedule.yaml": "x", "farm.yaml": "y"})
    write_segment(tmp_path, "e0001-s0000")
    (tmp_path / "batch/e0001-s0001.parquet.inprogress").write_text("half")
    (tmp_path / DATABASE).write_text("views")
    kept = ["notes.txt", "batch/readme.txt", "logs/run.log", "harvest/e0001-s0000.parquet"]
    for name in kept:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("mine")
    destination = begin(tmp_path, replace(INPUTS, seed=2), overwrite=True)
    assert not destination.done
    assert names(tmp_path) == sorted([*kept, "_grilse/manifest.json", "_grilse/schedule.yaml"])
    assert read_manifest(tmp_path).inputs.seed == 2


@pytest.mark.parametrize("overwrite", [False, True])
def test_parquet_files_of_others_among_ours_are_refused(tmp_path, overwrite):
    begin(tmp_path)
    ours = write_segment(tmp_path, "e0001-s0000")
    (tmp_path / "batch/mine.parquet").write_text("mine")
    with pytest.raises(DestinationError, match=r"batch/mine\.parquet"):
        begin(tmp_path, overwrite=overwrite)
    assert ours.exists()


def test_a_broken_manifest_is_refused_even_to_be_overwritten(tmp_path):
    begin(tmp_path)
    (tmp_path / MANIFEST).write_text("{")
    with pytest.raises(DestinationError, match="is not the JSON"):
        begin(tmp_path, overwrite=True)


def test_a_destination_in_use_is_refused(tmp_path):
    with (
        open_destination(tmp_path, INPUTS, (1,), SAVED),
        pytest.raises(DestinationError, match="another run is at work here: process"),
    ):
        begin(tmp_path, overwrite=True)


@pytest.mark.parametrize("name", ["../x.yaml", "schedule", "manifest.json", "farm.yaml/x", "lock"])
def test_no_other_name_can_be_saved(tmp_path, name):
    with pytest.raises(ValueError, match="not names of inputs"):
        begin(tmp_path / "new", saved={name: "x"})
    assert not (tmp_path / "new").exists()


def test_finish_adds_up_the_records_and_says_what_is_missing(tmp_path):
    with open_destination(tmp_path, INPUTS, (1, 2), SAVED) as destination:
        write_segment(tmp_path, "e0001-farm")
        write_segment(tmp_path, "e0001-s0000")
        assert finish(destination).state == "incomplete"
        write_segment(tmp_path, "e0001-s0001")
        finished = finish(destination)
    assert (finished.state, finished.totals) == ("complete", {"batch": Totals(3, 15)})
    assert read_manifest(tmp_path) == finished


def entries_of(root, entries, **options):
    return begin(root, numbers=tuple(entries), entries=entries, **options)


def test_an_update_keeps_what_did_not_change_and_removes_the_rest(tmp_path):
    entries_of(tmp_path, {1: "e", 2: "e"})
    for name in ("e0001-farm", "e0001-s0000", "e0001-s0001"):
        write_segment(tmp_path, name)
    (tmp_path / DATABASE).write_text("views of files that go")
    other = replace(INPUTS, schedule="s2")
    with pytest.raises(DestinationError, match="give --update to make again what changed"):
        entries_of(tmp_path, {1: "e", 2: "edited", 3: "new"}, inputs=other)
    found = entries_of(tmp_path, {1: "e", 2: "edited", 3: "new"}, inputs=other, update=True)
    assert [*found.done] == ["e0001-farm", "e0001-s0000"]
    assert found.manifest.segments[2:] == ("e0001-s0001", "e0001-s0002")
    assert not (tmp_path / "batch/e0001-s0001.parquet").exists()
    assert not (tmp_path / DATABASE).exists()
    manifest = read_manifest(tmp_path)
    assert (manifest.state, manifest.inputs) == ("begun", other)


def test_an_update_forgets_the_batches_that_are_gone(tmp_path):
    entries_of(tmp_path, {1: "e", 2: "e"})
    for name in ("e0001-farm", "e0001-s0000", "e0001-s0001"):
        write_segment(tmp_path, name)
    found = entries_of(tmp_path, {1: "e"}, inputs=replace(INPUTS, schedule="s2"), update=True)
    assert found.manifest.segments == ("e0001-farm", "e0001-s0000")
    assert names(tmp_path / "batch") == ["e0001-farm.parquet", "e0001-s0000.parquet"]


@pytest.mark.parametrize("field", ["version", "as_of", "farm", "parameters"])
def test_an_update_of_what_every_row_follows_from_is_refused(tmp_path, field):
    begin(tmp_path)
    with pytest.raises(DestinationError, match=f"{field}: there"):
        begin(tmp_path, replace(INPUTS, **{field: "other", "schedule": "s2"}), update=True)


def test_a_record_of_another_origin_or_other_days_is_never_taken(tmp_path):
    begin(tmp_path, numbers=(1, 2, 3, 4))
    write_segment(tmp_path, "e0001-s0000")
    write_segment(tmp_path, "e0001-s0001", made=replace(MADE, of="other"))
    write_segment(tmp_path, "e0001-s0002", made=replace(MADE, as_of="2024-12-31"))
    write_segment(tmp_path, "e0001-s0003", made=replace(MADE, since="2024-12-31"))
    assert [*begin(tmp_path, numbers=(1, 2, 3, 4)).done] == ["e0001-s0000"]


def test_a_record_without_one_of_its_batches_is_never_taken(tmp_path):
    begin(tmp_path, numbers=(1, 2, 300))
    write_segment(tmp_path, "e0001-s0000", batches=(1,))
    assert not begin(tmp_path, numbers=(1, 2, 300)).done
