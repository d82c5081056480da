"""The rows of a preset, made and counted but not kept; and the page that publishes them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from grilse import api
from grilse.api.presets import Preset, preset
from grilse.plan.saving import save_plan
from grilse.tables.totals import content_fingerprint

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "presets.md"

_HEAD = """# Presets

Plans that have a name, the same for everybody. `grilse plan --preset NAME` plans one; `grilse run`
prints the fingerprint of the rows that it makes of it. Both fingerprints are promises: equal on
every machine and with any number of workers, and changed by a new version alone.

| preset | what it is | batches | schedule | rows | content |
|---|---|---|---|---|---|
"""


def made(name: str) -> tuple[int, str]:
    """Return the rows of a preset and their fingerprint."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "schedule.yaml"
        save_plan(api.plan(**preset(name).question), path)
        result = api.run_to_nothing(api.prepare(path))
    if result.failures:
        raise AssertionError(f"{name}: {result.failures[0]}")
    return result.rows, content_fingerprint(result.tables)


def page(presets: Mapping[str, Preset]) -> str:
    """Return the page that publishes the presets."""
    return _HEAD + "".join(
        f"| `{name}` | {p.title} | {p.batches} | `{p.schedule}` | {p.rows:,} | `{p.content}` |\n"
        for name, p in presets.items()
    )
