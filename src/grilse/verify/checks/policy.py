"""Policy: the rows keep what the schedule's policy promised.

Under `biosecure` the rules of the sea are checked; under any other policy, or none, what they speak
of is measured and told beside them, and fails no dataset. Rules and densities come from the
parameters kept beside the dataset. What the policy `ladder` promises is checked by `freshness`.
"""

from __future__ import annotations

from grilse.verify.check import Check
from grilse.verify.evidence import Evidence
from grilse.verify.verdict import Figure, Tally

__all__ = ["CHECKS"]

_SEA = "environment = 'sea water'"


def _sea_rule(name: str, meaning: str, unit: str, sql: str, *looked: str) -> Check:
    """Make a check of a query that returns table, batch, key, geography, value, least, most, what.

    A row is at fault where its value is less than `least` or more than `most`.
    """

    def rule(evidence: Evidence) -> Tally:
        if not evidence.session.all("SELECT 1 FROM sea_rule LIMIT 1"):
            return Tally(reason="its parameters name no rules of the sea")
        if evidence.source.policy == "biosecure":
            return evidence.faults(
                f"SELECT tbl, batch, key, what FROM ({sql}) {_COLUMNS} "
                "WHERE value < least OR value > most",
                looked,
            )
        figures = _figures(evidence, name, unit, sql)
        reason = "" if figures else "no area tells anything of it"
        return Tally(sum(map(evidence.rows, looked)), figures=figures, reason=reason)

    needs = tuple(dict.fromkeys((*looked, "assignment", "batch", "container", "area", "geography")))
    return Check(f"policy.{name}", meaning, rule, needs)


_COLUMNS = "AS each(tbl, batch, key, geography, value, least, most, what)"


def _figures(evidence: Evidence, name: str, unit: str, sql: str) -> tuple[Figure, ...]:
    """Measure a rule's value, geography by geography."""
    found = evidence.session.all(
        f"""
        SELECT geography, avg(value)::DOUBLE, quantile_cont(value::DOUBLE, 0.05),
               quantile_cont(value::DOUBLE, 0.95), min(least)::DOUBLE, max(most)::DOUBLE,
               count(DISTINCT batch)
        FROM ({sql}) {_COLUMNS} GROUP BY 1 ORDER BY 1
        """
    )
    policy = evidence.source.policy
    reason = f"the policy is {policy}" if policy else "the schedule names no policy"
    return tuple(
        Figure(name, unit, place, value, low, high, least, most, batches, "biosecure", reason)
        for place, value, low, high, least, most, batches in found
    )


_FISH = f"""
SELECT 'assignment', batch_id, assignment_id, geography, initial_count, 0, most_fish,
       format('ring {{}} of {{}} was given {{:,}} fish; allowed are {{:,}}', container, place,
              initial_count, most_fish)
FROM whereabouts JOIN sea_rule USING (geography) WHERE {_SEA}
"""

_DENSITY = f"""
WITH fullest AS (
    SELECT assignment_id, any_value(w.geography) AS geography, any_value(w.batch_id) AS batch_id,
           any_value(container) AS container, any_value(place) AS place,
           max(100 * t.biomass_kg::DOUBLE / c.volume_m3::DOUBLE / d.most_kg_per_m3) AS share,
           arg_max(struct_pack(id := t.state_id, day := t.state_date, most := d.most_kg_per_m3),
                   t.biomass_kg::DOUBLE / c.volume_m3::DOUBLE / d.most_kg_per_m3) AS peak
    FROM true_daily_state t JOIN whereabouts w USING (assignment_id)
    JOIN container c ON c.container_id = w.container_id
    JOIN sea_density d ON d.geography = w.geography AND t.avg_weight_g::DOUBLE >= d.from_g
         AND t.avg_weight_g::DOUBLE < d.below_g
    WHERE {_SEA} AND t.population_count > 0 GROUP BY 1
)
SELECT 'true_daily_state', batch_id, peak.id, geography, share, 0, 100,
       format('ring {{}} of {{}} holds {{:.2f}} kg/m3 on {{}}; allowed are {{}}', container, place,
              share * peak.most / 100, peak.day, peak.most)
FROM fullest
"""

_SHARED = f"""
WITH stay AS (
    SELECT geography, place, batch_id, min(assignment_id) AS assignment_id,
           min(start_date) AS came, max(until) AS gone
    FROM whereabouts WHERE {_SEA} GROUP BY ALL
), before AS (
    SELECT *, max(gone) OVER earlier AS reach, arg_max(batch_id, gone) OVER earlier AS last_batch
    FROM stay
    WINDOW earlier AS (PARTITION BY geography, place ORDER BY came, batch_id
                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
), counted AS (
    SELECT *, sum(if(reach IS NULL OR came >= reach, 1, 0)) OVER (
        PARTITION BY geography, place ORDER BY came, batch_id ROWS UNBOUNDED PRECEDING
    ) AS generation FROM before
), told AS (
    SELECT *, date_diff('day', min(came) OVER (PARTITION BY geography, place, generation), came)
              AS apart, date_diff('day', reach, came) AS empty_days
    FROM counted JOIN sea_rule USING (geography)
)
"""
"""The stays of batches in areas; those that overlap are of one generation, or should be."""

_GENERATIONS = f"""
{_SHARED}
SELECT 'assignment', batch_id, assignment_id, geography, apart, 0, window_days,
       format('came to {{}} on {{}}, {{}} days after the eldest that lives there; one generation '
              'comes within {{}}', place, came, apart, window_days)
FROM told
"""

_FALLOW = f"""
{_SHARED}
SELECT 'assignment', batch_id, assignment_id, geography, empty_days, fallow_days, NULL::BIGINT,
       format('came to {{}} on {{}}, {{}} days after batch {{}} left it; it lies fallow for {{}}',
              place, came, empty_days, last_batch, fallow_days)
FROM told WHERE empty_days >= 0
"""


CHECKS = (
    _sea_rule("fish_a_ring", "No ring is given more fish than biosecurity allows.", "fish",
              _FISH, "assignment"),
    _sea_rule("density", "No ring is denser than biosecurity allows at its fish's weight.",
              "% of the density allowed", _DENSITY, "true_daily_state"),
    _sea_rule("generations", "An area holds one generation at a time.",
              "d after the eldest in its area", _GENERATIONS, "assignment"),
    _sea_rule("fallow", "An area lies fallow before it is stocked again.",
              "d empty before it is stocked", _FALLOW, "assignment"),
)  # fmt: skip
