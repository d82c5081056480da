"""AquaMind's own tables put to our checks: whole lives pass, and what is planted there is found."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from grilse.api.mirroring import verify_application
from grilse.cli.main import main
from grilse.verify.dataset import Options

Plant = Callable[[Any], object]
DEFECTS: dict[str, tuple[str, str, Plant]] = {}
"""Each defect in words: the check that must find it, what it must say, and how it is planted."""

_RINGS = (
    "SELECT a.id FROM batch_batchcontainerassignment a "
    "JOIN batch_lifecyclestage s ON s.id = lifecycle_stage_id WHERE s.name = 'Adult'"
)
_EGGS = _RINGS.replace("Adult", "Egg&Alevin")
_STATES = "batch_actualdailyassignmentstate"


def defect(words: str, check: str, said: str) -> Callable[[Plant], Plant]:
    def add(plant: Plant) -> Plant:
        DEFECTS[words] = (check, said, plant)
        return plant

    return add


@defect("a ring gets no transfer action", "transfers.shares", "no fish came into it")
def _(there: Any) -> None:
    there.execute(
        f"DELETE FROM batch_transferaction WHERE dest_assignment_id = ({_RINGS} ORDER BY 1 LIMIT 1)"
    )


@defect("half the fish are booked as transfer deaths", "transfers.losses", "died of it")
def _(there: Any) -> None:
    there.execute(
        "UPDATE batch_batchtransferworkflow SET total_mortality_count = total_source_count / 2, "
        "total_transferred_count = total_source_count - total_source_count / 2 "
        "WHERE id = (SELECT min(id) FROM batch_batchtransferworkflow)"
    )


@defect("eggs grow to 20 g, day by day", "fish.eggs", "20.0 g on")
def _(there: Any) -> None:
    there.execute(
        f"UPDATE {_STATES} SET avg_weight_g = 20 WHERE id = "
        f"(SELECT max(id) FROM {_STATES} WHERE assignment_id IN ({_EGGS}))"
    )


@defect("eggs grow to 20 g, at last", "application.yolk", "20.0 g")
def _(there: Any) -> None:
    there.execute(
        "UPDATE batch_batchcontainerassignment SET avg_weight_g = 20, biomass_kg = "
        f"population_count * 0.02 WHERE id = ({_EGGS} ORDER BY 1 LIMIT 1)"
    )


@defect("daily population rises at a stage change", "conservation.never_rises", "the day before")
def _(there: Any) -> None:
    there.execute(
        f"UPDATE {_STATES} SET population = 2 * population WHERE lifecycle_stage_id = 3 "
        f"AND date = (SELECT min(date) FROM {_STATES} WHERE lifecycle_stage_id = 3)"
    )


@defect("rings hold more than they are built for", "occupancy.limits", "it is built for 500.0 t")
def _(there: Any) -> None:
    there.execute(
        "UPDATE infrastructure_container SET max_biomass_kg = 500000 WHERE area_id IS NOT NULL"
    )
    there.execute(
        f"UPDATE {_STATES} SET biomass_kg = 577000 WHERE id = "
        f"(SELECT max(id) FROM {_STATES} WHERE assignment_id IN ({_RINGS}))"
    )


@defect("feed is eaten years before it comes", "feed.early", "came on 20")
def _(there: Any) -> None:
    there.execute(
        "UPDATE inventory_feedcontainerstock SET entry_date = entry_date + interval '9 years' "
        "WHERE feed_container_id = "
        "(SELECT min(feed_container_id) FROM inventory_feedcontainerstock)"
    )


@defect("feed costs nothing", "application.costs", "kg for 0.00 EUR")
def _(there: Any) -> None:
    there.execute(
        "UPDATE inventory_feedingevent SET feed_cost = 0 "
        "WHERE id = (SELECT min(id) FROM inventory_feedingevent)"
    )


@defect("feed is bought at no price", "feed.priced", "kg at 0.0")
def _(there: Any) -> None:
    there.execute(
        "UPDATE inventory_feedpurchase SET cost_per_kg = 0 "
        "WHERE id = (SELECT max(id) FROM inventory_feedpurchase)"
    )


@defect("what is left of feed is not what was not eaten", "feed.bought", "kg are there")
def _(there: Any) -> None:
    there.execute(
        "UPDATE inventory_feedcontainerstock SET quantity_kg = quantity_kg + 77 "
        "WHERE id = (SELECT max(id) FROM inventory_feedcontainerstock)"
    )


@defect("silos go over capacity", "feed.capacity", "it holds 200.0 kg")
def _(there: Any) -> None:
    there.execute("UPDATE infrastructure_feedcontainer SET capacity_kg = 200")


@defect("growth stands while feeding goes on", "application.growth", "300.0 g on")
def _(there: Any) -> None:
    there.execute("UPDATE batch_growthsample SET avg_weight_g = 300 WHERE avg_weight_g > 300")


@defect("growth stands while feeding goes on, day by day", "fish.feed", "kg fed to")
def _(there: Any) -> None:
    there.execute(f"UPDATE {_STATES} SET avg_weight_g = 700 WHERE avg_weight_g > 700")


@defect("fish of 245 cm", "fish.condition", "at 245.0 cm")
def _(there: Any) -> None:
    there.execute(
        "UPDATE batch_individualgrowthobservation SET length_cm = 245 "
        "WHERE id = (SELECT max(id) FROM batch_individualgrowthobservation)"
    )


@defect("temperature never follows the season", "water.season", "degC in Aug and Sep")
def _(there: Any) -> None:
    there.execute(
        "UPDATE environmental_environmentalreading SET value = 8 WHERE parameter_id = "
        "(SELECT id FROM environmental_environmentalparameter WHERE name = 'Temperature')"
    )


@defect(
    "half the rows of a failed batch are left behind", "application.whole", "the last that rows"
)
def _(there: Any) -> None:
    middle = "(SELECT start_date + 120 FROM batch_batch ORDER BY id DESC LIMIT 1)"
    mine = "batch_id = (SELECT max(id) FROM batch_batch)"
    for table, day in (
        ("batch_mortalityevent", "event_date"),
        ("inventory_feedingevent", "feeding_date"),
        ("environmental_environmentalreading", "reading_time"),
    ):
        there.execute(f"DELETE FROM {table} WHERE {mine} AND {day} > {middle}")


@defect("a reading has no stay", "structure.values", "assignment_id is missing")
def _(there: Any) -> None:
    there.execute(
        "UPDATE environmental_environmentalreading SET batch_container_assignment_id = NULL "
        "WHERE id = (SELECT max(id) FROM environmental_environmentalreading)"
    )


@defect("two batches hold a container at once", "occupancy.single", "is held from")
def _(there: Any) -> None:
    there.execute(
        "UPDATE batch_batchcontainerassignment SET container_id = (SELECT container_id FROM "
        "batch_batchcontainerassignment ORDER BY id LIMIT 1) WHERE id = "
        "(SELECT id FROM batch_batchcontainerassignment ORDER BY id OFFSET 1 LIMIT 1)"
    )


@defect("more fish die than there were", "conservation.assignment", "fish at first")
def _(there: Any) -> None:
    there.execute(
        "UPDATE batch_mortalityevent SET count = count + 9000000 "
        "WHERE id = (SELECT max(id) FROM batch_mortalityevent)"
    )


def test_whole_lives_pass(server: Any, whole_lives: str) -> None:
    verdict = verify_application(server.url(whole_lives), "aquamind")
    assert verdict.passed, [result.name for result in verdict.failed]
    found = {result.name: result for result in verdict.results}
    assert verdict.batches == 2
    for check, _, _ in DEFECTS.values():
        assert found[check].tally.rows, check
        assert not found[check].tally.faults, check
    assert found["schedule.batches"].tally.reason == "no schedule stands behind it"
    assert sum(result.verdict == "pass" for result in verdict.results) > 40
    figures = {f.name for result in verdict.results for f in result.tally.figures}
    assert {"sea_loss", "cycle_tgc", "sea_efcr", "female_lice", "sea_oxygen_lowest"} <= figures


def test_known_defects_are_found_in_its_own_tables(lived: str) -> None:
    with psycopg.connect(lived, autocommit=True) as there:
        for _, _, plant in DEFECTS.values():
            plant(there)
    names = [check for check, _, _ in DEFECTS.values()]
    verdict = verify_application(lived, "aquamind", Options(only=names))
    found = {result.name: result for result in verdict.results}
    missed = {
        words: result.tally.examples
        for words, (check, said, _) in DEFECTS.items()
        for result in (found[check],)
        if not any(said in example.what for example in result.tally.examples)
    }
    assert missed == {}
    verdicts = {found[check].verdict for check in names if check != "occupancy.limits"}
    assert verdicts == {"fail"}


def test_the_verb_tells_and_ends_with_1(lived: str, capsys: pytest.CaptureFixture[str]) -> None:
    with psycopg.connect(lived, autocommit=True) as there:
        there.execute("DELETE FROM batch_creationaction")
    words = ["verify", lived, "--as", "aquamind", "--only", "conservation", "--only", "schedule"]
    assert main([*words, "--format", "json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["dataset"].endswith("(schema public) as aquamind")
    skipped = {each["name"]: each["reason"] for each in told["checks"] if each["verdict"] == "skip"}
    assert skipped["schedule.batches"] == "no schedule stands behind it"
    assert main(words) == 1
    said = capsys.readouterr().out
    assert "FAIL  conservation.entries" in said
    assert "no schedule stands behind it: 9 checks" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["postgresql://127.0.0.1:1/x", "--as", "aquamind"], "no connection"),
        (["postgresql://127.0.0.1:1/x", "--as", "aquamin"], "V-UNKNOWN"),
        (["somewhere", "--as", "aquamind"], "V-PLACE"),
        (["postgresql://127.0.0.1:1/x", "--as", "aquamind", "--as-of", "soon"], "R-DATE"),
        (["postgresql://127.0.0.1:1/x", "--as", "aquamind", "--only", "nothing"], "V-CHECK"),
        (["postgresql://127.0.0.1:1/x", "--as", "aquamind", "--farm", "reference"], "--farm"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", *words]) == 2
    message = capsys.readouterr().err
    assert said in message
    assert "Traceback" not in message
