"""The verb run up to where rows are made: a schedule read and checked, a farm found for it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from os import PathLike
from pathlib import Path

from grilse.api.choosing import (
    FROM_SCHEDULE,
    chosen_date,
    chosen_farm,
    chosen_parameters,
    chosen_whole,
)
from grilse.api.origins import planned_farm, refuse_others
from grilse.api.prepared import find_prepared
from grilse.api.writing import NOTHING_OWN, Writing, with_writing, without_writing
from grilse.biology.parameters import clean_parameters
from grilse.dataset.manifest import Inputs
from grilse.farm.fingerprint import farm_fingerprint
from grilse.farm.model import Farm
from grilse.ground.days import date_of, day_of
from grilse.ground.errors import BadInput, Problem
from grilse.ground.parameters import Parameters
from grilse.ground.version import __version__
from grilse.production import Production
from grilse.schedule.anchors import check_anchors
from grilse.schedule.derived_farm import farm_from_schedule, missing_places
from grilse.schedule.fingerprint import entry_fingerprint, schedule_fingerprint
from grilse.schedule.injected import with_events
from grilse.schedule.model import Schedule
from grilse.schedule.reading import read_schedule
from grilse.tables.catalogue import TABLES

__all__ = ["Job", "prepare"]

_MAX_SEED = 2**63 - 1


@dataclass(frozen=True)
class Job:
    """A schedule that is ready to run: checked, and with a farm that has all it names.

    Attributes
    ----------
    schedule, farm, parameters
        What is run, on what, by which biology.
    tables
        Names of the tables to write, in the catalogue's order.
    told
        Lines that the user should read: what was chosen by itself.
    writing
        How it is written.
    prepared
        A folder in which `grilse prepare` wrote what batches want of feed stores, if any.
    """

    schedule: Schedule
    farm: Farm
    parameters: Parameters
    tables: tuple[str, ...]
    told: tuple[str, ...] = ()
    writing: Writing = NOTHING_OWN
    prepared: str | None = None

    @property
    def production(self) -> Production:
        """What workers need to know."""
        return Production(
            self.farm,
            self.parameters,
            self.schedule.seed,
            self.schedule.as_of,
            frozenset(self.tables),
            self.prepared,
        )

    @cached_property
    def entries(self) -> dict[int, str]:
        """The fingerprints of the batches' entries in the schedule, by number."""
        return {batch.number: entry_fingerprint(batch) for batch in self.schedule.batches}

    @cached_property
    def inputs(self) -> Inputs:
        """All that the content is a function of."""
        return Inputs(
            version=__version__,
            seed=self.schedule.seed,
            as_of=date_of(self.schedule.as_of).isoformat(),
            schedule=schedule_fingerprint(self.schedule, self.entries.values()),
            farm=farm_fingerprint(self.farm),
            parameters=self.parameters.fingerprint,
            tables=self.tables,
        )

    @property
    def provided_for(self) -> Inputs:
        """The inputs that decide what batches want of feed stores, however rows are written."""
        usual = without_writing(self.parameters)
        return replace(self.inputs, parameters=usual.fingerprint, tables=())


def prepare(
    schedule: Schedule | str | PathLike[str],
    *,
    farm: Farm | str | PathLike[str] | None = None,
    parameters: Parameters | str | PathLike[str] | None = None,
    as_of: date | str | None = None,
    seed: int | None = None,
    tables: Collection[str] | None = None,
    skip: Collection[str] = (),
    also: Collection[str] = (),
    writing: Writing | None = None,
    other_inputs: bool = False,
    clean: bool = False,
    prepared: str | PathLike[str] | None = None,
) -> Job:
    """Read and check a schedule, and find a farm that has all it names.

    Parameters
    ----------
    schedule
        A schedule, or the name of its file.
    farm
        A farm, its name or file, or `FROM_SCHEDULE`. Where none is given it is the farm that the
        schedule was planned on, or the reference farm where the schedule does not say; if that
        lacks what the schedule names, the farm that consists of what it names.
    parameters
        Parameters, or a file that says what differs from the built-in ones.
    as_of, seed
        In place of the schedule's own.
    tables, skip, also
        Names of the tables to write, all but optional ones where none are given; of those not to
        write; and of optional ones to write beside them.
    writing
        Cadences in place of the parameters' own.
    other_inputs
        Whether farm and parameters may be others than those the schedule was planned with.
    clean
        Whether outbreaks and faults of sensors by chance are left out; events that the schedule
        asks for are not.

    prepared
        A folder that `grilse prepare` has made for equal inputs.

    Raises
    ------
    BadInput
        With every problem.
    DestinationError
        If `prepared` is no such folder.
    """
    read = with_events(_schedule(schedule, as_of, seed))
    check_anchors(read)
    names = _without(_tables({*_tables(tables), *_tables(also)}), _tables(skip))
    chosen = chosen_parameters(parameters)
    held, told = _farm_for(read, planned_farm(read) if farm is None else farm, farm is not None)
    if not other_inputs:
        refuse_others(read, held, chosen)
    if clean:
        chosen = clean_parameters(chosen)
    how = writing or NOTHING_OWN
    job = Job(read, held, with_writing(chosen, how), names, told, how)
    if prepared is None:
        return job
    return replace(job, prepared=find_prepared(Path(prepared), job.provided_for))


def _schedule(
    schedule: Schedule | str | PathLike[str], as_of: date | str | None, seed: int | None
) -> Schedule:
    when = None if as_of is None else chosen_date("as_of", as_of)
    if seed is not None:
        chosen_whole("seed", seed, 0, _MAX_SEED)
    if not isinstance(schedule, Schedule):
        return read_schedule(schedule, as_of=when, seed=seed)
    return replace(
        schedule,
        as_of=schedule.as_of if when is None else day_of(when),
        seed=schedule.seed if seed is None else seed,
    )


def _farm_for(
    schedule: Schedule, wanted: Farm | str | PathLike[str] | None, is_named: bool
) -> tuple[Farm, tuple[str, ...]]:
    """Return the farm that a schedule runs on, and what to tell of the choice."""
    if wanted == FROM_SCHEDULE:
        return farm_from_schedule(schedule), ()
    chosen = chosen_farm(wanted)
    missing = missing_places(schedule, chosen)
    if not missing:
        return chosen, ()
    if is_named:
        raise BadInput(missing)
    told = (
        f"The built-in farm lacks {len(missing)} of the places that the schedule names, the first "
        f"of them {missing[0].found}; it is run on the farm that it names (--farm {FROM_SCHEDULE})."
    )
    return farm_from_schedule(schedule), (told,)


def _without(names: tuple[str, ...], skip: tuple[str, ...]) -> tuple[str, ...]:
    left = tuple(name for name in names if name not in skip)
    if not left:
        raise BadInput(Problem("R-TABLE", "no table is left to write", mend="Skip fewer"))
    return left


def _tables(wanted: Collection[str] | None) -> tuple[str, ...]:
    if wanted is None:
        return tuple(name for name, table in TABLES.items() if not table.optional)
    wanted = (wanted,) if isinstance(wanted, str) else wanted
    unknown = sorted(set(wanted) - set(TABLES))
    if unknown:
        allowed = ", ".join(TABLES)
        raise BadInput(
            Problem("R-TABLE", "there is no such table", found=name, allowed=allowed)
            for name in unknown
        )
    return tuple(name for name in TABLES if name in wanted)
