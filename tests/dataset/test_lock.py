import json
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from grilse.dataset import lock
from grilse.dataset.lock import hold, holder_of, is_held
from grilse.ground.errors import DestinationError


def other_lock(path, **changes):
    with hold(path):
        found = json.loads(path.read_text())
    path.write_text(json.dumps({**found, **changes}))


def dead_process():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_lock_is_held_and_given_back(tmp_path):
    path = tmp_path / "lock"
    with hold(path):
        assert holder_of(path).pid == os.getpid()
    assert holder_of(path) is None
    assert not list(tmp_path.iterdir())


def test_a_second_run_is_refused_and_told_who_holds_it(tmp_path):
    path = tmp_path / "lock"
    with hold(path):
        with pytest.raises(DestinationError) as refused, hold(path):
            pass
        assert f"process {os.getpid()} on " in str(refused.value)
        assert holder_of(path) is not None


def test_a_lock_is_given_back_after_an_error(tmp_path):
    with pytest.raises(RuntimeError), hold(tmp_path / "lock"):
        raise RuntimeError
    assert not list(tmp_path.iterdir())


def test_a_dead_process_is_recognised(tmp_path):
    other_lock(tmp_path / "lock", pid=dead_process())
    with hold(tmp_path / "lock"):
        assert holder_of(tmp_path / "lock").pid == os.getpid()
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="the host tells no start times")
def test_a_process_number_used_again_is_recognised(tmp_path):
    other_lock(tmp_path / "lock", born="12345")
    with hold(tmp_path / "lock"):
        pass


def test_another_hosts_lock_is_respected_as_long_as_it_is_touched(tmp_path):
    path = tmp_path / "lock"
    other_lock(path, pid=dead_process(), host="elsewhere")
    with pytest.raises(DestinationError, match="on elsewhere"), hold(path):
        pass
    assert is_held(path)
    almost = time.time() - lock.DEAD_SECONDS + 30
    os.utime(path, (almost, almost))
    with pytest.raises(DestinationError, match="on elsewhere"), hold(path):
        pass
    assert os.listdir(tmp_path) == ["lock"]


def test_another_hosts_lock_that_nobody_touches_is_taken_over(tmp_path):
    path = tmp_path / "lock"
    other_lock(path, host="elsewhere")
    long_ago = time.time() - lock.DEAD_SECONDS - 30
    os.utime(path, (long_ago, long_ago))
    assert not is_held(path)
    with hold(path):
        assert holder_of(path).pid == os.getpid()


def test_a_holder_touches_its_lock(tmp_path, monkeypatch):
    monkeypatch.setattr(lock, "BEAT_SECONDS", 0.02)
    with hold(tmp_path / "lock"):
        os.utime(tmp_path / "lock", (1, 1))
        time.sleep(0.3)
        assert (tmp_path / "lock").stat().st_mtime > 1


def test_a_holder_whose_lock_was_taken_over_is_asked_to_stop(tmp_path, monkeypatch):
    monkeypatch.setattr(lock, "BEAT_SECONDS", 0.02)
    asked = threading.Event()
    before = signal.signal(signal.SIGTERM, lambda *_: asked.set())
    try:
        with hold(tmp_path / "lock"):
            (tmp_path / "lock").write_text("another's")
            assert asked.wait(2)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert (tmp_path / "lock").read_text() == "another's"


def test_one_can_wait_for_a_lock(tmp_path):
    path, held, over = tmp_path / "lock", threading.Event(), threading.Event()

    def other():
        with hold(path):
            held.set()
            over.wait(5)

    thread = threading.Thread(target=other)
    thread.start()
    held.wait(5)
    with pytest.raises(DestinationError, match="at work"), hold(path, wait_seconds=0.2):
        pass
    threading.Timer(0.2, over.set).start()
    with hold(path, wait_seconds=5):
        assert is_held(path)
    thread.join()


@pytest.mark.parametrize("text", ["", "{}", "[1]", "null", '{"pid": "x"}'])
def test_a_lock_without_a_name_is_respected_for_a_minute(tmp_path, text):
    path = tmp_path / "lock"
    path.write_text(text)
    with pytest.raises(DestinationError, match="is just starting"), hold(path):
        pass
    os.utime(path, (1, 1))
    with hold(path):
        assert holder_of(path).pid == os.getpid()


def test_a_lock_that_another_took_over_meanwhile_is_seen(tmp_path, monkeypatch):
    path = tmp_path / "lock"
    other_lock(tmp_path / "fresh", host="elsewhere")
    other_lock(path, pid=dead_process())

    def they_were_quicker(*_):
        (tmp_path / "fresh").rename(path)
        monkeypatch.undo()

    monkeypatch.setattr("fcntl.flock", they_were_quicker)
    with pytest.raises(DestinationError, match="on elsewhere"), hold(path):
        pass
    assert holder_of(path).host == "elsewhere"


RACE = """
import sys, time
from pathlib import Path
from grilse.dataset.lock import hold
from grilse.ground.errors import DestinationError
sys.stdin.readline()
try:
    with hold(Path(sys.argv[1])):
        print("held", flush=True)
        time.sleep(1.0)
except DestinationError:
    print("refused", flush=True)
"""


def test_of_several_that_find_a_dead_holder_one_takes_over(tmp_path):
    other_lock(tmp_path / "lock", pid=dead_process())
    command = [sys.executable, "-c", RACE, tmp_path / "lock"]
    processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    said = sorted(process.communicate()[0].strip() for process in processes)
    assert said == ["held", "refused", "refused", "refused"]
