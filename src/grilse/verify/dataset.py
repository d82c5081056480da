"""A dataset is verified: opened, swept once, and put to every check."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq

from grilse.farm.model import Farm
from grilse.ground.errors import BadInput, Problem
from grilse.ground.parameters import Parameters
from grilse.tables.catalogue import TABLES
from grilse.tables.catalogue.reference import PARAMETERS
from grilse.tables.schema import Table
from grilse.verify.bands import limit
from grilse.verify.books import Stores
from grilse.verify.check import Check
from grilse.verify.checks import CHECKS, application, truth
from grilse.verify.derived import derive
from grilse.verify.evidence import Evidence
from grilse.verify.joints import doubted_joints
from grilse.verify.lice_rules import lice_rules
from grilse.verify.lived import hold_lived
from grilse.verify.oxygen import OxygenRule
from grilse.verify.planned import planned_batches, planned_stays
from grilse.verify.runs import READINGS
from grilse.verify.sea import sea_densities, sea_rules
from grilse.verify.session import Session, connect
from grilse.verify.source import Source, open_source
from grilse.verify.stretches import stretches
from grilse.verify.sweep import RowRules, SweptFile, sweep
from grilse.verify.verdict import CheckResult, Judgement, Severity, Tally, Verdict

__all__ = ["Options", "chosen_checks", "verify", "verify_source"]


@dataclass(frozen=True, slots=True)
class Options:
    """How a dataset is verified.

    Attributes
    ----------
    only
        Names of checks or groups to be made; all where empty.
    without
        Names of checks or groups to be left out.
    threads
        How many threads read and compute.
    memory_mb
        Most memory that the database may take before it spills to the disk.
    stretch_rows
        Most rows of batches, readings apart, that checks look at together.
    farm, parameters
        What the dataset is to be held against, beside the copies that it keeps of its own.
    against_truth
        Whether growth analysis is held against the truth that it has not seen.
    """

    only: Collection[str] = ()
    without: Collection[str] = ()
    threads: int = 2
    memory_mb: int = 1024
    stretch_rows: int = 8_000_000
    farm: Farm | None = None
    parameters: Parameters | None = None
    against_truth: bool = False

    @property
    def unasked(self) -> frozenset[str]:
        """Checks for which there is nothing to hold the dataset against."""
        named = {"asked.farm": self.farm, "asked.parameters": self.parameters}
        unasked = frozenset(name for name, given in named.items() if given is None)
        return unasked if self.against_truth else unasked | {each.name for each in truth.CHECKS}


def verify(root: Path, options: Options | None = None) -> Verdict:
    """Check a dataset against every law, from its rows alone.

    Parameters
    ----------
    root
        The dataset's folder.
    options
        How; by default every check, with two threads.

    Returns
    -------
    Verdict
        One result a check; a dataset passes when no check of severity ``error`` finds a fault.

    Raises
    ------
    DestinationError
        If there is no dataset, or what it says of itself cannot be read.
    BadInput
        If an option names no check, or the saved inputs cannot be read.
    """
    asked = options or Options()
    chosen_checks(asked)
    source = replace(
        open_source(root), asked_farm=asked.farm, asked_parameters=asked.parameters
    )  # fmt: skip
    return verify_source(source, asked)


def verify_source(source: Source, asked: Options) -> Verdict:
    """Check what was opened, as `verify` does: a dataset, or what an application's tables hold."""
    chosen = tuple(c for c in chosen_checks(asked) if _is_meant(c, source, asked))
    began = time.perf_counter()
    with TemporaryDirectory(prefix="grilse-verify-") as spill:
        connection = connect(Path(spill), asked.threads, asked.memory_mb)
        try:
            evidence = _gathered(source, Session(connection), asked, chosen)
            results = tuple(_results(evidence, chosen, asked))
        finally:
            connection.close()
    rows = sum(swept.totals.rows for swept in evidence.swept)
    batches = evidence.rows("batch")
    return Verdict(str(source.root), batches, rows, results, time.perf_counter() - began)


def chosen_checks(options: Options) -> tuple[Check, ...]:
    """Return the checks that options ask for; raises BadInput where they name none."""
    known = {name for check in CHECKS for name in (check.name, check.name.partition(".")[0])}
    unknown = [name for name in (*options.only, *options.without) if name not in known]
    if unknown:
        groups = ", ".join(dict.fromkeys(check.name.partition(".")[0] for check in CHECKS))
        raise BadInput(
            Problem("V-CHECK", "there is no such check or group", found=name, allowed=groups)
            for name in unknown
        )
    return tuple(
        check
        for check in CHECKS
        if (check.name not in options.unasked)
        and (not options.only or _is_named(check, options.only))
        and not _is_named(check, options.without)
    )


