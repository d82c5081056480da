"""A process that makes rows: rubbish is sought rarely while it does, and as before afterwards."""

from __future__ import annotations

import gc

import pytest

from grilse.run.memory import collecting_rarely


def threshold_within():
    with collecting_rarely():
        first = gc.get_threshold()[0]
        raise KeyError(first)


def test_rubbish_is_sought_rarely_and_then_as_before():
    usual = gc.get_threshold()
    with pytest.raises(KeyError) as told:
        threshold_within()
    assert told.value.args[0] == 100 * usual[0]
    assert gc.get_threshold() == usual
    assert gc.isenabled()
