from __future__ import annotations

import pytest

from grilse.ground.wording import numbered


@pytest.mark.parametrize(
    ("count", "thing", "said"),
    [
        (0, "batch", "0 batches"),
        (1, "batch", "1 batch"),
        (1200, "batch", "1,200 batches"),
        (1, "row", "1 row"),
        (2, "row", "2 rows"),
        (2, "box", "2 boxes"),
    ],
)
def test_a_number_of_things_is_said(count: int, thing: str, said: str) -> None:
    assert numbered(count, thing) == said
