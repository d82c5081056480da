"""Pictures: drawn from rows alone, the same every time, and refused in words."""

from __future__ import annotations

import ast
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from grilse import api
from grilse.api.plotting import plot
from grilse.cli.main import main
from grilse.dataset.manifest import read_manifest
from grilse.dataset.views import connect
from grilse.ground.days import day_of
from grilse.ground.errors import BadInput, DestinationError, MissingExtra
from grilse.plot.reader import Reader
from grilse.plot.subject import Asked, subject_of_batch
from grilse.schedule.model import BatchPlan, Schedule, Stay

pytestmark = pytest.mark.slow

AS_OF = date(2024, 6, 1)
LAND = ("egg_alevin", "fry", "parr", "smolt", "post_smolt")


def life(number: int, age: int, rings: tuple[int, ...]) -> BatchPlan:
    stays = [
        Stay(
            stage, f"S-FW-01-Hall-{letter}",
            tuple((f"S-FW-01-Hall-{letter}", f"S-FW-01-{letter}-C{i:02d}")
                  for i in (2 * number - 1, 2 * number)),
            90 * place, 90 * (place + 1),
        )
        for place, (stage, letter) in enumerate(zip(LAND, "ABCDE", strict=True))
    ]  # fmt: skip
    sea = tuple(("S-SEA-01", f"S-SEA-01-Ring-{ring:02d}") for ring in rings)
    stays.append(Stay("adult", "S-SEA-01", sea, 450, 700))
    return BatchPlan(
        f"SCO-${number}_x^2", number, day_of(AS_OF) - age, 90_000, age, "Scotland", "S-FW-01", 2.0,
        tuple(stays),
    )  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two batches in one area, one of them harvested, and one that is still to be hatched."""
    root = tmp_path_factory.mktemp("plot")
    lives = (life(1, 710, (1, 2)), life(2, 600, (3, 4)), life(3, -5, (5,)))
    schedule = Schedule({"seed": 5, "as_of": AS_OF}, lives, day_of(AS_OF), 5)
    report = api.run(api.prepare(schedule), root / "out", workers=1)
    assert not report.result.failures
    few = ("batch", "assignment", "stage", "container", "hall", "area", "station", "geography")
    api.run(api.prepare(schedule, tables=few), root / "few", workers=1)
    return root


def words(path: Path) -> str:
    """Return what an SVG says."""
    text = path.read_text(encoding="utf-8")
    assert text.rstrip().endswith("</svg>")
    return text


def test_a_batch_is_drawn_with_all_that_there_is_to_tell(data: Path, tmp_path: Path) -> None:
    told = words(plot(data / "out", tmp_path / "batch.svg", batch=1))
    for word in (
        "SCO-$1_x^2: Scotland, eggs on", "Post-Smolt", "mean weight, g", "at sea, kg",
        "expected from start", "samples, a ring or tank each", "fish, millions", "dead on land,",
        "dead at sea,", "failed feeding", "temperature", "oxygen", "adult females a fish",
        "limit", "chalimus", "feed, t a day", "store, % full", "S-FW-01-Hall-E",
        "Synthetic data, made by Grilse",
    ):  # fmt: skip
        assert word in told, word


def test_a_batch_that_lives_on_is_drawn_up_to_where_it_is_expected(data: Path) -> None:
    tables = read_manifest(data / "out").inputs.tables
    with connect(data / "out") as rows:
        reader = Reader(rows, frozenset(tables))
        over, alive = (subject_of_batch(reader, name, AS_OF, Asked()) for name in ("1", "2"))
        asked = subject_of_batch(reader, "2", AS_OF, Asked(end=date(2024, 5, 1)))
        (last,) = reader.rows("SELECT max(projection_date) FROM scenario_projection "
                              "WHERE batch_id = 2")[0]  # fmt: skip
    assert over.today is None
    assert over.span.end <= AS_OF
    assert alive.today == AS_OF
    assert alive.span.end == last + timedelta(days=1) > AS_OF
    assert asked.span.end == date(2024, 5, 1)


def test_an_area_shows_all_its_batches(data: Path, tmp_path: Path) -> None:
    told = words(plot(data / "out", tmp_path / "area.svg", area="S-SEA-01"))
    assert "SCO-$1_x^2" in told
    assert "SCO-$2_x^2" in told
    assert "dead on land" not in told


def test_a_hall_is_a_place_too(data: Path, tmp_path: Path) -> None:
    told = words(plot(data / "out", tmp_path / "hall.svg", area="S-FW-01-Hall-B"))
    assert "adult females" not in told


@pytest.mark.parametrize("named", ["S-SEA-01-Ring-03", "S-SEA-01/S-SEA-01-Ring-03"])
def test_a_rings_readings_are_drawn_on_the_days_asked_for(
    data: Path, tmp_path: Path, named: str
) -> None:
    path = tmp_path / "ring.svg"
    told = words(
        plot(data / "out", path, container=named, first="2024-03-01", end=date(2024, 3, 8))
    )
    assert all(word in told for word in ("temperature, degC", "oxygen, mg/l", "ph, pH"))
    assert "2024-Mar" in told
    assert "co2" not in told


def test_a_store_is_named_as_its_place(data: Path, tmp_path: Path) -> None:
    told = words(plot(data / "out", tmp_path / "store.svg", store="S-SEA-01"))
    assert all(word in told for word in ("level, t", "deliveries and draws, t", "5 mm", "EUR/kg"))


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_a_picture_is_the_same_every_time(data: Path, tmp_path: Path, kind: str) -> None:
    first, second = (
        plot(data / "out", tmp_path / f"{name}.{kind}", container="S-FW-01-C-C01").read_bytes()
        for name in ("one", "two")
    )
    assert first == second
    start = {"png": b"\x89PNG", "svg": b"<?xml"}[kind]
    assert first.startswith(start)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_what_was_not_written_is_said_to_be_missing(data: Path, tmp_path: Path) -> None:
    told = words(plot(data / "few", tmp_path / "few.svg", batch=1))
    assert "the dataset was made without true_daily_state" in told
    assert "the dataset was made without environmental_reading" in told


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({}, "L-ONE"),
        ({"batch": 1, "area": "S-SEA-01"}, "L-ONE"),
        ({"batch": "x'; DROP TABLE batch"}, "L-BATCH"),
        ({"batch": "99999999999999999999"}, "L-BATCH"),
        ({"batch": 3}, "L-EMPTY"),
        ({"area": "Atlantis"}, "L-AREA"),
        ({"area": "S-SEA-02"}, "L-EMPTY"),
        ({"container": "%"}, "L-CONTAINER"),
        ({"store": "'"}, "L-STORE"),
        ({"store": "S-SEA-09"}, "L-EMPTY"),
        ({"batch": 1, "first": "2030-01-01"}, "L-DAYS"),
        ({"batch": 1, "first": "2024-02-02", "end": "2024-02-01"}, "L-DAYS"),
        ({"batch": 1, "end": "yesterday"}, "R-DATE"),
        ({"batch": 1, "end": "2024-02-30"}, "R-DATE"),
    ],
)
def test_what_is_not_there_is_refused(
    data: Path, tmp_path: Path, asked: dict[str, str], code: str
) -> None:
    with pytest.raises(BadInput) as refused:
        plot(data / "out", tmp_path / "x.png", **asked)
    assert [problem.code for problem in refused.value.problems] == [code]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "code"), [("x.gif", "L-FORMAT"), ("x", "L-FORMAT"), ("no/x.png", "L-OUTPUT")]
)
def test_a_file_that_cannot_be_is_refused(data: Path, tmp_path: Path, name: str, code: str) -> None:
    with pytest.raises(BadInput) as refused:
        plot(data / "out", tmp_path / name, batch=1)
    assert [problem.code for problem in refused.value.problems] == [code]


def test_a_store_needs_its_tables(data: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="feed_stock"):
        plot(data / "few", tmp_path / "x.png", store="S-SEA-01")


def test_without_the_extra_it_says_how_to_get_it(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtra, match=r"pip install 'grilse\[plot\]'"):
        plot(data / "out", tmp_path / "x.png", batch=1)


def test_no_dataset_no_picture(tmp_path: Path) -> None:
    with pytest.raises(DestinationError):
        plot(tmp_path / "nowhere", tmp_path / "x.png", batch=1)


def test_the_command_draws_and_refuses(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, picture = str(data / "out"), str(tmp_path / "a.png")
    assert main(["plot", out, "--area", "S-SEA-01", "--from", "2024-01-01", "-o", picture]) == 0
    assert capsys.readouterr().out == f"drawn {picture}\n"
    assert main(["plot", out, "--batch", "nobody", "-o", picture]) == 2
    said = capsys.readouterr().err
    assert "L-BATCH" in said
    assert "Traceback" not in said
    assert main(["plot", out, "--batch", "1"]) == 2


def test_pictures_know_of_nothing_that_makes_rows() -> None:
    folder = Path(__file__).parents[2] / "src" / "grilse" / "plot"
    taken = {
        node.module.split(".")[1]
        for path in folder.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("grilse.")
    }
    assert taken <= {"ground", "plot", "tables"}
