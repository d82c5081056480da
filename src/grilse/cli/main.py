"""The command ``grilse``: it lists its verbs at once, and loads the one that is asked for.

Exit codes: 0 good; 1 a check failed, or a batch did; 2 bad input or usage; 130 stopped by Ctrl-C;
141 whoever read the output went away, as for any Unix command.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from importlib import import_module
from importlib.util import find_spec
from types import MappingProxyType

import click
from click.shell_completion import shell_complete

from grilse.ground.errors import BadInput, GrilseError
from grilse.ground.version import __version__
from grilse.ground.wording import numbered

__all__ = ["VERBS", "group", "main"]

USAGE = 2
INTERRUPTED = 130
PIPE_CLOSED = 141
_COMPLETE = "_GRILSE_COMPLETE"

# Nothing here multiplies matrices, so NumPy's threads for that would be begun, in each worker too,
# and wait for nothing.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

VERBS: Mapping[str, str] = MappingProxyType(
    {
        "demo": "Plan twenty batches, run them, verify them, and say where to look.",
        "plan": "Plan batches to the last tank, and save them as a schedule.",
        "capacity": "Show how many batches a farm bears, and which part of it decides that.",
        "validate": "Check a schedule, and tell everything that is wrong with it.",
        "prepare": "Work out feed demand once, for runs in parts to share.",
        "run": "Make the history that a schedule stands for.",
        "status": "Tell how far a run is, from another terminal.",
        "finalise": "Join the parts that runs on several machines have made.",
        "wipe": "Remove what was brought into another application's tables.",
        "extend": "Move a dataset on to a later date: what was, stays.",
        "compact": "Merge what a dataset was extended by.",
        "analyse": "Estimate weight and growth of every batch from its rows.",
        "verify": "Check a dataset against every law, from its rows alone.",
        "diff": "Compare two datasets, or two schedules: what differs, where, by how much.",
        "summary": "Tell what a dataset holds, and what came of the fish.",
        "open": "Open a dataset in DuckDB.",
        "show": "Show what a schedule or a dataset holds.",
        "report": "Make one page of a schedule or a dataset, to look at.",
        "plot": "Draw a batch, an area, a container or a feed store.",
        "migrate-check": "Hold a dataset against the legacy source that it was planned from.",
        "export": "Write a dataset as a legacy system's populations would be exported.",
        "farm": "Show what a farm has, and what it can hold.",
        "schema": "Tell every table: columns, units, keys and meaning.",
        "params": "Show the parameters of the biology, with units, ranges and sources.",
    }
)
"""Each verb and its line in ``grilse --help``; verb V is `command` of the module grilse.cli.V."""

_READING = frozenset(
    [
        "capacity",
        "validate",
        "status",
        "verify",
        "diff",
        "summary",
        "open",
        "show",
        "migrate-check",
        "farm",
        "schema",
        "params",
    ]
)
"""The verbs that write nothing, of which it goes without saying."""


class _LazyGroup(click.Group):
    """A group that imports a verb when it is called, so that ``--help`` costs no numpy."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the verbs that are there."""
        return [verb for verb in VERBS if _is_there(verb)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a verb; None where there is no such verb."""
        if cmd_name not in VERBS or not _is_there(cmd_name):
            return None
        command: click.Command = import_module(_module(cmd_name)).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a verb, and say of one that is not there which may be meant."""
        name = args[0]
        if name not in VERBS and not name.startswith("-"):
            meant = get_close_matches(name.lower(), self.list_commands(ctx), n=2, cutoff=0.5)
            more = f" Did you mean {' or '.join(meant)}?" if meant else ""
            ctx.fail(f"there is no verb {name!r}.{more} grilse --help lists them.")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs from `VERBS`, without importing any."""
        rows = [(verb, VERBS[verb]) for verb in self.list_commands(ctx)]
        if rows:
            with formatter.section("Verbs"):
                formatter.write_dl(rows)


def _is_there(verb: str) -> bool:
    return find_spec(_module(verb)) is not None


def _module(verb: str) -> str:
    return f"grilse.cli.{verb.replace('-', '_')}"


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="grilse")
def group() -> None:
    """Make the operating history of salmon farms: planned to the last tank, always the same."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Parameters
    ----------
    arguments
        What follows ``grilse``; those of the process where None.
    """
    try:
        code = _exit_code(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        return _leave_quietly()
    return code


def _exit_code(arguments: Sequence[str] | None) -> int:
    given = sys.argv[1:] if arguments is None else arguments
    try:
        result = _called(given)
    except GrilseError as error:
        return _refuse(error, given)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except (KeyboardInterrupt, click.Abort):
        return _say("stopped", INTERRUPTED)
    except RuntimeError as error:
        # What DuckDB makes of Ctrl-C in the midst of a query.
        if str(error) != "Query interrupted":
            raise
        return _say("stopped", INTERRUPTED)
    except click.ClickException as error:
        error.show()
        return USAGE
    return result if isinstance(result, int) else 0


def _called(arguments: Sequence[str]) -> object:
    """Call the verb; not by `group.main`, which turns a closed pipe into exit code 1."""
    instruction = os.environ.get(_COMPLETE)
    if instruction:
        return shell_complete(group, {}, "grilse", _COMPLETE, instruction)
    with group.make_context("grilse", list(arguments)) as context:
        return group.invoke(context)


def _refuse(error: GrilseError, arguments: Sequence[str]) -> int:
    if isinstance(error, BadInput):
        closing = numbered(len(error.problems), "problem")
        if not _READING.intersection(arguments[:1]):
            closing += "; nothing was written"
        return _say(f"{error}\n{closing}", error.exit_code)
    return _say(f"grilse: {error}", error.exit_code)


def _say(text: str, code: int) -> int:
    click.echo(text, err=True)
    return code


def _leave_quietly() -> int:
    """Point the output nowhere, so that the interpreter's last flush has nothing to complain of."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    return PIPE_CLOSED