def _is_meant(check: Check, source: Source, options: Options) -> bool:
    """Whether a check is for such a source; those for applications' tables are made of no other."""
    is_for_others = check in application.CHECKS
    return not is_for_others or source.application is not None or _is_named(check, options.only)


def _is_named(check: Check, names: Collection[str]) -> bool:
    return check.name in names or check.name.partition(".")[0] in names


def _gathered(
    source: Source, session: Session, options: Options, chosen: Iterable[Check]
) -> Evidence:
    """Sweep the files, those first that others are held against, and load what can be read."""
    with_fingerprints = any(check.name == "structure.fingerprints" for check in chosen)
    threads = options.threads
    first = [file for file in source.files if _is_first(file.table)]
    swept = [
        _without_runs(session, each)
        for each in sweep(first, threads, with_fingerprints=with_fingerprints)
    ]
    _load(session, swept, are_first=True)
    hours = _hours_written(source.parameters)
    rules = RowRules(hours, _oxygen_rule(source, session), _stores(session))
    others = [file for file in source.files if not _is_first(file.table)]
    for each in sweep(others, threads, rules=rules, with_fingerprints=with_fingerprints):
        swept.append(_without_runs(session, each))
    _load(session, swept, are_first=False)
    _hold_plan(source, session)
    derive(session, source.as_of.isoformat())
    if source.application is not None:
        hold_lived(session, source.application)
    doubts = {
        (name, each.file.table.name)
        for each in swept
        for part in each.parts
        for name in part.doubts
    }
    doubts.update(doubted_joints(session))
    return Evidence(source, session, tuple(swept), hours, frozenset(doubts), with_fingerprints)


