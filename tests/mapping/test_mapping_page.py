"""The page on other applications' schemas is true: its tables and its mapping are tried."""

import csv
import re
from pathlib import Path

import grilse_mapped
import psycopg
import pytest

import grilse_aquamind
from grilse import api
from grilse.api.growing_mapped import extend_mapped
from grilse.api.loading import load
from grilse.api.mapping import mapped_place, wipe
from grilse.dataset.views import connect
from grilse.ground.errors import BadInput
from grilse.mapping.reading import read_application

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
    named = {"container", "batch", "environmental_reading", "lice_count"}
    assert set(chosen.tables) == named | {"stage"}  # a word of the lice that is a table, too
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
    (grown,) = extend_mapped(url, file, "2021-06-04", workers=1)
    assert grown.is_adopted
    containers = len(ask(url, "SELECT DISTINCT pond FROM warmth WHERE day = '2021-05-31'"))
    assert ask(url, "SELECT count(*), count(DISTINCT (pond, day)) FROM warmth") == [
        (days + 3 * containers, distinct + 3 * containers)
    ]
    wipe(url, file)
    assert ask(url, "SELECT (SELECT count(*) FROM lot), (SELECT count(*) FROM pond)") == [(0, 0)]


def test_lice_are_reported_week_by_week(pondbook, tmp_path):
    url, file = pondbook
    job = grilse_mapped.job(1, "2022-12-01", start="2021-03-01")
    chosen, place = mapped_place(job, url, file, user="anna")
    load(chosen, place, workers=1)
    api.run(job, tmp_path / "rows", workers=1, logs=False)
    with connect(tmp_path / "rows") as rows:
        ours = rows.execute(
            """
            SELECT count(*), count(DISTINCT container_id), sum(lice_count / fish_counted)
            FROM lice_count
            WHERE species = 'LEPEOPHTHEIRUS_SALMONIS' AND sex = 'FEMALE' AND stage = 'ADULT'
            """
        ).fetchone()
    ((weeks, ponds, females),) = ask(
        url, "SELECT count(*), count(DISTINCT pond), sum(females)::float FROM lice_week"
    )
    assert (weeks, ponds) == ours[:2]
    assert weeks > 100
    assert females == pytest.approx(ours[2], abs=0.005 * weeks)
    assert ask(url, "SELECT count(*) FROM lice_week WHERE week % 100 NOT BETWEEN 1 AND 53") == [
        (0,)
    ]


def test_a_numeric_of_any_length_is_rounded_as_the_mapping_says(pondbook):
    url, file = pondbook
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER TABLE warmth ALTER COLUMN celsius TYPE numeric")
    chosen, place = mapped_place(grilse_mapped.job(1, "2021-03-01"), url, file, user="anna")
    load(chosen, place, workers=1)
    ((tenths, finer),) = ask(
        url,
        "SELECT count(*) FILTER (WHERE celsius <> round(celsius)), "
        "count(*) FILTER (WHERE celsius <> round(celsius, 1)) FROM warmth",
    )
    assert tenths > 100
    assert finer == 0


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


# ---- the page on AquaMind ------------------------------------------------------------------------

AQUAMIND = (ROOT / "docs" / "reference" / "aquamind.md").read_text("utf-8")


def tables_of(title):
    """The names in the first column of a section's table."""
    lines = AQUAMIND.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0].splitlines()
    first = [line.split("|")[1] for line in lines if line.startswith("| `")]
    return set(re.findall(r"`([a-z_]+)`", " ".join(first)))


@pytest.mark.skipif(not grilse_aquamind.are_there(), reason="the facts of AquaMind are not there")
def test_every_table_that_is_left_as_it_is_is_on_the_page():
    application = read_application("aquamind")
    parts = (*application.masters, *application.tables)
    written = {part.table for part in application.masters}
    written |= {table.name for table in application.tables}
    written |= {part.history.table for part in parts if part.history}
    with (grilse_aquamind.FACTS / "columns.csv").open(newline="") as file:
        there = {row["table_name"] for row in csv.DictReader(file)}
    assert there - written == tables_of("Tables that are left as they are")


def test_the_page_tells_which_tables_change_as_a_load_lives_on():
    states = {table.name for table in read_application("aquamind").tables if table.event is None}
    assert states == tables_of("Living on")
