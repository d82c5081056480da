"""What lives on in AquaMind's tables is what a single run to the last date would have brought."""

import json
from collections import Counter
from dataclasses import replace
from types import SimpleNamespace

import grilse_mapped
import grilse_postgres
import psycopg
import pyarrow.parquet as pq
import pytest

import grilse_aquamind
from grilse import api
from grilse.api import growing_mapped
from grilse.api.growing_mapped import MappedExtension, extend_mapped
from grilse.api.mapping import wipe, wipe_count
from grilse.api.writing import Writing
from grilse.cli.main import main
from grilse.ground.errors import BadInput, DestinationError
from grilse.mapping import growth as growth_module
from grilse.mapping.reading import read_application
from grilse.mapping.rows import asked_of_states
from grilse.run.task import Patience

FIRST, DATES = "2024-03-20", ("2024-04-19", "2024-05-19", "2024-06-18")
TABLES = read_application("aquamind").tables


def ask(url, question, *values):
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(question, values)
        return cursor.fetchall() if cursor.description else None


def dumped(url, query):
    """The rows of a query as text."""
    with (
        psycopg.connect(url) as connection,
        connection.cursor() as cursor,
        cursor.copy(f"COPY ({query}) TO STDOUT") as copy,
    ):
        return b"".join(copy).splitlines()


def ranges(url):
    """Table, key, and the load's range of keys there, by the key's name."""
    return [
        tuple(found)
        for (text,) in ask(url, "SELECT ranges FROM grilse_mapped.load ORDER BY load_id")
        for found in json.loads(text).values()
    ]


def content(url):
    """Every row of the load's, by table."""
    return {
        table: dumped(
            url,
            f'SELECT * FROM "{table}" WHERE "{key}" > {offset} AND "{key}" <= {last} '
            f'ORDER BY "{key}"',
        )
        for table, key, offset, last in ranges(url)
    }


def foreign(url):
    """Every row that is not the load's, of the tables that it has rows in."""
    return {
        table: dumped(
            url,
            f'SELECT * FROM "{table}" WHERE "{key}" <= {offset} OR "{key}" > {last} '
            f'ORDER BY "{key}"',
        )
        for table, key, offset, last in ranges(url)
    }


def assert_same(there, wanted):
    assert there.keys() == wanted.keys()
    for name, rows in wanted.items():
        unlike = set(there[name]) ^ set(rows)
        assert not unlike, (name, sorted(unlike)[:4])
        assert there[name] == rows


def extended(url, when, **options):
    (report,) = extend_mapped(url, "aquamind", when, workers=1, **options)
    return report


OTHERS = (
    "INSERT INTO batch_batch (batch_number, status, start_date, notes, created_at, updated_at, "
    "lifecycle_stage_id, species_id, batch_type) "
    "VALUES ('OTHER', 'ACTIVE', '2024-01-01', '', now(), now(), 1, 1, 'STANDARD')",
    "INSERT INTO batch_batchcontainerassignment (population_count, biomass_kg, assignment_date, "
    "is_active, notes, created_at, updated_at, batch_id, container_id, lifecycle_stage_id) "
    "SELECT 5, 1, '2024-01-01', true, '', now(), now(), b.id, c.id, 1 "
    "FROM batch_batch b, infrastructure_container c "
    "WHERE b.batch_number = 'OTHER' AND c.name = 'FI-FW-12-E-C10'",
    "INSERT INTO inventory_feedpurchase (purchase_date, quantity_kg, cost_per_kg, supplier, "
    "batch_number, notes, created_at, updated_at, feed_id) "
    "SELECT '2024-01-01', 7, 1, '', '', '', now(), now(), min(id) FROM inventory_feed",
    "INSERT INTO inventory_feedcontainerstock (quantity_kg, entry_date, created_at, updated_at, "
    "feed_container_id, feed_purchase_id) SELECT 7, now(), now(), now(), "
    "(SELECT min(id) FROM infrastructure_feedcontainer), max(id) FROM inventory_feedpurchase",
    "INSERT INTO batch_historicalbatch (id, batch_number, status, batch_type, start_date, notes, "
    "created_at, updated_at, history_date, history_type) SELECT min(id), 'x', 'x', 'x', now(), "
    "'', now(), now(), now(), '~' FROM batch_batch",
)
"""Rows of the application's own, some beside ours and one that is a version of one of ours."""