def _hours_written(parameters: Parameters) -> tuple[int, ...]:
    """Return the hours whose readings are written: of those taken, some spread over the day."""
    taken = [int(hour) for hour in parameters.numbers("environment.reading_hours")]
    path = "environment.written_per_day"
    wanted = int(parameters.number(path)) if parameters.has(path) else len(taken)
    kept = min(wanted, len(taken))
    return tuple(taken[place * len(taken) // kept] for place in range(kept))


def _is_first(table: Table) -> bool:
    """Whether rows of other tables are held against a table's while they are swept."""
    return table.owner == "farm" or table.name == "feed_lot"


def _load(session: Session, swept: Iterable[SweptFile], *, are_first: bool) -> None:
    good = [each.file for each in swept if not each.broken and not each.misfits]
    for table in TABLES.values():
        if _is_first(table) == are_first:
            session.load(table, [file for file in good if file.table is table])


def _without_runs(session: Session, swept: SweptFile) -> SweptFile:
    """Move a file's runs into the database."""
    for part in swept.parts:
        if part.runs is not None:
            session.add_runs(swept.file.table, part.runs)
    return replace(swept, parts=tuple(replace(part, runs=None) for part in swept.parts))


def _stores(session: Session) -> Stores:
    """Say whose feed is eaten where: halls and areas have stores of their own numbers."""
    places = session.all("SELECT container_id, coalesce(hall_id, area_id) FROM container")
    lots = session.all("SELECT lot_id, feed_id, store_id FROM feed_lot")
    return Stores(dict(places), {lot: (feed, store) for lot, feed, store in lots})


def _oxygen_rule(source: Source, session: Session) -> OxygenRule:
    """Say between what salinities each container's water can lie: none on land."""
    places = session.all(
        "SELECT container_id, g.name FROM container c LEFT JOIN area a USING (area_id) "
        "LEFT JOIN geography g USING (geography_id)"
    )
    ranges = {
        name: source.parameters.numbers(("salinity", str(name), "range"))
        for name in {name for _, name in places if name is not None}
    }
    salinity = {
        container: (ranges[name][0], ranges[name][1]) if name is not None else (0.0, 0.0)
        for container, name in places
    }
    return OxygenRule(
        salinity,
        limit("oxygen_least_share"),
        limit("oxygen_most_share"),
        limit("oxygen_resolution_mg_l"),
        tuple(_asked_of_oxygen(source)),
    )


def _asked_of_oxygen(source: Source) -> Iterator[tuple[int, int]]:
    """Yield the ranges of oxygen's keys that the schedule's own events touched.

    Read ahead of the sweep, which looks at each reading once; a file that cannot be read is told
    by the sweep itself.
    """
    step, oxygen = 1 << 16, PARAMETERS.index("oxygen") + 1
    for file in source.files:
        if file.table.name == "injected_event":
            try:
                rows = pq.read_table(file.path, partitioning=None).to_pylist()
            except (OSError, pa.ArrowException):
                continue
            for row in rows:
                if row["table_name"] == READINGS:
                    least, most = int(row["first_key"]), int(row["last_key"])
                    place = least // step % 16
                    if place in (PARAMETERS.index("temperature") + 1, oxygen):
                        away = (oxygen - place) * step
                        yield least + away, most + away


def _hold_plan(source: Source, session: Session) -> None:
    """Hold what schedule and parameters fix as tables beside the rows."""
    session.hold("planned_batch", planned_batches(source.schedule))
    session.hold("planned_stay", planned_stays(source.schedule))
    geographies = {plan.geography for plan in source.schedule.batches}
    session.hold("sea_rule", sea_rules(source.parameters, geographies))
    session.hold("sea_density", sea_densities(source.parameters, geographies))
    session.hold("lice_rule", lice_rules(source.parameters, geographies))
    failed = list(source.failed_batches)
    session.hold("failed_batch", pa.table({"batch_id": pa.array(failed, pa.int64())}))
    plan = source.parameters.table("stages.plan")
    pairs = [
        (str(stage), parameter)
        for stage, environment in zip(plan["key"], plan["environment"], strict=True)
        for parameter in source.parameters.texts(("measured", str(environment)))
    ]
    session.hold(
        "stage_sensor",
        pa.table(
            {"stage": [stage for stage, _ in pairs], "parameter": [name for _, name in pairs]}
        ),
    )


def _results(
    evidence: Evidence, chosen: Iterable[Check], options: Options
) -> Iterator[CheckResult]:
    """Make the checks that go by stretches, a stretch at a time; then tell all in their order."""
    chosen = tuple(chosen)
    made: dict[str, tuple[Tally, float]] = {}
    by_stretch = [check for check in chosen if check.by_stretch]
    for part in _parts(evidence, options) if by_stretch else ():
        for check in by_stretch:
            tally, seconds = made.get(check.name, (Tally(), 0.0))
            more, took = _made(part, check)
            made[check.name] = (tally + more, seconds + took)
    for check in chosen:
        tally, seconds = made[check.name] if check.by_stretch else _made(evidence, check)
        if not (tally.rows or tally.faults or tally.reason or tally.figures):
            tally = Tally(reason="there are no such rows")
        severity = _severity(evidence, check)
        verdict = _judgement(severity, tally)
        yield CheckResult(check.name, check.meaning, severity, verdict, tally, seconds)


def _made(evidence: Evidence, check: Check) -> tuple[Tally, float]:
    """Make one check, and say how many seconds it took."""
    began = time.perf_counter()
    told = evidence.source.application
    if told is not None and (why := told.why_unfit(check.name)):
        return Tally(reason=why), 0.0
    missing = [name for name in check.needs if not evidence.has(name)]
    if missing:
        made = f"the dataset was made without {', '.join(missing)}"
        return Tally(reason=made if told is None else "its tables tell nothing of that"), 0.0
    return check.rule(evidence), time.perf_counter() - began


def _parts(evidence: Evidence, options: Options) -> Iterator[Evidence]:
    """Yield the evidence a stretch of segments at a time, with its tables in focus."""
    parts = stretches(evidence.source, options.stretch_rows)
    if len(parts) == 1:
        yield evidence
        return
    for part in parts:
        evidence.session.focus(part.segments, part.least, part.most)
        yield replace(evidence, segments=part.segments)
    evidence.session.focus(None, None, None)


def _severity(evidence: Evidence, check: Check) -> Severity:
    told = evidence.source.application
    return "info" if told is not None and check.name in told.informs else check.severity


def _judgement(severity: Severity, tally: Tally) -> Judgement:
    if tally.reason:
        return "skip"
    if severity == "info" or (tally.figures and not tally.faults):
        return "inform"
    return "fail" if tally.faults else "pass"
