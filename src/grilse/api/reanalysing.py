"""The verb analyse: growth analysis of rows that are there, whoever made them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from functools import partial
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from grilse.analysis.batch import analyse as analyse_batch
from grilse.analysis.models import REFERENCE, Models, read_models
from grilse.analysis.observations import COLUMNS, NEEDED, Rows
from grilse.analysis.reading import AnyRows, FileRows, Files, batches_in, last_day_in, let_go
from grilse.api.analysing import ANALYSIS
from grilse.api.choosing import chosen_date, chosen_parameters
from grilse.api.reanalysing_databases import Question, asked_database
from grilse.api.running import check_workers
from grilse.dataset import amendment
from grilse.dataset.layout import HOUSE, MANIFEST
from grilse.dataset.manifest import Manifest
from grilse.dataset.records import SegmentRecord, read_records
from grilse.dataset.segments import segment_key, segment_name
from grilse.dataset.views import make_views
from grilse.ground.days import day_of
from grilse.ground.errors import BadInput, DestinationError, Problem
from grilse.ground.parameter_files import read_parameters
from grilse.ground.parameters import Parameters
from grilse.ground.text_file import open_text
from grilse.run.progress import showing
from grilse.run.result import RunResult
from grilse.run.run import run_segments
from grilse.run.task import PATIENCE, BatchTask, Patience, SegmentTask, Work, keep_no_record
from grilse.sinks.parquet import ParquetSink
from grilse.sinks.postgres.target import SCHEMES
from grilse.sinks.protocol import Sink
from grilse.tables.catalogue import TABLES
from grilse.tables.fingerprint import fingerprint
from grilse.tables.totals import Totals

__all__ = ["AnalysisReport", "analyse"]

_BATCHES_A_SEGMENT = 64
_DATABASE_ENDINGS = (".duckdb", ".ddb", ".db")
_TABLES = {name: TABLES[name] for name in ANALYSIS}


class _Source(Protocol):
    """Where a batch's rows are read."""

    def of(self, batch: int) -> Rows:
        """Return the rows of a batch, by table."""


@dataclass(frozen=True)
class AnalysisReport:
    """What came of an analysis.

    Attributes
    ----------
    place
        What was analysed.
    result
        Of the run: batches, failures, rows and fingerprint by table.
    told
        What was lacking, or taken for granted.
    """

    place: Path | str
    result: RunResult
    told: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Study:
    """What all batches are analysed with."""

    models: Models
    as_of: int


def analyse(
    place: str | PathLike[str],
    *,
    as_of: date | str | None = None,
    parameters: Parameters | str | PathLike[str] | None = None,
    application: str | PathLike[str] | None = None,
    schema: str | None = None,
    overwrite: bool = False,
    workers: int | None = None,
    patience: Patience = PATIENCE,
    progress: bool = False,
) -> AnalysisReport:
    """Analyse the growth of every batch of a place, and keep what comes of it there.

    Parameters
    ----------
    place
        A dataset of Grilse's; any other folder of Parquet files, ``T.parquet`` or ``T/*.parquet``
        for table T; a DuckDB file; or ``postgresql://...``. Rows of analysis that are there are
        made anew.
    as_of
        The date until which the batches were seen, where the place is no dataset; by default the
        day after the last event.
    parameters
        For places that are no dataset and lack the models of scenarios.
    application, schema
        Whose tables a database has, such as ``aquamind``, where they are not our own; and in what
        schema.
    overwrite
        Whether days of which others tell in an application's tables are told anew.
    workers, patience, progress
        As in `run`.

    Raises
    ------
    BadInput
        If an option is not what it can be.
    DestinationError
        If there is nothing to analyse, or it cannot be read or written.
    """
    check_workers(workers)
    root = Path(place)
    run = partial(_run, workers=workers, patience=patience, progress=progress)
    if "://" in str(place):
        _refuse_scheme(str(place))
        return _of_database(
            Question(str(place), application, schema, as_of, parameters, overwrite), run
        )
    if application is not None or schema is not None or overwrite:
        raise BadInput(
            Problem("A-PLACE", "whose tables they are, and in what schema, is told of a database",
                    found=str(place), allowed="postgresql://...")
        )  # fmt: skip
    if not root.exists():
        raise DestinationError(f"{root}: there is no such folder or file")
    if (root / MANIFEST).is_file():
        _refuse(as_of=as_of, parameters=parameters)
        return AnalysisReport(root, _of_dataset(root, run))
    return AnalysisReport(root, _of_others(root, as_of, chosen_parameters(parameters), run))


