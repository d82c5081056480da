"""The page is one file: nothing outside, nothing of the data as markup, its code alone."""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from hashlib import sha256
from html.parser import HTMLParser
from importlib import resources
from zlib import decompress

import pytest

from grilse import api
from grilse.report.document import document
from grilse.report.page import MARK, page_text
from grilse.report.subject import Subject
from grilse.schedule.model import Schedule


class _Elements(HTMLParser):
    """The elements of a page as a browser meets them, with the text of its scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.found and self.found[-1][0] in ("script", "style", "title"):
            self.texts.append(data)


@pytest.fixture(scope="module")
def hostile_page(hostile_schedule: Schedule) -> str:
    job = api.prepare(hostile_schedule, other_inputs=True)
    name = "</title></style></script><script>window.harmed=3</script>\u2028"
    return page_text(document(Subject(name, job.schedule, job.farm, job.parameters, "0")))


def _elements(page: str) -> _Elements:
    elements = _Elements()
    elements.feed(page)
    return elements


def test_names_that_mean_harm_are_text(hostile_page: str, hostile_schedule: Schedule) -> None:
    elements = _elements(hostile_page)
    scripts = [attributes for tag, attributes in elements.found if tag == "script"]
    assert scripts.count({}) == 1
    assert {each.get("type") for each in scripts} == {None, "application/json", "text/plain"}
    assert "img" not in {tag for tag, _ in elements.found}
    assert hostile_page.count("</title>") == 1
    assert hostile_page.count("</style>") == 1
    whole = json.loads(next(text for text in elements.texts if text.startswith('{"about"')))
    assert whole["plan"]["batches"][0]["id"] == hostile_schedule.batches[0].batch_id
    assert "window.harmed=3" in whole["about"]["name"]


def test_the_data_hold_no_character_of_markup(hostile_page: str) -> None:
    for block in re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', hostile_page):
        assert not set("<>&\u2028\u2029") & set(block)
    for block in re.findall(r'<script type="text/plain"[^>]*>(.*?)</script>', hostile_page):
        json.loads(decompress(b64decode(block, validate=True)))


def test_the_policy_lets_this_code_run_alone(hostile_page: str) -> None:
    elements = _elements(hostile_page)
    policy = next(
        attributes["content"]
        for tag, attributes in elements.found
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", hostile_page, re.DOTALL)
        told = b64encode(sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{told}'" in policy


def test_nothing_is_asked_of_outside(hostile_page: str) -> None:
    assert set(re.findall(r"https?://[^\s'\"]+", hostile_page)) == {"http://www.w3.org/2000/svg"}
    for tag, attributes in _elements(hostile_page).found:
        assert not {"src", "href"} & set(attributes), tag


def test_no_code_reads_text_as_markup() -> None:
    folder = resources.files("grilse.report").joinpath("page")
    codes = {each.name: each.read_text("utf-8") for each in folder.iterdir()
             if each.name.endswith(".js")}  # fmt: skip
    assert len(codes) > 5
    for name, code in codes.items():
        assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(", code), (
            name
        )
        assert len(code.splitlines()) < 400, name
        assert "</script" not in code, name


def test_equal_subjects_give_equal_pages(hostile_schedule: Schedule, hostile_page: str) -> None:
    job = api.prepare(hostile_schedule, other_inputs=True)
    name = "</title></style></script><script>window.harmed=3</script>\u2028"
    again = page_text(document(Subject(name, job.schedule, job.farm, job.parameters, "0")))
    assert again == hostile_page
    assert MARK in again.partition("\n")[0]
