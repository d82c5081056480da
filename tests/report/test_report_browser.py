"""The page in a browser: no error, no request, and it answers the pointer.

Skipped with its reason where no Chromium is installed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from grilse_browser import Page, browser

from grilse import api
from grilse.api.reporting import report
from grilse.report.document import document
from grilse.report.page import page_text
from grilse.report.subject import Subject
from grilse.schedule.model import Schedule
from grilse.schedule.writing import write_schedule

pytestmark = pytest.mark.slow

MOST_SECONDS = 2.0
MOST_BYTES = 10_000_000


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with browser() as opened:
        opened.size(1440, 900)
        yield opened


@pytest.fixture(scope="module")
def life_page(life: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return report(life, tmp_path_factory.mktemp("page") / "report.html", verified=False).output


@pytest.fixture
def opened(page: Page, life_page: Path) -> Iterator[Page]:
    page.said.clear()
    page.requests.clear()
    page.open(life_page)
    page.wait_for("document.querySelectorAll('#batch figure svg.plot').length >= 8")
    page.wait_for("document.querySelectorAll('#areas figure svg.plot').length >= 3")
    yield page
    assert page.said == []
    assert {url.partition(":")[0] for url in page.requests} == {"file"}
    assert len(page.requests) == 1


def _tip(page: Page) -> str:
    text: str = page.run("document.getElementById('tip').hidden ? '' : tip.innerText")
    return text


def _days(page: Page, section: str) -> str:
    text: str = page.run(f"document.querySelector('#{section} .tools .days').textContent")
    return text


def test_every_section_is_drawn(opened: Page) -> None:
    sections = opened.run("[...document.querySelectorAll('main > section')].map((each) => each.id)")
    assert sections == ["plan", "company", "areas", "batch", "checks"]
    empty = """[...document.querySelectorAll('svg.plot:not(.axis)')]
        .filter((plot) => !plot.querySelector('path, circle, rect.held, rect.block, rect.lane'))
        .map((plot) => plot.getAttribute('aria-label'))"""
    assert opened.run(empty) == []
    wild = """[...document.querySelectorAll('path')]
        .filter((path) => /NaN|Infinity/.test(path.getAttribute('d'))).length"""
    assert opened.run(wild) == 0


def test_the_map_tells_of_the_batch_under_the_pointer(opened: Page) -> None:
    box = opened.box("#plan .map .held")
    opened.mouse("Moved", box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    tip = _tip(opened)
    assert "FAR-2022-001" in tip
    assert "FI-SEA-01" in tip
    assert opened.run("document.querySelectorAll('.map.dimmed .bar.lit').length") >= 1
    opened.mouse("Moved", 2, 2)
    assert _tip(opened) == ""


def test_dragging_looks_closer_and_a_double_click_goes_back(opened: Page) -> None:
    whole = _days(opened, "plan")
    box = opened.box("#plan svg.map")
    height = box["y"] + min(30.0, box["height"] / 2)
    opened.drag((box["x"] + 400, height), (box["x"] + 600, height))
    closer = _days(opened, "plan")
    assert closer != whole
    for count in (1, 2):
        opened.mouse("Pressed", box["x"] + 500, height, button="left", clickCount=count)
        opened.mouse("Released", box["x"] + 500, height, button="left", clickCount=count)
    assert _days(opened, "plan") == whole


def test_buttons_and_keys_zoom_too(opened: Page) -> None:
    whole = _days(opened, "company")
    opened.run("document.querySelector('#company .tools button[title=Closer]').click()")
    closer = _days(opened, "company")
    assert closer != whole
    opened.run(
        """document.querySelector('#company svg.plot')
           .dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }))"""
    )
    assert _days(opened, "company") == whole


def test_charts_of_a_batch_share_days_and_pointer(opened: Page) -> None:
    box = opened.box("#batch figure:nth-of-type(2) svg.plot")
    opened.mouse("Moved", box["x"] + box["width"] * 0.6, box["y"] + box["height"] / 2)
    tip = _tip(opened)
    for name in ("true", "analysed, 95 %", "scenario", "samples"):
        assert name in tip
    crosses = "[...document.querySelectorAll('#batch .cross[visibility=visible]')].length"
    assert opened.run(crosses) == opened.run("document.querySelectorAll('#batch svg.plot').length")


def test_a_click_on_the_map_opens_the_batch(opened: Page) -> None:
    chosen = "document.getElementById('batch-choice').value"
    assert opened.run(chosen) == "1"
    last = opened.run("document.querySelectorAll('#plan .map .bar').length") - 1
    opened.run(f"document.querySelectorAll('#plan .map .bar')[{last}].id = 'last-bar'")
    box = opened.box("#last-bar .held")
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    opened.mouse("Moved", x, y)
    opened.mouse("Pressed", x, y, button="left", clickCount=1)
    opened.mouse("Released", x, y, button="left", clickCount=1)
    assert opened.run(chosen) == "2"
    opened.wait_for("document.querySelector('#batch .facts').innerText.includes('Active')")
    assert "To be harvested" in opened.run("document.querySelector('#batch .facts').innerText")


def test_a_legend_hides_and_the_scale_follows(opened: Page) -> None:
    lines = "document.querySelectorAll('#batch figure:nth-of-type(2) path.line').length"
    before = opened.run(lines)
    opened.run("document.querySelector('#batch figure:nth-of-type(2) .key.dashed').click()")
    assert opened.run(lines) == before - 1
    ticks = "document.querySelector('#batch figure:nth-of-type(2) .axes').textContent"
    straight = opened.run(ticks)
    opened.run("document.querySelector('#batch figure:nth-of-type(2) figcaption button').click()")
    assert opened.run(ticks) != straight


def test_themes_change_the_paper(opened: Page) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    light = opened.run(paper)
    opened.theme("dark")
    dark = opened.run(paper)
    assert dark != light
    opened.run("document.querySelector('.theme').click()")
    assert opened.run(paper) == light, "one's own choice goes before the system's"
    opened.theme("light")


def test_paper_holds_every_map_and_the_page_comes_back(opened: Page, tmp_path: Path) -> None:
    drawn = "document.querySelectorAll('svg.plot').length"
    before = opened.run(drawn)
    assert opened.paper(tmp_path / "report.pdf").startswith(b"%PDF")
    assert opened.run(drawn) == before
    opened.run("dispatchEvent(new Event('beforeprint'))")
    assert opened.run("document.querySelectorAll('.paper-map svg.map').length") == 2
    opened.run("dispatchEvent(new Event('afterprint'))")
    assert opened.run(drawn) == before


def test_names_that_mean_harm_do_none(
    page: Page, hostile_schedule: Schedule, tmp_path: Path
) -> None:
    job = api.prepare(hostile_schedule, other_inputs=True)
    name = "</script><script>window.harmed=3</script>"
    subject = Subject(name, job.schedule, job.farm, job.parameters, "0")
    file = tmp_path / "plan.html"
    file.write_text(page_text(document(subject)), "utf-8")
    page.said.clear()
    page.open(file)
    assert page.run("window.harmed") is None
    assert page.said == []
    assert page.run("document.querySelector('h1').textContent") == name
    assert page.run("document.querySelectorAll('img').length") == 0
    names = page.run("document.querySelector('svg.map').textContent")
    assert "<script>window.harmed=1</script>" in names


def test_584_batches_open_at_once(page: Page, tmp_path: Path) -> None:
    answer = api.plan(batches=292, stagger="4.5", start="2016-01-01", as_of="2025-11-18")
    file = tmp_path / "schedule.yaml"
    write_schedule(answer.schedule, file)
    made = report(file, tmp_path / "plan.html")
    assert made.size < MOST_BYTES
    page.said.clear()
    assert min(page.open(made.output) for _ in range(3)) < MOST_SECONDS
    assert page.run("document.querySelectorAll('#plan .map .bar').length") > 200
    assert page.said == []


def test_charts_are_as_wide_as_their_place(opened: Page) -> None:
    """A picture that is scaled down has writing too small to read."""
    scales = """[...document.querySelectorAll('svg.plot')].map((plot) =>
        plot.getBoundingClientRect().width / plot.viewBox.baseVal.width)"""
    for width in (1440, 900, 400):
        opened.size(width, 900)
        opened.wait_for(f"{scales}.every((scale) => scale > 0.97 && scale < 1.03)")
        assert opened.run("document.documentElement.scrollWidth") <= width
    opened.size(1440, 900)
