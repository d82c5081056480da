"""Commands of the pages that name a database are run against one: a story over all pages.

Each stands in the pages as a reader types it; only the address becomes the test's server's.
"""

from __future__ import annotations

import io
import re
import shlex
from pathlib import Path

import grilse_postgres
import psycopg
import pytest

import grilse_aquamind
from grilse.cli.main import main

DOCS = Path(__file__).parents[1] / "docs"
ADDRESS = re.compile(r"postgresql://me@localhost(:5432)?/(dev|aquamind)")

STORY = (
    ("fill-a-development-database", 0),
    ("fill-a-development-database", 1),
    ("another-applications-schema", 0),
    ("another-applications-schema", 1),
    ("farm-from-a-database", 0),
    ("farm-from-a-database", 1),
    ("farm-from-a-database", 2),
    ("the-applications-own-tables", 0),
    ("the-applications-own-tables", 1),
    ("the-applications-own-tables", 2),
    ("the-applications-own-tables", 3),
    ("another-applications-schema", 3),
    ("fresh-every-night", 0),
    ("fresh-every-night", 1),
    ("another-applications-schema", 2),
)
"""Which command of which page comes when: a load before what is asked of it, its removal last."""


def commands(page: str) -> list[str]:
    text = (DOCS / "how-to" / f"{page}.md").read_text("utf-8")
    return [line for line in re.findall(r"^    grilse (.*)$", text, re.M) if ADDRESS.search(line)]


def test_the_story_has_every_command_with_a_database() -> None:
    pages = sorted(path.stem for path in (DOCS / "how-to").glob("*.md"))
    assert sorted(STORY) == [(page, n) for page in pages for n in range(len(commands(page)))]


@pytest.fixture
def addresses(server, database, aquamind):
    """Where commands go, by the word after ``--as``; None for our own schema."""
    page = (DOCS / "how-to" / "another-applications-schema.md").read_text("utf-8")
    (tables,) = re.findall(r"```sql\n(.*?)```", page, re.S)
    (mapping,) = re.findall(r"```yaml\n(.*?)```", page, re.S)
    Path("pondbook.yaml").write_text(mapping, "utf-8")
    with psycopg.connect(aquamind, autocommit=True) as connection:
        connection.execute(
            "UPDATE auth_user SET username = 'anna' WHERE username = %s", [grilse_aquamind.USER]
        )
    with grilse_postgres.database(server) as pondbook:
        with psycopg.connect(pondbook, autocommit=True) as connection:
            connection.execute(tables)
        yield {None: database, "aquamind": aquamind, "pondbook.yaml": pondbook}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_commands_with_a_database_are_run_in_the_order_of_the_story(
    addresses, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    young = "plan --batches 1 --as-of 2025-12-25 --start-date 2025-06-01 --output schedule.yaml"
    assert main(young.split()) == 0
    for page, number in STORY:
        words = shlex.split(commands(page)[number], comments=True)
        application = words[words.index("--as") + 1] if "--as" in words else None
        words = [ADDRESS.sub(addresses[application], word) for word in words]
        if "plan" in words:
            words += ["--output", f"{page}-{number}.yaml"]
        monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
        code = main(words)
        said = capsys.readouterr()
        assert code == 0, f"{words}\n{said.out}{said.err}"
        assert "Traceback" not in said.out + said.err
