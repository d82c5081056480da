"""Logs of a run: a file a batch, and one to follow, in a folder that holds no table.

Logs tell of the making of the data, its time and its trouble; they are not part of the data, and
no law holds for them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import TextIO

from grilse.ground.errors import DestinationError
from grilse.run.result import BatchFailure, BatchStory, SegmentResult

__all__ = ["RUN_LOG", "Log", "log_name", "logging_to"]

RUN_LOG = "run.log"
"""The file to follow."""

_PLAIN = re.compile(r"[A-Z0-9][A-Z0-9._-]{0,99}")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")
_LONGEST_SLUG = 80

Planned = Callable[[int], str]
"""Tells what was planned for the batch of a number."""


def log_name(batch_id: str) -> str:
    """Return the name of a batch's log file; no two ids have the same one.

    Ids of capitals, digits, dots and dashes stand as they are. Any other is made safe and gets ten
    digits of its digest, so that ``a/b`` and ``a_b``, or ``x`` and ``X`` where files take no notice
    of case, do not meet.
    """
    if _PLAIN.fullmatch(batch_id):
        return f"batch_{batch_id}.log"
    digest = blake2b(batch_id.encode("utf-8", "surrogatepass"), digest_size=5).hexdigest()
    return f"batch_{_UNSAFE.sub('_', batch_id)[:_LONGEST_SLUG]}~{digest}.log"


class Log:
    """Writes what came of the segments; made by `logging_to`."""

    def __init__(self, folder: Path, stream: TextIO, planned: Planned) -> None:
        self._folder, self._stream, self._planned = folder, stream, planned

    def line(self, text: str) -> None:
        """Add a line to the file to follow. A full disk ends the log, not the run."""
        with suppress(OSError, ValueError):
            print(f"{_now()} {text}", file=self._stream, flush=True)

    def segment(self, result: SegmentResult) -> None:
        """Write down a segment, and each of its batches in a file of its own."""
        failures = {failure.number: failure for failure in result.failures}
        self.line(
            f"segment {result.record.segment}: {len(result.record.batches)} batches, "
            f"{len(failures)} failed, {result.rows:,} rows, {result.cpu_seconds:.2f} CPU s"
        )
        for number, record in result.record.batches.items():
            failure, story = failures.get(number), result.stories.get(number)
            self._tell(record.batch_id, failure, story)
            if number > 0:
                lines = self._batch(number, record.batch_id, result, failure, story)
                with suppress(OSError):
                    text = "\n".join(lines) + "\n"
                    (self._folder / log_name(record.batch_id)).write_text(text, encoding="utf-8")

    def _tell(self, batch_id: str, failure: BatchFailure | None, story: BatchStory | None) -> None:
        """Name what is out of the ordinary in the file to follow."""
        if failure is not None:
            self.line(f"failed {batch_id}: {failure.reason}")
        for warning in story.warnings if story is not None else ():
            self.line(f"warning {batch_id}: {warning}")

    def _batch(
        self, number: int, batch_id: str, result: SegmentResult,
        failure: BatchFailure | None, story: BatchStory | None,
    ) -> Iterator[str]:  # fmt: skip
        yield f"batch     {batch_id}, number {number}, segment {result.record.segment}"
        yield f"status    {'made' if failure is None else f'FAILED: {failure.reason}'}"
        yield f"planned   {self._planned(number)}"
        rows = result.batch_rows.get(number, {})
        yield f"rows      {sum(rows.values()):,}"
        yield from (f"  {table:<32} {count:>12,}" for table, count in rows.items())
        if story is not None:
            yield f"seconds   {story.seconds:.3f}"
            yield f"warnings  {len(story.warnings)}"
            yield from (f"  {warning}" for warning in story.warnings)
            yield "output" + ("    none" if not story.output else "")
            yield from (f"  {line}" for line in story.output.splitlines())
        if failure is not None and failure.traceback:
            yield failure.traceback.rstrip()


@contextmanager
def logging_to(folder: Path | None, planned: Planned) -> Iterator[Log | None]:
    """Keep a log in a folder during the block; no log where there is no folder.

    Parameters
    ----------
    folder
        Made where it is missing. What earlier runs logged of the same batches is replaced; the
        file to follow is added to.
    planned
        Tells what was planned for a batch.

    Raises
    ------
    DestinationError
        If nothing can be written there.
    """
    if folder is None:
        yield None
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        stream = (folder / RUN_LOG).open("a", encoding="utf-8")
    except OSError as error:
        reason = error.strerror or error
        raise DestinationError(f"{folder}: no log can be kept there: {reason}") from error
    with stream:
        log = Log(folder, stream, planned)
        log.line("begin")
        try:
            yield log
        except BaseException as error:
            log.line(f"broken off: {type(error).__name__}: {error}")
            raise
        log.line("end")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
