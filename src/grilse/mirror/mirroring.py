"""An application's database seen as a folder of our tables."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from grilse.ground.errors import BadInput, Problem
from grilse.mirror.pulling import pull
from grilse.mirror.reflection import Reflection, asked_reads
from grilse.mirror.seeing import see
from grilse.sinks.postgres.snapshot import snapshot
from grilse.sinks.postgres.target import Target

__all__ = ["Mirrored", "mirror"]

_NEEDED = ("batch", "assignment")
"""Tables without which nothing can be told of an application."""


@dataclass(frozen=True, slots=True)
class Mirrored:
    """Tables of ours, as an application's database tells them.

    Attributes
    ----------
    files
        A Parquet file a table, by the table's name.
    rows
        How many rows it has.
    beside
        Files of tables that are none of ours.
    """

    files: Mapping[str, Path]
    rows: Mapping[str, int]
    beside: Mapping[str, Path]


def mirror(
    target: Target,
    reflection: Reflection,
    folder: Path,
    wanted: Collection[str],
    *,
    for_analysis: bool = False,
) -> Mirrored:
    """Read an application's tables, all of one state, and write what they hold as ours.

    Parameters
    ----------
    target
        Database and schema.
    reflection
        How its tables are seen.
    folder
        Where files go.
    wanted
        Names of tables of ours; those that the application tells nothing of are left out.
    for_analysis
        Whether they are for growth analysis.

    Raises
    ------
    DestinationError
        If the database cannot be reached, or cannot answer.
    BadInput
        If a view is no SQL, or there is none of batches or of their stays.
    """
    missing = [name for name in _NEEDED if name not in reflection.views]
    if missing:
        raise BadInput(Problem("V-NEEDED", f"the views tell no {' and no '.join(missing)}"))
    views = {**reflection.views, **(reflection.analysed if for_analysis else {})}
    beside = {} if for_analysis else reflection.beside
    reads, chosen = asked_reads(reflection, views, wanted, beside)
    with TemporaryDirectory(prefix="grilse-answers-", dir=folder) as aside:
        answers = {}
        with snapshot(target, "mirror") as connection:
            for name, question in reads.items():
                answers[name] = Path(aside) / f"{name}.parquet"
                pull(connection, target, name, question, answers[name])
        files, rows = see(
            reflection, answers, chosen, beside, folder, is_whole=not for_analysis
        )  # fmt: skip
    return Mirrored(
        {name: files[name] for name in rows if name in wanted},
        {name: count for name, count in rows.items() if name in wanted},
        {name: files[name] for name in beside},
    )
