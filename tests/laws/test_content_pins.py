"""The content of the small company is pinned: what changes it changes everybody's data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from grilse_laws import company, content, run
from grilse_pins import PINS

from grilse.tables.catalogue import TABLES

pytestmark = pytest.mark.slow


def test_the_content_is_pinned(tmp_path: Path) -> None:
    narrowed = {
        name: replace(
            TABLES[name], columns=tuple(TABLES[name].column(c) for c in pin.columns.split())
        )
        for name, pin in PINS.items()
    }
    found = content(run(company(), tmp_path, "--workers", "1"), narrowed)
    wanted = {name: (pin.rows, pin.fingerprint) for name, pin in PINS.items()}
    differ = {name: found.get(name) for name in wanted if found.get(name) != wanted[name]}
    assert differ == {}
