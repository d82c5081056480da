"""Oxygen held against the temperature that was read in the same container at the same time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grilse.tables.catalogue.reference import PARAMETERS
from grilse.verify.runs import Runs, tally_of
from grilse.verify.solubility import COLDEST_MILLI_C, HOTTEST_MILLI_C, solubility_by_milli_c
from grilse.verify.verdict import Tally

__all__ = ["OxygenRule", "judge_oxygen"]

_TEMPERATURE, _OXYGEN = PARAMETERS.index("temperature"), PARAMETERS.index("oxygen")
_FRESH = (0.0, 0.0)
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class OxygenRule:
    """What oxygen may be.

    Attributes
    ----------
    salinity
        By container id, the least and the greatest salinity of its water in g/kg; containers that
        are not named hold fresh water.
    least_share, most_share
        Bounds as shares of solubility.
    slack_mg_l
        What rounding may add or take.
    asked
        Ranges of keys of oxygen, both ends included, that a schedule's own events touched, by the
        sensor or its thermometer: they are not judged. Shape (ranges, 2).
    """

    salinity: Mapping[int, tuple[float, float]]
    least_share: float
    most_share: float
    slack_mg_l: float
    asked: tuple[tuple[int, int], ...] = ()


def judge_oxygen(readings: Runs, rule: OxygenRule) -> tuple[Tally, Floats]:
    """Hold each reading of oxygen against what water of its temperature can hold.

    Where the thermometer was silent, oxygen cannot be judged; whether it may be silent, the number
    of readings tells.

    Returns
    -------
    tuple
        The faults, and for each run the least and greatest share of solubility (at the middle of
        the salinities that its water can have), NaN for other parameters, shape (runs, 2).
    """
    columns, starts = readings.columns, readings.starts
    shares = np.full((len(starts), 2), np.nan, np.float32)
    runs = np.flatnonzero(columns["parameter"][starts] == _OXYGEN)
    if not len(runs):
        return Tally(), shares
    lengths = readings.ends[runs] - starts[runs]
    rows = np.flatnonzero(columns["parameter"] == _OXYGEN)
    milli_c, is_read = _temperature_at(readings, runs)
    if rule.asked:
        is_read &= _is_judged(readings.key[rows], rule)
    mg_l = columns["value"][rows] * np.float32(0.001)
    containers = columns["container_id"][starts[runs]].tolist()
    water = [rule.salinity.get(container, _FRESH) for container in containers]
    is_wrong, share = _judged(rule, water, lengths, milli_c, mg_l)
    share[~is_read] = np.nan
    firsts = np.cumsum(lengths) - lengths
    shares[runs, 0] = np.fmin.reduceat(share, firsts)
    shares[runs, 1] = np.fmax.reduceat(share, firsts)
    wrong = np.flatnonzero(is_wrong & is_read)
    told = dict(zip(rows[wrong].tolist(), wrong.tolist(), strict=True))
    impossible = tally_of(
        readings.table, columns, rows[wrong],
        lambda i: _impossible(*(float(each[told[i]]) for each in (mg_l, milli_c, share))),
    )  # fmt: skip
    return Tally(len(rows)) + impossible, shares


def _is_judged(keys: NDArray[np.int64], rule: OxygenRule) -> NDArray[np.bool_]:
    """Say which readings nobody asked to be otherwise."""
    found = np.ones(len(keys), bool)
    for least, most in rule.asked:
        if least <= keys[-1] and most >= keys[0]:
            found &= (keys < least) | (keys > most)
    return found


def _judged(
    rule: OxygenRule,
    water: Sequence[tuple[float, float]],
    lengths: NDArray[np.int64],
    milli_c: NDArray[Any],
    mg_l: Floats,
) -> tuple[NDArray[np.bool_], Floats]:
    """Say of each reading whether it cannot be, and what share of solubility it is.

    Parameters
    ----------
    water, lengths
        Of each run: the salinities that its water can have, and its readings.
    """
    kinds = sorted(set(water))
    kind = np.repeat(np.array([kinds.index(each) for each in water]), lengths)
    is_wrong, share = np.zeros(len(mg_l), bool), np.empty(len(mg_l), np.float32)
    place = np.clip(milli_c, COLDEST_MILLI_C, HOTTEST_MILLI_C) - COLDEST_MILLI_C
    for number, (fresher, saltier) in enumerate(kinds):
        these = np.flatnonzero(kind == number) if len(kinds) > 1 else slice(None)
        read, at = mg_l[these], place[these]
        holds_most, holds_least = solubility_by_milli_c(fresher), solubility_by_milli_c(saltier)
        low = rule.least_share * holds_least[at] - rule.slack_mg_l
        high = rule.most_share * holds_most[at] + rule.slack_mg_l
        is_wrong[these] = (read < low) | (read > high)
        share[these] = read / solubility_by_milli_c((fresher + saltier) / 2)[at]
    return is_wrong, share


def _impossible(mg_l: float, milli_c: float, share: float) -> str:
    return (
        f"{mg_l:.2f} mg/l of oxygen in water of {milli_c / 1000:.2f} degC, which is "
        f"{100 * share:.0f} % of what it holds"
    )


def _temperature_at(
    readings: Runs, runs: NDArray[np.int64]
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Return the temperature read in the place and at the time of each row of some runs, if it was.

    A thermometer's readings are mostly taken at the very times of those held against them; where
    one was silent they are looked up by time.
    """
    time, value = readings.columns["reading_time"], readings.columns["value"]
    starts, ends = readings.starts, readings.ends
    warm = _thermometers(readings)
    count = int((ends[runs] - starts[runs]).sum())
    milli_c, is_read = np.zeros(count, np.int32), np.zeros(count, bool)
    places = readings.columns["assignment_id"][starts[runs]].tolist()
    done = 0
    for place, start, end in zip(places, starts[runs].tolist(), ends[runs].tolist(), strict=True):
        mine = slice(done, done + end - start)
        done = mine.stop
        for first, last in warm.get(place, ()):
            if last - first == end - start and np.array_equal(time[first:last], time[start:end]):
                milli_c[mine], is_read[mine] = value[first:last], True
            else:
                at, is_there = _looked_up(time[first:last], time[start:end])
                milli_c[mine][is_there] = value[first:last][at[is_there]]
                is_read[mine] |= is_there
    return milli_c, is_read


def _thermometers(readings: Runs) -> Mapping[int, list[tuple[int, int]]]:
    """Return where the runs of each assignment's temperatures begin and end."""
    starts, ends = readings.starts, readings.ends
    runs = np.flatnonzero(readings.columns["parameter"][starts] == _TEMPERATURE)
    places = readings.columns["assignment_id"][starts[runs]].tolist()
    found: dict[int, list[tuple[int, int]]] = {}
    for place, *span in zip(places, starts[runs].tolist(), ends[runs].tolist(), strict=True):
        found.setdefault(place, []).append((span[0], span[1]))
    return found


def _looked_up(
    there: NDArray[np.int64], wanted: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return where each time stands among others, which need not ascend, and whether it does."""
    order = np.argsort(there, kind="stable")
    at = order[np.minimum(np.searchsorted(there, wanted, sorter=order), len(there) - 1)]
    return at, there[at] == wanted
