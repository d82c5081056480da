"""Structure: the files are those that the records name, and hold what the records say."""

from __future__ import annotations

from collections.abc import Iterator

from grilse.dataset.layout import is_table_name
from grilse.dataset.records import read_all_records, record_totals
from grilse.tables.catalogue import TABLES
from grilse.verify.check import check
from grilse.verify.evidence import Evidence
from grilse.verify.runs import run_columns
from grilse.verify.verdict import Fault, Tally

__all__ = ["CHECKS"]


@check("structure.files", "Every file that a record names is there and can be read, and no other.")
def files(evidence: Evidence) -> Tally:
    return Tally.of(len(evidence.source.files), [*_unreadable(evidence), *_unrecorded(evidence)])


def _unreadable(evidence: Evidence) -> Iterator[Fault]:
    for swept in evidence.swept:
        file = swept.file
        if swept.broken:
            yield Fault(file.name, None, None, f"cannot be read: {swept.broken}")
        elif file.path.stat().st_size != file.size:
            size = file.path.stat().st_size
            yield Fault(file.name, None, None, f"has {size} bytes, recorded are {file.size}")


def _unrecorded(evidence: Evidence) -> Iterator[Fault]:
    """Find Parquet files that readers of whole folders would take for the dataset's."""
    root = evidence.source.root
    recorded = read_all_records(root).values()
    known = {name for record in recorded for name in record.files.values()}
    for path in sorted(root.glob("*/*.parquet")):
        name = path.relative_to(root).as_posix()
        if is_table_name(path.parent.name) and name not in known:
            yield Fault(name, None, None, "no record names this file")


@check("structure.records", "Every segment of the manifest is recorded, and totals add up.")
def records(evidence: Evidence) -> Tally:
    source = evidence.source
    missing = [name for name in source.manifest.segments if name not in source.records]
    faults = [Fault(name, None, None, "the manifest names it, no record does") for name in missing]
    added = record_totals(source.records.values())
    for name, totals in source.manifest.totals.items():
        if name in added and added[name] != totals:
            what = f"the manifest tells {totals.rows:,} rows and fingerprint "
            what += f"{totals.fingerprint:016x}, the records {added[name].rows:,} and "
            faults.append(Fault(name, None, None, what + f"{added[name].fingerprint:016x}"))
        elif name not in added and totals.rows:
            faults.append(Fault(name, None, None, f"{totals.rows:,} rows that no record has"))
    for name in added:
        if name not in TABLES or not evidence.has(name):
            faults.append(Fault(name, None, None, "a table that the manifest does not name"))
    return Tally.of(len(source.records), faults)


@check("structure.schema", "Every file has its table's columns, of its types, in its order.")
def schema(evidence: Evidence) -> Tally:
    faults = (
        Fault(swept.file.name, None, None, misfit)
        for swept in evidence.swept
        for misfit in swept.misfits
    )
    return Tally.of(len(evidence.swept), faults)


@check("structure.rows", "Every file has as many rows as its record says.")
def rows(evidence: Evidence) -> Tally:
    faults = (
        Fault(s.file.name, None, None, f"has {s.totals.rows:,} rows, not {s.file.recorded.rows:,}")
        for s in evidence.swept
        if not s.broken and not s.misfits and s.totals.rows != s.file.recorded.rows
    )
    return Tally.of(len(evidence.swept), faults)


@check("structure.fingerprints", "Every file's content has the fingerprint that its record says.")
def fingerprints(evidence: Evidence) -> Tally:
    if not evidence.with_fingerprints:
        return Tally(reason="left out on request")
    faults = (
        Fault(
            s.file.name, None, None,
            f"fingerprint {s.totals.fingerprint:016x}, not {s.file.recorded.fingerprint:016x}",
        )
        for s in evidence.swept
        if not s.broken and not s.misfits
        and s.totals.fingerprint != s.file.recorded.fingerprint
    )  # fmt: skip
    return Tally.of(sum(s.totals.rows for s in evidence.swept), faults)


@check("structure.values", "No value is missing where one must be; categories take known words.")
def values(evidence: Evidence) -> Tally:
    return evidence.seen("structure.values")


@check("structure.order", "Rows come in the order of their keys.", severity="info")
def order(evidence: Evidence) -> Tally:
    return evidence.seen("structure.order") + Tally(sum(s.totals.rows for s in evidence.swept))


@check("structure.failed", "A batch that failed has left no row behind.")
def failed(evidence: Evidence) -> Tally:
    tally = Tally(len(evidence.source.failed_batches))
    for table in evidence.tables.values():
        if tally.rows and "batch_id" in run_columns(table):
            tally += evidence.faults(
                f"""
                SELECT '{table.name}', batch_id, first_key,
                       format('{{}} rows of a batch that failed', row_count)
                FROM {table.name}_run JOIN failed_batch USING (batch_id)
                """,
                (),
            )
    return tally


CHECKS = (files, records, schema, rows, fingerprints, values, order, failed)
