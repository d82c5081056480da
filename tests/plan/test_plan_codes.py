"""The table of codes names every code there is, and its page is made of it."""

import re
from pathlib import Path

import pytest

from grilse.plan.codes import CODES, page

ROOT = Path(__file__).parents[2]
KINDS = ("geography", "station", "hall", "area", "container")


def codes_in_the_source() -> set[str]:
    source = ROOT / "src" / "grilse"
    files = [*source.glob("schedule/*.py"), *source.glob("plan/**/*.py")]
    files += [source / "ground" / "marked_yaml.py", source / "api" / "planning.py"]
    text = "\n".join(file.read_text() for file in files if file.name != "codes.py")
    found = set(re.findall(r'"([SYP]-[A-Z]+(?:-[A-Z]+)*)"', text))
    return found | {f"S-UNKNOWN-{kind.upper()}" for kind in KINDS}


def test_every_code_of_the_source_is_in_the_table_and_no_other() -> None:
    assert codes_in_the_source() == {code for code in CODES if not code.startswith("F-")}


def test_the_page_is_made_of_the_table() -> None:
    written = ROOT / "docs" / "reference" / "problem-codes.md"
    if not written.exists():
        pytest.skip("the docs are not beside the source")
    assert written.read_text() == "\n".join(page()) + "\n"


def test_each_code_says_what_is_wrong_and_what_to_do() -> None:
    for code, (severity, meaning, mend) in CODES.items():
        assert severity in ("error", "warning", "info", "by policy"), code
        assert meaning
        assert mend