# ---- lives taken on by thirty days, three times --------------------------------------------------


@pytest.fixture(scope="module")
def schedule():
    """Between the dates one is harvested, one moves, one starts; one was over long before."""
    planned = api.plan(batches=6, stagger=98, start="2021-06-02", as_of=DATES[-1]).schedule
    by_start = sorted(planned.batches, key=lambda batch: batch.start)
    return replace(planned, batches=tuple(by_start[index] for index in (0, 2, 10, 11)))


def job_at(schedule, as_of):
    """Readings, by far the most rows, are left to the young batches below."""
    return api.prepare(
        schedule, as_of=as_of, skip=["environmental_reading"], writing=Writing(sample_every_days=28)
    )


@pytest.fixture(scope="module")
def whole(schedule, server, aquamind_template):
    """What a single run to the last date brings."""
    with grilse_postgres.database(server, template=aquamind_template) as url:
        grilse_mapped.bring(url, job_at(schedule, DATES[-1]), drop_keys=True)
        yield content(url)


@pytest.fixture(scope="module")
def lived(schedule, server, aquamind_template, tmp_path_factory):
    """A database with versions, and rows of the application's own, taken on three times."""
    with grilse_postgres.database(server, template=aquamind_template) as url:
        with psycopg.connect(url) as connection:
            empty = grilse_aquamind.counts(connection)
        grilse_mapped.bring(url, job_at(schedule, FIRST), with_history=True, drop_keys=True)
        with psycopg.connect(url, autocommit=True) as connection:
            for statement in OTHERS:
                connection.execute(statement)
        told = tmp_path_factory.mktemp("changes")
        steps, theirs, versions = [content(url)], foreign(url), first_versions(url)
        for index, when in enumerate(DATES):
            report = extended(url, when, changes=None if index else told)
            assert (report.is_adopted, report.as_of) == (True, when)
            steps.append(content(url))
        yield SimpleNamespace(url=url, empty=empty, steps=steps, foreign=theirs, told=told,
                              versions=versions, report=report)  # fmt: skip


def first_versions(url):
    return {
        table.name: dumped(
            url,
            f"SELECT * FROM {table.history.table} WHERE history_type = '+' ORDER BY history_id",
        )
        for table in TABLES if table.history
    }  # fmt: skip


def test_three_times_thirty_days_are_one_run_to_the_last_date(lived, whole):
    assert_same(lived.steps[-1], whole)
    grown = {name for name, rows in whole.items() if len(rows) > len(lived.steps[0][name])}
    assert grown >= {
        "harvest_harvestevent", "batch_creationaction", "inventory_feedpurchase",
        "batch_batchcontainerassignment", "health_licecount", "batch_transferaction",
    }  # fmt: skip


def test_what_happened_before_is_not_touched(lived):
    for early, late in zip(lived.steps, lived.steps[1:], strict=False):
        for table in TABLES:
            if table.event is not None:
                assert set(early[table.name]) <= set(late[table.name]), table.name
    changed = set(lived.steps[0]["batch_batch"]) - set(lived.steps[-1]["batch_batch"])
    assert len(changed) == 3, "the batch that was over is as it was; the others live on"


def test_rows_of_the_applications_own_are_not_touched(lived):
    assert_same(foreign(lived.url), lived.foreign)
    assert lived.foreign["batch_batch"]


def test_the_same_run_finds_all_there(lived, schedule):
    again = grilse_mapped.bring(lived.url, job_at(schedule, DATES[-1]), with_history=True)
    assert again.result.rows == 0
    assert again.finished.totals == lived.report.totals
    assert extended(lived.url, DATES[-1]).result is None
    with pytest.raises(BadInput, match=f"R-EXTEND.*load 1 is at {DATES[-1]}"):
        extended(lived.url, FIRST)


