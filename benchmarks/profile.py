"""Where the time goes: what each family of tables costs a row, from state to file."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pyarrow as pa

from benchmarks.figure import Figure
from grilse import api
from grilse.expand import batch as families
from grilse.expand.batch import batch_rows
from grilse.run.memory import keep_freed_memory
from grilse.simulate.batch import simulate
from grilse.sinks.parquet import ParquetSink

__all__ = ["profile"]

_BATCHES = 24


def profile(folder: Path) -> list[Figure]:
    """Make some batches in the middle of the classic load, and time each step of theirs."""
    keep_freed_memory()
    pa.set_cpu_count(1)
    job = api.prepare(folder / "550.yaml")
    world, spent, rows = job.production.world, Counter[str](), 0
    writer = ParquetSink(folder).begin("e0001-s9999")
    for batch in job.schedule.batches[100 : 100 + _BATCHES]:
        began = time.process_time()
        state = simulate(world, batch)
        spent["simulate"] += time.process_time() - began
        writer.begin_batch(batch.number)
        for family, tables in families._FAMILIES:
            names = {table.name for table in tables} & set(job.tables)
            began = time.process_time()
            made = [*family(world, state)]
            spent[f"make {family.__name__}"] += time.process_time() - began
            del made, names
        for table, part in batch_rows(world, state, job.tables):
            rows += part.num_rows
            began = time.process_time()
            writer.write(table, part)
            spent["fingerprint and write"] += time.process_time() - began
        began = time.process_time()
        writer.end_batch()
        spent["fingerprint and write"] += time.process_time() - began
    began = time.process_time()
    writer.commit()
    spent["fingerprint and write"] += time.process_time() - began
    return [Figure(f"profile: {name}", seconds / rows * 1e9, "ns CPU")
            for name, seconds in spent.most_common()]  # fmt: skip
