"""A target that a load cannot go with is refused whole; a load that broke off goes on."""

import grilse_mapped
import grilse_postgres
import psycopg
import pytest

import grilse_aquamind
from grilse import api
from grilse.api.mapping import mapped_place, wipe
from grilse.cli.main import main
from grilse.ground.errors import BadInput, DestinationError
from grilse.mapping import sink as sink_module
from grilse.sinks.postgres import line


@pytest.fixture
def job():
    return grilse_mapped.job(1, "2021-06-01")


def run(url, *statements):
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def counts(url):
    with psycopg.connect(url) as connection:
        return grilse_aquamind.counts(connection)


def refusal(url, job, **options):
    """Return the codes and the text of a refusal, which wrote nothing."""
    before = counts(url)
    with pytest.raises(BadInput) as caught:
        grilse_mapped.bring(url, job, **options)
    assert counts(url) == before
    return {problem.code for problem in caught.value.problems}, str(caught.value)


def test_an_unknown_user_is_refused(aquamind, job):
    codes, said = refusal(aquamind, job, user="nobody")
    assert codes == {"M-USER"}
    assert "'nobody'" in said


def test_all_that_has_changed_there_is_told_at_once(aquamind, job):
    run(
        aquamind,
        "ALTER TABLE batch_batch ADD COLUMN colour varchar(9) NOT NULL",
        "ALTER TABLE batch_mortalityevent ADD COLUMN shade varchar(9) NOT NULL DEFAULT ''",
        "ALTER TABLE inventory_feedingevent ALTER COLUMN method TYPE varchar(5)",
        "ALTER TABLE harvest_harvestlot ALTER COLUMN unit_count TYPE numeric(9, 1)",
        "ALTER TABLE batch_growthsample RENAME COLUMN condition_factor TO k",
        "DROP TABLE finance_core_costcenterbatchlink",
    )
    codes, said = refusal(aquamind, job)
    assert codes == {"M-NOT-NULL", "M-TYPE", "M-COLUMN", "M-TABLE"}
    assert "batch_batch.colour" in said
    assert "shade" not in said
    assert "batch_growthsample has no column condition_factor" in said
    assert "inventory_feedingevent.method" in said
    assert "harvest_harvestlot.unit_count" in said


def test_another_scale_there_is_no_matter(aquamind, job):
    run(aquamind, "ALTER TABLE batch_mortalityevent ALTER COLUMN biomass_kg TYPE numeric(12, 1)")
    grilse_mapped.bring(aquamind, job)


def test_names_and_containers_that_are_taken_are_told(aquamind, job):
    first = job.schedule.batches[0]
    place, name = first.stays[0].containers[3]
    run(
        aquamind,
        "INSERT INTO batch_batch (batch_number, status, start_date, notes, created_at, updated_at,"
        " lifecycle_stage_id, species_id, batch_type) VALUES "
        f"('{first.batch_id}', 'COMPLETED', '2010-01-01', '', now(), now(), 1, 1, 'STANDARD'), "
        "('OTHER', 'ACTIVE', '2021-01-01', '', now(), now(), 1, 1, 'STANDARD')",
        "INSERT INTO batch_batchcontainerassignment (population_count, biomass_kg, "
        "assignment_date, is_active, notes, created_at, updated_at, batch_id, container_id, "
        "lifecycle_stage_id) SELECT 5, 1, '2021-01-01', true, '', now(), now(), "
        "(SELECT id FROM batch_batch WHERE batch_number = 'OTHER'), c.id, 1 "
        f"FROM infrastructure_container c JOIN infrastructure_hall h ON h.id = c.hall_id "
        f"WHERE c.name = '{name}' AND h.name = '{place}'",
    )
    codes, said = refusal(aquamind, job)
    assert codes == {"M-TAKEN", "M-HELD"}
    assert "held by batch OTHER" in said
    assert name in said


def test_master_data_that_is_there_twice_is_refused(aquamind, job):
    run(
        aquamind,
        "INSERT INTO infrastructure_sensor (name, sensor_type, serial_number, manufacturer, "
        "active, created_at, updated_at, container_id) SELECT name, sensor_type, '', '', true, "
        "now(), now(), container_id FROM infrastructure_sensor "
        "WHERE name = 'FI-FW-01-A-C01-Temperature'",
    )
    codes, said = refusal(aquamind, job)
    assert codes == {"M-TWICE"}
    assert "infrastructure_sensor" in said