def _refuse_scheme(url: str) -> None:
    if url.partition("://")[0] not in SCHEMES:
        raise BadInput(
            Problem("A-PLACE", "growth analysis reads folders, DuckDB files and PostgreSQL",
                    found=url[:80], allowed="DIR, FILE.duckdb, postgresql://...")
        )  # fmt: skip


def _refuse(**options: Any) -> None:
    given = [name for name, value in options.items() if value is not None]
    if given:
        raise BadInput(
            Problem("A-OPTION", f"a dataset has its own {' and '.join(given)}", found=given[0],
                    mend="Leave the option out")
        )  # fmt: skip


def make(study: _Study, looked: tuple[_Source, int]) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Yield the analysis of one batch."""
    source, batch = looked
    for table, rows in analyse_batch(source.of(batch), study.models, study.as_of):
        yield table.name, rows


def _run(
    study: _Study, sink: Sink, keep: Any, tasks: list[SegmentTask], *,
    workers: int | None, patience: Patience, progress: bool,
) -> RunResult:  # fmt: skip
    count = sum(len(task.batches) for task in tasks)
    told: Any = showing(count, sys.stderr, is_shown=True) if progress else nullcontext()
    work = Work(make, study, _TABLES, sink, keep, patience)
    with told as shown:
        return run_segments(work, tasks, workers=workers, progress=shown)


def _of_dataset(root: Path, run: Any) -> RunResult:
    """Analyse a dataset of Grilse's: its records tell of the tables afterwards."""
    with amendment.open_amendment(root, ANALYSIS) as manifest:
        records = read_records(root)
        _refuse_blind(root, manifest)
        as_of = day_of(date.fromisoformat(manifest.inputs.as_of))
        study = _Study(_models(root, records), as_of)
        tasks = list(_tasks(root, manifest, records))
        before = {task.segment: _held(root, records[task.segment]) for task in tasks}
        keep = partial(amendment.amend, root, manifest.inputs.origin, ANALYSIS, before)
        marks = _marks(manifest)
        result: RunResult = run(study, ParquetSink(root, marks), keep, tasks)
        finished = amendment.finished(root, manifest)
        tables = [TABLES[name] for name in TABLES if name in finished.inputs.tables]
        make_views(root, tables, read_records(root), marks)
    return result


def _refuse_blind(root: Path, manifest: Manifest) -> None:
    missing = [name for name in NEEDED if name not in manifest.inputs.tables]
    if missing:
        raise DestinationError(f"{root}: was made without {', '.join(missing)}: nothing to analyse")


def _marks(manifest: Manifest) -> dict[str, str]:
    inputs = manifest.inputs
    return {"synthetic": "made by Grilse; no record of a real farm", "version": inputs.version,
            "seed": str(inputs.seed), "format": "1"}  # fmt: skip


def _models(root: Path, records: Mapping[str, SegmentRecord]) -> Models:
    file = root / HOUSE / "parameters.yaml"
    with open_text(file) as text:
        parameters = read_parameters(text.read(), str(file))
    told = {
        table: [pq.read_table(root / r.files[table], partitioning=None)
                for r in records.values() if table in r.tables]
        for table in REFERENCE
    }  # fmt: skip
    return read_models(told, parameters)


