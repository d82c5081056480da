"""The page on other applications' schemas is true: its tables and its mapping are tried."""

import re
from pathlib import Path

import grilse_mapped
import psycopg
import pytest

from grilse.api.loading import load
from grilse.api.mapping import mapped_place, wipe
from grilse.ground.errors import BadInput

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "how-to" / "another-applications-schema.md"


def block(language):
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    return found


@pytest.fixture
def pondbook(database, tmp_path):
    """The URL of the page's database, and the file of its mapping."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(block("sql"))
    path = tmp_path / "pondbook.yaml"
    path.write_text(block("yaml"), encoding="utf-8")
    return database, str(path)


def ask(url, question):
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(question).fetchall()


def test_the_mapping_of_the_page_fills_its_tables(pondbook):
    url, file = pondbook
    job = grilse_mapped.job(1, "2021-06-01")
    chosen, place = mapped_place(job, url, file, user="anna")
    report = load(chosen, place, workers=1)
    assert report.finished.is_complete
    assert chosen.tables == ("container", "batch", "environmental_reading")
    lots = ask(url, "SELECT code, fish, made_by FROM lot ORDER BY code")
    assert [code for code, _, _ in lots] == ["FAR-2021-001", "SCO-2021-001"]
    assert {made for *_, made in lots} == {1}
    assert ask(url, "SELECT title FROM pond ORDER BY id LIMIT 1") == [("Tray FI-FW-01-A-C01",)]
    ((days, distinct, least, most),) = ask(
        url,
        "SELECT count(*), count(DISTINCT (pond, day)), min(celsius), max(celsius) FROM warmth",
    )
    assert days == distinct > 500
    assert 3 < least < most < 15
    again = load(chosen, place, workers=1)
    assert again.result.rows == 0
    wipe(url, file)
    assert ask(url, "SELECT (SELECT count(*) FROM lot), (SELECT count(*) FROM pond)") == [(0, 0)]


def test_what_its_database_lacks_is_told(pondbook):
    url, file = pondbook
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER TABLE warmth RENAME COLUMN celsius TO kelvin")
    chosen, place = mapped_place(grilse_mapped.job(1, "2021-06-01"), url, file, user="anna")
    with pytest.raises(BadInput) as caught:
        load(chosen, place, workers=1)
    said = str(caught.value)
    assert "warmth has no column celsius" in said
    assert "warmth.kelvin must be given" in said


def test_expressions_that_are_no_sql_are_all_told_before_a_row_is_written(pondbook):
    url, file = pondbook
    path = Path(file)
    text = path.read_text("utf-8")
    path.write_text(
        text.replace("= population_count", "= populaton_count").replace("avg(value)", "avg(valu)"),
        encoding="utf-8",
    )
    chosen, place = mapped_place(grilse_mapped.job(1, "2021-06-01"), url, file, user="anna")
    with pytest.raises(BadInput) as caught:
        load(chosen, place, workers=1)
    assert [problem.code for problem in caught.value.problems] == ["M-SQL", "M-SQL"]
    assert all(problem.line for problem in caught.value.problems)
    assert ask(url, "SELECT count(*) FROM lot") == [(0,)]
    assert ask(url, "SELECT 1 FROM pg_namespace WHERE nspname = 'grilse_mapped'") == []
