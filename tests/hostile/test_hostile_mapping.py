"""A mapping of another application whose parts are of the wrong kinds is refused, whole."""

import pytest

from grilse.ground.errors import BadInput
from grilse.mapping.reading import BUILTIN, read_application

WHOLE = """\
application: other
user: SELECT 1
batches_there: SELECT 1
stays_there: SELECT 1
containers: tank
tables:
- {table: t, from: batch, key: {column: id, name: batch, bits: 31}, columns: {a: int4 = batch_id}}
"""


def read(tmp_path, text):
    path = tmp_path / "mapping.yaml"
    path.write_text(text)
    return read_application(str(path))


def test_it_is_taken_as_it_is(tmp_path):
    assert len(read(tmp_path, WHOLE).tables) == 1
    assert all(read_application(name).tables for name in BUILTIN)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("tables:\n-", "tables:\n- no mapping\n-"),
        ("key: {column: id, name: batch, bits: 31}", "key: id"),
        ("bits: 31", "bits: many"),
        ("bits: 31", "bits: true"),
        ("columns: {a: int4 = batch_id}", "columns: [a]"),
        ("columns: {a: int4 = batch_id}", "columns: {a: '$(touch owned)'}"),
        ("table: t,", "table: [t],"),
        ("from: batch", "from: 7"),
        ("application: other", "application: [other]"),
        ("application: other", "macros: 5\napplication: other"),
        ("application: other", "masters: {a: 1}\napplication: other"),
        ("application: other", "handovers: 1\napplication: other"),
        ("application: other", "nonsense: 1\napplication: other"),
    ],
)
def test_a_part_of_the_wrong_kind_is_refused_with_its_line(tmp_path, old, new):
    with pytest.raises(BadInput, match=r"mapping\.yaml:\d+: error M-FORM"):
        read(tmp_path, WHOLE.replace(old, new))