def test_a_change_is_one_more_version_and_the_first_is_kept(lived):
    for table, rows in first_versions(lived.url).items():
        assert set(lived.versions[table]) <= set(rows), table
    for name, key in (
        ("batch_batch", "id"), ("batch_batchcontainerassignment", "id"),
        ("inventory_feedcontainerstock", "id"), ("inventory_feedingevent", "id"),
        ("finance_core_costcenter", "cost_center_id"),
    ):  # fmt: skip
        (history,) = (t.history.table for t in TABLES if t.name == name)
        ((offset, last),) = ((o, n) for t, k, o, n in ranges(lived.url) if t == name)
        kept = [row[0] for row in ask(
            lived.url,
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s "
            "AND column_name NOT LIKE 'history%%' INTERSECT SELECT column_name "
            "FROM information_schema.columns WHERE table_name = %s", history, name,
        )]  # fmt: skip
        listed = ", ".join(f'"{column}"' for column in sorted(kept))
        now = dumped(
            lived.url,
            f"SELECT {listed} FROM {name} WHERE {key} > {offset} AND {key} <= {last} "
            f"ORDER BY {key}",
        )
        latest = dumped(
            lived.url,
            f"SELECT {listed} FROM (SELECT DISTINCT ON ({key}) * FROM {history} "
            f"WHERE {key} > {offset} AND {key} <= {last} "
            f"AND history_user_id IS NOT NULL ORDER BY {key}, history_id DESC) h ORDER BY {key}",
        )
        assert latest == now, name
    dates = ask(
        lived.url,
        "SELECT DISTINCT history_date::date::text FROM batch_historicalbatchcontainerassignment "
        "WHERE history_type = '~' ORDER BY 1",
    )
    assert [day for (day,) in dates] == list(DATES)


def test_what_an_extension_changes_is_told(lived):
    told = json.loads((lived.told / "changes.json").read_text())
    assert (told["since"], told["as_of"]) == (FIRST, DATES[0])
    before, after = lived.steps[:2]
    for table in TABLES:
        name = table.name
        old, new = (dict(keyed(rows[name], lived.url, name)) for rows in (before, after))
        wanted = {"added": len(new.keys() - old.keys())}
        changed = [key for key in old if old[key] != new[key]]
        wanted |= {"before": len(changed), "after": len(changed)}
        counted = {kind: count for kind, count in wanted.items() if count}
        assert told["tables"].get(name, {}) == counted, name
        for kind, count in counted.items():
            rows = pq.read_table(lived.told / name / f"{kind}.parquet")
            assert rows.num_rows == count
            assert rows.schema.names == [field.name for field in table.fields]
    stays = pq.read_table(lived.told / "batch_batchcontainerassignment" / "after.parquet")
    there = ask(lived.url, "SELECT min(id), max(id) FROM batch_batchcontainerassignment")
    assert there[0][0] <= min(stays["id"].to_pylist()) <= max(stays["id"].to_pylist())


def keyed(rows, url, name):
    """Yield the key and the text of rows that begin with their key."""
    for row in rows:
        yield row.split(b"\t", 1)[0], row


def test_wiped_all_is_gone_that_was_brought_and_nothing_else(lived):
    """Last of those that ask this database."""
    told = wipe_count(lived.url, "aquamind")
    gone = wipe(lived.url, "aquamind")
    assert dict(gone.rows) == dict(told.rows)
    with psycopg.connect(lived.url) as connection:
        left = Counter(grilse_aquamind.counts(connection))
    left.subtract(lived.empty)
    assert {name: count for name, count in left.items() if count} == {
        "batch_batch": 1, "batch_batchcontainerassignment": 1, "batch_historicalbatch": 1,
        "inventory_feedcontainerstock": 1, "inventory_feedpurchase": 1,
    }  # fmt: skip


# ---- a young batch, with its readings: what goes wrong -------------------------------------------

YOUNG, OLDER = "2021-05-01", "2021-05-04"


