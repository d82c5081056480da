"""Which database, and which schema in it: a URL without a password, since others can read it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from grilse.ground.errors import BadInput, Problem

__all__ = ["DEFAULT_SCHEMA", "SCHEMES", "Target", "read_target"]

DEFAULT_SCHEMA = "grilse"
"""The schema where none is named."""

SCHEMES = ("postgresql", "postgres")

_LONGEST_NAME = 63
_HIDDEN = ("password", "sslpassword", "passfile")


@dataclass(frozen=True, slots=True)
class Target:
    """A schema of a database.

    Attributes
    ----------
    url
        As libpq takes it, without a password: that comes from ``PGPASSWORD``, ``~/.pgpass`` or a
        service file.
    schema
        The schema's name.
    """

    url: str
    schema: str = DEFAULT_SCHEMA

    @property
    def shown(self) -> str:
        """The target's name for people."""
        return f"{self.url} (schema {self.schema})"


def read_target(url: str, schema: str = DEFAULT_SCHEMA) -> Target:
    """Read a database's URL and a schema's name.

    Raises
    ------
    BadInput
        If the URL holds a password (command lines can be read by others on the machine), is not
        one, or the schema's name cannot be one.
    """
    problems = [problem for problem in (_url_problem(url), _schema_problem(schema)) if problem]
    if problems:
        raise BadInput(problems)
    return Target(url, schema)


def _url_problem(url: str) -> Problem | None:
    try:
        parts = urlsplit(url)
        names = [name for name, _ in parse_qsl(parts.query)]
        is_secret = parts.password is not None or any(name in _HIDDEN for name in names)
    except ValueError:
        is_secret = True
    if not is_secret:
        return None
    return Problem(
        "D-PASSWORD",
        "a password has no place in a URL: command lines can be read by others on the machine",
        allowed="postgresql://user@host:port/database",
        mend="Put it into the variable PGPASSWORD, the file ~/.pgpass, or a service file.",
    )


def _schema_problem(schema: str) -> Problem | None:
    is_name = re.fullmatch(r"[a-z_][a-z0-9_]*", schema) and len(schema) <= _LONGEST_NAME
    if is_name and not schema.startswith("pg_"):
        return None
    return Problem(
        "D-SCHEMA",
        "that cannot be the name of a schema",
        found=repr(schema)[:80],
        allowed=f"small letters, digits, _; at most {_LONGEST_NAME}; not pg_...",
    )
