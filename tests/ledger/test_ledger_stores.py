"""Rows of feed stores: the same whoever makes them, clipped by as-of, changed by no other batch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from itertools import pairwise

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from grilse import api
from grilse.api.assembling import tasks_by_size
from grilse.biology.parameters import builtin_parameters, changed_parameters
from grilse.dataset.segments import store_groups
from grilse.ground.days import date_of
from grilse.production import StoreGroup, draw_on, farm_stores, make
from grilse.schedule.model import Schedule
from grilse.tables.catalogue import TABLES
from grilse.tables.fingerprint import fingerprint
from grilse.tables.totals import Totals

STORE_TABLES = [n for n, table in TABLES.items() if table.owner == "store" and not table.optional]
FIRST_START = "2020-01-05"


@cache
def planned() -> Schedule:
    """Four batches that share halls and areas, the last but one long at sea."""
    answer = api.plan(batches=2, stagger=45, start=FIRST_START, as_of="2021-12-01")
    first, *others = answer.schedule.batches
    shared = next(b for b in others if b.geography == first.geography)
    later = replace(shared, station=first.station, stays=first.stays, start=first.start + 460)
    batches = tuple(later if b is shared else b for b in answer.schedule.batches)
    return replace(answer.schedule, batches=batches)


def rows_of(schedule: Schedule, **changes: object) -> dict[str, pa.Table]:
    """Make the rows of all stores, group by group, with nothing handed over."""
    job = api.prepare(schedule, tables=[*STORE_TABLES, "feeding_event"], **changes)
    parts: dict[str, list[pa.RecordBatch]] = {name: [] for name in STORE_TABLES}
    for task in tasks_by_size(job, 1):
        for batch in task.batches:
            if isinstance(batch.plan, StoreGroup):
                for table, chunk in make(job.production, batch.plan):
                    parts[table].append(chunk)
    return {
        name: pa.Table.from_batches(chunks, TABLES[name].arrow_schema)
        for name, chunks in parts.items()
    }


def before(name: str, rows: pa.Table, day: int) -> pa.Table:
    dated = rows[TABLES[name].event_date]
    return rows.filter(pc.less(dated.cast(pa.date32()), pa.scalar(date_of(day), pa.date32())))


def stores_drawn_on(schedule: Schedule, batch_ids: Iterable[str]) -> set[int]:
    rows = rows_of(replace(schedule, batches=tuple(
        batch for batch in schedule.batches if batch.batch_id in set(batch_ids)
    )))  # fmt: skip
    return set(rows["feed_purchase"]["store_id"].to_pylist())


def of_stores(rows: dict[str, pa.Table], stores: set[int]) -> dict[str, pa.Table]:
    chosen = pa.array(sorted(stores), pa.int32())
    lots = rows["feed_lot"].filter(pc.is_in(rows["feed_lot"]["store_id"], chosen))
    eaten = rows["feed_consumption"]
    return {
        "feed_lot": lots,
        "feed_consumption": eaten.filter(pc.is_in(eaten["lot_id"], lots["lot_id"])),
        **{
            name: rows[name].filter(pc.is_in(rows[name]["store_id"], chosen))
            for name in ("feed_purchase", "feed_stock")
        },
    }


def test_every_table_has_rows_and_its_keys_ascend():
    for name, rows in rows_of(planned()).items():
        keys = rows[TABLES[name].primary_key[0]].to_pylist()
        assert keys
        if name == "feed_consumption":
            # It begins anew with each group of stores.
            falls = sum(a > b for a, b in pairwise(keys))
            assert falls < len(store_groups(153))
        else:
            assert keys == sorted(keys), name
        assert len(set(keys)) == len(keys)
        assert max(keys) < 2**53


def test_stores_of_a_large_group_are_kept_as_each_is_alone():
    job = api.prepare(planned(), tables=STORE_TABLES)
    batches = sorted(job.schedule.batches, key=lambda batch: batch.number)
    stores, drawing = tuple(farm_stores(job.farm)), draw_on(job.farm, batches)
    alone = [
        StoreGroup((store,), tuple(drawing[store.store_id]))
        for store in stores
        if store.store_id in drawing
    ]

    def totals(groups: Iterable[StoreGroup]) -> dict[str, Totals]:
        found = {name: Totals() for name in STORE_TABLES}
        for group in groups:
            for name, rows in make(job.production, group):
                found[name] += Totals(rows.num_rows, fingerprint(TABLES[name], rows))
        return found

    together = totals([StoreGroup(stores, tuple(batches))])
    assert together == totals(alone)
    assert all(each.rows for each in together.values())


def test_two_batches_share_a_store():
    eaten = rows_of(planned())["feed_consumption"]
    by_lot = eaten.group_by("lot_id").aggregate([("batch_id", "count_distinct")])
    assert pc.max(by_lot["batch_id_count_distinct"]).as_py() == 2


def test_a_later_as_of_leaves_all_earlier_rows_as_they_were():
    schedule = planned()
    whole = rows_of(schedule)
    for days in (1, 17, 90, 200):
        as_of = schedule.as_of - days
        earlier = rows_of(schedule, as_of=date_of(as_of))
        for name, rows in earlier.items():
            assert rows.equals(before(name, whole[name], as_of)), (name, days)


def test_an_edit_changes_only_its_stores_from_its_day_on():
    schedule = planned()
    edited = schedule.batches[-1]
    assert edited.batch_id == "SCO-2020-002"
    batches = (*schedule.batches[:-1], replace(edited, eggs=edited.eggs + 100_000))
    first, second = rows_of(schedule), rows_of(replace(schedule, batches=batches))
    mine = stores_drawn_on(schedule, [edited.batch_id])
    every = {store for group in store_groups(200) for store in group}
    for name, rows in of_stores(first, every - mine).items():
        assert rows.equals(of_stores(second, every - mine)[name]), name
    assert not of_stores(first, mine)["feed_lot"].equals(of_stores(second, mine)["feed_lot"])
    for name, rows in first.items():
        assert before(name, rows, edited.start).equals(before(name, second[name], edited.start))


def test_an_edit_late_in_a_life_leaves_all_that_stores_had_done_by_then():
    """Rings taken away from a stay change nothing before the notice of it is given."""
    schedule = planned()
    edited = schedule.batches[0]
    sea = edited.stays[-1]
    fewer = replace(sea, containers=sea.containers[:-2])
    batches = (replace(edited, stays=(*edited.stays[:-1], fewer)), *schedule.batches[1:])
    first, second = rows_of(schedule), rows_of(replace(schedule, batches=batches))
    lead = round(builtin_parameters().number("feed.order.lead_days"))
    day = edited.start + sea.start_day - lead - 1
    assert edited.start < day < schedule.as_of
    area = stores_drawn_on(schedule, [edited.batch_id]) - stores_drawn_on(
        replace(schedule, as_of=day), [edited.batch_id]
    )
    for name, rows in first.items():
        earlier = before(name, rows, day)
        assert earlier.num_rows
        assert earlier.equals(before(name, second[name], day)), name
        of_area, then = (of_stores(every, area)[name] for every in (first, second))
        assert of_area.num_rows
        assert not of_area.equals(then), name


def test_the_order_of_the_file_does_not_matter():
    schedule = planned()
    shuffled = replace(schedule, batches=schedule.batches[::-1])
    assert rows_of(schedule) == rows_of(shuffled)


@pytest.mark.slow
def test_what_is_handed_over_makes_the_same_rows_with_any_number_of_workers():
    job = api.prepare(planned(), tables=[*STORE_TABLES, "feeding_event", "batch"])
    runs = [api.run_to_nothing(job, workers=workers) for workers in (1, 2, 3)]
    assert runs[0].tables == runs[1].tables == runs[2].tables
    alone = api.run_to_nothing(api.prepare(planned(), tables=STORE_TABLES), workers=1)
    assert alone.tables == {name: runs[0].tables[name] for name in STORE_TABLES}
    assert {name: t.num_rows for name, t in rows_of(planned()).items()} == {
        name: alone.tables[name].rows for name in STORE_TABLES
    }


@pytest.mark.slow
def test_an_edited_batch_has_its_stores_made_again_and_no_others(tmp_path):
    schedule, tables = planned(), [*STORE_TABLES, "batch"]
    api.run(api.prepare(schedule, tables=tables), tmp_path / "d", workers=1)
    edited = replace(schedule.batches[-1], eggs=3_000_000)
    changed = api.prepare(
        replace(schedule, batches=(*schedule.batches[:-1], edited)), tables=tables
    )
    again = api.run(changed, tmp_path / "d", workers=1, update=True)
    anew = api.run(changed, tmp_path / "e", workers=1)
    assert again.manifest.totals == anew.manifest.totals
    groups = len(store_groups(153))
    assert 1 < again.result.segments < groups


def test_notice_and_the_rule_follow_the_parameters():
    slow = changed_parameters(
        "feed: {order: {lead_days: {value: 20}, pack_kg: {value: 500}}}", "mine.yaml"
    )
    rows = rows_of(replace(planned(), metadata={}), parameters=slow)["feed_purchase"]
    regular = rows.filter(pc.field("reason") != "EXPRESS").to_pylist()
    assert {(row["due_date"] - row["order_date"]).days for row in regular} == {20}
    assert all(row["quantity_kg"] % 500 == 0 for row in regular)


def test_no_ration_changes():
    job = api.prepare(planned(), tables=["feeding_event"])
    fed = 0
    for batch in job.schedule.batches:
        for _, chunk in make(job.production, batch):
            fed += sum(chunk["amount_kg"].to_pylist())
    assert sum(rows_of(planned())["feed_consumption"]["amount_kg"].to_pylist()) == fed
