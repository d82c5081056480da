"""A batch's entry in a schedule file becomes a batch plan: both layouts, every usual variation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from grilse.ground.marked_yaml import MarkedMap, MarkedSeq
from grilse.schedule.fields import Fields, Notes, kind_of
from grilse.schedule.layout import (
    BATCH_EXTRAS,
    BATCH_KEYS,
    SEA_EXTRAS,
    SEA_KEYS,
    STAGE_EXTRAS,
    STAGE_KEYS,
    STAGES,
    stage_key,
)
from grilse.schedule.model import BatchPlan, KeyLines, Stay, StayLines
from grilse.schedule.places import (
    full_area_names,
    full_hall_name,
    full_tank_names,
    hall_names,
    share_out,
)

__all__ = ["EntryReader"]

_LAND_STAGE_DAYS = 90
_SEA_STAGE_DAYS = 450

Held = tuple[tuple[tuple[str, str], ...], Sequence[int]]


class EntryReader:
    """Reads the entries of one file.

    Names recur in every batch, and so does the way in which one is written: each is kept once, so
    that a large schedule stays small.
    """

    def __init__(self, notes: Notes) -> None:
        self.notes = notes
        self._pairs: dict[tuple[str, str], tuple[str, str]] = {}
        self._held_alike: dict[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]] = {}
        self._names: dict[str, str] = {}
        self._layouts: dict[StayLines, StayLines] = {}
        self._keys: dict[tuple[tuple[str, int], ...], Mapping[str, int]] = {}

    def read(self, value: Any, line: int) -> BatchPlan | None:
        """Return the plan of one item of `batches`, or None where problems leave none.

        Its number is 0 where the entry gives none.
        """
        if not isinstance(value, MarkedMap):
            found = kind_of(value)
            self.notes.add("S-TYPE", "a batch must be a mapping", line, found=found)
            return None
        batch_id = value.get("batch_id")
        entry = Fields(self.notes, value, "batch", None if batch_id is None else str(batch_id)[:80])
        before = len(self.notes.problems)
        plan = self._plan(entry)
        if plan is None and len(self.notes.problems) == before:
            self._no_stages(entry)
        return plan if len(self.notes.problems) == before else None

    def _plan(self, entry: Fields) -> BatchPlan | None:
        entry.only(BATCH_KEYS)
        batch_id, start = entry.name("batch_id"), entry.date("start_date")
        eggs, geography = entry.whole("eggs"), entry.name("geography")
        number = entry.whole("number", required=False)
        duration = entry.days("duration", required=False)
        stays, extra = self._life(entry, duration)
        station = entry.name("station", required=False) or _station_of(stays)
        if station is None and stays:
            entry.required("station")
        missing = batch_id is None or start is None or eggs is None or geography is None
        if missing or station is None or not stays:
            return None
        return BatchPlan(
            batch_id=str(batch_id),
            number=0 if number is None else _given(number),
            start=int(start or 0),
            eggs=int(eggs or 0),
            duration=stays[-1].end_day if duration is None else duration,
            geography=self._name(str(geography)),
            station=self._name(station),
            harvest_target_kg=entry.decimal("harvest_target_kg"),
            stays=stays,
            open_ended=entry.flag("open_ended"),
            line=entry.line,
            extra=extra,
            lines=self._key_lines(entry.line, entry.values.key_lines),
        )

    def _life(self, entry: Fields, duration: int | None) -> tuple[tuple[Stay, ...], dict[str, Any]]:
        """Return the stays in the order of life, and what else the entry says."""
        stages = dict(self._stages(entry))
        extra = entry.extras(BATCH_EXTRAS)
        more = {key: rest for key in stages if (rest := stages[key].extras(_extras(key)))}
        if more:
            extra["stages"] = more
        stays: list[Stay] = []
        ordered = sorted(stages, key=STAGES.index)
        for key in ordered:
            begun = stays[-1].end_day if stays else 0
            days = _days(stages[key], key, begun, duration if key == ordered[-1] else None)
            held = self._held(entry, key, stages[key])
            if days is not None and held is not None and not _never_reached(key, days):
                stays.append(self._stay(key, held, days, stages[key]))
        return tuple(stays), extra

    def _no_stages(self, entry: Fields) -> None:
        message = "the batch has no stage: nowhere to be"
        allowed = "freshwater with stages and sea, or containers with stages"
        self.notes.add("S-NO-STAGES", message, entry.line, batch=entry.batch, allowed=allowed)

    def _stages(self, entry: Fields) -> Iterable[tuple[str, Fields]]:
        """Yield the entry's stages in the file's order, by key."""
        seen: dict[str, int] = {}
        for group in ("freshwater", "containers"):
            fields = entry.mapping(group, group)
            for name in fields.values if fields else ():
                key = self._stage_key(entry, fields, name, group, seen) if fields else None
                stage = fields.mapping(name, f"stage {name}") if fields and key else None
                if key and stage:
                    stage.only(SEA_KEYS if key == "adult" else STAGE_KEYS)
                    stage.values.line = seen[key]
                    yield key, stage
        sea = entry.mapping("sea", "sea")
        if sea:
            sea.only(SEA_KEYS)
            sea.values.line = entry.line_of("sea")
            yield "adult", sea

    def _stage_key(
        self, entry: Fields, group: Fields, name: Any, where: str, seen: dict[str, int]
    ) -> str | None:
        """Return the key of a stage that may stand here and was not there before."""
        key = stage_key(str(name))
        line = group.values.key_lines[name]
        allowed = STAGES if where == "containers" else STAGES[:-1]
        if key is None or key not in allowed:
            self.notes.add(
                "S-STAGE", f"{where} has a stage that is not known", line, batch=entry.batch,
                found=str(name)[:60], allowed=", ".join(allowed),
            )  # fmt: skip
            return None
        if key in seen or (key == "adult" and entry.present("sea")):
            before = seen.get(key, entry.line_of("sea"))
            message = f"stage {key} stands twice, also in line {before}"
            self.notes.add("S-STAGE", message, line, batch=entry.batch, mend="Keep one")
            return None
        seen[key] = line
        return key

    def _held(self, entry: Fields, key: str, stage: Fields) -> Held | None:
        """Return the containers of a stage with their places, and their lines."""
        several = "areas" if key == "adult" else "halls"
        if stage.present(several):
            return self._held_in_parts(entry, key, stage, several)
        return self._held_in_one(entry, key, stage)

    def _held_in_parts(self, entry: Fields, key: str, stage: Fields, several: str) -> Held | None:
        """Read ``halls: [{hall, containers}, ...]``, in which our own layout names several."""
        parts = stage.values[several]
        if not isinstance(parts, MarkedSeq) or not all(
            isinstance(part, MarkedMap) for part in parts
        ):
            stage.misfit(several, "a list of mappings with hall and containers")
            return None
        pairs: list[tuple[str, str]] = []
        lines: list[int] = []
        for part in parts:
            fields = Fields(self.notes, part, stage.what, entry.batch)
            fields.only(("hall", "containers") if key != "adult" else ("area", "rings"))
            held = self._held_in_one(entry, key, fields, literal=True)
            if held is None:
                return None
            pairs.extend(held[0])
            lines.extend(held[1])
        return (tuple(pairs), tuple(lines)) if pairs else None

    def _held_in_one(
        self, entry: Fields, key: str, stage: Fields, *, literal: bool = False
    ) -> Held | None:
        """Read a hall or an area and its list of containers; `literal` names are full ones."""
        at_sea = key == "adult"
        place = stage.name("area" if at_sea else "hall", required=False)
        if place is None and at_sea:
            place = entry.name("sea_area", required=False)
        if place is None:
            stage.required("area" if at_sea else "hall")
        listed = "rings" if at_sea and not stage.present("containers") else "containers"
        names = stage.names(listed)
        if place is None or names is None:
            return None
        if not names[0]:
            stage.misfit(listed, "at least one container", "S-NO-CONTAINERS")
            return None
        places, containers = (place,) * len(names[0]), names[0]
        if not literal:
            places, containers = self._full(entry, stage, at_sea, place, names[0])
        if not places:
            self._unshared(stage, place)
            return None
        pairs = tuple(self._pair(*pair) for pair in zip(places, containers, strict=True))
        return self._held_alike.setdefault(pairs, pairs), names[1]

    def _full(
        self, entry: Fields, stage: Fields, at_sea: bool, place: str, names: tuple[str, ...]
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return full names of places (none where they cannot be told) and of containers."""
        nested = entry.present("containers")
        if at_sea:
            rings = full_area_names(place, names) if nested else names
            return (place,) * len(names), rings
        halls = hall_names(place)
        if nested:
            station = stage.name("station", required=False) or entry.values.get("station")
            halls = tuple(full_hall_name(station, hall) for hall in halls)
        if len(halls) == 1:
            tanks = full_tank_names(halls[0], names) if nested else names
            return halls * len(names), tanks
        return share_out(halls, names) or (), names

    def _unshared(self, stage: Fields, place: str) -> None:
        self.notes.add(
            "S-HALLS", f"{stage.what}: which container stands in which hall cannot be told",
            stage.line_of("hall"), batch=stage.batch, found=place[:120],
            allowed="containers of the first hall first, each hall's in ascending order",
            mend="Write halls: [{hall: a, containers: [...]}, {hall: b, containers: [...]}]",
        )  # fmt: skip

    def _pair(self, place: str, name: str) -> tuple[str, str]:
        pair = (place, name)
        if pair not in self._pairs:
            self._pairs[pair] = (self._name(place), name)
        return self._pairs[pair]

    def _name(self, name: str) -> str:
        return self._names.setdefault(name, name)

    def _stay(self, key: str, held: Held, days: tuple[int, int], stage: Fields) -> Stay:
        first = stage.line
        below = (stage.line_of("start_day") - first, stage.line_of("end_day") - first)
        lines = StayLines(below, tuple(line - first for line in held[1]))
        lines = self._layouts.setdefault(lines, lines)
        return Stay(key, held[0][0][0], held[0], *days, first, lines)

    def _key_lines(self, first: int, lines: Mapping[str, int]) -> KeyLines:
        below = tuple((key, line - first) for key, line in lines.items())
        return KeyLines(first, self._keys.setdefault(below, dict(below)))


