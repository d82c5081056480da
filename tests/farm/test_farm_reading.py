"""A farm file of a user's own: read strictly, every problem at its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from grilse.farm.finding import find_farm
from grilse.farm.fingerprint import farm_fingerprint
from grilse.farm.model import Container, Farm, Place, Store
from grilse.farm.reading import read_farm
from grilse.ground.errors import BadInput

GOOD = """\
name: my farm
hall_sets:
  two:
    - name: "{site}-Hall-A"
      stages: [egg_alevin, fry]
      containers:
        - {name: "{site}-A-C{1..2}", kind: tray, volume_m3: 10, max_kg_per_m3: 15}
        - {name: "Big", kind: tank, volume_m3: 100, max_kg_per_m3: 30}
      silo: {name: "{site}-Silo", capacity_kg: 1000}
geographies:
  - name: Føroyar
    code: FO
    stations:
      - {names: "F{01..02}", halls: two, positions: [[62, -6.5], [62.1, -6.6]]}
    areas:
      - names: Sea
        stages: [post_smolt, adult]
        rings: {name: "{site}-{1..3}", volume_m3: 30500, max_kg_per_m3: 25}
        barge: {name: Barge, capacity_kg: 5.5e+5}
        positions: [[62.3, -6.5]]
"""


def read(tmp_path: Path, text: str) -> Farm:
    path = tmp_path / "farm.yaml"
    path.write_text(text, encoding="utf-8")
    return read_farm(path)


def refused(tmp_path: Path, text: str) -> list[tuple[str, int | None]]:
    with pytest.raises(BadInput) as caught:
        read(tmp_path, text)
    for problem in caught.value.problems:
        assert problem.file == str(tmp_path / "farm.yaml")
    return [(problem.code, problem.line) for problem in caught.value.problems]


def test_a_farm_is_read(tmp_path: Path) -> None:
    farm = read(tmp_path, GOOD)
    (geography,) = farm.geographies
    assert (farm.name, geography.name, geography.code) == ("my farm", "Føroyar", "FO")
    assert [site.name for site in geography.sites] == ["F01", "F02", "Sea"]
    assert [(site.latitude, site.longitude) for site in geography.sites[:2]] == [
        (62.0, -6.5), (62.1, -6.6),
    ]  # fmt: skip
    trays = (Container("F02-A-C1", "tray", 10.0, 150.0), Container("F02-A-C2", "tray", 10.0, 150.0))
    assert geography.sites[1].places == (
        Place(
            "F02-Hall-A", "hall", ("egg_alevin", "fry"),
            (*trays, Container("Big", "tank", 100.0, 3000.0)),
            Store("F02-Silo", "silo", 1000.0),
        ),
    )  # fmt: skip
    (area,) = geography.sites[2].places
    assert area.stages == ("post_smolt", "adult")
    assert [ring.name for ring in area.containers] == ["Sea-1", "Sea-2", "Sea-3"]
    assert area.store == Store("Barge", "barge", 550_000.0)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("name: my farm", "name: 7", [("F-TYPE", 1)]),
        ("name: my farm\n", "", [("F-MISSING", 1)]),
        ("    code: FO", "    code: fo", [("F-CODE", 12)]),
        ("    code: FO", "    kode: FO", [("F-KEY", 12), ("F-MISSING", 11)]),
        ("halls: two", "halls: three", [("F-HALLS", 14)]),
        ("[62, -6.5], [62.1, -6.6]", "[62, -6.5]", [("F-POSITION", 14)]),
        ("[62, -6.5]", "[620, -6.5]", [("F-POSITION", 14)]),
        ("[62, -6.5]", "[62, .5.]", [("F-POSITION", 14)]),
        ("F{01..02}", "F{02..01}", [("F-NAME", 14)]),
        ("kind: tray", "kind: bath", [("F-WORD", 7)]),
        ("volume_m3: 10,", "volume_m3: -10,", [("F-RANGE", 7)]),
        ("volume_m3: 10,", "volume_m3: true,", [("F-RANGE", 7)]),
        ("max_kg_per_m3: 30", "max_kg_per_m3: many", [("F-RANGE", 8)]),
        ("[egg_alevin, fry]", "[Egg]", [("F-STAGE", 5)]),
        ("[egg_alevin, fry]", "[]", [("F-TYPE", 5)]),
        ("      silo: {", "      barge: {", [("F-KEY", 9), ("F-MISSING", 4)]),
        ("{name: Barge, ", "{", [("F-MISSING", 19)]),
        ("name: Barge", 'name: "{1..2}"', [("F-NAME", 19)]),
        ('name: "Big"', 'name: "{site}-A-C1"', [("F-DUPLICATE", None), ("F-DUPLICATE", None)]),
        ("names: Sea", "names: F01", [("F-DUPLICATE", None)]),
        ("    stations:\n", "    stations: 3\n    old:\n", [("F-KEY", 14), ("F-TYPE", 13)]),
        ("geographies:", "geographies: []\nnew:", [("F-KEY", 11), ("F-TYPE", 10)]),
        ("    code: FO", "    code: FO\n    code: FO", [("Y-DUPLICATE-KEY", 13)]),
        ("  two:", "  two: [", [("Y-SYNTAX", 4)]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_at_its_line(
    tmp_path: Path, old: str, new: str, expected: list[tuple[str, int | None]]
) -> None:
    assert GOOD.count(old) == 1
    assert refused(tmp_path, GOOD.replace(old, new)) == expected


def test_every_problem_is_told_once(tmp_path: Path) -> None:
    text = GOOD.replace("kind: tray", "kind: bath").replace("code: FO", "code: fo")
    assert sorted(refused(tmp_path, text)) == [("F-CODE", 12), ("F-WORD", 7)]


@pytest.mark.parametrize("text", ["", "- a", "7", "name: x\ngeographies: 5\n", "hall_sets: 3"])
def test_what_is_no_farm_at_all_is_refused(tmp_path: Path, text: str) -> None:
    assert refused(tmp_path, text)


def test_too_large_a_farm_is_refused(tmp_path: Path) -> None:
    ring = '{name: "R{1..90000}", volume_m3: 1, max_kg_per_m3: 1}'
    text = f"""\
