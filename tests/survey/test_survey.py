"""A farm, its models and who stands where, read from a real server's tables."""

from __future__ import annotations

from datetime import date

import psycopg
import pytest

from grilse import api
from grilse.api.surveying import standing_in, survey_beside
from grilse.biology.parameters import changed_parameters
from grilse.cli.main import main
from grilse.farm.builtin import reference_farm
from grilse.farm.fingerprint import farm_fingerprint
from grilse.farm.reading import read_farm
from grilse.ground.errors import DestinationError
from grilse.schedule.reading import read_schedule


@pytest.fixture
def tables(aquamind):
    """A connection to an AquaMind database, in autocommit."""
    with psycopg.connect(aquamind, autocommit=True) as connection:
        yield connection


@pytest.fixture
def surveyed(aquamind, tmp_path):
    """Survey the database anew: farm, parameters, and what was told."""

    def ask():
        found = survey_beside(aquamind, tmp_path / "plan.yaml", application="aquamind")
        with open(found.parameters, encoding="utf-8") as file:
            parameters = changed_parameters(file.read(), found.parameters)
        return read_farm(found.farm), parameters, "\n".join(found.told)

    return ask


def test_the_whole_infrastructure_is_found(surveyed):
    farm, _, _ = surveyed()
    assert {g.name: g.code for g in farm.geographies} == {
        "Scotland": "SCO", "Faroe Islands": "FAR"
    }  # fmt: skip
    known, usual = farm.by_path, reference_farm().by_path
    # The facts name one sea area less than the reference farm has.
    assert len(known) == len(usual) - 20
    assert set(known) < set(usual)
    for path, ref in known.items():
        assert ref.container.kind == usual[path].container.kind
        assert farm.places[path[:2]][1].stages == reference_farm().places[path[:2]][1].stages


def test_models_in_force_are_taken(surveyed):
    _, parameters, told = surveyed()
    assert parameters.number("growth.stage.adult.Faroe Islands.tgc_per_1000dd") == 2.45
    assert parameters.number("growth.stage.adult.Scotland.tgc_per_1000dd") == 2.35
    assert parameters.number("stages.fcr.adult") == 1.2
    # 0.03 is per cent a day: 0.9 % in thirty days.
    rate = parameters.number("mortality.stage.adult.Scotland.base_pct_per_month")
    assert rate == pytest.approx(0.896, abs=0.001)
    assert "model Faroe Islands Standard TGC: 0.00245" in told
    assert "temperature profile of Scotland: Scotland Sea Temperature tells 0 days" in told


def test_the_model_of_the_latest_scenario_is_in_force(tables, surveyed):
    stamp = "'2025-01-01', '2025-01-01'"
    tables.execute(
        "INSERT INTO scenario_tgcmodel (model_id, name, location, release_period, tgc_value, "
        "exponent_n, exponent_m, created_at, updated_at, profile_id) "
        f"VALUES (77, 'Winter smolt', 'Scotland', 'Winter', 3.1, 0.33, 0.66, {stamp}, 2)"
    )
    tables.execute(
        "INSERT INTO scenario (name, start_date, duration_days, initial_count, genotype, supplier, "
        "created_at, updated_at, fcr_model_id, mortality_model_id, tgc_model_id) "
        f"VALUES ('now', '2025-01-01', 900, 1, '', '', {stamp}, 1, 1, 77)"
    )
    _, parameters, told = surveyed()
    assert parameters.number("growth.stage.adult.Scotland.tgc_per_1000dd") == 3.1
    assert "model Winter smolt: 3.1" in told


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE scenario_tgcmodel SET tgc_value = 0.2", "TGC 0.2 of Scotland Standard TGC"),
        ("UPDATE scenario_fcrmodelstage SET fcr_value = 7", "FCR 7 of Standard Atlantic"),
        ("UPDATE scenario_mortalitymodel SET rate = 40", "mortality of 40 % a day"),
        (
            "UPDATE infrastructure_hall SET description = '', name = 'H' || id",
            "no stage is known of H",
        ),
        ("UPDATE infrastructure_feedcontainer SET active = FALSE", "no feed store at"),
        ("UPDATE infrastructure_sensor SET sensor_type = 'Turbidity'", "sensors of Turbidity"),
    ],
)
def test_what_is_absurd_or_missing_is_told(tables, surveyed, statement, said):
    tables.execute("UPDATE infrastructure_containertype SET name = 'Tank', description = ''")
    tables.execute(statement)
    _, parameters, told = surveyed()
    assert said in told
    assert parameters.number("growth.stage.adult.Scotland.tgc_per_1000dd") in (2.35, 2.66)
    assert parameters.number("stages.fcr.adult") in (1.2, 1.12)


