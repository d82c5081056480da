"""``grilse show DIR --batch``: a life on one screen, from the rows."""

import pytest

from grilse.cli.main import main

RUN = ["run", "schedule.yaml", "--workers", "1"]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("life")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        dates = ["--start-date", "2020-01-01", "--as-of", "2021-06-01", "--stagger", "30"]
        assert main(["plan", "--batches", "1", *dates]) == 0
        assert main([*RUN, "--to", "out", "--skip", "environmental_reading"]) == 0
        assert main([*RUN, "--to", "bare", "--tables", "feeding_event"]) == 0
    return folder


def test_a_life_is_told_on_one_screen(data, capsys):
    assert main(["show", str(data / "out"), "--batch", "FAR-2020-001"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "FAR-2020-001 (batch 1), Salmo salar: ACTIVE"
    assert len(lines) < 24
    bars = [line[15:63] for line in lines if "day " in line]
    assert len(bars) == 6
    assert all(set(bar) == {"#", "."} for bar in bars)
    assert [bar.index("#") for bar in bars] == sorted(bar.index("#") for bar in bars)
    assert "to now" in lines[-2]
    assert "t fed" in lines[-1]


def test_a_number_names_it_too_and_others_are_refused(data, capsys):
    assert main(["show", str(data / "out"), "--batch", "2"]) == 0
    assert "SCO-2020-001" in capsys.readouterr().out
    assert main(["show", str(data / "out"), "--batch", "x'; DROP TABLE batch"]) == 2
    assert "L-BATCH" in capsys.readouterr().err


def test_a_dataset_without_the_tables_says_so(data, capsys):
    assert main(["show", str(data / "bare"), "--batch", "1"]) == 2
    assert "L-TABLES" in capsys.readouterr().err
