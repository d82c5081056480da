"""Parameters: found by path with defaults, read strictly, overridden leaf by leaf."""

from __future__ import annotations

import pickle

import pytest

from grilse.ground.errors import BadInput
from grilse.ground.parameter_files import merged, read_parameters

BASE = """\
growth:
  peak_temp_c: {value: 9.5, unit: degC, min: 5, max: 20, source: a book}
  stage:
    default:
      default: {tgc: {value: 1.5, unit: g, min: 0, max: 5, source: a book}}
    fry:
      default: {tgc: {value: 1.2, unit: g, min: 0, max: 5, source: a book}}
      St. Kilda: {tgc: {value: 1.3, unit: g, min: 0, max: 5, source: a book}}
months: {value: [1, 2, 3], unit: degC, min: 0, max: 9, source: a book}
hours: {value: [8, 16], unit: h, min: 0, max: 23, length: any, source: a book}
name: {value: Salmo salar, source: a book}
names: {value: [a, b], source: a book}
feed:
  value: {from_g: [0, 10], mm: [0.5, 1], name: [small, large]}
  unit: {from_g: g, mm: mm}
  min: {from_g: 0, mm: 0.1}
  max: {from_g: 9999, mm: 20}
  source: a book
"""


@pytest.fixture(scope="module")
def base():
    return read_parameters(BASE, "base.yaml")


def codes(refused):
    return [(problem.code, problem.line) for problem in refused.value.problems]


def test_values_are_found_by_path(base):
    assert base.number("growth.peak_temp_c") == 9.5
    assert base.numbers("months") == (1.0, 2.0, 3.0)
    assert base.text("name") == "Salmo salar"
    assert base.texts("names") == ("a", "b")
    assert base.table("feed") == {
        "from_g": (0.0, 10.0),
        "mm": (0.5, 1.0),
        "name": ("small", "large"),
    }
    assert base.group("growth") == ("peak_temp_c", "stage")
    assert base.group("months") == ()
    assert base.leaf("months").line == 9


def test_the_nearest_default_stands_for_what_a_group_lacks(base):
    assert base.number(("growth", "stage", "fry", "St. Kilda", "tgc")) == 1.3
    assert base.number(("growth", "stage", "fry", "Norway", "tgc")) == 1.2
    assert base.number(("growth", "stage", "grower", "Norway", "tgc")) == 1.5
    assert base.has("growth.stage.grower.Norway.tgc")
    assert not base.has("growth.stage.grower.Norway.tgd")
    assert not base.has("growth.peak")


def test_what_is_not_there_or_of_another_kind_is_a_key_error(base):
    for ask, path in (
        (base.number, "growth"),
        (base.number, "months"),
        (base.numbers, "names"),
        (base.numbers, "growth.peak_temp_c"),
        (base.texts, "months"),
        (base.text, "growth.peak_temp_c"),
        (base.table, "months"),
        (base.leaf, "nothing.here"),
    ):
        with pytest.raises(KeyError, match=path.split(".")[0]):
            ask(path)


def test_fingerprint_is_of_values_alone(base):
    said_otherwise = BASE.replace("a book", "another").replace("max: 20", "max: 30")
    same = read_parameters(said_otherwise, "other.yaml")
    other = read_parameters(BASE.replace("9.5", "9.6"), "other.yaml")
    assert base == same
    assert hash(base) == hash(same)
    assert base.fingerprint == same.fingerprint
    assert base != other


def test_parameters_travel_to_workers(base):
    copy = pickle.loads(pickle.dumps(base))
    assert copy == base
    assert copy.number("growth.peak_temp_c") == 9.5


def test_a_users_file_overrides_some_leaves(base):
    text = """\
growth:
  peak_temp_c: 10
  stage:
    fry: {Norway: {tgc: {value: 2, source: own trials}}}
    grower: {default: {tgc: 3}}
hours: [6, 12, 18]
names: [x, y, z]
feed: {from_g: [0], mm: [2], name: [all]}
"""
    ours = merged(base, text, "ours.yaml")
    assert ours.number("growth.peak_temp_c") == 10.0
    assert ours.number("growth.stage.fry.Norway.tgc") == 2.0
    assert ours.leaf("growth.stage.fry.Norway.tgc").source == "own trials"
    assert ours.number("growth.stage.fry.Chile.tgc") == 1.2
    assert ours.number("growth.stage.grower.Chile.tgc") == 3.0
    assert ours.leaf("growth.stage.grower.default.tgc").unit == "g"
    assert ours.numbers("hours") == (6.0, 12.0, 18.0)
    assert ours.texts("names") == ("x", "y", "z")
    assert ours.table("feed")["name"] == ("all",)
    assert ours.numbers("months") == base.numbers("months")
    assert ours.leaf("growth.peak_temp_c").file == "ours.yaml"
    assert base.number("growth.peak_temp_c") == 9.5


