"""Where one run ends and the next of its kind begins: what no row group can doubt by itself.

A stay that was moved on day by day has a run in each epoch. Rules that look at a row and the one
before it are kept within runs by `grilse.verify.doubts`, and here between them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from grilse.verify.bands import limit
from grilse.verify.session import Session

__all__ = ["doubted_joints"]

_NARROWER = 1e-9

_STATES = """
FROM (
    SELECT r.*, initial_count, lag(last_us) OVER stay >= first_us AS is_turned,
           lag(last_population_count) OVER stay AS fish, lag(last_avg_weight_g) OVER stay AS mg
    FROM true_daily_state_run r JOIN whereabouts USING (assignment_id)
    WINDOW stay AS (PARTITION BY assignment_id ORDER BY first_us)
)
"""

_ESTIMATES = """
FROM (
    SELECT r.*, lag(last_state_date) OVER stay >= first_state_date AS is_turned,
           lag(last_population_count) OVER stay AS fish, lag(last_avg_weight_g) OVER stay AS mg
    FROM analysis_daily_state_run r
    WINDOW stay AS (PARTITION BY assignment_id ORDER BY first_state_date)
)
"""

_BATCH_DAYS = """
FROM (
    SELECT lag(last_state_date) OVER (PARTITION BY batch_id ORDER BY first_state_date)
           >= first_state_date AS is_turned FROM analysis_batch_day_run
)
"""

_COUNTS = """
FROM (
    SELECT lag(last_us) OVER (PARTITION BY assignment_id ORDER BY first_us) >= first_us AS is_turned
    FROM lice_count_run
)
"""


def doubted_joints(session: Session) -> Iterator[tuple[str, str]]:
    """Yield checks, each with its table, that may be broken between two runs."""
    for table, (joints, rules) in _rules().items():
        told = ", ".join(f"coalesce(bool_or({rule}), false)" for rule in rules.values())
        (found,) = session.all(f"SELECT {told} {joints}")
        yield from ((name, table) for name, is_doubted in zip(rules, found, strict=True)
                    if is_doubted)  # fmt: skip


def _rules() -> Mapping[str, tuple[str, Mapping[str, str]]]:
    """Return for each table its runs, each beside the one before, and what doubts which check."""
    gain = "fish * (first_avg_weight_g - mg + 1)"
    most = limit("feed_per_gain") * (1 - _NARROWER)
    down = 1 - limit("analysis_step_down_share") + _NARROWER
    up = 1 + limit("analysis_step_up_share") - _NARROWER
    return {
        "true_daily_state": (_STATES, {
            "conservation.daily":
                "is_turned OR first_population_count <> coalesce(fish, initial_count) "
                "- first_mortality_count - first_removed_count",
            "fish.weights": "is_turned OR first_avg_weight_g < mg",
            "fish.feed": f"is_turned OR {gain} < 0 "
                         f"OR first_feed_kg * 10000 > {most} * {gain} + 9999",
        }),
        "analysis_daily_state": (_ESTIMATES, {
            "analysis.population": "is_turned OR first_population_count > fish",
            "analysis.steps": f"is_turned OR first_avg_weight_g < mg * {down:.12f}::DOUBLE "
                              f"OR first_avg_weight_g > mg * {up:.12f}::DOUBLE",
        }),
        "analysis_batch_day": (_BATCH_DAYS, {"analysis.batch_days": "is_turned"}),
        "lice_count": (_COUNTS, {"lice.counts": "is_turned"}),
    }  # fmt: skip
