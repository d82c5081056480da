"""A verb that is not there is refused with the one that may be meant."""

import pytest

from grilse.cli.main import main


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("verfy", "verify"), ("statsu", "status"), ("RUN", "run"), ("plna", "plan")],
)
def test_what_may_be_meant_is_named(typed, meant, capsys):
    assert main([typed, "x"]) == 2
    assert f"Did you mean {meant}" in capsys.readouterr().err


@pytest.mark.parametrize("typed", ["qqqqqq", "", "\x00", "пуск"])
def test_what_is_like_no_verb_is_refused_all_the_same(typed, capsys):
    assert main([typed]) == 2
    said = capsys.readouterr().err
    assert "there is no verb" in said
    assert "Did you mean" not in said