name: large
geographies:
  - name: G
    code: GG
    areas:
      - names: "A{{01..12}}"
        rings: {ring}
        barge: {{name: "{{site}}-B", capacity_kg: 1}}
        positions: [{", ".join(["[1, 1]"] * 12)}]
"""
    assert refused(tmp_path, text) == [("F-TOO-MANY", None)]


def test_farms_are_found_by_name_or_file(tmp_path: Path) -> None:
    assert find_farm("first-design").name == "first-design"
    path = tmp_path / "farm.yaml"
    path.write_text(GOOD, encoding="utf-8")
    assert find_farm(path).origin == str(path)
    with pytest.raises(BadInput, match="there is no such farm"):
        find_farm(tmp_path / "none.yaml")
    with pytest.raises(BadInput):
        find_farm(tmp_path)


def test_the_fingerprint_is_of_the_content(tmp_path: Path) -> None:
    first = farm_fingerprint(read(tmp_path, GOOD))
    same = GOOD.replace("my farm", "another").replace("5.5e+5", "550000")
    assert farm_fingerprint(read(tmp_path, "# a comment\n" + same)) == first
    changes = [
        ("volume_m3: 100", "volume_m3: 101"), ("Føroyar", "Faroes"), ("code: FO", "code: FR"),
        ("[62.3, -6.5]", "[62.3, -6.6]"), ("capacity_kg: 1000", "capacity_kg: 1001"),
        ("[egg_alevin, fry]", "[fry, egg_alevin]"), ("Big", "Bag"), ("kind: tank", "kind: tray"),
    ]  # fmt: skip
    others = {farm_fingerprint(read(tmp_path, GOOD.replace(old, new))) for old, new in changes}
    assert len(others | {first}) == len(changes) + 1
