"""The README's tour, walked: every command of it in turn, and every query."""

from __future__ import annotations

import io
import re
import shlex
import shutil
from pathlib import Path

import pytest

from grilse.cli.main import main
from grilse.dataset.views import connect

pytestmark = pytest.mark.slow

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
COMMANDS = re.findall(r"^    (grilse .*)$", README, re.MULTILINE)
QUERIES = [
    query
    for block in re.findall(r"^```sql\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    for query in block.split(";")
    if query.strip()
]


def test_the_tour_can_be_walked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    verbs = dict.fromkeys(line.split()[1] for line in COMMANDS)
    assert [*verbs] == ["farm", "plan", "run", "verify", "open"]
    for line in COMMANDS:
        assert main(shlex.split(line)[1:]) == 0, f"{line}\n{capsys.readouterr()}"
        assert "Traceback" not in "".join(capsys.readouterr())
    assert len(QUERIES) >= 3
    with connect(tmp_path / "farm-data") as rows:
        for query in QUERIES:
            assert rows.execute(query).fetchone() is not None, query


def test_the_makefile_does_what_the_readme_says() -> None:
    makefile = (Path(__file__).parents[1] / "Makefile").read_text("utf-8")
    assert re.search(r"^demo:.*\n\t\$\(BIN\)/grilse demo$", makefile, re.MULTILINE)
