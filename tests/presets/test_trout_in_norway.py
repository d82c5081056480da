"""Another fish in another country: a farm file and a parameter file, and no line of code."""

import pytest

from grilse.cli.main import main
from grilse.dataset.views import connect

FARM = """\
name: trout in Hardanger
hall_sets:
  hatchery:
    - name: "{site} klekkeri"
      stages: [egg_alevin, fry]
      containers: {name: "{site} kar {01..10}", kind: tray, volume_m3: 12, max_kg_per_m3: 20}
      silo: {name: "{site} silo 1", capacity_kg: 3000}
    - name: "{site} settefisk"
      stages: [parr, smolt, post_smolt]
      containers: {name: "{site} tank {1..12}", kind: tank, volume_m3: 400, max_kg_per_m3: 60}
      silo: {name: "{site} silo 2", capacity_kg: 220000}
geographies:
  - name: Norway
    code: NOR
    stations:
      - names: "Ølve-{1..3}"
        halls: hatchery
        positions: [[60.0, 5.8], [60.1, 5.9], [60.2, 6.0]]
    areas:
      - names: "Hardanger-{1..2}"
        rings: {name: "merd {1..10}", volume_m3: 20000, max_kg_per_m3: 25}
        barge: {name: "{site} flåte", capacity_kg: 400000}
        positions: [[60.3, 6.1], [60.3, 6.2]]
"""

TROUT = """\
species: {name: Oncorhynchus mykiss}
stages:
  plan:
    value:
      key: [egg_alevin, fry, parr, smolt, post_smolt, adult]
      name: [Øyerogn, Yngel, Settefisk, Storsettefisk, Overgang, Matfisk]
      environment: [fresh water, fresh water, fresh water, fresh water, fresh water, sea water]
      days: [45, 70, 80, 80, 60, 400]
      container_kind: [tray, tray, tank, tank, tank, ring]
growth:
  stage:
    adult:
      Norway: {tgc_per_1000dd: {value: 2.9, source: trade figure}}
"""


@pytest.mark.slow
def test_it_lives_from_egg_to_harvest_and_passes_every_check(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "farm.yaml").write_text(FARM, encoding="utf-8")
    (tmp_path / "trout.yaml").write_text(TROUT, encoding="utf-8")
    own = ["--params", "trout.yaml"]
    dates = [
        "--batches",
        "1",
        "--stagger",
        "30",
        "--start-date",
        "2021-03-01",
        "--as-of",
        "2024-01-01",
    ]
    assert main(["plan", "--farm", "farm.yaml", *own, *dates]) == 0
    assert main(["run", "schedule.yaml", *own, "--to", "out", "--workers", "1"]) == 0
    capsys.readouterr()
    assert main(["verify", "out"]) == 0
    with connect(tmp_path / "out") as rows:
        stages = rows.execute("SELECT name FROM stage ORDER BY stage_id").fetchall()
        (harvested,) = rows.execute("SELECT sum(fish_count) FROM harvest_event").fetchone()
    assert [name for (name,) in stages][::5] == ["Øyerogn", "Matfisk"]
    assert harvested > 100_000
