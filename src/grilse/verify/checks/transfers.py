"""Transfers: every container gets its share, the books add up, and no weight is lost or won."""

from __future__ import annotations

from grilse.verify.bands import limit
from grilse.verify.check import check
from grilse.verify.evidence import Evidence
from grilse.verify.verdict import Tally

__all__ = ["CHECKS"]


@check(
    "transfers.shares",
    "Every container of a stage entered by transfer gets fish.",
    needs=("transfer_action", "assignment"),
)
def shares(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        WITH came AS (
            SELECT dest_assignment_id AS assignment_id, sum(transferred_count) AS fish
            FROM transfer_action GROUP BY 1
        ), given AS (
            SELECT w.batch_id, stage_index, sum(fish) AS fish, count(*) AS containers
            FROM whereabouts w JOIN planned_stay USING (assignment_id)
                 LEFT JOIN came USING (assignment_id)
            GROUP BY ALL
        )
        SELECT 'assignment', w.batch_id, w.assignment_id,
               format('no fish came into it by the transfer into {}', w.stage)
        FROM whereabouts w JOIN planned_stay p USING (assignment_id)
             LEFT JOIN came c USING (assignment_id)
             JOIN given g ON g.batch_id = w.batch_id AND g.stage_index = p.stage_index
        WHERE p.stage_index > 0 AND coalesce(c.fish, 0) = 0
          AND coalesce(g.fish, 0) >= g.containers
        """,
        ("transfer_action", "assignment"),
    )


@check(
    "transfers.totals",
    "A transfer's totals are the sums of its moves.",
    needs=("transfer_workflow", "transfer_action"),
)
def totals(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        WITH moves AS (
            SELECT transfer_workflow_id, count(*) AS moves, sum(transferred_count) AS arrived,
                   sum(mortality_count) AS lost, sum(transferred_biomass_kg) AS kilos
            FROM transfer_action GROUP BY 1
        )
        SELECT 'transfer_workflow', batch_id, transfer_workflow_id,
               format('{} moves, {} from, {} arrived, {} lost, {} kg; its moves {}, {} arrived, '
                      '{} lost, {} kg', action_count, source_count, transferred_count,
                      mortality_count, transferred_biomass_kg, said(moves), said(arrived),
                      said(lost), said(kilos))
        FROM transfer_workflow LEFT JOIN moves USING (transfer_workflow_id)
        WHERE (action_count, transferred_count, mortality_count, transferred_biomass_kg)
              IS DISTINCT FROM (moves, arrived, lost, kilos)
           OR source_count <> transferred_count + mortality_count
        """,
        ("transfer_workflow", "transfer_action"),
    )


@check(
    "transfers.stages",
    "A transfer's moves lead from the stage left into the stage entered.",
    needs=("transfer_workflow", "transfer_action", "assignment"),
)
def stages(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        SELECT 'transfer_action', t.batch_id, transfer_action_id,
               format('from stage {} of batch {} to stage {} of batch {}; the transfer is from {} '
                      'to {}', s.stage_id, s.batch_id, d.stage_id, d.batch_id, from_stage_id,
                      to_stage_id)
        FROM transfer_action t JOIN transfer_workflow f USING (transfer_workflow_id)
        JOIN whereabouts s ON s.assignment_id = source_assignment_id
        JOIN whereabouts d ON d.assignment_id = dest_assignment_id
        WHERE s.stage_id <> from_stage_id OR d.stage_id <> to_stage_id
           OR s.batch_id <> t.batch_id OR d.batch_id <> t.batch_id
           OR d.stage_order <= s.stage_order
        """,
        ("transfer_action",),
    )


@check(
    "transfers.sources",
    "A move takes from what earlier moves left in its source.",
    needs=("transfer_action", "assignment"),
)
def sources(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        SELECT 'transfer_action', batch_id, transfer_action_id,
               format('{} fish told to be there before, {} were', source_count_before, left_there)
        FROM (
            SELECT t.*, w.population_count - coalesce(sum(transferred_count + t.mortality_count)
                   OVER (PARTITION BY source_assignment_id ORDER BY transfer_action_id
                         ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS left_there
            FROM transfer_action t JOIN whereabouts w ON w.assignment_id = source_assignment_id
        ) WHERE source_count_before <> left_there
        """,
        ("transfer_action",),
    )


@check("transfers.losses", "Few fish die of a move.", needs=("transfer_workflow",))
def losses(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        SELECT 'transfer_workflow', batch_id, transfer_workflow_id,
               format('{} of {} fish died of it', mortality_count, source_count)
        FROM transfer_workflow WHERE mortality_count > $most * source_count
        """,
        ("transfer_workflow",),
        most=limit("transfer_loss_share"),
    )


@check(
    "transfers.weights",
    "Fish are moved at the weight that they have in their source.",
    needs=("transfer_action", "assignment"),
)
def weights(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        SELECT 'transfer_action', t.batch_id, transfer_action_id,
               format('moved at {} g; they weighed {} g in the source', t.avg_weight_g,
                      w.avg_weight_g)
        FROM transfer_action t JOIN whereabouts w ON w.assignment_id = source_assignment_id
        WHERE abs(t.avg_weight_g::DOUBLE - w.avg_weight_g) > 0.0011 + $slack
        """,
        ("transfer_action",),
        slack=evidence.slack_g,
    )


@check(
    "transfers.first_day",
    "Mean weight goes on where it stood when fish change containers.",
    needs=("transfer_action", "true_daily_state", "assignment"),
    by_stretch=True,
)
def first_day(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        WITH came AS (
            SELECT dest_assignment_id AS assignment_id,
                   sum(transferred_count * avg_weight_g::DOUBLE) / sum(transferred_count)
                   AS weight_g
            FROM transfer_action WHERE transferred_count > 0 GROUP BY 1
        )
        SELECT 'true_daily_state', t.batch_id, state_id,
               format('{} g at the end of the first day; the fish came at {:.3f} g',
                      t.avg_weight_g, weight_g)
        FROM came JOIN whereabouts w USING (assignment_id)
             JOIN true_daily_state t ON t.assignment_id = w.assignment_id
                                    AND t.state_date = w.start_date
        WHERE t.avg_weight_g::DOUBLE NOT BETWEEN weight_g - 0.0011 - $slack
                                             AND weight_g * (1 + $most) + 0.0011 + $slack
        """,
        ("transfer_action",),
        most=limit("first_day_growth_share"),
        slack=evidence.slack_g,
    )


CHECKS = (shares, totals, stages, sources, losses, weights, first_day)
