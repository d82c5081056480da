"""One stay, lived: the fish grow, die, are fed, and in the last one are harvested."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from grilse.biology.growth import weight_g
from grilse.farm.model import ContainerRef
from grilse.schedule.model import BatchPlan, Stay
from grilse.simulate.burden import appetite_left, dearness
from grilse.simulate.chance import Chance, chance
from grilse.simulate.deaths import Deaths, deaths
from grilse.simulate.feeding import feed_10g
from grilse.simulate.growth import added_up, daily_gain
from grilse.simulate.harvest import Emptying, emptying, harvested
from grilse.simulate.health import ailments
from grilse.simulate.lice import stay_lice
from grilse.simulate.losses import Kind, Loss, grading
from grilse.simulate.state import Burden, Counts, Floats, LiceCourse, StayState
from grilse.simulate.treatment import is_withheld, treatment_burdens
from grilse.simulate.trouble import Trouble, stay_trouble
from grilse.simulate.vaccination import is_due, vaccination
from grilse.simulate.water import water_temperature
from grilse.simulate.world import World

__all__ = ["Entry", "live"]


@dataclass(frozen=True)
class Entry:
    """Fish as they come into a stay.

    Attributes
    ----------
    index
        Place of the stay in the batch's life.
    first_slot
        Slot of its first container.
    containers
        Where they come to.
    fish, cube_root
        How many, and the cube root of their mean weight in g^(1/3), shape (containers,).
    vaccinated_on
        Day of life on which they were vaccinated; None if they were not.
    """

    index: int
    first_slot: int
    containers: Sequence[ContainerRef]
    fish: Counts
    cube_root: Floats
    vaccinated_on: int | None = None

    @property
    def paths(self) -> list[tuple[str, ...]]:
        """Names of the containers."""
        return [ref.path for ref in self.containers]


@dataclass(frozen=True)
class _Course:
    """How weight and numbers ran, shape (containers, days), cube roots with one day more."""

    cube_root: Floats
    dead: Counts
    lost: Mapping[Kind, Counts]
    harvested: Counts
    times: Emptying | None = None

    @property
    def removed(self) -> Counts:
        """Fish culled, escaped or harvested on each day."""
        gone: Counts = self.harvested + self.lost["culled"] + self.lost["escaped"]
        return gone


@dataclass(frozen=True)
class _Lived:
    """A stay as it goes with some treatments: gain of each day, deaths, and what came of both."""

    gain: Floats
    toll: Deaths
    burdens: Sequence[Burden]
    lice: LiceCourse | None
    course: _Course

    def treats_from(self, day: int) -> bool:
        """Whether something is treated on a day of the stay, or after it."""
        return self.lice is not None and bool((self.lice.treatments.day >= day).any())


def live(world: World, plan: BatchPlan, entry: Entry, lived: int) -> StayState:
    """Live one stay of a batch up to its end, or to the as-of date.

    Parameters
    ----------
    lived
        Days of the batch's life before the as-of date.
    """
    stay = plan.stays[entry.index]
    last = entry.index == len(plan.stays) - 1
    end_day = lived if last and plan.open_ended else min(stay.end_day, lived)
    days = end_day - stay.start_day
    trouble = stay_trouble(world, plan, stay, entry.containers, days)
    temp = water_temperature(world, plan, stay, days)
    if trouble is not None:
        temp = temp + trouble.warmer_centi_c
    luck = chance(world, plan, stay, entry.paths, days)
    losses = _losses(world, plan, stay, entry, trouble)
    full = daily_gain(world, plan, stay, entry.paths, luck, temp / 100.0)
    _fast(world, full, stay, losses, moves_on=not last)
    others = [] if trouble is None else list(trouble.burdens)
    vaccinated_on = _stay_healthy(world, plan, entry, full, temp / 100.0, others)

    lousing = stay_lice(world, plan, stay, entry.paths, entry.fish, temp, others)

    def treated_until(day: int | None) -> _Lived:
        lice = None if lousing is None else lousing.course(day)
        burdens = [*others, *treatment_burdens(world, lice, days, day)]
        gain = full * appetite_left(burdens)
        roots = added_up(entry.cube_root, gain)
        toll = deaths(
            world, plan, stay, luck, entry.fish, weight_g(roots[:, :-1]), temp / 100.0, losses,
            burdens,
        )  # fmt: skip
        course = _Course(roots, *toll.counted(entry.fish, losses), np.zeros_like(gain, np.int64))
        return _Lived(gain, toll, burdens, lice, course)

    life = treated_until(None)
    times = _emptying(world, plan, stay, entry, life) if last else None
    if times is not None:
        if life.treats_from(times.ordered):
            life = treated_until(times.ordered)
        life = _with_harvest(world, entry, losses, life, times)
    gone_by_transfer = not last and stay.end_day < lived
    lived_through = _state(world, stay, entry, luck, life, temp, gone_by_transfer)
    return replace(lived_through, vaccinated_on=vaccinated_on)


def _stay_healthy(
    world: World, plan: BatchPlan, entry: Entry, gain: Floats, temp_c: Floats,
    burdens: list[Burden],
) -> int | None:  # fmt: skip
    """Add what vaccination and illness cost the fish; return the day of life they are vaccinated.

    Both go by the weight of fish that nothing ails, so that each is decided by itself.
    """
    stay, on = plan.stays[entry.index], entry.vaccinated_on
    is_at_sea = world.stages[stay.stage].environment == "sea water"
    if not is_at_sea and (on is not None or not is_due(world, stay)):
        return on
    weight = weight_g(added_up(entry.cube_root, gain)[:, :-1])
    if is_at_sea:
        burdens += ailments(
            world, plan, stay, entry.paths, weight, temp_c, is_vaccinated=on is not None
        )
        return on
    given = vaccination(world, plan, stay, entry.fish, weight)
    if given is None:
        return None
    burdens.append(given.burden)
    return stay.start_day + given.day if given.day < gain.shape[1] else None


def _losses(
    world: World, plan: BatchPlan, stay: Stay, entry: Entry, trouble: Trouble | None
) -> list[Loss]:
    """Return the fish that leave alive before any harvest, by day."""
    graded = grading(world, plan, stay, entry.paths)
    losses = [graded] if graded is not None else []
    if trouble is not None:
        losses += trouble.escapes
    return sorted(losses, key=lambda loss: loss.day)


def _fast(
    world: World,
    gain: Floats,
    stay: Stay,
    losses: Iterable[Loss],
    *,
    moves_on: bool,
) -> None:
    """Take away what fish do not gain that are starved before they are handled."""
    fast_days = _fast_days(world, "transfer")
    if moves_on:
        gain[:, stay.days - fast_days :] = 0.0
    for loss in losses:
        if loss.kind == "culled":
            gain[:, max(loss.day - fast_days, 0) : loss.day] = 0.0


def _emptying(
    world: World, plan: BatchPlan, stay: Stay, entry: Entry, life: _Lived
) -> Emptying | None:
    """Decide the harvest of a last stay, None while there is none."""
    course = life.course
    closing = entry.fish[:, None] - np.cumsum(course.dead + course.removed, axis=1)
    withheld = is_withheld(life.lice, closing.shape[1])
    return emptying(world, plan, stay, closing, weight_g(course.cube_root[:, 1:]), withheld)


def _with_harvest(
    world: World, entry: Entry, losses: Sequence[Loss], life: _Lived, times: Emptying
) -> _Lived:
    """Return a life with the harvest that it has brought about."""
    days, gain = life.gain.shape[1], life.gain.copy()
    gain[times.fasting(days, _fast_days(world, "harvest"))] = 0.0
    before = _before_harvest(losses, times)
    dead, gone = life.toll.counted(entry.fish, before, times.share_there(days))
    taken = harvested(times, entry.fish, dead + gone["culled"] + gone["escaped"])
    roots = added_up(entry.cube_root, gain)
    return replace(life, course=_Course(roots, dead, gone, taken, times))


def _before_harvest(losses: Sequence[Loss], times: Emptying) -> list[Loss]:
    """Return the losses of containers whose harvest has not begun."""
    return [
        replace(
            loss,
            share=np.where(loss.day < times.first, loss.share, 0.0),
            threshold=np.where(loss.day < times.first, loss.threshold, 0.0),
        )
        for loss in losses
    ]


def _state(
    world: World,
    stay: Stay,
    entry: Entry,
    luck: Chance,
    life: _Lived,
    temp: NDArray[np.int32],
    gone_by_transfer: bool,
) -> StayState:
    course, toll, burdens = life.course, life.toll, life.burdens
    containers, days = course.dead.shape
    gone = np.cumsum(course.dead + course.removed, axis=1)
    opening = np.empty_like(gone)
    opening[:, 0] = entry.fish
    opening[:, 1:] = entry.fish[:, None] - gone[:, :-1]
    grams = weight_g(course.cube_root)
    ends = np.full(containers, days) if course.times is None else course.times.end
    return StayState(
        stage=world.stages[stay.stage],
        stage_index=entry.index,
        first_slot=entry.first_slot,
        containers=tuple(entry.containers),
        start_day=stay.start_day,
        present_days=np.minimum(ends, days),
        left=(ends <= days) if course.times is not None else np.full(containers, gone_by_transfer),
        initial=entry.fish,
        opening=opening,
        dead=course.dead,
        removed=course.removed,
        culled=course.lost["culled"],
        escaped=course.lost["escaped"],
        cause=toll.cause,
        weight_open_g=grams[:, :-1],
        weight_g=grams[:, 1:],
        cube_root=course.cube_root[:, 1:],
        feed_10g=feed_10g(
            world, stay, luck, opening, grams[:, 1:] - grams[:, :-1], dearness(burdens)
        ),
        temp_centi_c=temp,
        luck=luck,
        dead_of=toll.toll.shared(course.dead),
        burdens=tuple(burdens),
        lice=life.lice,
    )


def _fast_days(world: World, before: str) -> int:
    return int(world.parameters.number(f"{before}.fast_days"))
