"""One suite for every place: what is read back there is, by fingerprint, what Parquet holds."""

import pickle
import socket
import subprocess
import sys
import time
from itertools import count

import grilse_rows as toy
import pyarrow.fs as arrow_fs
import pytest

from grilse.ground.errors import DestinationError
from grilse.sinks.destination import read_destination
from grilse.tables.totals import Totals

# The marks of empty folders that Arrow puts when it deletes, the server would not take.
_STORE = """
import sys, localbucket
put = localbucket.S3Handler._put
def _put(self, bucket, key):
    if key.endswith("/"):
        self._read_body()
        self._send(localbucket.HTTPStatus.OK, headers={"ETag": '"0"'})
    else:
        put(self, bucket, key)
localbucket.S3Handler._put = _put
localbucket.main()
"""
_BUCKETS = count(1)

SLOW = [pytest.param(kind, marks=pytest.mark.slow) for kind in ("postgres", "s3")]
KINDS = ("parquet", "csv", "duckdb", *SLOW)


@pytest.fixture(scope="session")
def store(tmp_path_factory):
    """An object store on this machine, which keeps buckets as folders."""
    pytest.importorskip("localbucket", reason="localbucket is not installed")
    root = tmp_path_factory.mktemp("store")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", _STORE, str(root), "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield root, port
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(port):
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("the object store does not start")


class Spot:
    """A place of one kind, and how to read what is there."""

    def __init__(self, kind, text, read):
        self.kind, self.text, self.read = kind, text, read

    @property
    def place(self):
        return read_destination(self.text)


@pytest.fixture(params=KINDS)
def spot(request, tmp_path, monkeypatch):
    kind = request.param
    local = arrow_fs.LocalFileSystem()
    if kind == "parquet":
        return Spot(kind, f"file://{tmp_path}/out", toy.read_parquet(local, f"{tmp_path}/out"))
    if kind == "csv":
        return Spot(kind, f"csv:{tmp_path}/out", toy.read_csv(tmp_path / "out"))
    if kind == "duckdb":
        path = tmp_path / "farm.duckdb"
        return Spot(kind, str(path), toy.read_duckdb(path))
    if kind == "postgres":
        url = request.getfixturevalue("database")
        return Spot(kind, url, toy.read_postgres(url))
    root, port = request.getfixturevalue("store")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "any")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "any")
    bucket = f"bucket-{next(_BUCKETS)}"
    (root / bucket).mkdir()
    uri = f"s3://{bucket}/a/farm?endpoint_override=127.0.0.1:{port}&scheme=http&region=eu-north-1"
    return Spot(kind, uri, toy.read_parquet(local, f"{root}/{bucket}/a/farm"))


def test_what_is_read_back_is_what_was_made(spot):
    finished = toy.write_load(spot.place)
    assert finished.is_complete
    wanted = toy.expected()
    assert {name: totals.fingerprint for name, totals in finished.totals.items()} == wanted
    assert toy.prints_of(spot.read) == wanted


def test_a_second_run_writes_nothing(spot):
    first = toy.write_load(spot.place)
    with spot.place.hold(toy.load()) as held:
        assert held.done == toy.load().parts
        assert held.finish().totals == first.totals
    assert toy.prints_of(spot.read) == toy.expected()


def test_a_run_that_left_a_batch_out_is_taken_up(spot):
    unfinished = toy.write_load(spot.place, dropped=(2,))
    assert not unfinished.is_complete
    with spot.place.hold(toy.load()) as held:
        assert ("e0001-s0000", 2) not in held.done
        assert {("e0001-farm", 0), ("e0001-s0001", 3), ("e0001-s0002", 5)} <= held.done
    finished = toy.write_load(spot.place)
    assert finished.is_complete
    assert toy.prints_of(spot.read) == toy.expected()


def test_a_segment_that_was_broken_off_is_not_there(spot):
    with spot.place.hold(toy.load()) as held:
        writer = held.sink.begin("e0001-s0000")
        writer.begin_batch(1)
        for table, rows in toy.make(1):
            writer.write(table, rows)
        writer.abort()
        writer.abort()
    with spot.place.hold(toy.load()) as held:
        assert held.done == frozenset()
        held.sink.discard("e0001-s0000")
    assert toy.write_load(spot.place).is_complete
    assert toy.prints_of(spot.read) == toy.expected()


def test_a_load_of_other_inputs_is_refused_and_replaced_on_demand(spot):
    toy.write_load(spot.place)
    other = toy.load(inputs={**toy.INPUTS, "seed": "2"})
    with pytest.raises(DestinationError, match="seed: there 1, wanted 2"), spot.place.hold(other):
        pass
    assert toy.prints_of(spot.read) == toy.expected()
    fewer = {name: toy.SEGMENTS[name] for name in ("e0001-farm", "e0001-s0002")}
    replacing = toy.load(inputs={"seed": "2"}, segments=fewer, overwrite=True)
    assert toy.write_load(spot.place, replacing).is_complete
    assert toy.prints_of(spot.read) == toy.expected((0, 5))


def test_a_sink_can_be_sent_to_another_process(spot):
    with spot.place.hold(toy.load()) as held:
        assert pickle.loads(pickle.dumps(held.sink)) == held.sink


def test_the_writer_counts_as_every_other(spot):
    with spot.place.hold(toy.load()) as held:
        written = toy.write_segment(held.sink, "e0001-s0000", (1, 2), dropped=(2,))
    alone = toy.expected((1,))
    assert {name: t.fingerprint for name, t in written.tables.items()} == alone
    assert set(written.batches) == {1}
    assert sum(written.batches[1].values(), Totals()).rows == sum(
        rows.num_rows for _, rows in toy.make(1)
    )
