"""Feed: what was bought was eaten or is there, the oldest first, and it cost what its lots cost.

Amounts are added as doubles, in whole steps of 10 g: those they add up exactly, in any order.
"""

from __future__ import annotations

from grilse.verify.books import EATEN, EATEN_OF
from grilse.verify.check import check
from grilse.verify.derived import share
from grilse.verify.evidence import Evidence
from grilse.verify.verdict import Tally

__all__ = ["CHECKS"]

_LOTS = ("feed_lot", "feed_consumption")

_LOT = """
lot AS (
    SELECT l.*, round(quantity_kg::DOUBLE * 100) AS held, coalesce(e.steps, 0) AS steps, first_time,
           last_time
    FROM feed_lot l LEFT JOIN (
        SELECT lot_id, sum(steps) AS steps, min(first_time) AS first_time,
               max(last_time) AS last_time FROM eaten GROUP BY ALL
    ) e USING (lot_id)
)
"""


def _faults(evidence: Evidence, sql: str, looked: tuple[str, ...]) -> Tally:
    share(evidence.session, "eaten")
    return evidence.faults(sql, looked)


@check("feed.bought", "What came of a feed into a store was eaten, or is there.",
       needs=(*_LOTS, "feed_stock"))  # fmt: skip
def bought(evidence: Evidence) -> Tally:
    return _faults(
        evidence,
        f"""
        WITH {_LOT}, came AS (
            SELECT store_id, feed_id, sum(held) AS held, sum(steps) AS steps FROM lot GROUP BY ALL
        ), there AS (
            SELECT store_id, feed_id, round(arg_max(level_kg, stock_date)::DOUBLE * 100) AS there
            FROM feed_stock GROUP BY ALL
        )
        SELECT 'feed_lot', NULL, store_id,
               format('{{}} kg of feed {{}} came into store {{}}, {{}} kg were eaten, {{}} kg are '
                      'there', held / 100, feed_id, store_id, steps / 100, said(there / 100))
        FROM came LEFT JOIN there USING (store_id, feed_id)
        WHERE held <> steps + coalesce(there, 0)
        """,
        ("feed_lot", "feed_stock"),
    )


@check("feed.early", "No feed is eaten before it came; what came by express is eaten on its day.",
       needs=_LOTS)  # fmt: skip
def early(evidence: Evidence) -> Tally:
    return _faults(
        evidence,
        f"""
        WITH {_LOT}
        SELECT 'feed_lot', NULL, lot_id,
               format('came on {{}}{{}}, eaten from {{}} to {{}}', arrival_date,
                      if(is_express, ' by express', ''), first_time, last_time)
        FROM lot WHERE first_time::DATE < arrival_date
                    OR is_express AND last_time::DATE <> arrival_date
        """,
        _LOTS,
    )


@check("feed.below_zero", "No more is eaten of a lot than it held, and no level is below zero.",
       needs=(*_LOTS, "feed_stock"))  # fmt: skip
def below_zero(evidence: Evidence) -> Tally:
    return _faults(
        evidence,
        f"""
        WITH {_LOT}
        SELECT 'feed_lot', NULL, lot_id,
               format('held {{}} kg, {{}} kg were eaten', held / 100, steps / 100)
        FROM lot WHERE steps > held
        UNION ALL
        SELECT 'feed_stock', NULL, stock_id, format('{{}} kg on {{}}', level_kg, stock_date)
        FROM feed_stock WHERE level_kg < 0
        """,
        ("feed_lot", "feed_stock"),
    )


@check("feed.first_in_first_out", "The oldest lot of a feed in a store is used up before the next.",
       needs=_LOTS)  # fmt: skip
