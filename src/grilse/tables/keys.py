"""Keys are arithmetic: from a batch's number and the place in its life, in fixed strides.

=====================  ==================================================  =========
key                    made of                                             below
=====================  ==================================================  =========
batch_id               number                                              2**25
assignment_id          number, slot                                        2**33
reading_id             assignment, parameter, hour of life                 2**53
day key                assignment, day of life                             2**45
sub key                day key, part (meal, cause, grade, fish)            2**53
transfer_workflow_id   number, stage                                       2**31
transfer_action_id     workflow, source slot, destination slot             2**47
stock_id               store, feed, day number                              2**42
purchase_id            stock_id of the order day, reason                    2**44
lot_id                 purchase, part                                       2**50
consumption_id         feeding, piece                                       2**53
scenario_id            number, kind                                        2**27
projection_id          scenario, day of life                               2**39
activity_id            number, kind of activity, place among its like      2**37
weather_id             area, day number                                    2**37
=====================  ==================================================  =========

A slot is the place of a (stage, container) pair in the batch's schedule entry, from 0.
All functions take numbers and arrays alike.
"""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "MAX_DAYS",
    "MAX_FEEDS",
    "MAX_MEALS",
    "MAX_NUMBER",
    "MAX_SLOTS",
    "MAX_STAGES",
    "activity_id",
    "assignment_id",
    "consumption_id",
    "day_key",
    "feeding_parts",
    "lot_id",
    "projection_id",
    "purchase_id",
    "reading_id",
    "scenario_id",
    "sensor_id",
    "stock_id",
    "sub_key",
    "transfer_action_id",
    "transfer_workflow_id",
    "weather_id",
]

MAX_NUMBER = 2**25 - 1
"""Largest batch number."""

MAX_SLOTS = 256
"""Most (stage, container) pairs that one batch can hold in its life."""

MAX_DAYS = 2730
"""Longest life in days: its hours fit in 16 bits."""

MAX_STAGES = 64
"""Most stages in a life."""

MAX_FEEDS = 31
"""Most feeds, by pellet size."""

MAX_MEALS = 16
"""Most meals of a day, and most lots that one of them can eat from."""

_PARAMETERS = 16
_HOURS = 65536
_DAYS = 4096
_PARTS = 256
_DAY_NUMBERS = 65536
_REASONS = 4
_LOT_PARTS = 64
_SCENARIOS = 4
_ACTIVITY_KINDS = 16
_ACTIVITIES = 256

Number = TypeVar("Number", int, NDArray[np.int64])
Whole = Any
"""An int or an array of them, broadcast against the first argument."""


def assignment_id(number: int, slot: Number) -> Number:
    """Key of a batch's stay in one container."""
    return number * MAX_SLOTS + slot


def reading_id(assignment: Number, parameter: Whole, hour_of_life: Whole) -> Number:
    """Key of a sensor's reading; it ascends within a series, so it packs to almost nothing."""
    key: Number = (assignment * _PARAMETERS + parameter) * _HOURS + hour_of_life
    return key


def day_key(assignment: Number, day_of_life: Number) -> Number:
    """Key of what happens at most once a container and day: a sample, a harvest, a daily state."""
    return assignment * _DAYS + day_of_life


def sub_key(day: Number, part: Whole) -> Number:
    """Key of what happens a few times a container and day, `part` from 0 to 255."""
    key: Number = day * _PARTS + part
    return key


def transfer_workflow_id(number: int, stage_index: int) -> int:
    """Key of a batch's move into the stage of that index."""
    return number * MAX_STAGES + stage_index


def transfer_action_id(workflow: int, source_slot: Number, destination_slot: Number) -> Number:
    """Key of one container-to-container move."""
    return (workflow * MAX_SLOTS + source_slot) * MAX_SLOTS + destination_slot


def sensor_id(container_id: Number, parameter: Whole) -> Number:
    """Key of a container's sensor of one parameter."""
    key: Number = container_id * _PARAMETERS + parameter
    return key


def stock_id(store: Number, feed: Whole, day: Whole) -> Number:
    """Key of a day of one feed in one store; `day` is the day number, `feed` counts from 1."""
    key: Number = (store * (MAX_FEEDS + 1) + feed) * _DAY_NUMBERS + day
    return key


def weather_id(area: Number, day: Number) -> Number:
    """Key of a day of an area's weather; `day` is the day number."""
    key: Number = area * _DAY_NUMBERS + day
    return key


def purchase_id(stock: Number, reason: Whole) -> Number:
    """Key of an order: the `stock_id` of its day, and its reason."""
    key: Number = stock * _REASONS + reason
    return key


def lot_id(purchase: Number, part: Whole) -> Number:
    """Key of a delivery, `part` from 0 to 63."""
    key: Number = purchase * _LOT_PARTS + part
    return key


def consumption_id(feeding: NDArray[np.int64], piece: NDArray[np.int64]) -> NDArray[np.int64]:
    """Key of what a feeding ate of one lot: the part of its own key that meals leave free.

    Raises
    ------
    ValueError
        If a feeding ate from more than 16 lots.
    """
    if piece.max(initial=0) >= MAX_MEALS:
        raise ValueError(f"a feeding ate from {int(piece.max()) + 1} lots, {MAX_MEALS} at most")
    key: NDArray[np.int64] = feeding + MAX_MEALS * piece
    return key


def feeding_parts(
    feeding: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the assignment, the day of life and the meal that keys of feedings are made of."""
    day = feeding >> 8
    return day >> 12, day & (_DAYS - 1), feeding & (_PARTS - 1)


def scenario_id(number: int, kind: int) -> int:
    """Key of a batch's scenario of a kind, 0 to 3."""
    return number * _SCENARIOS + kind


def projection_id(scenario: int, day_of_life: Number) -> Number:
    """Key of a scenario's day."""
    key: Number = scenario * _DAYS + day_of_life
    return key


def activity_id(number: int, kind: int, ordinal: int) -> int:
    """Key of a batch's planned activity: its kind, 0 to 15, and its place among its like."""
    return (number * _ACTIVITY_KINDS + kind) * _ACTIVITIES + ordinal
