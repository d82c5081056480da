from __future__ import annotations

import re
import sys
from contextlib import suppress
from datetime import date
from io import StringIO

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from grilse.ground.errors import BadInput
from grilse.ground.marked_yaml import MarkedMap, MarkedSeq, load, plain, read, stream

TEXT = """\
# a comment
a: 1
b:
  c: [x, y]
  d:
  - 2.5
  - p: q
e: null
"""


@pytest.fixture(params=["C", "pure"])
def parser(request, monkeypatch):
    if request.param == "pure":
        monkeypatch.setitem(sys.modules, "yaml.cyaml", None)
    return request.param


def problems(text, **options):
    with pytest.raises(BadInput) as refusal:
        load(text, "f.yaml", **options)
    return [(problem.code, problem.line) for problem in refusal.value.problems]


def test_values_know_their_lines(parser):
    value = load(TEXT, "f.yaml")
    assert value == {"a": 1, "b": {"c": ["x", "y"], "d": [2.5, {"p": "q"}]}, "e": None}
    assert isinstance(value, MarkedMap)
    assert value.line == 2
    assert value.key_lines == {"a": 2, "b": 3, "e": 8}
    assert value["b"].line == 4
    below = value["b"]["d"]
    assert isinstance(below, MarkedSeq)
    assert (below.line, below.lines) == (6, [6, 7])
    assert value["b"]["c"].lines == [4, 4]


def test_plain_takes_the_marks_off():
    bare = plain(load(TEXT))
    assert type(bare) is dict
    assert type(bare["b"]["d"]) is list
    assert bare == load(TEXT)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: [1,2\nb: 3", [("Y-SYNTAX", 2)]),
        ("a:\n\tb: 1", [("Y-SYNTAX", 2)]),
        ("a: 1\nb: 2\na: 3", [("Y-DUPLICATE-KEY", 3)]),
        ("a: &x 1\nb: *x", [("Y-ANCHOR", 1), ("Y-ALIAS", 2)]),
        ("a: &x 1\nb: [*x, *x]\nc: *x", [("Y-ANCHOR", 1), ("Y-ALIAS", 2), ("Y-ALIAS", 3)]),
        ("a: 1\nb: !!int 3", [("Y-TAG", 2)]),
        ("a: !!python/object/apply:os.system [ls]", [("Y-TAG", 1)]),
        ("--- 1\n--- 2", [("Y-DOCUMENTS", 2)]),
        ("a: .nan\nb: -.inf\nc: 1e999", [("Y-NUMBER", 1), ("Y-NUMBER", 2), ("Y-NUMBER", 3)]),
        ("a: 9223372036854775807\nb: 9223372036854775808", [("Y-NUMBER", 2)]),
        ("a: " + "9" * 5000, [("Y-NUMBER", 1)]),
        ("[" * 40, [("Y-DEPTH", 1)]),
        ("? [1, 2]\n: 3", [("Y-KEY", 1)]),
        ("a: 'x\0'", [("Y-SYNTAX", None)]),
    ],
)
def test_what_is_not_read_is_refused_at_its_line(parser, text, expected):
    assert problems(text) == expected


def test_a_large_document_is_refused():
    assert problems("a: " + "x" * 200, limit=100) == [("F-TOO-LARGE", None)]


def test_a_bomb_ends_in_time():
    levels = "\n".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 60))
    assert len(problems("a0: &a0 [x]\n" + levels)) == 100


def test_an_empty_document_is_none(parser):
    assert load("") is None
    assert load("# only a comment\n") is None


def test_the_first_of_two_equal_keys_stands():
    with pytest.raises(BadInput, match=r"f:2: error Y-DUPLICATE-KEY.*line 1"):
        load("a: 1\na: 2\n", "f")


def test_a_stream_gives_items_one_by_one(parser):
    text = "m: {x: 1}\nbatches:\n- a: 1\n- b\n\n- [c]\nz: 2\n"
    pieces = [tuple(piece) for piece in stream(StringIO(text), "f", "batches")]
    assert pieces == [
        ("m", 1, None, {"x": 1}, 1),
        ("batches", 2, 0, {"a": 1}, 3),
        ("batches", 2, 1, "b", 4),
        ("batches", 2, 2, ["c"], 6),
        ("z", 7, None, 2, 7),
    ]


class Counted(StringIO):
    taken = 0

    def read(self, size=-1):
        part = super().read(size)
        self.taken += len(part)
        return part


def test_a_stream_yields_long_before_its_document_ends(parser):
    source = Counted("batches:\n" + "- a: 1\n" * 50_000)
    next(stream(source, "f", "batches"))
    assert source.taken < 100_000


@pytest.mark.parametrize("text", ["- 1", "just text", "batches: 3\nbatches: 4"])
def test_a_stream_refuses_what_has_no_keys_or_the_same_twice(text):
    with pytest.raises(BadInput):
        list(stream(StringIO(text), "f", "batches"))


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda path: None, "F-MISSING"),
        (lambda path: path.mkdir(), "F-DIRECTORY"),
        (lambda path: path.write_bytes(b"a: \xff\xfe"), "F-ENCODING"),
        (lambda path: path.write_bytes("a: b".encode("utf-16")), "F-ENCODING"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path, make, code):
    path = tmp_path / "f.yaml"
    make(path)
    with pytest.raises(BadInput) as refusal:
        read(path)
    assert [problem.code for problem in refusal.value.problems] == [code]
    assert str(path) in str(refusal.value)


def test_a_byte_order_mark_and_foreign_line_ends_do_no_harm(tmp_path):
    path = tmp_path / "f.yaml"
    path.write_bytes("\ufeffa: 1\r\nb: 2020-02-29\r\n".encode())
    value = read(path)
    assert value == {"a": 1, "b": date(2020, 2, 29)}
    assert value.key_lines == {"a": 1, "b": 2}


# `0E0` is a number in YAML 1.2, as is read here, and text to that writer, which leaves it bare.
TEXTS = st.text().filter(lambda text: not re.fullmatch(r"[-+]?[0-9.]+[eE][-+]?[0-9]+", text))
SCALARS = st.one_of(st.integers(-(2**63), 2**63 - 1), st.booleans(), st.none(), TEXTS, st.dates())
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=20
)


@given(VALUES)
@settings(max_examples=100, deadline=None)
def test_what_another_writer_dumps_is_read_back(value):
    try:
        text = yaml.safe_dump(value, allow_unicode=True)
    except UnicodeEncodeError:
        return
    kept = yaml.safe_load(text)
    try:
        assert plain(load(text)) == kept
    except BadInput as refusal:
        codes = {problem.code for problem in refusal.problems}
        assert codes <= {"Y-ANCHOR", "Y-ALIAS", "Y-TAG", "Y-DEPTH"}


@given(
    st.binary(max_size=80)
    | st.text(alphabet="{}[]:,-&*!|>'\"#%@` \n\tab1", max_size=80).map(str.encode)
)
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_read_or_refused(data):
    with suppress(BadInput):
        load(data.decode("utf-8", "replace"))
