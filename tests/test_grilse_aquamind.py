"""The database that the tests of AquaMind ask is as the facts say."""

import psycopg

import grilse_aquamind


def test_the_infrastructure_is_whole_and_hangs_together(aquamind):
    with psycopg.connect(aquamind) as connection:
        there = grilse_aquamind.counts(connection)
        holding = connection.execute(
            "SELECT count(*) FROM infrastructure_container WHERE hierarchy_role = 'HOLDING'"
        ).fetchone()[0]
    assert holding == 22 * 5 * 10 + 42 * 20
    assert there["batch_batch"] == 0
