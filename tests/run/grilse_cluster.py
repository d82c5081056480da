"""A Dask cluster of the tests' own: a scheduler and workers, each worker on a net of its own.

Every worker is in a network namespace, behind a bridge, where the machine allows that: so nothing
passes between them but what would pass between machines.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

_HERE = Path(__file__).parent
_SECONDS_TO_START = 60.0
_NET = "198.18.77"  # Of the range that is set aside for tests of networks.


class Cluster:
    """A cluster that runs: its scheduler's address and process, its workers' processes."""

    def __init__(self, address, scheduler, workers, is_apart):
        self.address, self.scheduler = address, scheduler
        self.workers, self.is_apart = workers, is_apart


@contextmanager
def running(count=2, *, apart=False):
    """Start a scheduler and workers, in namespaces if `apart` and allowed; end them after."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="grilse-dask-")))
        names = stack.enter_context(_namespaces(count)) if apart else []
        host = f"{_NET}.1" if names else "127.0.0.1"
        address = f"tcp://{host}:{_free_port(host)}"
        port = address.rpartition(":")[2]
        words = ["dask_scheduler", "--host", host, "--port", port, "--no-dashboard"]
        scheduler = stack.enter_context(_process(words, folder / "scheduler.log"))
        _wait_for(folder / "scheduler.log", "Scheduler at:", 1)
        workers = []
        for index in range(count):
            before = ["ip", "netns", "exec", names[index]] if names else []
            words = ["dask_worker", address, "--nthreads", "1", "--no-dashboard", "--no-nanny",
                     "--local-directory", str(folder)]  # fmt: skip
            log = folder / f"worker-{index}.log"
            workers.append(stack.enter_context(_process(words, log, before)))
        for index in range(count):
            _wait_for(folder / f"worker-{index}.log", "Registered to:", 1)
        yield Cluster(address, scheduler, workers, bool(names))


@contextmanager
def _process(words, log, before=()):
    command = [*before, sys.executable, "-m", f"distributed.cli.{words[0]}", *words[1:]]
    paths = os.pathsep.join([str(_HERE), os.environ.get("PYTHONPATH", "")])
    # One death is enough for Dask to hand a segment back: whether to try again is the run's to say.
    own = {"PYTHONPATH": paths, "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
    with (
        log.open("wb") as file,
        subprocess.Popen(command, stdout=file, stderr=file, env={**os.environ, **own}) as process,
    ):
        try:
            yield process
        finally:
            process.kill()


def _wait_for(log, words, count):
    end = time.monotonic() + _SECONDS_TO_START
    while log.read_text().count(words) < count:
        if time.monotonic() > end:
            raise RuntimeError(log.read_text())
        time.sleep(0.05)


def _free_port(host):
    with socket.socket() as probe:
        probe.bind((host, 0))
        return probe.getsockname()[1]


@contextmanager
def _namespaces(count):
    """Make namespaces that reach this one over a bridge; none where that is not allowed."""
    bridge = f"gr{os.getpid() % 100_000}"
    names = [f"{bridge}-{i}" for i in range(count)]
    commands = [f"ip link add {bridge} type bridge", f"ip addr add {_NET}.1/24 dev {bridge}",
                f"ip link set {bridge} up"]  # fmt: skip
    for index, name in enumerate(names):
        here, there = f"{bridge}a{index}", f"{bridge}b{index}"
        commands += [
            f"ip netns add {name}", f"ip link add {here} type veth peer name {there}",
            f"ip link set {here} master {bridge} up", f"ip link set {there} netns {name}",
            f"ip -n {name} addr add {_NET}.{index + 11}/24 dev {there}",
            f"ip -n {name} link set {there} up", f"ip -n {name} link set lo up",
        ]  # fmt: skip
    try:
        is_allowed = all(_ran(command) for command in commands)
        yield names if is_allowed else []
    finally:
        for name in names:
            _ran(f"ip netns del {name}")
        _ran(f"ip link del {bridge}")


def _ran(command):
    try:
        return subprocess.run(command.split(), check=False, capture_output=True).returncode == 0
    except OSError:
        return False
