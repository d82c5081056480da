"""A company of many farms, and a farm written as a file."""

from pathlib import Path

import pytest

from grilse import api
from grilse.cli.main import main
from grilse.farm.builtin import BUILTIN_FARMS, builtin_farm, reference_farm
from grilse.farm.fingerprint import farm_fingerprint
from grilse.farm.reading import read_farm
from grilse.farm.scaling import farm_text, scaled
from grilse.ground.errors import BadInput


@pytest.mark.parametrize("name", BUILTIN_FARMS)
def test_a_farm_that_was_written_reads_back(name, tmp_path):
    farm = scaled(builtin_farm(name), 3)
    (tmp_path / "farm.yaml").write_text(farm_text(farm), encoding="utf-8")
    assert farm_fingerprint(read_farm(tmp_path / "farm.yaml")) == farm_fingerprint(farm)
    assert sum(1 for _ in farm.containers()) == 3 * sum(1 for _ in builtin_farm(name).containers())


def test_one_farm_is_the_farm_itself_and_the_first_keeps_its_names():
    farm = reference_farm()
    assert farm_fingerprint(scaled(farm, 1)) == farm_fingerprint(farm)
    assert set(farm.by_path) < set(scaled(farm, 2).by_path)


def test_twice_the_farm_bears_twice_the_batches():
    wish = {"batches": 292, "stagger": "2.25", "as_of": "2025-01-01"}
    assert api.plan(**wish, farm=scaled(reference_farm(), 2)).conflicts == 0
    with pytest.raises(BadInput, match="P-CAPACITY"):
        api.plan(**wish)


def test_the_command_line_makes_the_file(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["farm", "scale", "2", "--output", "two.yaml"]) == 0
    assert "3,920 containers" in capsys.readouterr().out
    assert main(["farm", "show", "--farm", "two.yaml"]) == 0
    assert main(["farm", "scale", "2", "--output", "two.yaml"]) == 2
    assert "exists" in capsys.readouterr().err
    assert main(["farm", "scale", "0"]) == 2
    for name in ("two.yaml/x.yaml", "nowhere/x.yaml", "a" * 300, "."):
        assert main(["farm", "scale", "2", "--output", name]) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["two.yaml"]
    assert Path("two.yaml").stat().st_size < 200_000
