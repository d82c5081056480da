"""Bringing files to the disk: by one call where there is one, else file by file; failures told."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from grilse.sinks import flushing


@pytest.fixture(autouse=True)
def afresh():
    flushing._syncfs.cache_clear()
    yield
    flushing._syncfs.cache_clear()


def files_of(folder: Path) -> list[Path]:
    paths = [folder / name for name in ("a", "b")]
    for path in paths:
        path.write_text("content")
    return paths


@pytest.fixture
def flushed(monkeypatch):
    inodes: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda file: inodes.append(os.fstat(file).st_ino))
    return inodes


@pytest.mark.parametrize(
    ("system", "release"), [("Darwin", "23.1.0"), ("Linux", "5.7.19-generic"), ("Linux", "4.19")]
)
def test_without_a_call_that_tells_of_failure_each_file_is_flushed(
    tmp_path, monkeypatch, flushed, system, release
):
    monkeypatch.setattr(os, "uname", lambda: SimpleNamespace(sysname=system, release=release))
    paths = files_of(tmp_path)
    flushing.flush(tmp_path, paths)
    assert flushed == [path.stat().st_ino for path in paths]


def test_one_call_flushes_all_where_it_can_be_had(tmp_path, monkeypatch, flushed):
    if flushing._syncfs() is None:
        pytest.skip("this system flushes files one by one")
    flushing.flush(tmp_path, files_of(tmp_path))
    assert flushed == []


def test_a_failure_is_told(tmp_path):
    flush_descriptor = flushing._syncfs()
    if flush_descriptor is None:
        pytest.skip("this system flushes files one by one")
    with pytest.raises(OSError, match="Bad file descriptor") as failure:
        flush_descriptor(-1)
    assert failure.value.errno == errno.EBADF
