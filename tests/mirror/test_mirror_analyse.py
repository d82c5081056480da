"""Growth analysis of databases: AquaMind's states from its tables alone, and our own schema."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import grilse_by_hand
import grilse_mapped
import grilse_postgres
import psycopg
import pytest

from grilse import analyse, api
from grilse.api.loading import load
from grilse.api.mapping import wipe
from grilse.cli.main import main

_STATES = "batch_actualdailyassignmentstate"


def ask(url: str, question: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(question).fetchall()


def tell(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def all_states(url: str) -> list[tuple[Any, ...]]:
    return ask(url, f"SELECT * FROM {_STATES} ORDER BY id, date")


def plain(url: str) -> list[tuple[Any, ...]]:
    """Return all daily states, with their key first, so that they can be put in order."""
    return ask(
        url,
        "SELECT id, assignment_id, date, population, avg_weight_g, sources::text, "
        f"confidence_scores::text, anchor_type IS NULL FROM {_STATES}",
    )


@pytest.fixture
def built_in(tmp_path: Path) -> Path:
    """A file by which the built-in parameters hold, in place of the database's models."""
    path = tmp_path / "built-in.yaml"
    path.write_text("{}\n")
    return path


def test_its_tables_alone_tell_what_the_dataset_tells(lived: str, built_in: Path) -> None:
    tell(lived, f"CREATE TABLE told AS SELECT * FROM {_STATES}", f"DELETE FROM {_STATES}")
    report = analyse(lived, application="aquamind", parameters=built_in, workers=1)
    assert not report.result.failures
    same = f"told a FULL JOIN {_STATES} b USING (id, date)"
    ((count,),) = ask(lived, "SELECT count(*) FROM told")
    assert report.result.tables[_STATES].rows == count > 2000
    differing = ask(
        lived,
        f"SELECT a.*, b.* FROM {same} WHERE (a.population, a.mortality_count, a.feed_kg, a.temp_c, "
        "a.day_number, a.anchor_type, a.sources, a.last_computed_at, a.assignment_id) IS DISTINCT "
        "FROM (b.population, b.mortality_count, b.feed_kg, b.temp_c, b.day_number, b.anchor_type, "
        "b.sources, b.last_computed_at, b.assignment_id) LIMIT 3",
    )
    assert differing == []
    # What is weighed there is told to 0.01 g; of the fish in a sample more is seen.
    off = "abs(a.avg_weight_g - b.avg_weight_g) - 0.011"
    ((worst,),) = ask(lived, f"SELECT max({off} - 0.002 * b.avg_weight_g) FROM {same}")
    assert worst <= 0


def test_a_second_time_changes_nothing_and_all_can_be_wiped(lived: str) -> None:
    analyse(lived, application="aquamind", workers=1)
    once = all_states(lived)
    analyse(lived, application="aquamind", workers=1)
    assert all_states(lived) == once
    assert len(once) > 2000
    assert wipe(lived, "aquamind").total > len(once)
    assert all_states(lived) == []


def test_a_load_beside_batches_of_others_keeps_its_keys(
    server: Any, aquamind_template: str, young_job: Any, built_in: Path
) -> None:
    with grilse_postgres.database(server, template=aquamind_template) as url:
        with psycopg.connect(url, autocommit=True) as there:
            grilse_by_hand.simple_batch(there, "HAND-1", nth=300)
        grilse_mapped.bring(url, young_job)
        told = f"SELECT id, date, assignment_id FROM {_STATES} ORDER BY 1"
        before = ask(url, told)
        assert len(before) == 240
        assert before[0][2] == 256 + 1
        report = analyse(url, application="aquamind", parameters=built_in, workers=1)
        assert "left to others" not in report.result.tables
        after = ask(url, told.replace("ORDER", "WHERE NOT sources ? 'by' ORDER"))
        assert after == before
        by_hand = ask(url, f"SELECT count(*) FROM {_STATES} WHERE sources ->> 'by' = 'Grilse'")
        assert by_hand[0][0] > 100


@pytest.fixture
def by_hand(server: Any, aquamind_template: str) -> Any:
    """The URL of a database with a batch put in by hand, and keys of batch and stay."""
    with grilse_postgres.database(server, template=aquamind_template) as url:
        with psycopg.connect(url, autocommit=True) as there:
            keys = grilse_by_hand.simple_batch(there, "HAND-1")
            grilse_by_hand.simple_batch(there, "HAND-2", nth=2)
            grilse_by_hand.put(
                there, "batch_growthsample", assignment_id=keys[1], sample_date="2024-02-01",
                sample_size=30, avg_weight_g=1.20, std_deviation_weight=0.2,
            )  # fmt: skip
        yield url, *keys


def test_rows_by_hand_are_analysed_by_documented_defaults(by_hand: Any, capsys: Any) -> None:
    url, batch, stay = by_hand
    assert main(["analyse", url, "--as", "aquamind", "--workers", "1"]) == 0
    said = capsys.readouterr().out
    for what in ("HAND-2: no weighing", "HAND-1, HAND-2: no temperature read",
                 "HAND-1, HAND-2: no scenario pinned", "batches     2 analysed"):  # fmt: skip
        assert what in said
    found = ask(
        url,
        "SELECT date::text, population, avg_weight_g, anchor_type, sources, confidence_scores "
        f"FROM {_STATES} WHERE assignment_id = {stay} ORDER BY date",
    )
    days = {row[0]: row[1:] for row in found}
    assert (len(days), min(days), max(days)) == (114, "2024-01-01", "2024-04-23")
    population = [fish for fish, *_ in days.values()]
    assert population == sorted(population, reverse=True)
    assert (population[0], population[-1]) == (9990, 9950)
    _, weight, anchor, sources, confidence = days["2024-02-01"]
    assert anchor == "growth_sample"
    assert 1.1 < weight < 1.4
    assert sources == {"temp": "profile", "weight": "measured", "by": "Grilse"}
    assert 0.5 < confidence["weight"] <= 1
    assert ask(url, f"SELECT DISTINCT batch_id FROM {_STATES} WHERE assignment_id = {stay}") == [
        (batch,)
    ]