def young_job(as_of):
    """A batch whose eggs have come, and one whose eggs are to come."""
    return grilse_mapped.job(1, as_of, start="2021-04-20")


@pytest.fixture(scope="module")
def young(server, aquamind_template):
    """A database at the earlier date, for what leaves it as it was; and its rows."""
    with grilse_postgres.database(server, template=aquamind_template) as url:
        grilse_mapped.bring(url, young_job(YOUNG))
        yield SimpleNamespace(url=url, before=content(url))


@pytest.fixture
def place(server, young):
    """A copy of it."""
    with grilse_postgres.database(server, template=young.url.rpartition("/")[2]) as url:
        yield url


def test_where_a_batch_fails_the_load_stays_what_it_was(young, monkeypatch, tmp_path):
    made = growing_mapped.make_analysed

    def failing(extension, plan):
        if getattr(plan, "number", None) == 2:
            raise ZeroDivisionError
        yield from made(extension, plan)

    monkeypatch.setattr(growing_mapped, "make_analysed", failing)
    report = extended(young.url, OLDER, patience=Patience(retries=0), changes=tmp_path / "changes")
    assert (report.is_adopted, len(report.result.failures)) == (False, 1)
    assert report.as_of == YOUNG
    assert not (tmp_path / "changes").exists()
    assert_same(content(young.url), young.before)


def test_a_connection_that_is_cut_leaves_the_load_as_it_was(young, monkeypatch):
    remove = growth_module.Replacing.remove

    def cut(self):
        ask(young.url, "SELECT pg_terminate_backend(%s, 5000)", self.connection.info.backend_pid)
        return remove(self)

    monkeypatch.setattr(growth_module.Replacing, "remove", cut)
    told = "extending failed: .*The connection was lost. The load is what it was; the same command"
    with pytest.raises(DestinationError, match=told):
        extended(young.url, OLDER)
    assert_same(content(young.url), young.before)


def test_all_that_stands_in_the_way_is_told_and_nothing_written(young):
    later = young_job("2022-03-01").schedule.batches[0]
    _, container = later.stays[2].containers[3]
    ask(young.url, OTHERS[0])
    ask(young.url, OTHERS[1].replace("FI-FW-12-E-C10", container).replace("2024", "2021"))
    ask(young.url, "UPDATE auth_user SET is_active = false")
    with pytest.raises(BadInput) as caught:
        extended(young.url, "2022-03-01")
    assert {problem.code for problem in caught.value.problems} == {"M-USER", "M-HELD"}
    assert f"{container} is held by batch OTHER" in str(caught.value)
    assert_same(content(young.url), young.before)
    ask(young.url, "UPDATE auth_user SET is_active = true")
    ask(young.url, "DELETE FROM batch_batchcontainerassignment WHERE population_count = 5")


def test_a_role_that_may_not_change_rows_is_told_where(young):
    role = f"adder_{young.url.rpartition('_')[2]}"
    for statement in (
        f"CREATE ROLE {role} LOGIN",
        f"GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO {role}",
        f"GRANT USAGE ON SCHEMA grilse_mapped TO {role}",
        f"GRANT ALL ON ALL TABLES IN SCHEMA grilse_mapped TO {role}",
    ):
        ask(young.url, statement)
    try:
        with pytest.raises(BadInput, match=r"M-PRIVILEGE.*batch_actualdailyassignmentstate"):
            extended(young.url.replace("postgres@", f"{role}@"), OLDER)
    finally:
        ask(young.url, f"DROP OWNED BY {role}")
        ask(young.url, f"DROP ROLE {role}")


def test_state_rows_that_are_lost_come_back_and_those_that_are_no_longer_go(
    place, server, aquamind_template
):
    """And readings, which are not of the batches above, are those of one run."""
    days = "batch_actualdailyassignmentstate"
    ask(place, f"DELETE FROM {days} WHERE id = (SELECT min(id) FROM {days})")
    ask(
        place,
        f"CREATE TEMP TABLE one AS SELECT * FROM {days} ORDER BY id DESC LIMIT 1; "
        f"UPDATE one SET id = id + 1000, date = date + 1000; INSERT INTO {days} SELECT * FROM one",
    )
    extended(place, OLDER)
    with grilse_postgres.database(server, template=aquamind_template) as url:
        grilse_mapped.bring(url, young_job(OLDER))
        assert_same(content(place), content(url))


