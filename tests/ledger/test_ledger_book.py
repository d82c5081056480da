"""The book of a store keeps its laws whatever is drawn on it, and never looks ahead."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grilse.biology.parameters import builtin_parameters
from grilse.ledger.book import EXPRESS, FIRST, REORDER, keep_book
from grilse.ledger.line import largest_before, lines
from grilse.ledger.rule import rule_of

RULE = replace(rule_of(builtin_parameters()), pack_10g=25)
FEEDS, DAYS = 3, 60


@st.composite
def courses(draw):
    """What is drawn of each feed on each day, how far it is foreseen, and notice given."""
    drawn = np.array(draw(st.lists(st.integers(0, 400), min_size=180, max_size=180)))
    used = np.array(draw(st.lists(st.booleans(), min_size=180, max_size=180)))
    horizon = np.array(draw(st.lists(st.integers(0, 28), min_size=180, max_size=180)))
    course = (drawn * used).reshape(FEEDS, DAYS)
    notice = draw(
        st.dictionaries(
            st.integers(0, DAYS - 1),
            st.lists(st.tuples(st.integers(0, FEEDS - 1), st.integers(1, 300)), max_size=2,
                     unique_by=lambda call: call[0]),
            max_size=4,
        )
    )  # fmt: skip
    return course, course * horizon.reshape(FEEDS, DAYS), notice


def kept(course, foreseen, notice, capacity, days=DAYS):
    held = lines(
        course[:, :days],
        foreseen[:, :days],
        {feed for day, calls in notice.items() for feed, _ in calls if day < days},
        capacity,
        RULE,
    )
    notice = {day: calls for day, calls in notice.items() if day < days}
    return keep_book(held, notice, capacity, RULE, days)


@settings(max_examples=150, deadline=None)
@given(courses(), st.integers(1, 20_000))
def test_no_store_is_over_full_or_below_zero_and_all_that_came_is_accounted_for(course, capacity):
    orders, lots = kept(*course, capacity)
    drawn, came = course[0], np.zeros((FEEDS, DAYS), np.int64)
    express = np.zeros((FEEDS, DAYS), np.int64)
    for lot in lots:
        table = express if lot.order.kind == EXPRESS else came
        table[lot.order.feed, lot.day] += lot.amount_10g
    level = np.cumsum(came + express - drawn, axis=1)
    assert (level >= 0).all()
    morning = level + drawn - express
    assert (morning.sum(axis=0) <= capacity).all()
    assert (express <= drawn).all()
    assert (level[express > 0] == 0).all(), "an express lot is what the day is short of, no more"
    ordered = dict.fromkeys(orders, 0)
    for lot in lots:
        ordered[lot.order] += lot.amount_10g
        assert lot.day >= lot.order.due
    assert all(came <= order.amount_10g for order, came in ordered.items())


@settings(max_examples=150, deadline=None)
@given(courses(), st.integers(1, 3_000))
def test_lots_of_a_morning_come_in_the_order_in_which_they_were_ordered(course, capacity):
    _, lots = kept(*course, capacity)
    came = [(lot.day, lot.order.kind == EXPRESS, lot.order.day, lot.order.kind) for lot in lots]
    assert came == sorted(came), "the oldest is told by keys alone"


@settings(max_examples=80, deadline=None)
@given(courses(), st.integers(1, 20_000), st.integers(1, DAYS))
def test_a_book_kept_longer_begins_like_the_shorter_one(course, capacity, days):
    orders, lots = kept(*course, capacity)
    early_orders, early_lots = kept(*course, capacity, days)
    assert early_orders == [order for order in orders if order.day < days]
    assert early_lots == [lot for lot in lots if lot.day < days]


def steady(daily, days=DAYS):
    course = np.full((1, days), daily)
    return course, course * 28


def test_a_line_is_ordered_when_it_is_low_and_topped_up_to_its_share():
    course, foreseen = steady(100)
    capacity = 1000
    orders, lots = keep_book(lines(course, foreseen, (), capacity, RULE), {}, capacity, RULE, DAYS)
    # Nobody gave notice: the first days come by express, then the rule holds.
    assert [o.kind for o in orders[:4]] == [EXPRESS, REORDER, EXPRESS, EXPRESS]
    reorders = [order for order in orders if order.kind == REORDER]
    level = np.cumsum(np.bincount([lot.day for lot in lots], [lot.amount_10g for lot in lots]))
    assert len(reorders) > 10
    for order in reorders[3:]:
        held = sum(o.amount_10g for o in orders if o.day < order.day) - 100 * (order.day + 1)
        assert held <= max(200, 3 * 100 * 3 // 2)
        assert 750 <= held + order.amount_10g <= 800 + 25
        assert order.amount_10g % 25 == 0
        assert order.due == order.day + 3
    assert (level - 100 * np.arange(1, len(level) + 1) >= 0).all()


def test_notice_brings_the_first_lot_before_it_is_needed_once():
    course = np.zeros((1, DAYS), np.int64)
    course[0, 10:] = 100
    orders, lots = keep_book(
        lines(course, course * 28, (0,), 5000, RULE), {5: [(0, 100)]}, 5000, RULE, DAYS
    )
    assert (orders[0].kind, orders[0].day, orders[0].amount_10g) == (FIRST, 5, 1000)
    assert lots[0].day == 8
    assert all(order.kind == REORDER for order in orders[1:])


def test_a_late_or_small_store_lives_by_express():
    course, foreseen = steady(100)
    _, lots = keep_book(lines(course, foreseen, (), 50, RULE), {}, 50, RULE, DAYS)
    express = sum(lot.amount_10g for lot in lots if lot.order.kind == EXPRESS)
    assert express > 50 * DAYS // 2
    assert any(lot.part for lot in lots), "deliveries are split to fit"


def test_the_end_of_a_stay_orders_no_more_than_is_wanted():
    course = np.full((1, DAYS), 100)
    left = np.arange(DAYS - 1, -1, -1)
    foreseen = course * np.where(left >= 3, np.minimum(left, 28), 0)
    _, lots = keep_book(lines(course, foreseen, (0,), 9000, RULE), {}, 9000, RULE, DAYS)
    leftover = sum(lot.amount_10g for lot in lots) - 100 * DAYS
    assert 0 <= leftover <= 100


@pytest.mark.parametrize("window", [1, 2, 3, 7, 14, 70])
def test_the_largest_of_the_last_days(window):
    draw = np.random.default_rng(3).integers(0, 99, (2, 40))
    wanted = [[row[max(0, i - window + 1) : i + 1].max() for i in range(40)] for row in draw]
    assert largest_before(draw, window).tolist() == wanted