def _tasks(
    root: Path, manifest: Manifest, records: Mapping[str, SegmentRecord]
) -> Iterator[SegmentTask]:
    for name in amendment.latest(manifest):
        chain = [records[n] for n in sorted(records) if segment_key(n) == segment_key(name)]
        source = FileRows(_files(root, chain))
        yield SegmentTask(
            name,
            tuple(
                BatchTask(number, batch.batch_id, batch.entry, (source, number))
                for number, batch in sorted(records[name].batches.items())
                if batch.status == "done"
            ),
        )


def _files(root: Path, chain: list[SegmentRecord]) -> Files:
    return tuple(
        (table, tuple(str(root / r.files[table]) for r in chain if table in r.tables))
        for table in COLUMNS
    )


def _held(root: Path, record: SegmentRecord) -> dict[int, Totals]:
    """Return what a segment's analysis tables hold of each batch until now."""
    found: dict[int, Totals] = {}
    for name in set(ANALYSIS).intersection(record.tables):
        table = TABLES[name]
        rows = pq.read_table(root / record.files[name], partitioning=None).combine_chunks()
        for number in rows.column("batch_id").unique().to_pylist():
            mine = rows.filter(pa.compute.equal(rows.column("batch_id"), number))
            for part in mine.combine_chunks().to_batches():
                held = Totals(part.num_rows, fingerprint(table, part))
                found[number] = found.get(number, Totals()) + held
    return found


def _of_others(root: Path, as_of: date | str | None, parameters: Parameters, run: Any) -> RunResult:
    """Analyse rows that Grilse need not have made."""
    if root.is_file() and root.suffix not in _DATABASE_ENDINGS:
        raise DestinationError(f"{root}: is neither a folder nor a DuckDB file")
    source = AnyRows(str(root))
    try:
        numbers, last = batches_in(str(root)), last_day_in(str(root))
        models = read_models(source.reference(), parameters)
    except ValueError as error:
        raise DestinationError(f"{root}: {error}") from error
    day = day_of(chosen_date("as_of", as_of)) if as_of is not None else (last or 0) + 1
    tasks = _tasks_of(source, numbers)
    marks = {"about": "growth analysis by Grilse"}
    with TemporaryDirectory(prefix="grilse-analysis-") as folder:
        sink = ParquetSink(Path(folder), marks, flush_to_disk=False)
        result: RunResult = run(_Study(models, day), sink, keep_no_record, tasks)
        let_go(str(root))
        _bring(Path(folder), root)
    return result


def _tasks_of(source: AnyRows, numbers: Sequence[int]) -> list[SegmentTask]:
    size = _BATCHES_A_SEGMENT
    return [
        SegmentTask(
            segment_name(place),
            tuple(BatchTask(n, str(n), "", (source, n)) for n in numbers[first : first + size]),
        )
        for place, first in enumerate(range(0, len(numbers), size))
    ]


def _of_database(question: Question, run: Any) -> AnalysisReport:
    """Analyse what a database holds, and write what comes of it there, a batch at a time."""
    with asked_database(question) as study:
        found = run(
            _Study(study.models, study.as_of), study.sink, keep_no_record,
            _tasks_of(study.source, study.numbers),
        )  # fmt: skip
        return AnalysisReport(study.shown, found, study.told)


def _bring(made: Path, root: Path) -> None:
    """Put the tables made into the place: whole tables, each in place of what was there."""
    try:
        with duckdb.connect() if root.is_dir() else duckdb.connect(str(root)) as database:
            for name in ANALYSIS:
                files = sorted(map(str, made.glob(f"{name}/*.parquet")))
                if not files:
                    continue
                rows = f"SELECT * FROM read_parquet({files!r})"
                if not root.is_dir():
                    database.execute(f"CREATE OR REPLACE TABLE {name} AS {rows}")
                    continue
                target = root / f"{name}.parquet"
                aside = target.with_name(f"{target.name}.inprogress")
                quoted = str(aside).replace("'", "''")
                database.execute(f"COPY ({rows}) TO '{quoted}' (FORMAT parquet, COMPRESSION lz4)")
                aside.rename(target)
    except (duckdb.Error, OSError) as error:
        said = str(error).splitlines()[0]
        raise DestinationError(f"{root}: cannot be written: {said}") from error