def second_job():
    """Another plan, whose one batch will want rings of the first load's, a year later."""
    planned = api.plan(batches=2, start="2021-02-19", as_of=YOUNG).schedule
    batch = planned.batches[2]
    taken = young_job(YOUNG).schedule.batches[0].stays[-1]
    last = replace(batch.stays[-1], place=taken.place, containers=taken.containers)
    stays = (*batch.stays[:-1], last)
    return api.prepare(replace(planned, batches=(replace(batch, stays=stays),)))


def test_several_loads_live_on_together_by_the_command_line(place, capsys, tmp_path):
    grilse_mapped.bring(place, second_job())
    days = "batch_actualdailyassignmentstate"
    ask(
        place,
        f"CREATE TEMP TABLE one AS SELECT * FROM {days} ORDER BY id LIMIT 1; "
        "UPDATE one SET id = nextval(pg_get_serial_sequence('" + days + "', 'id')), "
        f"date = '{YOUNG}', population = 7; INSERT INTO {days} SELECT * FROM one",
    )
    command = ["extend", place, "--as", "aquamind", "--workers", "1"]
    assert main([*command, "--as-of", "2022-08-01"]) == 2
    said = capsys.readouterr().err
    assert "M-HELD" in said
    assert "containers of FI-SEA-01 are held by batch FAR-2021-002" in said
    assert "containers of FI-SEA-01 are held by batch FAR-2021-001" in said
    changes = ["--changes", str(tmp_path)]
    assert main([*command, *changes, "--as-of", OLDER]) == 0
    said = capsys.readouterr().out
    assert f"as aquamind, load 1 at {OLDER}, " in said
    assert f"as aquamind, load 2 at {OLDER}, " in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["load-1", "load-2"]
    found = ask(
        place,
        "SELECT DISTINCT d FROM (SELECT max(date)::text AS d "
        "FROM batch_actualdailyassignmentstate GROUP BY batch_id) m",
    )
    assert found == [("2021-05-03",)]
    told = ask(place, f"SELECT count(*) FROM {days} WHERE date = '{YOUNG}' AND population = 7")
    assert told == [(1,)], "a day that another has told is left to them"
    assert main([*command, "--as-of", OLDER]) == 0
    assert capsys.readouterr().out.count("nothing to do") == 2
    assert main([*command, "--as-of", "2020-01-01"]) == 2
    assert "R-EXTEND" in capsys.readouterr().err
    ask(place, f"DELETE FROM {days} WHERE population = 7")
    assert main(["wipe", "--to", place, "--as", "aquamind", "--yes"]) == 0
    assert main([*command, "--as-of", OLDER]) == 2
    assert "holds no load of Grilse's" in capsys.readouterr().err


def test_what_states_are_reckoned_from_is_made_of_batches_that_are_long_over_too():
    whole = asked_of_states(read_application("aquamind"))
    assert whole >= {"assignment", "growth_sample", "feed_lot", "feed_consumption"}
    assert not whole & {"environmental_reading", "mortality_event"}
    tables = frozenset({"assignment", "growth_sample", "mortality_event"})
    extension = MappedExtension(None, None, 1, 0, tables, whole=whole)
    assert extension.of_states.tables == {"assignment", "growth_sample"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["postgresql://h/d", "--as", "aquamnd"], "no such application"),
        (["out", "--as", "aquamind"], "PostgreSQL"),
        (["postgresql://u:secret@h/d", "--as", "aquamind"], "password"),
        (["postgresql://h/d", "--as", "no.yaml"], "no such file"),
    ],
)
def test_what_cannot_live_on_is_refused(arguments, said, capsys):
    assert main(["extend", *arguments]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert "secret" not in told
