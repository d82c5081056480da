"""How an application's tables are seen is data: read whole, or refused with every problem."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from grilse.ground.errors import BadInput
from grilse.mirror.mirroring import mirror
from grilse.mirror.reflection import asked_reads, read_reflection
from grilse.mirror.seeing import see
from grilse.sinks.postgres.target import Target
from grilse.tables.catalogue import TABLES
from grilse.verify.checks import CHECKS

POND = """
application: pondbook
schema: public
reads:
  ponds: SELECT id, title, cubic FROM pond
  lots: SELECT id, code, fish FROM lot
views:
  container: >
    SELECT id AS container_id, NULL AS hall_id, NULL AS area_id, name_of(title) AS name,
           'ring' AS kind, cubic AS volume_m3, 0 AS max_biomass_kg FROM ponds
  sensor: SELECT container_id AS sensor_id, container_id, name FROM container
macros: ["name_of(x) AS upper(x)"]
"""


def written(folder: Path, text: str) -> str:
    path = folder / "pond.yaml"
    path.write_text(text)
    return str(path)


def test_what_is_known_of_aquamind_fits_tables_and_checks() -> None:
    found = read_reflection("aquamind")
    assert set(found.views) <= set(TABLES)
    named = {name for check in CHECKS for name in (check.name, check.name.partition(".")[0])}
    assert {name for names in found.unfit.values() for name in names} <= named
    assert set(found.informs) <= {check.name for check in CHECKS}
    assert found.states is not None


def test_a_file_of_ones_own_is_read_and_its_views_are_seen(tmp_path: Path) -> None:
    found = read_reflection(written(tmp_path, POND))
    reads, views = asked_reads(found, found.views, ["sensor"], {})
    assert list(reads) == ["ponds"]
    assert list(views) == ["container", "sensor"]
    answer = pa.table(
        {"id": [1, 2, 1 << 40], "title": ["a", None, "c"], "cubic": [9.5, None, 1e30]}
    )
    pq.write_table(answer, tmp_path / "ponds.parquet")
    files, rows = see(found, {"ponds": tmp_path / "ponds.parquet"}, views, {}, tmp_path)
    assert rows == {"container": 3, "sensor": 3}
    seen = pq.read_table(files["container"])
    assert seen.schema.field("volume_m3").type == TABLES["container"].column("volume_m3").arrow_type
    # What a column of ours cannot hold is missing: a key beyond its bits, a volume beyond belief.
    assert sorted(seen["container_id"].to_pylist(), key=str) == [1, 2, None]
    assert sorted(map(str, seen["name"].to_pylist())) == ["A", "C", "None"]
    assert sum(value is None for value in seen["volume_m3"].to_pylist()) == 2


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("schema: public", "schema: No Such", "cannot be the name of a schema"),
        ("schema: public", "", "schema is missing"),
        ("reads:", "asks:", "nobody asks 'asks'"),
        ("  container: >", "  pond: >", "pond.yaml:7: error V-FORM: views: there is no table"),
        ("macros: [", "macros: [1, ", "macros must be a list of texts"),
        ("macros:", "states: {table: x}\nmacros:", "states must have"),
        ("macros:", "weight_step_g: much\nmacros:", "must be a number"),
        ("macros:", "unfit: {because: keys}\nmacros:", "unfit must be"),
        (POND, "[1, 2]", "is a mapping"),
    ],
)
def test_a_file_that_is_none_is_refused(old: str, new: str, said: str, tmp_path: Path) -> None:
    assert old in POND
    with pytest.raises(BadInput, match=said):
        read_reflection(written(tmp_path, POND.replace(old, new)))


def test_a_view_that_is_no_sql_is_refused_by_its_name(tmp_path: Path) -> None:
    found = read_reflection(written(tmp_path, POND.replace("FROM ponds", "FROM pools")))
    with pytest.raises(BadInput, match="V-SQL: view container"):
        see(found, {}, found.views, {}, tmp_path)


def test_a_table_to_be_verified_has_all_its_columns(tmp_path: Path) -> None:
    found = read_reflection(written(tmp_path, POND))
    pq.write_table(
        pa.table({"id": [1], "title": ["a"], "cubic": [9.5]}), tmp_path / "ponds.parquet"
    )
    with pytest.raises(BadInput, match="V-COLUMN: view sensor lacks parameter, unit"):
        see(found, {"ponds": tmp_path / "ponds.parquet"}, found.views, {}, tmp_path, is_whole=True)


def test_a_function_that_is_no_sql_is_refused_by_its_name(tmp_path: Path) -> None:
    found = read_reflection(written(tmp_path, POND.replace("upper(x)", "upper(")))
    with pytest.raises(BadInput, match=r"V-SQL: macro name_of\(x\)"):
        see(found, {}, {}, {}, tmp_path)


def test_views_see_the_answers_and_no_other_file(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("a\n1\n")
    (tmp_path / "seen").mkdir()
    text = POND.replace("FROM ponds", f"FROM read_csv('{tmp_path}/secret.csv')")
    found = read_reflection(written(tmp_path, text))
    with pytest.raises(BadInput, match="V-SQL: view container: Permission"):
        see(found, {}, {"container": found.views["container"]}, {}, tmp_path / "seen")


def test_views_of_batches_and_their_stays_must_be_there(tmp_path: Path) -> None:
    found = read_reflection(written(tmp_path, POND))
    with pytest.raises(BadInput, match="V-NEEDED: the views tell no batch and no assignment"):
        mirror(Target("postgresql://127.0.0.1:1/x"), found, tmp_path, ["container"])


def test_weights_are_seen_more_closely_than_they_are_told(tmp_path: Path) -> None:
    found = read_reflection("aquamind")
    answers = {
        "samples": {
            "id": [1, 2, 3], "sample_date": [0, 0, 0], "batch_id": [1, 1, 1],
            "assignment_id": [1, 1, 1], "sample_size": [3, 3, 3],
            "avg_weight_g": [0.18, 0.50, 0.70], "std_deviation_weight": [0.02, 0.02, 0.02],
        },
        "sampled": {
            "id": [1, 2, 3, 4], "growth_sample_id": [1, 1, 1, 2],
            "weight_g": [0.17, 0.19, 0.17, 0.90], "length_cm": [1.0, 1.0, 1.0, 1.0],
        },
        "moves": {
            "id": [1, 2], "workflow_id": [1, 1], "batch_id": [1, 1], "day": [0, 0],
            "source_assignment_id": [1, 1], "dest_assignment_id": [2, 2],
            "source_population_before": [9, 9], "transferred_count": [300_000, 300_000],
            "mortality_during_transfer": [0, 0], "transferred_biomass_kg": [52.11, 99.0],
            "water_temp_c": [8.0, 8.0], "measured_avg_weight_g": [0.17, 0.17],
        },
    }  # fmt: skip
    files = {name: tmp_path / f"{name}-there.parquet" for name in answers}
    for name, columns in answers.items():
        pq.write_table(pa.table(columns), files[name])
    views = {name: {**found.views, **found.analysed}[name]
             for name in ("transfer_action", "growth_sample")}  # fmt: skip
    seen, _ = see(found, files, views, {}, tmp_path)
    samples, moves = (pq.read_table(seen[name]) for name in ("growth_sample", "transfer_action"))
    # A sample's mean is that of its fish, a move's biomass over count; unless they disagree.
    assert [str(each) for each in samples["avg_weight_g"].to_pylist()] == [
        "0.177",
        "0.500",
        "0.700",
    ]
    assert [str(each) for each in moves["avg_weight_g"].to_pylist()] == ["0.174", "0.170"]


def test_nobodys_tables_are_refused() -> None:
    with pytest.raises(BadInput, match="V-UNKNOWN"):
        read_reflection("fishbook")
