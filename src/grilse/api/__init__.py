"""The verbs as functions: what the command line calls, and what a program can.

>>> from grilse import api
>>> answer = api.plan(batches=1, stagger=30, as_of="2024-01-01")
>>> answer.conflicts
0

A verb's module is imported when it is first asked for: planning needs neither Arrow nor DuckDB.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grilse.api.choosing import FROM_SCHEDULE
    from grilse.api.comparing import diff
    from grilse.api.demonstration import QUESTIONS, DemoReport, Question, demo
    from grilse.api.expecting import Expectation, expect
    from grilse.api.judging import judge_seeds
    from grilse.api.loading import LoadReport, load
    from grilse.api.mapping import mapped_place, wipe, wipe_count
    from grilse.api.migrating import export_as_legacy, migrate_check, plan_from_legacy
    from grilse.api.mirroring import verify_application
    from grilse.api.planning import plan
    from grilse.api.plotting import plot
    from grilse.api.preparing import Job, prepare
    from grilse.api.reporting import ReportMade, report
    from grilse.api.running import RunReport, run, run_to_nothing
    from grilse.api.summarising import summary

__all__ = [
    "FROM_SCHEDULE",
    "QUESTIONS",
    "DemoReport",
    "Expectation",
    "Job",
    "LoadReport",
    "Question",
    "ReportMade",
    "RunReport",
    "demo",
    "diff",
    "expect",
    "export_as_legacy",
    "judge_seeds",
    "load",
    "mapped_place",
    "migrate_check",
    "plan",
    "plan_from_legacy",
    "plot",
    "prepare",
    "report",
    "run",
    "run_to_nothing",
    "summary",
    "verify_application",
    "wipe",
    "wipe_count",
]

_HOMES = {
    "FROM_SCHEDULE": "choosing",
    "QUESTIONS": "demonstration",
    "DemoReport": "demonstration",
    "Expectation": "expecting",
    "Job": "preparing",
    "LoadReport": "loading",
    "Question": "demonstration",
    "ReportMade": "reporting",
    "RunReport": "running",
    "demo": "demonstration",
    "diff": "comparing",
    "expect": "expecting",
    "export_as_legacy": "migrating",
    "judge_seeds": "judging",
    "load": "loading",
    "mapped_place": "mapping",
    "migrate_check": "migrating",
    "plan": "planning",
    "plan_from_legacy": "migrating",
    "plot": "plotting",
    "prepare": "preparing",
    "report": "reporting",
    "run": "running",
    "run_to_nothing": "running",
    "summary": "summarising",
    "verify_application": "mirroring",
    "wipe": "mapping",
    "wipe_count": "mapping",
}
"""The module of each name."""


def __getattr__(name: str) -> Any:
    """Import a name's module the first time the name is asked for."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{home}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
