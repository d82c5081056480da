from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest

from grilse.ground.errors import BadInput
from grilse.schedule.reading import parse_schedule

SHARED = Path(__file__).parents[2].parent / "shared" / "schedules"

BASE = """\
metadata:
  generated_date: '2024-06-01'
  stagger_days: 30
batches:
- batch_id: FAR-2020-001
  start_date: '2020-01-01'
  eggs: 3000000
  duration: 900
  geography: Faroe Islands
  station: FI-FW-01
  freshwater:
    egg_alevin:
      hall: FI-FW-01-Hall-A
      containers:
      - FI-FW-01-A-C01
      - FI-FW-01-A-C02
      start_day: 0
      end_day: 90
    fry:
      hall: FI-FW-01-Hall-B
      containers: [FI-FW-01-B-C01, FI-FW-01-B-C02]
      start_day: 90
      end_day: 180
  sea:
    area: FI-SEA-01
    rings: [FI-SEA-01-Ring-01]
    start_day: 180
    end_day: 900
- batch_id: FAR-2020-002
  start_date: 2020-05-30
  eggs: 3123456
  duration: 90
  geography: Faroe Islands
  station: FI-FW-01
  freshwater:
    egg_alevin:
      hall: FI-FW-01-Hall-A
      containers:
      - FI-FW-01-A-C01
      - FI-FW-01-A-C02
      start_day: 0
      end_day: 90
  sea: null
"""


@pytest.fixture
def base():
    return BASE


@pytest.fixture
def parse():
    def run(text, **options):
        return parse_schedule(StringIO(text), "s.yaml", **options)

    return run


@pytest.fixture
def problems(parse):
    def run(text):
        with pytest.raises(BadInput) as refusal:
            parse(text)
        assert refusal.value.exit_code == 2
        return list(refusal.value.problems)

    return run


@pytest.fixture
def shared():
    def path(name):
        file = SHARED / name
        if not file.exists():
            pytest.skip(f"the shared schedule {name} is not here")
        return file

    return path