def _extras(key: str) -> tuple[str, ...]:
    return SEA_EXTRAS if key == "adult" else STAGE_EXTRAS


def _given(number: int) -> int:
    """Return a number that the file gives; 0 would stand for none, and is refused later as -1."""
    return number if number != 0 else -1


def _station_of(stays: Sequence[Stay]) -> str | None:
    """Return the station whose name begins the first hall's, where the file names none."""
    head, mark, _ = stays[0].place.partition("-Hall-") if stays else ("", "", "")
    return head if mark else None


def _days(stage: Fields, key: str, begun: int, duration: int | None) -> tuple[int, int] | None:
    """Return a stage's first day and the day it is left.

    Where the file names none it follows the stage before it and lasts as long as is usual; the
    last one lasts as long as the batch.
    """
    start = stage.days("start_day", required=False)
    end = stage.days("end_day", required=False)
    misfits = (
        stage.present("start_day") and start is None,
        stage.present("end_day") and end is None,
    )
    if any(misfits):
        return None
    start = begun if start is None else start
    if end is None:
        end = start + (_SEA_STAGE_DAYS if key == "adult" else _LAND_STAGE_DAYS)
        if duration is not None and start < duration:
            end = duration if key == "adult" else min(end, duration)
    return start, end


def _never_reached(key: str, days: tuple[int, int]) -> bool:
    """Whether a sea stage of no days says that the schedule ends on the day of transfer."""
    return key == "adult" and days[0] == days[1]
