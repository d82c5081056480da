"""A folder on this machine or under an object store's prefix: files put there whole, by name.

A URI that pyarrow knows (``s3://``, ``gs://``, ``abfs://``, ``file://``) is opened by it; others
by fsspec, where that is installed. Keys come from the environment or the provider's own files,
never from the URI.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pyarrow as pa
import pyarrow.fs as arrow_fs

from grilse.ground.errors import (
    BadInput,
    DestinationError,
    MissingExtra,
    Problem,
    kind_of_failure,
)

__all__ = ["INPROGRESS", "Shelf", "read_shelf"]

INPROGRESS = ".inprogress"
"""How the name of a file on this machine ends that is not yet whole."""

_BLOCK_BYTES = 1 << 20

_GOES_ON = " What was put there before is whole; mend that, and the same command goes on."


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where files are put.

    Attributes
    ----------
    uri
        Of the folder: a URI, or a path of this machine.
    """

    uri: str

    @property
    def is_local(self) -> bool:
        """Whether it is a folder of this machine."""
        return "://" not in self.uri

    def read(self, name: str) -> Any | None:
        """Return the JSON value of a file, or None if the file is not there."""
        filesystem, root = _opened(self.uri)
        with self._telling(name, "read"):
            try:
                with filesystem.open_input_stream(f"{root}/{name}") as file:
                    content = file.read()
            except FileNotFoundError:
                return None
        try:
            return json.loads(content)
        except ValueError as error:
            raise DestinationError(f"{self.uri}/{name}: is not the JSON that Grilse writes") from (
                error
            )

    def write(self, name: str, value: Any) -> None:
        """Put a JSON value, whole or not at all."""
        content = json.dumps(value, indent=1, ensure_ascii=False).encode() + b"\n"
        filesystem, path = self._ready(name)
        with self._telling(name, "written"):
            aside = path + INPROGRESS if self.is_local else path
            with filesystem.open_output_stream(aside) as file:
                file.write(content)
            if self.is_local:
                filesystem.move(aside, path)

    def bring(self, source: Path, name: str) -> None:
        """Put a file of this machine: by its name if the shelf is local, else by copy."""
        filesystem, path = self._ready(name)
        with self._telling(name, "written"):
            if self.is_local:
                source.rename(path)
                return
            with source.open("rb") as file, filesystem.open_output_stream(path) as target:
                while block := file.read(_BLOCK_BYTES):
                    target.write(block)

    def size(self, name: str) -> int | None:
        """Return a file's bytes, or None if it is not there."""
        filesystem, root = _opened(self.uri)
        with self._telling(name, "read"):
            found = filesystem.get_file_info(f"{root}/{name}")
        return found.size if found.is_file else None

    def names(self, folder: str = "") -> list[str]:
        """Return the names of what stands in a folder; empty if it is not there."""
        filesystem, root = _opened(self.uri)
        selector = arrow_fs.FileSelector(f"{root}/{folder}".rstrip("/"), allow_not_found=True)
        with self._telling(folder, "read"):
            return sorted(info.base_name for info in filesystem.get_file_info(selector))

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        filesystem, root = _opened(self.uri)
        with self._telling(name, "removed"):
            try:
                filesystem.delete_file(f"{root}/{name}")
            except FileNotFoundError:
                return

    def _ready(self, name: str) -> tuple[Any, str]:
        """Return the file system and a file's path in it; its folder is there."""
        filesystem, root = _opened(self.uri)
        path = f"{root}/{name}"
        if self.is_local:
            with self._telling(name, "made"):
                filesystem.create_dir(path.rpartition("/")[0], recursive=True)
        return filesystem, path

    @contextmanager
    def _telling(self, name: str, doing: str) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError:
            raise
        except (OSError, pa.ArrowException) as error:
            said = " ".join(str(error).split())
            kind = kind_of_failure(error) if isinstance(error, OSError) else DestinationError
            raise kind(f"{self.uri}/{name}: cannot be {doing}: {said}.{_GOES_ON}") from error


def read_shelf(uri: str) -> Shelf:
    """Read the URI of a folder.

    Raises
    ------
    BadInput
        If it holds a user or a password.
    """
    if "://" not in uri:
        return Shelf(str(Path(uri).absolute()))
    parts = urlsplit(uri)
    if ("@" in parts.netloc and parts.scheme in ("s3", "gs")) or parts.password:
        raise BadInput(
            Problem(
                "D-PASSWORD",
                "keys have no place in a URI: command lines can be read by others on the machine",
                allowed="s3://bucket/prefix",
                mend="Put them into the environment or the provider's own files.",
            )
        )
    if parts.scheme == "file":
        return Shelf(unquote(parts.path).rstrip("/"))
    return Shelf(uri.rstrip("/"))


@lru_cache(maxsize=8)
def _opened(uri: str) -> tuple[Any, str]:
    """Open a file system once a process; it holds connections, so it cannot be pickled."""
    if "://" not in uri:
        return arrow_fs.LocalFileSystem(), uri
    try:
        filesystem, path = arrow_fs.FileSystem.from_uri(uri)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
        if "nrecognized" not in str(error):
            raise DestinationError(f"{uri}: cannot be opened: {error}") from error
        return _opened_by_fsspec(uri)
    return filesystem, path.rstrip("/")


def _opened_by_fsspec(uri: str) -> tuple[Any, str]:
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise MissingExtra(
            f"{uri}: pyarrow knows no such store, and fsspec is not there: "
            "pip install 'grilse[objects]'"
        ) from error
    try:
        filesystem, path = url_to_fs(uri)
    except (ImportError, ValueError) as error:
        raise DestinationError(f"{uri}: cannot be opened: {error}") from error
    return arrow_fs.PyFileSystem(arrow_fs.FSSpecHandler(filesystem)), path.rstrip("/")