def first_in_first_out(evidence: Evidence) -> Tally:
    return _faults(
        evidence,
        f"""
        WITH {_LOT}, line AS (
            SELECT *, lag(lot_id) OVER oldest AS older, lag(steps < held) OVER oldest AS is_left,
                   lag(last_time) OVER oldest AS until
            FROM lot WINDOW oldest AS (PARTITION BY store_id, feed_id
                ORDER BY arrival_date, is_express, lot_id)
        )
        SELECT 'feed_lot', NULL, lot_id,
               format('eaten from {{}} on; lot {{}}, which is older, was eaten until {{}}{{}}',
                      first_time, older, said(until), if(is_left, ' and is not used up', ''))
        FROM line WHERE steps > 0 AND older IS NOT NULL AND (is_left OR until > first_time)
        """,
        _LOTS,
    )


@check("feed.capacity", "No store ever holds more than it can.",
       needs=("feed_store", "feed_stock", "feed_lot"))  # fmt: skip
def capacity(evidence: Evidence) -> Tally:
    # What comes by express is eaten from the lorry: it is never in the store.
    return evidence.faults(
        """
        WITH express AS (
            SELECT store_id, arrival_date AS stock_date,
                   sum(round(quantity_kg::DOUBLE * 100)) AS express
            FROM feed_lot WHERE is_express GROUP BY ALL
        ), day AS (
            SELECT store_id, stock_date, sum(round(fed_kg::DOUBLE * 100)) AS fed,
                   sum(round(received_kg::DOUBLE * 100)) - fed AS net
            FROM feed_stock GROUP BY ALL
        ), morning AS (
            SELECT *, sum(net) OVER (PARTITION BY store_id ORDER BY stock_date) + fed
                      - coalesce(express, 0) AS level
            FROM day LEFT JOIN express USING (store_id, stock_date)
        )
        SELECT 'feed_store', NULL, store_id,
               format('{} kg on the morning of {}; it holds {} kg', level / 100, stock_date,
                      capacity_kg)
        FROM morning JOIN feed_store USING (store_id)
        WHERE level > round(capacity_kg::DOUBLE * 100)
        """,
        ("feed_stock",),
    )


@check("feed.levels", "A day's level is the last one with what lots brought, less what was eaten.",
       needs=(*_LOTS, "feed_stock"))  # fmt: skip
def levels(evidence: Evidence) -> Tally:
    return _faults(
        evidence,
        """
        WITH told AS (
            SELECT store_id, feed_id, stock_date AS day, round(received_kg::DOUBLE * 100) AS came,
                   round(fed_kg::DOUBLE * 100) AS fed FROM feed_stock
            UNION ALL
            SELECT store_id, feed_id, arrival_date, -round(quantity_kg::DOUBLE * 100), 0
            FROM feed_lot
            UNION ALL
            SELECT store_id, feed_id, day, 0, -steps FROM eaten JOIN feed_lot USING (lot_id)
        )
        SELECT 'feed_stock', NULL, (store_id * 32 + feed_id) * 65536 + (day - DATE '1970-01-01'),
               format('on {}: {} kg more than lots brought, {} kg more than was eaten', day,
                      sum(came) / 100, sum(fed) / 100)
        FROM told GROUP BY store_id, feed_id, day HAVING sum(came) <> 0 OR sum(fed) <> 0
        UNION ALL
        SELECT 'feed_stock', NULL, stock_id,
               format('{} kg on {}; {} before, {} came, {} eaten', level_kg, stock_date, before,
                      received_kg, fed_kg)
        FROM (SELECT *, coalesce(lag(level_kg) OVER (
                  PARTITION BY store_id, feed_id ORDER BY stock_date), 0) AS before FROM feed_stock)
        WHERE level_kg <> before + received_kg - fed_kg
        """,
        ("feed_stock", "feed_lot"),
    )


@check("feed.cost", "What orders and lots cost is their price times their quantity.",
       needs=("feed_purchase", "feed_lot"))  # fmt: skip
