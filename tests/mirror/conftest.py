import sys
from datetime import date
from pathlib import Path

import pytest

# Rows by hand and loads into an application's tables are shared by the tests of this room.
sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "mapping")]

AS_OF = date(2024, 6, 1)
_LAND = ("egg_alevin", "fry", "parr", "smolt", "post_smolt")


def _life(number, age):
    """Plan a batch of that age in two tanks a stage and three rings, far too few for a farm."""
    from grilse.ground.days import day_of
    from grilse.schedule.model import BatchPlan, Stay

    station, area = f"FI-FW-{number:02d}", f"FI-SEA-{number:02d}"
    stays = [
        Stay(stage, hall, tuple((hall, f"{station}-{letter}-C{n:02d}") for n in (1, 2)),
             90 * place, 90 * (place + 1))
        for place, (stage, letter) in enumerate(zip(_LAND, "ABCDE", strict=True))
        for hall in (f"{station}-Hall-{letter}",)
    ]  # fmt: skip
    rings = tuple((area, f"{area}-Ring-{n:02d}") for n in (1, 2, 3))
    stays.append(Stay("adult", area, rings, 450, 890))
    return BatchPlan(f"FAR-{number:03d}", number, day_of(AS_OF) - age, 30_000, age,
                     "Faroe Islands", station, 5.0, tuple(stays))  # fmt: skip


def _job(*lives):
    from grilse import api
    from grilse.api.writing import Writing
    from grilse.ground.days import day_of
    from grilse.schedule.model import Schedule

    schedule = Schedule({"seed": 7, "as_of": AS_OF}, lives, day_of(AS_OF), 7)
    return api.prepare(schedule, writing=Writing(readings_per_day=1, sample_every_days=28))


@pytest.fixture(scope="session")
def young_job():
    """What makes the history of one young life."""
    return _job(_life(1, 120))


@pytest.fixture(scope="session")
def whole_lives(server, aquamind_template):
    """The name of an AquaMind database with a whole life and a young one."""
    import grilse_mapped
    import psycopg

    job = _job(_life(1, 1000), _life(2, 250))
    name = "mirror_whole_lives"
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {aquamind_template}")
    assert grilse_mapped.bring(server.url(name), job).finished.is_complete
    with psycopg.connect(server.url(name), autocommit=True) as connection:
        # Stores and rings of the facts are smaller than those of the farm that the plan is for.
        connection.execute("UPDATE infrastructure_feedcontainer SET capacity_kg = 9000000")
        connection.execute("UPDATE infrastructure_container SET max_biomass_kg = 9000000")
    return name


@pytest.fixture
def lived(server, whole_lives):
    """The URL of an AquaMind database of the test's own, with the two lives in it."""
    import grilse_postgres

    with grilse_postgres.database(server, template=whole_lives) as url:
        yield url
