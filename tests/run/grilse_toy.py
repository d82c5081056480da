"""A toy maker of real tables, in a module of its own so that worker processes can import it."""

import os
import signal
import time
from pathlib import Path

import numpy as np

from grilse.tables.catalogue import TABLES
from grilse.tables.keys import assignment_id, day_key, reading_id
from grilse.tables.schema import chunk

NAMES = ("geography", "batch", "environmental_reading", "growth_sample")
TOY_TABLES = {name: TABLES[name] for name in NAMES}
HOUR = 3_600_000_000


def readings(number, slot, hours):
    assignment = assignment_id(number, slot)
    return chunk(
        TABLES["environmental_reading"],
        {
            "reading_id": reading_id(assignment, 1, np.arange(hours)),
            "reading_time": np.arange(hours) * HOUR,
            "batch_id": number,
            "assignment_id": assignment,
            "container_id": slot,
            "sensor_id": slot * 16 + 1,
            "parameter": 0,
            "value": 8000 + np.arange(hours) % 7 * number,
        },
    )


def samples(number, days):
    assignment = assignment_id(number, 0)
    weight = 1000 * number + np.arange(days)
    return chunk(
        TABLES["growth_sample"],
        {
            "growth_sample_id": day_key(assignment, np.arange(days)),
            "sample_date": np.arange(days),
            "batch_id": number,
            "assignment_id": assignment,
            "sample_size": 30,
            **{f"{kind}_weight_g": weight for kind in ("avg", "std", "min", "max")},
            "avg_length_cm": weight,
            "std_length_cm": 5,
            "condition_factor": 1000,
        },
    )


def batch(number):
    return chunk(
        TABLES["batch"],
        {
            "batch_id": np.array([number]),
            "batch_number": f"TOY-{number:03d}",
            "geography_id": 1,
            "species": "Atlantic salmon",
            "start_date": 0,
            "egg_count": 1000,
            "status": 1,
            "stage_id": 1,
            "population_count": 900,
            "avg_weight_g": 100,
            "harvest_target_kg": np.ma.masked_array([5000], mask=[number % 2 == 0]),
            "end_date": np.ma.masked_array([0], mask=[True]),
        },
    )


def geography():
    return chunk(
        TABLES["geography"],
        {"geography_id": np.array([1, 2]), "name": ["Here", "There"], "code": ["HER", "THE"]},
    )


def make(context, plan):
    """Make batch `plan`; `context` says which fail, and how."""
    if plan == 0:
        yield "geography", geography()
        return
    yield "growth_sample", samples(plan, 10)
    yield "environmental_reading", readings(plan, 0, 50)
    misbehave(context, plan)
    yield "environmental_reading", readings(plan, 1, 30)
    yield "batch", batch(plan)


def misbehave(context, plan):
    time.sleep(context.get("seconds", 0.0))
    if plan in context.get("fail", ()):
        raise ZeroDivisionError(f"batch {plan} divides by nothing")
    if plan in context.get("kill_always", ()):
        os.kill(os.getpid(), signal.SIGKILL)
    if plan in context.get("hang", ()):
        time.sleep(60)
    for _ in range(600 if plan in context.get("naps", ()) else 0):
        time.sleep(0.1)
    if plan in context.get("stall", ()):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
        time.sleep(60)
    if plan in context.get("kill_once", ()) and is_first(context, plan):
        os.kill(os.getpid(), signal.SIGKILL)
    if plan in context.get("fail_once", ()) and is_first(context, plan):
        raise ConnectionError(f"batch {plan} lost its line")


def is_first(context, plan):
    """Whether it is the first time, in whichever process."""
    mark = Path(context["marks"]) / f"seen-{plan}"
    is_new = not mark.exists()
    mark.touch()
    return is_new