def cost(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        SELECT 'feed_purchase', NULL, purchase_id,
               format('{} kg at {} EUR/kg cost {} EUR', quantity_kg, price_eur, cost_eur)
        FROM feed_purchase WHERE cost_eur <> quantity_kg * price_eur
        UNION ALL
        SELECT 'feed_lot', NULL, lot_id,
               format('{} kg at {} EUR/kg cost {} EUR; they were ordered at {} EUR/kg',
                      l.quantity_kg, l.price_eur, l.cost_eur, p.price_eur)
        FROM feed_lot l JOIN feed_purchase p USING (purchase_id)
        WHERE l.cost_eur <> l.quantity_kg * l.price_eur OR l.price_eur <> p.price_eur
        """,
        ("feed_purchase", "feed_lot"),
    )


@check("feed.priced", "No feed comes for nothing: what is ordered and what comes has a price.",
       needs=("feed_purchase", "feed_lot"))  # fmt: skip
def priced(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        SELECT 'feed_purchase', NULL, purchase_id,
               format('{} kg at {} EUR/kg', quantity_kg, price_eur)
        FROM feed_purchase WHERE price_eur <= 0
        UNION ALL
        SELECT 'feed_lot', NULL, lot_id, format('{} kg at {} EUR/kg', quantity_kg, price_eur)
        FROM feed_lot WHERE price_eur <= 0
        """,
        ("feed_purchase", "feed_lot"),
    )


@check("feed.deliveries", "Lots are of what was ordered, no more of it, and not before it is due.",
       needs=("feed_purchase", "feed_lot"))  # fmt: skip
def deliveries(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        SELECT 'feed_lot', NULL, lot_id,
               format('came on {} into store {}: feed {} of supplier {}; due on {} in store {}: '
                      'feed {} of supplier {}', arrival_date, l.store_id, l.feed_id, l.supplier_id,
                      due_date, p.store_id, p.feed_id, p.supplier_id)
        FROM feed_lot l JOIN feed_purchase p USING (purchase_id)
        WHERE arrival_date < due_date OR due_date < order_date OR l.store_id <> p.store_id
           OR l.feed_id <> p.feed_id OR l.supplier_id <> p.supplier_id
           OR is_express <> (reason = 'EXPRESS')
        UNION ALL
        SELECT 'feed_purchase', NULL, purchase_id,
               format('{} kg ordered, {} kg came', p.quantity_kg, sum(l.quantity_kg))
        FROM feed_purchase p JOIN feed_lot l USING (purchase_id)
        GROUP BY purchase_id, p.quantity_kg HAVING sum(l.quantity_kg) > p.quantity_kg
        """,
        ("feed_purchase", "feed_lot"),
    )


@check("feed.feedings", "A feeding ate what was fed, of its feed and from its place's store.",
       needs=(*_LOTS, "feeding_event", "container"))  # fmt: skip
def feedings(evidence: Evidence) -> Tally:
    # Feed and store are compared by sums that they weigh: rows need not be joined to rows. A
    # feeding's key tells its batch, unless it is an application's.
    foreign = evidence.source.application is not None
    batch = "any_value(batch_id)" if foreign else "(id >> 28)::BIGINT"
    told = ", batch_id" if foreign else ""
    return evidence.faults(
        f"""
        WITH store AS (
            SELECT container_id, coalesce(hall_id, area_id) AS store_id FROM container
        ), told AS (
            SELECT feeding_event_id AS id, round(amount_kg::DOUBLE * 100) AS steps, feed_id,
                   store_id{told}
            FROM whole.feeding_event JOIN store USING (container_id)
            UNION ALL
            SELECT feeding_event_id, -round(amount_kg::DOUBLE * 100), feed_id, store_id{told}
            FROM whole.feed_consumption JOIN feed_lot USING (lot_id)
        )
        SELECT 'feeding_event', {batch}, id,
               if(sum(steps) <> 0, format('{{}} kg more fed than lots gave', sum(steps) / 100),
                  'ate another feed, or from another store')
        FROM told GROUP BY id
        HAVING sum(steps) <> 0 OR sum(steps * feed_id) <> 0 OR sum(steps * store_id) <> 0
        """,
        ("feeding_event", "feed_consumption"),
        is_kept=evidence.balances(EATEN, EATEN_OF),
    )


CHECKS = (
    bought, early, below_zero, first_in_first_out, capacity, levels, cost, priced, deliveries,
    feedings,
)  # fmt: skip
