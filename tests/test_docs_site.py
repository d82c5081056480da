"""The documentation becomes a site without a warning, and its links lead somewhere."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built from a copy of the pages: the checkout stays as it is."""
    folder = tmp_path_factory.mktemp("docs")
    made = shutil.ignore_patterns("made", "__pycache__")
    shutil.copytree(ROOT / "docs", folder / "docs", ignore=made)
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "docs", "site"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder / "site"


class _Page(HTMLParser):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.anchors.add(value)
            elif name in ("href", "src") and value:
                self.links.append(value)


def test_every_link_within_it_leads_somewhere(site: Path) -> None:
    pages = {path: _Page(path) for path in site.rglob("*.html")}
    lost = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            is_there = target.is_file()
            if is_there and parts.fragment and target in pages:
                is_there = unquote(parts.fragment) in pages[target].anchors
            if not is_there:
                lost.append(f"{path.relative_to(site)}: {link}")
    assert not lost
    assert len(pages) > 10


def test_it_loads_nothing_from_elsewhere(site: Path) -> None:
    for path in site.rglob("*.html"):
        for line in path.read_text("utf-8").splitlines():
            assert 'src="http' not in line, path
            assert not ('rel="stylesheet"' in line and 'href="http' in line), path


def test_the_made_pages_hold_what_the_code_has(site: Path) -> None:
    from grilse.cli.main import VERBS
    from grilse.tables.catalogue import TABLES

    made = site / "reference" / "made"
    cli, tables = ((made / f"{name}.html").read_text("utf-8") for name in ("cli", "tables"))
    assert all(f"grilse {verb}" in cli for verb in VERBS)
    assert all(name in tables for name in TABLES)
