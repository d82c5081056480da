from __future__ import annotations

import pytest

from grilse.ground.pattern import compiled


def test_a_pattern_matches():
    assert compiled("Startfeeding.*").match("Startfeeding 2")


@pytest.mark.parametrize("text", ["(", "a{9999999999}", "(" * 5000 + ")" * 5000, "*"])
def test_what_is_no_pattern_is_a_value_error(text):
    with pytest.raises(ValueError, match=r"\w"):
        compiled(text)


def test_a_doubtful_pattern_is_taken_without_a_word(recwarn):
    assert compiled("[[a]").match("[")
    assert not recwarn.list
