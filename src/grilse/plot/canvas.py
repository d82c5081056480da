"""The sheet: panels one above the other over the same days, drawn without a screen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from grilse.ground.errors import DestinationError, MissingExtra
from grilse.plot.reader import Reader
from grilse.plot.subject import Subject

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["FORMATS", "Panel", "broken", "check_extra", "colour", "sheet", "write"]

FORMATS = (".png", ".svg", ".pdf")

_WIDTH_IN, _PANEL_IN, _HEAD_IN = 13.0, 1.9, 1.1
_DOTS_PER_INCH = 110
_COLOURS = (
    "#1f5fa8", "#d9681d", "#2c8a3d", "#b3261e", "#6d4fa1", "#86603b", "#c9589f", "#5f6a72",
    "#9a9a17", "#1795a5",
)  # fmt: skip
_STYLE: Any = {
    "font.size": 8.5, "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True,
    "grid.color": "#e3e3e3", "grid.linewidth": 0.6, "axes.axisbelow": True, "lines.linewidth": 1.2,
    "legend.frameon": False, "legend.fontsize": 7.5, "svg.hashsalt": "grilse",
    "svg.fonttype": "none", "text.parse_math": False, "axes.titlesize": 9,
}  # fmt: skip
_NO_DATE = {".png": None, ".svg": {"Date": None}, ".pdf": {"CreationDate": None}}


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of a sheet.

    Attributes
    ----------
    title
        What its height tells, with the unit.
    needs
        Tables without which it cannot be drawn.
    draw
        Draws it.
    height
        In ordinary panels.
    """

    title: str
    needs: tuple[str, ...]
    draw: Callable[[Axes, Reader, Subject], None]
    height: float = 1.0


def check_extra() -> None:
    """Raise MissingExtra if Matplotlib is not there; the message says how to get it."""
    try:
        import matplotlib
    except ImportError as error:
        raise MissingExtra(
            "pictures need the package matplotlib: pip install 'grilse[plot]'"
        ) from error
    matplotlib.use("Agg")


def colour(place: int) -> str:
    """Return the colour of the so-and-so-many-th of several things."""
    return _COLOURS[place % len(_COLOURS)]


def broken(day: NDArray[Any], *values: NDArray[Any], days: int = 14) -> tuple[NDArray[Any], ...]:
    """Return a course with a hole wherever nothing was told for more than so many days.

    No line is drawn across a hole: between two batches of an area there are no fish.

    Parameters
    ----------
    day
        Dates, ascending.
    values
        Numbers of each day.
    """
    hole = np.flatnonzero(np.diff(day) > np.timedelta64(days, "D")) + 1
    return np.insert(day, hole, day[hole]), *(
        np.insert(each.astype(np.float64), hole, np.nan) for each in values
    )


def sheet(panels: Sequence[Panel], reader: Reader, subject: Subject, mark: str) -> Figure:
    """Draw panels one above the other.

    Parameters
    ----------
    mark
        Said at the foot: where the data come from.
    """
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context(_STYLE):
        heights = [panel.height for panel in panels]
        size = (_WIDTH_IN, _PANEL_IN * sum(heights) + _HEAD_IN)
        figure = Figure(figsize=size, layout="constrained")
        figure.suptitle(f"{subject.title}: {subject.note}", x=0.01, ha="left", fontsize=12)
        grid = figure.subplots(
            len(panels), 1, sharex=True, squeeze=False, height_ratios=heights
        )[:, 0]  # fmt: skip
        for axes, panel in zip(grid, panels, strict=True):
            _panel(axes, panel, reader, subject)
        _days(grid[-1], subject)
        _stages(grid, subject)
        _today(grid, subject)
        figure.supxlabel(mark, fontsize=7, color="#777777", x=0.99, ha="right")
        return figure


def _panel(axes: Axes, panel: Panel, reader: Reader, subject: Subject) -> None:
    axes.set_ylabel(panel.title)
    lacking = reader.lacking(panel.needs)
    if lacking:
        text = f"the dataset was made without {', '.join(lacking)}"
        axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", color="#777777")
    else:
        panel.draw(axes, reader, subject)


def _days(axes: Axes, subject: Subject) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    axes.set_xlim(subject.span.first, subject.span.end)  # type: ignore[arg-type]
    locator = AutoDateLocator(minticks=6, maxticks=16)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    plain = ConciseDateFormatter(locator)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_formatter(plain)


def _stages(grid: Iterable[Axes], subject: Subject) -> None:
    for stage in subject.stages:
        if stage.first < subject.span.end and stage.end > subject.span.first:
            middle = max(stage.first, subject.span.first)
            next(iter(grid)).annotate(
                stage.name, (middle, 1.0), xycoords=("data", "axes fraction"), xytext=(3, 2),
                textcoords="offset points", fontsize=8, color="#555555",
            )  # fmt: skip
            for axes in grid:
                axes.axvline(middle, color="#bbbbbb", linewidth=0.8, linestyle=":", zorder=0)  # type: ignore[arg-type]


def _today(grid: Iterable[Axes], subject: Subject) -> None:
    """Shade what is yet to come."""
    if subject.today is not None and subject.today < subject.span.end:
        for axes in grid:
            axes.axvspan(subject.today, subject.span.end, color="#f3f3f3", zorder=0)  # type: ignore[arg-type]


def write(figure: Figure, path: Path) -> None:
    """Write a picture aside, then give it its name.

    Raises
    ------
    DestinationError
        If it cannot be written.
    """
    kind = path.suffix.lower()
    aside = path.with_name(f".{path.name}.inprogress")
    import matplotlib

    try:
        with matplotlib.rc_context(_STYLE):
            figure.savefig(aside, format=kind[1:], dpi=_DOTS_PER_INCH, metadata=_NO_DATE[kind])
        aside.replace(path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise DestinationError(f"{path}: cannot be written: {error.strerror or error}") from error
