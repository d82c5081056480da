"""The verb report: a schedule, or a dataset, as one page that opens from disk."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass, replace
from os import PathLike, fspath
from pathlib import Path

import duckdb

from grilse.api.preparing import Job, prepare
from grilse.api.recalling import kept_job
from grilse.dataset.files import write_whole
from grilse.dataset.manifest import read_manifest
from grilse.dataset.views import connect
from grilse.farm.model import Farm
from grilse.ground.errors import DestinationError
from grilse.ground.version import __version__
from grilse.report.document import document
from grilse.report.page import MARK, page_text
from grilse.report.rows import Rows
from grilse.report.subject import MOST_LIVES, Subject
from grilse.verify.dataset import Options, verify
from grilse.verify.verdict import Verdict

__all__ = ["DEFAULT_OUTPUT", "ReportMade", "report", "subject_of_dataset"]

DEFAULT_OUTPUT = "report.html"


@dataclass(frozen=True)
class ReportMade:
    """A report that was written.

    Attributes
    ----------
    output
        Its file.
    size
        Its length in bytes.
    batches, drawn
        How many batches there are, and how many are drawn.
    verdict
        What verification found; None where nothing was verified.
    """

    output: Path
    size: int
    batches: int
    drawn: int
    verdict: Verdict | None


def report(
    source: str | PathLike[str],
    output: str | PathLike[str] = DEFAULT_OUTPUT,
    *,
    title: str | None = None,
    farm: Farm | str | PathLike[str] | None = None,
    verdict: Verdict | None = None,
    verified: bool = True,
    overwrite: bool = False,
) -> ReportMade:
    """Write the report of a dataset, or of a schedule.

    Parameters
    ----------
    source
        A dataset's folder, or a schedule's file: of a schedule the plan alone is told.
    output
        The file. A report that stands there is replaced; anything else stays, unless `overwrite`
        is given.
    title
        Of the page; the source's own name where none is given.
    farm
        Of a schedule: its farm, where it is another than `prepare` finds.
    verdict
        What verification found, where that is known already.
    verified
        Whether a dataset is verified, where no verdict is given.

    Raises
    ------
    BadInput
        If the source cannot be read, or has no batch.
    DestinationError
        If the dataset is not finished, or the file cannot be written.
    """
    target = Path(output)
    _check_output(target, overwrite)
    root = Path(source)
    if root.suffix == ".duckdb":
        raise DestinationError(f"{root}: name the dataset's folder, or a schedule's file")
    with ExitStack() as stack:
        if root.is_dir():
            found = None if verified is False else verdict or verify(root, _options())
            subject = subject_of_dataset(root, stack.enter_context(connect(root)), found)
        else:
            subject = _of_job(prepare(fspath(source), farm=farm, other_inputs=True), root.name)
        named = subject if title is None else replace(subject, name=title)
        text = page_text(document(named))
    write_whole(target, text)
    size = target.stat().st_size
    batches = len(subject.schedule.batches)
    return ReportMade(target, size, batches, min(batches, MOST_LIVES), subject.verdict)


def subject_of_dataset(
    root: Path, connection: duckdb.DuckDBPyConnection, verdict: Verdict | None = None
) -> Subject:
    """Return a dataset as the subject of a report; `connection` is open on its views."""
    manifest = read_manifest(root)
    job = kept_job(root)
    rows = Rows(connection, {name: totals.rows for name, totals in manifest.totals.items()})
    return Subject(
        root.resolve().name, job.schedule, job.farm, job.parameters, __version__, manifest, rows,
        verdict,
    )  # fmt: skip


def _of_job(job: Job, name: str) -> Subject:
    return Subject(name, job.schedule, job.farm, job.parameters, __version__)


def _options() -> Options:
    if hasattr(os, "sched_getaffinity"):
        return Options(threads=len(os.sched_getaffinity(0)))
    return Options(threads=os.cpu_count() or 1)


def _check_output(target: Path, overwrite: bool) -> None:
    """Refuse a file that holds something else, before any work is done."""
    try:
        reason = _objection(target, overwrite)
    except OSError as error:
        reason = f"cannot be used: {error.strerror or error}"
    if reason:
        raise DestinationError(f"{target}: {reason}")


def _objection(target: Path, overwrite: bool) -> str | None:
    if target.is_dir():
        return f"is a folder; name a file: --output {target / DEFAULT_OUTPUT}"
    if not target.absolute().parent.is_dir():
        return f"there is no folder {target.parent}; make it first"
    if overwrite or not target.exists():
        return None
    with open(target, encoding="utf-8", errors="replace") as file:
        first = file.readline(200)
    if not first or MARK in first:
        return None
    return (
        "holds something that is not a report of Grilse's, and stays as it is; choose another "
        "--output, or give --overwrite to replace it"
    )
