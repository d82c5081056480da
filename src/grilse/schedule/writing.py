"""A schedule is written in our own layout: a batch reads in a screen, and reads back equal."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from os import PathLike, fspath
from pathlib import Path
from typing import Any, TextIO

from grilse.ground.days import date_of
from grilse.ground.errors import DestinationError
from grilse.ground.scalars import written
from grilse.schedule.fields import day_number
from grilse.schedule.layout import FORMAT
from grilse.schedule.model import BatchPlan, Schedule, Stay

__all__ = ["dump", "pieces", "write_schedule"]


def dump(schedule: Schedule, header: Iterable[str] = ()) -> str:
    """Return a schedule as the text of a file.

    Parameters
    ----------
    schedule
        Each stage stands at most once in a batch. Where its metadata hold `seed` and `as_of`, as
        those that were read do, what is read back is equal to it.
    header
        Lines of the comment at the top, without the mark of a comment.

    Raises
    ------
    ValueError
        Where a batch holds a stage twice, which the layout has no words for.
    """
    return "".join(pieces(schedule, header))


def write_schedule(
    schedule: Schedule, path: str | PathLike[str], header: Iterable[str] = ()
) -> None:
    """Write a schedule to a file, whole or not at all; a file of that name is replaced.

    Parameters
    ----------
    schedule, header
        As for `dump`.
    path
        The file.

    Raises
    ------
    DestinationError
        Where it cannot be written; what stood there still does.
    """
    target = Path(path)
    if target.exists() and not target.is_file():
        raise DestinationError(f"{fspath(path)}: is not a file that can be replaced")
    aside = target.with_name(f".{target.name}.{os.getpid()}.inprogress")
    try:
        with open(aside, "x", encoding="utf-8", newline="\n") as file:
            _write(file, schedule, header)
        os.replace(aside, target)
    except OSError as error:
        reason = error.strerror or str(error)
        raise DestinationError(f"{fspath(path)}: cannot be written: {reason}") from error
    finally:
        aside.unlink(missing_ok=True)


def _write(file: TextIO, schedule: Schedule, header: Iterable[str]) -> None:
    file.writelines(pieces(schedule, header))
    file.flush()
    os.fsync(file.fileno())


def pieces(schedule: Schedule, header: Iterable[str] = ()) -> Iterator[str]:
    """Yield what `dump` returns, batch by batch: as a whole it may be 100 MB and more."""
    for line in header:
        yield from (f"# {part}".rstrip() + "\n" for part in line.splitlines() or [""])
    yield "metadata:\n"
    for key, value in _metadata(schedule).items():
        yield _line(key, value) + "\n"
    yield "\nbatches:\n" if schedule.batches else "\nbatches: []\n"
    names: dict[str, str] = {}
    for batch in schedule.batches:
        yield _batch(batch, names)


def _metadata(schedule: Schedule) -> dict[str, Any]:
    """Return the metadata with our mark first, and with the seed and date that hold."""
    result: dict[str, Any] = {"format": FORMAT}
    result.update((key, value) for key, value in schedule.metadata.items() if key != "format")
    if day_number(result.get("as_of")) != schedule.as_of:
        result["as_of"] = date_of(schedule.as_of)
    if result.get("seed") != schedule.seed:
        result["seed"] = schedule.seed
    return result


def _batch(batch: BatchPlan, names: dict[str, str]) -> str:
    """Return one batch; `names` remembers how names are written."""
    lines = [
        f"- batch_id: {written(batch.batch_id)}",
        f"  number: {batch.number}",
        f"  start_date: {date_of(batch.start)}",
        f"  eggs: {batch.eggs}",
        f"  duration: {batch.duration}",
        f"  geography: {_name(batch.geography, names)}",
        f"  station: {_name(batch.station, names)}",
    ]
    if batch.harvest_target_kg is not None:
        lines.append(f"  harvest_target_kg: {written(batch.harvest_target_kg)}")
    if batch.open_ended:
        lines.append("  open_ended: true")
    extra = dict(batch.extra)
    more = extra.pop("stages", {})
    lines += (_line(key, value) for key, value in extra.items())
    lines += _stays(batch, more, names)
    return "\n".join(lines) + "\n"


def _stays(batch: BatchPlan, more: Mapping[str, Any], names: dict[str, str]) -> Iterator[str]:
    if len({stay.stage for stay in batch.stays}) < len(batch.stays):
        raise ValueError(f"batch {batch.batch_id} holds a stage twice")
    land = [stay for stay in batch.stays if stay.stage != "adult"]
    if land:
        yield "  freshwater:"
    for stay in land:
        yield f"    {stay.stage}:"
        yield from _stay(stay, more.get(stay.stage, {}), names, " " * 6)
    for stay in batch.stays:
        if stay.stage == "adult":
            yield "  sea:"
            yield from _stay(stay, more.get("adult", {}), names, " " * 4)


def _stay(stay: Stay, more: Mapping[str, Any], names: dict[str, str], indent: str) -> Iterator[str]:
    at_sea = stay.stage == "adult"
    place_key, list_key = ("area", "rings") if at_sea else ("hall", "containers")
    runs = [
        (place, ", ".join(_name(name, names) for _, name in run))
        for place, run in groupby(stay.containers, key=itemgetter(0))
    ]
    if len(runs) == 1 and not runs[0][0].startswith("MULTI("):
        yield f"{indent}{place_key}: {_name(runs[0][0], names)}"
        yield f"{indent}{list_key}: [{runs[0][1]}]"
    else:
        yield f"{indent}{place_key}s:"
        for place, run in runs:
            yield f"{indent}- {place_key}: {_name(place, names)}"
            yield f"{indent}  {list_key}: [{run}]"
    yield f"{indent}start_day: {stay.start_day}"
    yield f"{indent}end_day: {stay.end_day}"
    yield from (f"{indent}{written(key)}: {_value(value)}" for key, value in more.items())


def _name(name: str, names: dict[str, str]) -> str:
    text = names.get(name)
    if text is None:
        text = names[name] = written(name)
    return text


def _line(key: str, value: Any) -> str:
    """Return a key with its value; a mapping's keys stand under it, a list's mappings too."""
    if isinstance(value, (list, tuple)) and value and all(isinstance(v, Mapping) for v in value):
        return f"  {written(key)}:" + "".join(f"\n  - {_value(item)}" for item in value)
    if not isinstance(value, Mapping) or not value:
        return f"  {written(key)}: {_value(value)}"
    return f"  {written(key)}:" + "".join(_below(name, item) for name, item in value.items())


def _below(key: str, value: Any) -> str:
    """Return a key under another, with its value; lists under it stand a line each."""
    lists = isinstance(value, Mapping) and all(isinstance(v, (list, tuple)) for v in value.values())
    if not value or not lists:
        return f"\n    {written(key)}: {_value(value)}"
    below = (f"\n      {written(name)}: {_value(item)}" for name, item in value.items())
    return f"\n    {written(key)}:" + "".join(below)


def _value(value: Any) -> str:
    """Return any value on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{written(key)}: {_value(value[key])}" for key in value) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    return written(value)