def test_a_profile_becomes_the_months(tables, surveyed):
    tables.execute(
        "INSERT INTO scenario_temperaturereading (temperature, created_at, updated_at, profile_id, "
        "day_number) SELECT 10 - 4 * cos(2 * pi() * (d - 30) / 365), now(), now(), 2, d "
        "FROM generate_series(1, 365) d"
    )
    _, parameters, told = surveyed()
    months = parameters.numbers("water.sea.Scotland.monthly_mean_c")
    assert min(months) == pytest.approx(6.0, abs=0.2)
    assert months.index(max(months)) in (6, 7)
    assert "profile Scotland Sea Temperature" in told


def test_a_plan_runs_on_the_files_without_the_database(aquamind, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    asked = ["--farm", aquamind, "--as", "aquamind", "--batches", "1", "--stagger", "30"]
    dates = ["--start-date", "2025-01-01", "--as-of", "2025-03-01"]
    assert main(["plan", *asked, *dates]) == 0
    assert "schedule.farm.yaml" in capsys.readouterr().out
    own = ["--params", "schedule.params.yaml"]
    assert main(["run", "schedule.yaml", *own, "--to", "out", "--workers", "1"]) == 0
    assert main(["verify", "out", "--without", "realism"]) == 0
    validate = ["validate", "schedule.yaml", "--farm", aquamind, "--as", "aquamind"]
    assert main(validate) == 0


def test_a_schedule_is_held_against_a_database(tables, aquamind, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["plan", "--batches", "1", "--stagger", "30", "--as-of", "2025-03-01"]) == 0
    tables.execute("UPDATE infrastructure_container SET active = FALSE WHERE area_id IS NOT NULL")
    capsys.readouterr()
    assert main(["validate", "schedule.yaml", "--farm", aquamind, "--as", "aquamind"]) == 2
    assert "FI-SEA-01" in capsys.readouterr().out


def test_a_plan_goes_around_what_stands_in_the_database(tables, aquamind, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tables.execute(
        "INSERT INTO batch_batch (id, batch_number, status, start_date, notes, created_at, "
        "updated_at, lifecycle_stage_id, species_id, batch_type) "
        "VALUES (900, 'FAR-2025-004', 'ACTIVE', '2025-01-01', '', now(), now(), 1, 1, 'STANDARD')"
    )
    tables.execute(
        "INSERT INTO batch_batchcontainerassignment (population_count, biomass_kg, "
        "assignment_date, is_active, notes, created_at, updated_at, batch_id, container_id, "
        "lifecycle_stage_id) SELECT 1, 1, '2025-01-01', TRUE, '', now(), now(), 900, c.id, 1 "
        "FROM infrastructure_container c JOIN infrastructure_hall h ON h.id = c.hall_id "
        "WHERE h.name = 'FI-FW-01-Hall-A'"
    )
    dates = ["--start-date", "2025-01-15", "--as-of", "2025-03-01"]
    one = ["--batches", "1", "--stagger", "30", *dates]
    assert main(["plan", *one, "-o", "free.yaml"]) == 0
    assert main(["plan", *one, "--onto", aquamind, "--as", "aquamind", "-o", "around.yaml"]) == 0
    free, around = (read_schedule(f"{name}.yaml").batches[0] for name in ("free", "around"))
    assert free.stays[0].place == "FI-FW-01-Hall-A"
    assert around.stays[0].place != "FI-FW-01-Hall-A"
    assert around.batch_id == "FAR-2025-005"


def test_an_empty_database_holds_nothing(aquamind):
    standing, told = standing_in(aquamind, date(2025, 3, 1), application="aquamind")
    assert standing.holds == ()
    assert told == ("onto        0 batches of the database, in 0 stays",)


def test_our_own_tables_are_a_farm_too(database, tmp_path):
    answer = api.plan(batches=1, stagger=30, start="2025-01-01", as_of="2025-03-01")
    farm_tables = ["geography", "station", "hall", "area", "container", "feed_store", "stage"]
    more = ["sensor", "scenario_model", "temperature_profile", "assignment", "batch"]
    api.load(api.prepare(answer.schedule, tables=[*farm_tables, *more]), database, workers=1)
    found = survey_beside(database, tmp_path / "plan.yaml")
    assert farm_fingerprint(read_farm(found.farm)) == farm_fingerprint(reference_farm())
    standing, _ = standing_in(database, date(2025, 3, 1))
    assert set(standing.batch_ids) == {batch.batch_id for batch in answer.schedule.batches}


def test_a_database_without_the_tables_is_refused(database, tmp_path):
    with pytest.raises(DestinationError, match="no such schema"):
        survey_beside(database, tmp_path / "plan.yaml")
    with pytest.raises(DestinationError, match="aquamind's tables for its containers"):
        survey_beside(database, tmp_path / "plan.yaml", application="aquamind")
    assert not (tmp_path / "plan.farm.yaml").exists()


def test_options_that_do_not_go_together_are_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["plan", "--as", "aquamind"]) == 2
    assert main(["plan", "--onto", "nowhere.yaml"]) == 2
    secret = "postgresql://me:hunter2@localhost/farm"
    assert main(["plan", "--farm", secret, "--as", "aquamind"]) == 2
    assert "hunter2" not in "".join(capsys.readouterr())
