"""``grilse demo``: the whole way once."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable, Iterator

import click

from grilse import api
from grilse.api.demo_loading import STANDARD_QUESTIONS, demo_load
from grilse.api.demonstration import demo_plan
from grilse.cli.loading import load_lines
from grilse.cli.mapped import mapped, mapping_options
from grilse.cli.telling import rows_line
from grilse.ground.errors import CheckFailed
from grilse.plan.metadata import summary_lines

__all__ = ["command"]

_EXAMPLE = """\b
Example: grilse demo --to somewhere"""


@click.command(name="demo", epilog=_EXAMPLE)
@click.option(
    "--to", default="demo", metavar="PLACE", show_default=True,
    help="Folder to work in: new, empty, or an earlier demo's, which is replaced; or a database, "
    "as `grilse run` has it.",
)  # fmt: skip
@click.option("--schema", metavar="NAME", help="Schema of a database.  [default: grilse]")
@mapping_options
@click.option(
    "--workers", type=click.IntRange(1, 1024), metavar="N", help="As `grilse run` has it."
)
def command(
    to: str, schema: str | None, workers: int | None, application: str | None,
    as_user: str | None, with_history: bool, drop_keys: bool,
) -> None:  # fmt: skip
    """Plan twenty batches, run them, verify them, and say where to look.

    The oldest of the batches have been harvested, the youngest are fry. It takes some seconds.
    """
    answer = demo_plan()
    job, place = mapped(api.prepare(answer.schedule), to, schema, application, as_user,
                        with_history, drop_keys)  # fmt: skip
    if place is not None:
        brought = demo_load(
            place, workers=workers, progress=sys.stderr.isatty(), plan=answer, job=job
        )
        questions = STANDARD_QUESTIONS if application is None else ()
        for line in (*load_lines(brought.load), *_question_lines(questions)):
            click.echo(line)
        return
    report = api.demo(to, workers=workers, progress=sys.stderr.isatty())
    for line in _lines(report):
        click.echo(line)
    for failure in report.run.result.failures:
        click.echo(f"failed      {failure.batch_id}: {failure.reason}", err=True)
    if report.run.result.failures or not report.verdict.passed:
        raise CheckFailed("The demo is not what it should be; see above.")


def _lines(report: api.DemoReport) -> Iterator[str]:
    data, schedule = (shlex.quote(str(path)) for path in (report.data, report.schedule))
    yield from summary_lines(report.plan)
    yield rows_line(report.run.result)
    yield from _verdict_lines(report)
    yield ""
    yield f"{schedule}  is the plan: read it, edit it, and run it again"
    yield f"{data}  is the dataset: a folder of Parquet files a table"
    if report.page is not None:
        yield f"{shlex.quote(str(report.page))}  is a page to look at: open it in a browser"
    yield f"grilse open {data}  starts DuckDB there. Try:"
    yield from _question_lines(api.QUESTIONS)


def _question_lines(questions: Iterable[api.Question]) -> Iterator[str]:
    for question in questions:
        yield ""
        yield f"-- {question.title}"
        yield question.sql


def _verdict_lines(report: api.DemoReport) -> Iterator[str]:
    verdict = report.verdict
    judged = [result for result in verdict.results if result.verdict in ("pass", "fail")]
    yield (
        f"verified    {len(judged) - len(verdict.failed)} of {len(judged)} checks passed, "
        f"{verdict.rows:,} rows of {verdict.batches:,} batches"
    )
    for result in verdict.failed:
        yield f"  failed    {result.name}: {result.meaning}"
