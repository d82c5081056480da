import json
from dataclasses import replace

import pytest

from grilse.dataset.layout import HOUSE, MANIFEST, SEGMENTS
from grilse.dataset.manifest import Inputs, Manifest, differences, read_manifest, write_manifest
from grilse.dataset.records import BatchRecord, SegmentRecord, read_records, write_record
from grilse.ground.errors import DestinationError
from grilse.tables.totals import Totals

INPUTS = Inputs("0.1.0", 7, "2025-11-18", "aa", "bb", "cc", ("batch", "area"), {"every": "7"})
MANIFEST_THERE = Manifest(INPUTS, 8, ("e0001-farm", "e0001-s0000"), 1, "complete",
                          {"batch": Totals(8, 2**64 - 1)})  # fmt: skip
RECORD = SegmentRecord(
    "e0001-s0000",
    {"batch": Totals(1, 255)},
    {"batch": 1234},
    {
        1: BatchRecord("FAR-2020-001", "ab", "done", Totals(1, 255)),
        2: BatchRecord("Størst «x»", "cd", "failed", reason="ValueError: no"),
    },
)


@pytest.fixture
def root(tmp_path):
    (tmp_path / SEGMENTS).mkdir(parents=True)
    write_manifest(tmp_path, MANIFEST_THERE)
    write_record(tmp_path, RECORD)
    return tmp_path


def test_a_manifest_is_read_as_written(root):
    read = read_manifest(root)
    assert read == replace(MANIFEST_THERE, inputs=replace(INPUTS, tables=("area", "batch")))
    assert differences(read.inputs, INPUTS) == []
    assert not list(root.rglob("*.inprogress"))


def test_a_record_is_read_as_written(root):
    assert read_records(root) == {"e0001-s0000": RECORD}


def test_differences_name_each_field_with_both_values():
    other = replace(INPUTS, seed=8, tables=("batch",), options={})
    assert differences(INPUTS, other) == [
        "seed: there 7, wanted 8",
        "tables: there area, batch, wanted batch",
        "options: there every=7, wanted none",
    ]


def edited(path, **changes):
    value = json.loads(path.read_text())
    for name, new in changes.items():
        outer, _, inner = name.partition("__")
        if inner:
            value[outer][inner] = new
        elif new is None:
            del value[outer]
        else:
            value[outer] = new
    path.write_text(json.dumps(value))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"format": 2}, "its format is 2; this version of Grilse reads format 1"),
        ({"format": None}, "its format is None"),
        ({"epoch": None}, "epoch is missing"),
        ({"mood": "good"}, "mood is unknown"),
        ({"epoch": True}, "epoch is true, not int"),
        ({"segment_size": 3}, "segment_size is 3, not a power of two"),
        ({"segment_size": 0}, "segment_size is 0"),
        ({"segments": ["../../x"]}, "'../../x' is not a segment's name"),
        ({"state": "fine"}, "state is 'fine'"),
        ({"inputs": []}, "inputs is [], not dict"),
        ({"inputs__seed": "1"}, 'seed is "1", not int'),
        ({"inputs__tables": ["../x"]}, "'../x' is not a table's name"),
        ({"inputs__tables": [7]}, "'7' is not a table's name"),
        ({"inputs__options": {"a": 1}}, "options are not all text"),
        ({"totals": {"batch": 3}}, "is a int, not an object"),
        ({"totals": {"batch": {"rows": 1, "fingerprint": "-1"}}}, "is not a fingerprint"),
    ],
)
def test_a_manifest_that_is_not_ours_is_refused(root, changes, said):
    edited(root / MANIFEST, **changes)
    with pytest.raises(DestinationError) as refused:
        read_manifest(root)
    assert said in str(refused.value)
    assert str(root / MANIFEST) in str(refused.value)


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "\x00", '{"format": NaN', "[" * 100_000])
def test_broken_json_is_refused(root, text):
    (root / MANIFEST).write_text(text)
    with pytest.raises(DestinationError):
        read_manifest(root)


def test_a_folder_without_a_manifest_is_no_dataset(tmp_path):
    with pytest.raises(DestinationError, match="is not a dataset of Grilse's"):
        read_manifest(tmp_path)


GOOD_TABLE = {"rows": 1, "fingerprint": f"{1:016x}", "file": "batch/e0001-s0000.parquet"}
GOOD_BATCH = {"id": "x", "entry": "", "status": "done", "rows": 1, "fingerprint": f"{1:016x}"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"format": 9}, "its format is 9"),
        ({"segment": "e0001-s0001"}, "is the record of segment 'e0001-s0001'"),
        ({"tables": {"batch": {}}}, "rows is missing"),
        ({"tables": {"../x": {**GOOD_TABLE, "bytes": 1}}}, "table '../x' cannot be"),
        ({"tables": {"batch": {**GOOD_TABLE, "bytes": 1, "file": "/etc/passwd"}}}, "/etc/passwd"),
        ({"batches": {"-1": {}}}, "'-1' is not a batch's number"),
        ({"batches": {"1": {**GOOD_BATCH, "status": "ok", "reason": ""}}}, "status is 'ok'"),
    ],
)
def test_a_record_that_is_not_ours_is_refused(root, changes, said):
    edited(root / SEGMENTS / "e0001-s0000.json", **changes)
    with pytest.raises(DestinationError) as refused:
        read_records(root)
    assert said in str(refused.value)


def test_what_stood_there_stays_when_writing_fails(root, monkeypatch):
    before = (root / MANIFEST).read_text()
    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(DestinationError, match="No space left on device"):
        write_manifest(root, replace(MANIFEST_THERE, segment_size=16))
    assert (root / MANIFEST).read_text() == before
    assert {path.name for path in (root / HOUSE).iterdir()} == {"manifest.json", "segments"}


def fail(*_):
    raise OSError(28, "No space left on device")
