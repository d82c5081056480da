"""Pictures of a dataset: a batch, an area, a container or a feed store, as a file."""

from __future__ import annotations

from datetime import date
from os import PathLike
from pathlib import Path

from grilse.api.choosing import chosen_date
from grilse.dataset.manifest import read_manifest
from grilse.dataset.views import connect
from grilse.ground.errors import BadInput, Problem
from grilse.plot.canvas import FORMATS, check_extra, write
from grilse.plot.page import KINDS, Picture, draw
from grilse.plot.reader import Reader
from grilse.plot.subject import NEEDED

__all__ = ["plot"]


def plot(
    dataset: str | PathLike[str],
    output: str | PathLike[str],
    *,
    batch: str | int | None = None,
    area: str | None = None,
    container: str | int | None = None,
    store: str | int | None = None,
    first: date | str | None = None,
    end: date | str | None = None,
) -> Path:
    """Draw a picture of a dataset from its rows, and return where it is.

    Parameters
    ----------
    dataset
        The dataset's folder.
    output
        The file: ``.png``, ``.svg`` or ``.pdf``. One that is there is replaced.
    batch, area, container, store
        What is to be drawn, one of them: a batch by its id or number, an area or hall, a container
        by its name, place/name or id, the feed store of a hall or area.
    first, end
        The days, `end` not included; all there are where None.

    Raises
    ------
    MissingExtra
        If Matplotlib is not there; the message says how to get it.
    DestinationError
        If there is no dataset, or the picture cannot be written.
    BadInput
        If not one thing is asked for, or the dataset does not have it.
    """
    picture = _picture(
        dict(zip(KINDS, (batch, area, container, store), strict=True)),
        None if first is None else chosen_date("from", first),
        None if end is None else chosen_date("to", end),
    )
    path, root = Path(output), Path(dataset)
    _check_path(path)
    check_extra()
    manifest = read_manifest(root)
    held = manifest.inputs.tables
    lacking = [name for name in _needed(picture) if name not in held]
    if lacking:
        message = "the dataset lacks tables that a picture is drawn by"
        raise BadInput(Problem("L-TABLES", message, found=", ".join(lacking)))
    as_of = date.fromisoformat(manifest.inputs.as_of)
    mark = f"Synthetic data, made by Grilse {manifest.inputs.version}, seed {manifest.inputs.seed}"
    with connect(root) as rows:
        write(draw(picture, Reader(rows, frozenset(held)), as_of, mark), path)
    return path


def _picture(
    asked: dict[str, str | int | None], first: date | None, end: date | None
) -> Picture:  # fmt: skip
    named = {kind: str(name) for kind, name in asked.items() if name is not None}
    if len(named) != 1:
        raise BadInput(
            Problem("L-ONE", "a picture is of one thing", found=", ".join(named) or "nothing",
                    allowed="one of " + ", ".join(KINDS))
        )  # fmt: skip
    kind = next(kind for kind in KINDS if kind in named)
    return Picture(kind, named[kind], first, end)


def _needed(picture: Picture) -> tuple[str, ...]:
    own = ("feed_store", "feed_stock", "hall", "area")
    return own if picture.kind == "store" else NEEDED


def _check_path(path: Path) -> None:
    if path.suffix.lower() not in FORMATS:
        raise BadInput(
            Problem("L-FORMAT", "the picture's name tells no format that can be drawn",
                    found=path.name[:80], allowed=", ".join(FORMATS))
        )  # fmt: skip
    if not path.parent.is_dir() or path.is_dir():
        what = "is a folder" if path.is_dir() else "would lie in a folder that is not there"
        raise BadInput(Problem("L-OUTPUT", f"the picture {what}", found=str(path)))