def test_a_role_that_may_not_write_is_told_where(aquamind, job):
    run(
        aquamind,
        "DROP ROLE IF EXISTS reader", "CREATE ROLE reader LOGIN",
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader",
        "GRANT INSERT ON batch_batch TO reader",
    )  # fmt: skip
    try:
        codes, said = refusal(aquamind.replace("postgres@", "reader@"), job)
        assert codes == {"M-PRIVILEGE"}
        assert "table batch_mortalityevent" in said
        assert "table batch_batch " not in said
    finally:
        run(aquamind, "DROP OWNED BY reader", "DROP ROLE reader")


def test_missing_infrastructure_is_added_and_goes_again(aquamind, job):
    run(
        aquamind,
        "DELETE FROM infrastructure_sensor", "DELETE FROM infrastructure_feedcontainer",
        "DELETE FROM infrastructure_container",
        "DELETE FROM infrastructure_hall WHERE name LIKE 'FI-FW-01%'",
        "DELETE FROM finance_dimsite",
    )  # fmt: skip
    before = counts(aquamind)
    report = grilse_mapped.bring(aquamind, job)
    added = [note for note in report.finished.notes if "FI-FW-01-Hall-A" in note]
    assert added
    assert counts(aquamind)["infrastructure_container"] > 20
    wipe(aquamind, "aquamind")
    assert counts(aquamind) == before


class _Stop(Exception):
    pass


def test_a_load_that_broke_off_goes_on_and_no_batch_is_half_there(aquamind, monkeypatch):
    job = grilse_mapped.job(2, "2021-06-01")
    brought, whole = [], sink_module._copy

    def copy(connection, schema, load):
        if load.table == "batch_batch":
            brought.append(1)
        if len(brought) == 3 and load.table == "batch_mortalityevent":
            raise DestinationError("the cable is out")
        whole(connection, schema, load)

    monkeypatch.setattr(sink_module, "_copy", copy)
    with pytest.raises(DestinationError, match="cable"):
        grilse_mapped.bring(aquamind, job)
    assert counts(aquamind)["batch_batch"] == 2
    monkeypatch.undo()
    report = grilse_mapped.bring(aquamind, job)
    assert report.skipped == 2
    assert report.result.batches == 2
    after = counts(aquamind)
    assert after["batch_batch"] == 4
    run(aquamind, "DELETE FROM grilse_mapped.part WHERE false")
    with psycopg.connect(aquamind) as connection:
        costs = connection.execute(
            "SELECT count(*) FROM inventory_feedingevent WHERE feed_cost IS NULL"
        ).fetchone()
    assert costs == (0,)
    again = grilse_mapped.bring(aquamind, job)
    assert (again.skipped, again.result.rows) == (4, 0)
    assert counts(aquamind) == after


def test_no_batch_is_begun_where_its_stores_failed(aquamind, monkeypatch):
    from grilse import production

    def fail(*_):
        raise RuntimeError("the silo is locked")

    monkeypatch.setattr(production, "store_rows", fail)
    report = grilse_mapped.bring(aquamind, grilse_mapped.job(2, "2021-06-01"))
    assert report.result.failures
    assert not report.finished.is_complete
    assert counts(aquamind)["batch_batch"] == 0


def test_a_second_load_gets_keys_of_its_own(aquamind):
    early = grilse_mapped.job(1, "2021-06-01")
    late = api.prepare(api.plan(batches=1, as_of="2026-06-01").schedule)
    grilse_mapped.bring(aquamind, early)
    codes, said = refusal(aquamind, late)
    assert codes == {"M-HELD"}
    assert "10 containers of FI-FW-01-Hall-A are held by batch FAR-2021-001" in said
    run(
        aquamind,
        "UPDATE batch_batchcontainerassignment "
        "SET is_active = false, departure_date = '2021-07-01'",
    )
    grilse_mapped.bring(aquamind, late)
    assert counts(aquamind)["batch_batch"] == 4
    with psycopg.connect(aquamind) as connection:
        loads = connection.execute("SELECT load_id, state FROM grilse_mapped.load").fetchall()
    assert loads == [(1, "complete"), (2, "complete")]
    wipe(aquamind, "aquamind")
    assert counts(aquamind)["batch_batch"] == 0