def test_a_users_file_may_repeat_unit_and_range_but_not_change_them(base):
    same = "months: {value: [3, 2, 1], unit: degC, min: 0, max: 9, source: mine}"
    assert merged(base, same, "ours.yaml").numbers("months") == (3.0, 2.0, 1.0)
    with pytest.raises(BadInput) as refused:
        merged(base, same.replace("max: 9", "max: 99").replace("degC", "degF"), "ours.yaml")
    assert codes(refused) == [("P-UNIT", 1), ("P-MAX", 1)]


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("growth:\n  peak: 3", "P-KEY", 2),
        ("growth:\n  stage:\n    fry: {default: {tgd: 3}}", "P-KEY", 3),
        ("\nmonths: [1, 2]", "P-VALUE", 2),
        ("months: 3", "P-VALUE", 1),
        ("months: {value: [1, 2, 3], color: red}", "P-KEY", 1),
        ("growth:\n  peak_temp_c: 50", "P-RANGE", 2),
        ("growth:\n  peak_temp_c: warm", "P-VALUE", 2),
        ("growth:\n  peak_temp_c: true", "P-VALUE", 2),
        ("growth: 3", "P-SHAPE", 1),
        ("growth: {value: 3}", "P-SHAPE", 1),
        ("feed: {mm: [1], from_g: [0], name: [x]}", "P-VALUE", 1),
        ("feed: {from_g: [0, 10], mm: [1], name: [x, y]}", "P-TABLE", 1),
        ("feed: {from_g: [10, 0], mm: [1, 1], name: [x, y]}", "P-TABLE", 1),
        ("feed: {from_g: [0, 10], mm: [1, 100], name: [x, y]}", "P-RANGE", 1),
        ("- 1", "P-SHAPE", None),
    ],
)
def test_faults_of_a_users_file_are_located(base, text, code, line):
    with pytest.raises(BadInput) as refused:
        merged(base, text, "ours.yaml")
    assert codes(refused) == [(code, line)]
    assert refused.value.problems[0].file == "ours.yaml"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("length: any, source: a book}\nname:", "length: any}\nname:", "P-SOURCE"),
        ("length: any", "length: 2", "P-KEY"),
        ("unit: degC, min: 5", "min: 5", "P-UNIT"),
        ("unit: degC, min: 5", "unit: 7, min: 5", "P-UNIT"),
        ("min: 5", "min: low", "P-MIN"),
        ("min: 5, max: 20", "min: 5", "P-MAX"),
        ("value: 9.5", "value: 4.5", "P-RANGE"),
        ("{from_g: g, mm: mm}", "{from_g: g}", "P-UNIT"),
        ("value: [a, b]", "value: [a, 1]", "P-VALUE"),
        ("value: [a, b]", "value: []", "P-VALUE"),
        ("value: Salmo salar", "value: null", "P-VALUE"),
        ("value: [1, 2, 3]", "values: [1, 2, 3]", "P-SHAPE"),
        ("source: a book}\nnames", "source: a book, note: x}\nnames", "P-KEY"),
    ],
)
def test_faults_of_a_whole_file_are_told(old, new, code):
    assert old in BASE
    with pytest.raises(BadInput) as refused:
        read_parameters(BASE.replace(old, new, 1), "base.yaml")
    assert code in [problem.code for problem in refused.value.problems]


def test_all_faults_are_told_at_once(base):
    with pytest.raises(BadInput) as refused:
        merged(base, "growth: {peak_temp_c: 50}\nmonths: [0, 1]\nnobody: 3", "ours.yaml")
    assert codes(refused) == [("P-RANGE", 1), ("P-VALUE", 2), ("P-KEY", 3)]
