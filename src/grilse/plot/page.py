"""A picture: what is asked for, looked up, and drawn with the panels that tell of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from grilse.plot.canvas import Panel, sheet
from grilse.plot.container import DEAD, MEALS, readings
from grilse.plot.feed import FEED, STORES
from grilse.plot.fish import COUNT, DEATHS, SEA_WEIGHT, WEIGHT
from grilse.plot.lice import LICE, OTHER_LICE
from grilse.plot.reader import Reader
from grilse.plot.store import PANELS as STORE
from grilse.plot.store import subject_of_store
from grilse.plot.subject import (
    Asked,
    Subject,
    subject_of_batch,
    subject_of_container,
    subject_of_place,
)
from grilse.plot.water import OXYGEN, TEMPERATURE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["KINDS", "Kind", "Picture", "draw"]

Kind = Literal["batch", "area", "container", "store"]
KINDS: tuple[Kind, ...] = ("batch", "area", "container", "store")


@dataclass(frozen=True, slots=True)
class Picture:
    """What is to be drawn.

    Attributes
    ----------
    kind, named
        A batch, area (or hall), container or feed store, and its name.
    first, end
        The days, `end` not included; None for all there are.
    """

    kind: Kind
    named: str
    first: date | None = None
    end: date | None = None


def draw(picture: Picture, reader: Reader, as_of: date, mark: str) -> Figure:
    """Draw a picture from a dataset's rows.

    Parameters
    ----------
    as_of
        The date before which the dataset's rows lie.
    mark
        Said at its foot.

    Raises
    ------
    BadInput
        If the dataset has nothing of that name, or nothing on those days.
    """
    subject, panels = _chosen(picture, reader, as_of)
    return sheet(panels, reader, subject, mark)


def _chosen(picture: Picture, reader: Reader, as_of: date) -> tuple[Subject, Sequence[Panel]]:
    asked = Asked(picture.first, picture.end)
    if picture.kind == "store":
        return subject_of_store(reader, picture.named, asked), STORE
    if picture.kind == "container":
        subject = subject_of_container(reader, picture.named, as_of, asked)
        return subject, [*readings(reader), MEALS, DEAD]
    choose = subject_of_batch if picture.kind == "batch" else subject_of_place
    subject = choose(reader, picture.named, as_of, asked)
    deaths = [DEATHS[where] for where in subject.environments]
    both = bool(subject.stages) and len(deaths) > 1
    weights = [WEIGHT, SEA_WEIGHT] if both else [WEIGHT]
    lice = [LICE, OTHER_LICE] if subject.is_at_sea else []
    return subject, [*weights, COUNT, *deaths, TEMPERATURE, OXYGEN, *lice, FEED, STORES]