def test_rows_of_the_application_keep_ours_from_going(aquamind, job):
    grilse_mapped.bring(aquamind, job)
    run(
        aquamind,
        "INSERT INTO health_journalentry (entry_date, category, description, resolution_status, "
        "resolution_notes, batch_id, user_id, created_at, updated_at) "
        "SELECT now(), 'observation', '', false, '', min(id), 1, now(), now() FROM batch_batch",
    )
    before = counts(aquamind)
    with pytest.raises(DestinationError, match="health_journalentry"):
        wipe(aquamind, "aquamind")
    assert counts(aquamind) == before
    run(aquamind, "DELETE FROM health_journalentry")
    wipe(aquamind, "aquamind")


def test_another_run_at_work_there_is_told(aquamind, job):
    chosen, place = mapped_place(job, aquamind, "aquamind", user=grilse_aquamind.USER)
    from grilse.api.assembling import tasks_by_size
    from grilse.api.loading import load_of

    tasks = list(tasks_by_size(chosen, 8))
    with (
        place.hold(load_of(chosen, tasks, False)),
        pytest.raises(DestinationError, match="another run is at work"),
    ):
        grilse_mapped.bring(aquamind, job)


# ---- the command line ----------------------------------------------------------------------------


def test_run_and_wipe_by_the_command_line(aquamind, tmp_path, capsys):
    schedule = str(tmp_path / "s.yaml")
    main(["plan", "--batches", "1", "--as-of", "2021-04-01", "--output", schedule])
    base = ["run", schedule, "--to", aquamind, "--as", "aquamind"]
    assert main(base) == 2
    assert "--as-user" in capsys.readouterr().err
    assert main([*base, "--as-user", "importer", "--workers", "1"]) == 0
    assert "as aquamind (complete)" in capsys.readouterr().out
    assert main(["wipe", "--to", aquamind, "--as", "aquamind", "--yes"]) == 0
    assert "removed" in capsys.readouterr().out
    assert main(["wipe", "--to", aquamind, "--as", "aquamind"]) == 0
    assert "nothing" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--as", "aquamnd", "--as-user", "x", "--to", "postgresql://h/d"], "no such application"),
        (["--as", "aquamind", "--as-user", "x", "--to", "out"], "PostgreSQL"),
        (["--as", "aquamind", "--as-user", "x", "--to", "postgresql://u:p@h/d"], "password"),
        (["--as-user", "x", "--to", "postgresql://h/d"], "go with --as"),
        (["--as", "no.yaml", "--as-user", "x", "--to", "postgresql://h/d"], "no such file"),
    ],
)
def test_what_goes_not_together_is_refused(arguments, said, tmp_path, capsys):
    schedule = str(tmp_path / "s.yaml")
    main(["plan", "--batches", "1", "--as-of", "2021-04-01", "--output", schedule])
    assert main(["run", schedule, *arguments]) == 2
    assert said in capsys.readouterr().err


# ---- keys put away -------------------------------------------------------------------------------


def definitions(url):
    with psycopg.connect(url) as connection:
        return connection.execute(
            "SELECT conrelid::regclass::text, conname, convalidated, pg_get_constraintdef(oid) "
            "FROM pg_constraint WHERE connamespace = 'public'::regnamespace UNION ALL "
            "SELECT tablename, indexname, true, indexdef FROM pg_indexes "
            "WHERE schemaname = 'public' ORDER BY 1, 2, 4"
        ).fetchall()


def test_keys_put_away_for_a_load_are_there_again_after_it(aquamind, job):
    before = definitions(aquamind)
    report = grilse_mapped.bring(aquamind, job, drop_keys=True)
    assert report.finished.seconds["foreign keys"] > 0
    assert definitions(aquamind) == before


