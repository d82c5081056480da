"""Keys: each gives back what it was made of, and stays below its bound."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from grilse.tables import keys

numbers = st.integers(1, keys.MAX_NUMBER)
slots = st.integers(0, keys.MAX_SLOTS - 1)
days = st.integers(0, keys.MAX_DAYS - 1)
parameters = st.integers(1, 15)
parts = st.integers(0, 255)
stages = st.integers(0, keys.MAX_STAGES - 1)


@given(numbers, slots)
def test_an_assignment_names_batch_and_slot(number: int, slot: int) -> None:
    key = keys.assignment_id(number, slot)
    assert divmod(key, keys.MAX_SLOTS) == (number, slot)
    assert 0 < key < 2**33


@given(numbers, slots, parameters, days, st.integers(0, 23))
def test_a_reading_names_its_assignment_parameter_and_hour(
    number: int, slot: int, parameter: int, day: int, hour: int
) -> None:
    assignment = keys.assignment_id(number, slot)
    key = keys.reading_id(assignment, parameter, day * 24 + hour)
    series, hour_of_life = divmod(key, 65536)
    assert divmod(series, 16) == (assignment, parameter)
    assert divmod(hour_of_life, 24) == (day, hour)
    assert 0 < key < 2**53


@given(numbers, slots, days, parts)
def test_a_sub_key_names_assignment_day_and_part(
    number: int, slot: int, day: int, part: int
) -> None:
    assignment = keys.assignment_id(number, slot)
    day_key = keys.day_key(assignment, day)
    assert divmod(day_key, 4096) == (assignment, day)
    assert day_key < 2**45
    key = keys.sub_key(day_key, part)
    assert divmod(key, 256) == (day_key, part)
    assert 0 < key < 2**53


@given(numbers, stages, slots, slots)
def test_a_move_names_workflow_source_and_destination(
    number: int, stage: int, source: int, destination: int
) -> None:
    workflow = keys.transfer_workflow_id(number, stage)
    assert divmod(workflow, keys.MAX_STAGES) == (number, stage)
    assert workflow < 2**31
    key = keys.transfer_action_id(workflow, source, destination)
    assert key == (workflow * 256 + source) * 256 + destination
    assert 0 < key < 2**47


def test_the_largest_keys_stay_below_their_bounds() -> None:
    assignment = keys.assignment_id(keys.MAX_NUMBER, keys.MAX_SLOTS - 1)
    assert assignment < 2**33
    assert (keys.MAX_DAYS - 1) * 24 + 23 < 65536
    assert keys.reading_id(assignment, 15, 65535) < 2**53
    assert keys.sub_key(keys.day_key(assignment, keys.MAX_DAYS), 255) < 2**53
    assert keys.transfer_workflow_id(keys.MAX_NUMBER, keys.MAX_STAGES - 1) < 2**31


@given(st.lists(slots, min_size=1, unique=True), numbers, days)
def test_arrays_give_what_numbers_give(listed: list[int], number: int, day: int) -> None:
    column = keys.assignment_id(number, np.array(listed, np.int64))
    single = [keys.assignment_id(number, slot) for slot in listed]
    assert column.tolist() == single
    assert keys.day_key(column, np.int64(day)).tolist() == [keys.day_key(s, day) for s in single]
    reading = keys.reading_id(column, 3, np.int64(day * 24))
    assert reading.dtype == np.int64
    assert reading.tolist() == [keys.reading_id(s, 3, day * 24) for s in single]


@given(st.integers(1, 1_000_000), parameters)
def test_a_sensor_names_container_and_parameter(container: int, parameter: int) -> None:
    assert divmod(keys.sensor_id(container, parameter), 16) == (container, parameter)


def test_the_stride_of_sensors_is_the_farms() -> None:
    from grilse.farm.model import SENSORS_A_CONTAINER

    assert keys.sensor_id(1, 0) == SENSORS_A_CONTAINER
