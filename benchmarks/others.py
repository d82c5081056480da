"""What a general generator of data takes for rows of the same columns, with no farm behind them."""

from __future__ import annotations

import time
from pathlib import Path

from benchmarks.figure import Figure

__all__ = ["generator"]

_ROWS = 20_000


def generator(folder: Path) -> list[Figure]:
    """Rows of the shape of a sensor's readings by Faker: no value fits another."""
    try:
        from faker import Faker
    except ImportError:
        return []
    fake = Faker()
    Faker.seed(1)
    began = time.process_time()
    rows = [
        {
            "reading_id": fake.unique.random_int(1, 10**12),
            "reading_time": fake.date_time_between("-2y"),
            "batch_id": fake.random_int(1, 550),
            "assignment_id": fake.random_int(1, 10**9),
            "container_id": fake.random_int(1, 1960),
            "sensor_id": fake.random_int(1, 10**5),
            "parameter": fake.random_element(("temperature", "oxygen", "ph")),
            "value": fake.pydecimal(6, 3),
        }
        for _ in range(_ROWS)
    ]
    seconds = time.process_time() - began
    right = len({row["reading_id"] for row in rows}) == _ROWS
    return [
        Figure("others: Faker, a reading's columns alone", seconds / _ROWS * 1e9, "ns CPU",
               answer=f"{_ROWS:,} keys", is_right=right),
    ]  # fmt: skip
