"""Days as whole numbers: the days since 1970-01-01, UTC, that every room counts in."""

from __future__ import annotations

from datetime import date, timedelta

__all__ = ["MICROSECONDS_PER_DAY", "MICROSECONDS_PER_HOUR", "date_of", "day_of", "today"]

MICROSECONDS_PER_HOUR = 3_600_000_000
MICROSECONDS_PER_DAY = 24 * MICROSECONDS_PER_HOUR
_EPOCH = date(1970, 1, 1)


def day_of(when: date) -> int:
    """Return the day number of a date (1970-01-01 is 0)."""
    return (when - _EPOCH).days


def date_of(day: int) -> date:
    """Return the date of a day number."""
    return _EPOCH + timedelta(days=int(day))


def today() -> date:
    """Return today's date in UTC: only the command line asks, and writes it into the schedule."""
    from datetime import UTC, datetime

    return datetime.now(UTC).date()