def test_keys_put_away_are_there_again_after_a_load_that_broke_off(aquamind, job, monkeypatch):
    before = definitions(aquamind)

    def fail(connection, schema, load):
        assert len(definitions(aquamind)) < len(before)
        raise DestinationError("the cable is out")

    monkeypatch.setattr(sink_module, "_copy", fail)
    with pytest.raises(DestinationError, match="cable"):
        grilse_mapped.bring(aquamind, job, drop_keys=True)
    assert definitions(aquamind) == before


def test_keys_that_a_killed_run_left_away_are_put_back_by_the_next(aquamind, job, monkeypatch):
    from grilse.mapping.place import MappedPlace

    before = definitions(aquamind)
    monkeypatch.setattr(MappedPlace, "_restore", lambda self: {})
    grilse_mapped.bring(aquamind, job, drop_keys=True)
    assert definitions(aquamind) != before
    monkeypatch.undo()
    grilse_mapped.bring(aquamind, job)
    assert definitions(aquamind) == before


# ---- a connection that is cut --------------------------------------------------------------------


def test_a_backend_that_is_killed_costs_nothing(aquamind, job, monkeypatch):
    whole, killed = sink_module._copy, []

    def copy(connection, schema, load):
        whole(connection, schema, load)
        if load.table == "batch_mortalityevent" and len(killed) < 2:
            killed.append(connection.info.backend_pid)
            run(aquamind, f"SELECT pg_terminate_backend({killed[-1]}, 5000)")

    monkeypatch.setattr(sink_module, "_copy", copy)
    monkeypatch.setattr(line, "_FIRST_PAUSE_SECONDS", 0.01)
    report = grilse_mapped.bring(aquamind, job)
    assert len(killed) == 2
    assert report.finished.is_complete
    cut = counts(aquamind)
    wipe(aquamind, "aquamind")
    monkeypatch.undo()
    grilse_mapped.bring(aquamind, job)
    assert counts(aquamind) == cut


def test_a_connection_that_stays_lost_is_told_and_whole_batches_are_there(
    aquamind, job, monkeypatch
):
    whole, there = sink_module._copy, []

    def copy(connection, schema, load):
        whole(connection, schema, load)
        if load.table == "batch_mortalityevent":
            there[:] = [counts(aquamind)["batch_batch"]]
            run(aquamind, f"SELECT pg_terminate_backend({connection.info.backend_pid}, 5000)")

    monkeypatch.setattr(sink_module, "_copy", copy)
    monkeypatch.setattr(line, "_FIRST_PAUSE_SECONDS", 0.01)
    told = r"bringing batch 1 failed: .*The connection was lost. Whole batches are there and "
    with pytest.raises(DestinationError, match=told + "nothing else; the same command goes on"):
        grilse_mapped.bring(aquamind, job)
    assert there == [0]
    assert {name for name, count in counts(aquamind).items() if count} >= {"infrastructure_hall"}
    assert counts(aquamind)["batch_batchcontainerassignment"] == 0


def test_a_full_disk_is_told_and_whole_batches_are_there(server, aquamind):
    job, space = grilse_mapped.job(2, "2021-06-01"), "small_mapped"
    with grilse_postgres.small_disk(server, megabytes=2) as folder:
        run(
            aquamind,
            f"CREATE TABLESPACE {space} LOCATION '{folder}'",
            f"ALTER TABLE environmental_environmentalreading SET TABLESPACE {space}",
        )
        try:
            told = r"bringing batch \d failed: .*disk is full. Whole batches are there and nothing "
            with pytest.raises(DestinationError, match=told):
                grilse_mapped.bring(aquamind, job)
            batches = {n for (n,) in ask(aquamind, "SELECT id FROM batch_batch")}
            read = ask(aquamind, "SELECT DISTINCT batch_id FROM environmental_environmentalreading")
            assert {n for (n,) in read} <= batches
            assert 0 < len(batches) < 4
        finally:
            run(
                aquamind,
                "ALTER TABLE environmental_environmentalreading SET TABLESPACE pg_default",
                f"DROP TABLESPACE {space}",
            )
    assert grilse_mapped.bring(aquamind, job).finished.is_complete


def ask(url, question):
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(question).fetchall()
