"""A parameter file that was written reads back equal."""

from grilse.biology.parameters import builtin_parameters, changed_parameters
from grilse.ground.parameter_files import read_parameters
from grilse.ground.parameter_writing import dump_parameters


def test_the_builtin_parameters_read_back_equal():
    wanted = builtin_parameters()
    text = dump_parameters(wanted, "what was run")
    assert text.startswith("# what was run\n")
    found = read_parameters(text, "again.yaml")
    assert found == wanted
    assert found.entries == wanted.entries


def test_what_a_user_changes_is_in_the_file():
    changed = changed_parameters("sampling: {every_days: 14}", "mine.yaml")
    found = read_parameters(dump_parameters(changed), "again.yaml")
    assert found.number("sampling.every_days") == 14
    assert found == changed != builtin_parameters()
