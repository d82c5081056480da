"""A database's answers: rows by name, read in one transaction that changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from grilse.sinks.postgres.connection import describe, driver
from grilse.sinks.postgres.snapshot import snapshot
from grilse.sinks.postgres.target import Target
from grilse.survey.questions import Questions

if TYPE_CHECKING:
    import psycopg

__all__ = ["Answers", "Row", "asking"]

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Answers:
    """A connection that answers questions.

    Attributes
    ----------
    target, questions
        Whom is asked, and what.
    connection
        In a transaction that is read only.
    """

    target: Target
    questions: Questions
    connection: psycopg.Connection[tuple[Any, ...]]

    def __call__(self, name: str) -> Sequence[Row]:
        """Ask the question of a name.

        Raises
        ------
        DestinationError
            If the database cannot answer: a table or column is not there, or may not be read.
        """
        try:
            found = self.connection.execute(getattr(self.questions, name))
            names = [column.name for column in found.description or ()]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        except driver().Error as error:
            asked = f"asking {self.questions.application}'s tables for its {name}"
            raise describe(self.target, error, asked) from error


@contextmanager
def asking(target: Target, questions: Questions) -> Iterator[Answers]:
    """Open a database for questions; nothing in it is changed.

    Raises
    ------
    DestinationError
        If it cannot be opened, or has no such schema.
    """
    with snapshot(target, "survey") as connection:
        yield Answers(target, questions, connection)