def test_rows_of_others_stay_unless_all_are_overwritten(by_hand: Any) -> None:
    url, batch, stay = by_hand
    with psycopg.connect(url, autocommit=True) as there:
        ((container,),) = there.execute(
            f"SELECT container_id FROM batch_batchcontainerassignment WHERE id = {stay}"
        ).fetchall()
        theirs = grilse_by_hand.put(
            there, _STATES, assignment_id=stay, batch_id=batch, container_id=container,
            date="2024-02-10", lifecycle_stage_id=2, population=77, avg_weight_g=9,
            sources='{"weight": "measured"}',
        )  # fmt: skip
    first = analyse(url, application="aquamind", workers=1)
    assert first.result.tables["left to others"].rows == 1
    once = plain(url)
    assert ask(url, f"SELECT population FROM {_STATES} WHERE id = {theirs}") == [(77,)]
    analyse(url, application="aquamind", workers=1)
    assert sorted(row[1:] for row in plain(url)) == sorted(row[1:] for row in once)
    over = analyse(url, application="aquamind", overwrite=True, workers=1)
    assert "left to others" not in over.result.tables
    day = f"SELECT population FROM {_STATES} WHERE assignment_id = {stay} AND date = '2024-02-10'"
    assert ask(url, day) == [(9950,)]


def test_a_batch_that_fails_is_left_out_and_the_others_are_there(
    by_hand: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    url, batch, _ = by_hand
    tell(url, f"ALTER TABLE {_STATES} ADD CONSTRAINT never CHECK (batch_id <> {batch})")
    assert main(["analyse", url, "--as", "aquamind", "--workers", "1"]) == 1
    said = capsys.readouterr()
    assert f"failed      batch {batch}: ValueError" in said.err
    assert "violates check constraint" in said.err
    assert "1 analysed, 1 left out" in said.out
    assert len(ask(url, f"SELECT DISTINCT batch_id FROM {_STATES}")) == 1


def test_absurd_rows_are_told_and_stop_nothing(server: Any, aquamind_template: str) -> None:
    with grilse_postgres.database(server, template=aquamind_template) as url:
        with psycopg.connect(url, autocommit=True) as there:
            grilse_by_hand.absurd(there)
        report = analyse(url, application="aquamind", workers=1)
        assert not report.result.failures
        ((least, fish),) = ask(url, f"SELECT min(avg_weight_g), min(population) FROM {_STATES}")
        assert least >= 0
        assert fish >= 0
        numbers = ask(
            url,
            f"SELECT DISTINCT batch_number FROM {_STATES} JOIN batch_batch b ON b.id = batch_id",
        )
        assert ("PLAIN",) in numbers
        assert ("FAR-AHEAD",) not in numbers
        failed = {result.name for result in api.verify_application(url, "aquamind").failed}
        assert {"structure.values", "conservation.counts", "time.states", "time.as_of"} <= failed
        # A date mistyped by a century makes no days that are yet to come.
        ((ahead,),) = ask(url, f"SELECT count(*) FROM {_STATES} WHERE date > current_date + 1")
        assert ahead == 0


def test_an_application_without_batches_is_no_fault(server: Any, aquamind_template: str) -> None:
    with grilse_postgres.database(server, template=aquamind_template) as url:
        assert analyse(url, application="aquamind", workers=1).result.batches == 0
        verdict = api.verify_application(url, "aquamind")
        assert verdict.passed
        assert verdict.batches == 0


def test_our_own_schema_is_analysed_in_place(young_job: Any, database: str) -> None:
    load(young_job, api.loading.find_place(database), workers=1)
    said = "SELECT batch_id, tables FROM grilse.grilse_ledger ORDER BY segment, batch_id"
    before = ask(database, said)
    tell(database, "UPDATE grilse.analysis_daily_state SET avg_weight_g = 1",
         "DELETE FROM grilse.analysis_batch_week")  # fmt: skip
    report = analyse(database, workers=1)
    assert report.result.tables["analysis_daily_state"].rows == 240
    # The ledger holds fingerprints: the rows are the very same as those that the run made.
    assert ask(database, said) == before
    assert main(["verify", database, "--only", "structure", "--only", "analysis"]) == 0


def test_analysis_comes_to_a_schema_that_has_none(young_job: Any, database: str) -> None:
    tables = tuple(name for name in young_job.tables if not name.startswith("analysis_"))
    load(replace(young_job, tables=tables), api.loading.find_place(database), workers=1)
    report = analyse(database, workers=1)
    counted = ask(database, "SELECT count(*) FROM grilse.analysis_daily_state")
    assert counted == [(report.result.tables["analysis_daily_state"].rows,)] == [(240,)]
    assert main(["verify", database, "--only", "structure", "--only", "analysis"]) == 0
    assert analyse(database, workers=1).result.tables == report.result.tables


def test_a_schema_without_a_load_is_refused(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["analyse", database]) == 2
    assert "holds no load of Grilse's" in capsys.readouterr().err
