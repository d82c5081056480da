"""The columns that many tables share, each made in one place so that a name means one thing."""

from __future__ import annotations

from grilse.tables.schema import Column, Kind

__all__ = [
    "assignment",
    "batch",
    "category",
    "container",
    "count",
    "date",
    "day_of_life",
    "decimal",
    "flag",
    "key",
    "reference",
    "text",
    "time",
    "weight_g",
]


def key(name: str, description: str) -> Column:
    """Make a table's own key."""
    return Column(name, "int64", description)


def reference(
    name: str, target: str, description: str, *, nullable: bool = False, narrow: bool = False
) -> Column:
    """Make a key that points at ``table.column``; `narrow` ones fit in 32 bits."""
    kind: Kind = "int32" if narrow else "int64"
    return Column(name, kind, description, nullable=nullable, references=target)


def batch() -> Column:
    """Make the batch that a row belongs to."""
    return reference("batch_id", "batch.batch_id", "The batch.", narrow=True)


def assignment() -> Column:
    """Make the assignment that a row belongs to."""
    return reference("assignment_id", "assignment.assignment_id", "The batch's stay there.")


def container() -> Column:
    """Make the container where it happened."""
    return reference("container_id", "container.container_id", "The container.", narrow=True)


def decimal(
    name: str, precision: int, scale: int, unit: str, description: str, *, nullable: bool = False
) -> Column:
    """Make an exact decimal, held as a scaled integer."""
    return Column(
        name, "decimal", description, unit, precision=precision, scale=scale, nullable=nullable
    )


def weight_g(name: str, description: str, *, nullable: bool = False) -> Column:
    """Make the weight of a fish, to the milligram."""
    return decimal(name, 9, 3, "g", description, nullable=nullable)


def count(name: str, description: str, *, unit: str = "fish", nullable: bool = False) -> Column:
    """Make a whole number of things."""
    return Column(name, "int32", description, unit, nullable=nullable)


def category(
    name: str, values: tuple[str, ...], description: str, *, nullable: bool = False
) -> Column:
    """Make a column that takes one of a few words."""
    return Column(name, "category", description, values=values, nullable=nullable)


def text(name: str, description: str, *, nullable: bool = False) -> Column:
    """Make a free text."""
    return Column(name, "text", description, nullable=nullable)


def date(name: str, description: str, *, nullable: bool = False) -> Column:
    """Make a day, UTC."""
    return Column(name, "date", description, nullable=nullable)


def time(name: str, description: str) -> Column:
    """Make a moment, UTC, to the microsecond."""
    return Column(name, "timestamp", description)


def day_of_life() -> Column:
    """Make the day of the batch's life, 0 the day its eggs arrive."""
    return Column("day_number", "int32", "Day of the batch's life; 0 is its first.", "day")


def flag(name: str, description: str) -> Column:
    """Make a yes or no."""
    return Column(name, "bool", description)
