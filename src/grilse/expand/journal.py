"""The journal: what people wrote down about a batch's health, from what they had seen by then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from grilse.expand.grid import Columns, from_rows
from grilse.expand.laboratory import LabSample
from grilse.expand.outbreaks import Outbreak
from grilse.simulate.state import BatchState, StayState
from grilse.simulate.world import World
from grilse.tables import keys
from grilse.tables.catalogue.health import JOURNAL_CATEGORIES, JOURNAL_ENTRY, JOURNAL_SEVERITIES
from grilse.tables.schema import Table

__all__ = ["Note", "journal_rows", "notes"]

_WEEK = 7
_GRAVE_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class Note:
    """An entry of the journal, about a container of a stay on a day of the stay."""

    stay: StayState
    row: int
    day: int
    category: str
    severity: str
    text: str


def notes(
    world: World, state: BatchState, seen: Iterable[Outbreak], samples: Iterable[LabSample]
) -> list[Note]:
    """Return the entries of a batch, by container and day.

    Parameters
    ----------
    seen, samples
        The batch's outbreaks, and the samples whose results have come. A routine sample that
        found nothing is not worth an entry.
    """
    found = [note for stay in state.stays for note in _vaccinated(world, stay)]
    found += [note for each in seen for note in _outbreak(world, each)]
    found += [_result(each) for each in samples if each.is_positive or each.reason != "ROUTINE"]
    lived = [n for n in found if n.stay.present[n.row].any() and n.day < n.stay.days]
    return sorted(lived, key=lambda n: (n.stay.first_slot + n.row, n.stay.start_day + n.day))


def _vaccinated(world: World, stay: StayState) -> Iterator[Note]:
    on = stay.vaccinated_on
    if on is not None and 0 <= on - stay.start_day < stay.days:
        day = on - stay.start_day
        dose = world.parameters.number("vaccination.dose_ml")
        vaccine = world.parameters.text("vaccination.vaccine")
        grams = float(stay.weight_open_g[0, day])
        text = (
            f"All tanks vaccinated, {dose:g} ml {vaccine} a fish, mean weight here {grams:.0f} g."
        )
        yield Note(stay, 0, day, "VACCINATION", "LOW", text)


def _outbreak(world: World, each: Outbreak) -> Iterator[Note]:
    row = each.worst(each.first)
    signs = world.parameters.text(("laboratory", "disease", each.name, "signs"))
    ring = each.stay.containers[row].container.name
    text = f"{signs} {_week(each.stay, row, each.first):,} dead in a week in {ring}."
    yield Note(each.stay, row, each.first, "OBSERVATION", "MEDIUM", text)
    grave = _first_grave(each)
    if grave is not None:
        at = each.worst(grave)
        dead = _week(each.stay, at, grave)
        share = 100.0 * dead / max(int(each.stay.opening[at, max(grave - _WEEK, 0)]), 1)
        text = f"Losses are heavy: {dead:,} dead in a week, {share:.1f} % of the fish."
        yield Note(each.stay, at, grave, "OBSERVATION", "HIGH", text)
    if each.is_over and each.end < each.stay.days:
        left = [at for at in range(len(each.hazard)) if each.stay.opening[at, each.end] > 0]
        if left:
            text = "Losses are back to what is usual, and so is the appetite."
            yield Note(each.stay, left[0], each.end, "RECOVERY", "LOW", text)


def _first_grave(each: Outbreak) -> int | None:
    """Return the first day on which a container has lost a hundredth of its fish in a week."""
    stay = each.stay
    for day in range(each.first + _WEEK, min(each.end, stay.days)):
        at = each.worst(day)
        if _week(stay, at, day) > _GRAVE_SHARE * stay.opening[at, day - _WEEK]:
            return day
    return None


def _week(stay: StayState, row: int, day: int) -> int:
    """Return the deaths of the seven days before a day; what dies on it is found on the next."""
    return int(stay.dead[row, max(day - _WEEK, 0) : day].sum())


def _result(each: LabSample) -> Note:
    name = each.disease.replace("_", " ").capitalize() if len(each.disease) > 3 else each.disease
    if each.is_positive:
        told = f" (Ct {each.ct / 10:.1f})" if each.ct is not None else ""
        severity = "HIGH" if each.reason == "SUSPICION" else "MEDIUM"
        text = f"{name} confirmed by the laboratory{told}."
        return Note(each.stay, each.row, each.result_day, "DIAGNOSIS", severity, text)
    text = f"{name} not found by the laboratory."
    return Note(each.stay, each.row, each.result_day, "SUSPICION", "LOW", text)


def journal_rows(
    world: World, state: BatchState, seen: Iterable[Outbreak], samples: Iterable[LabSample]
) -> Iterator[tuple[Table, Columns]]:
    """Yield the journal of a batch."""
    rows: list[dict[str, object]] = []
    before, part = -1, 0
    for note in notes(world, state, seen, samples):
        own = keys.assignment_id(state.plan.number, note.stay.first_slot + note.row)
        day = keys.day_key(own, note.stay.start_day + note.day)
        part = part + 1 if day == before else 0
        before = day
        rows.append(
            {
                "journal_entry_id": keys.sub_key(day, part),
                "entry_date": state.plan.start + note.stay.start_day + note.day,
                "batch_id": state.plan.number,
                "assignment_id": own,
                "container_id": note.stay.containers[note.row].container_id,
                "category": JOURNAL_CATEGORIES.index(note.category),
                "severity": JOURNAL_SEVERITIES.index(note.severity),
                "entry": note.text,
            }
        )
    if rows:
        yield JOURNAL_ENTRY, from_rows(rows)
