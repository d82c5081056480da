"""``python -m benchmarks``: measure, check the answers, and tell; exit code 1 if one is wrong."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figure import Figure
from benchmarks.machine import machine

_NEEDED = ("plan_550",)
"""Cases that others build on."""


def main() -> int:
    options = _options()
    if options.case:
        return _run_here(options.case, Path(options.folder))
    facts, figures = machine(), []
    print("  ".join(f"{name} {value}" for name, value in facts.items()))
    with tempfile.TemporaryDirectory(prefix="grilse-bench-", dir=options.folder) as folder:
        for name in _chosen(options):
            for figure in _run_apart(name, folder):
                figures.append(figure)
                print(figure.line, flush=True)
    if options.json:
        report = {"machine": facts, "figures": [figure.data for figure in figures]}
        Path(options.json).write_text(json.dumps(report, indent=2) + "\n")
    wrong = [figure.name for figure in figures if not figure.is_right]
    if wrong:
        print(f"WRONG ANSWERS: {', '.join(wrong)}", file=sys.stderr)
    return 1 if wrong else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--json", metavar="FILE", help="write the figures there as well")
    parser.add_argument("--full", action="store_true", help="also the cases that take minutes")
    parser.add_argument("--only", metavar="CASE,...", help="these cases alone")
    parser.add_argument("--folder", metavar="DIR", help="where to work; needs about a gigabyte")
    parser.add_argument("--case", help=argparse.SUPPRESS)
    return parser.parse_args()


def _cases() -> dict[str, object]:
    from benchmarks.cases import CASES, FULL
    from benchmarks.profile import profile

    return {**CASES, "profile": profile, **FULL}


def _chosen(options: argparse.Namespace) -> list[str]:
    from benchmarks.cases import FULL

    if options.only:
        return [*_NEEDED, *(name for name in options.only.split(",") if name not in _NEEDED)]
    return [name for name in _cases() if options.full or name not in FULL]


def _run_here(name: str, folder: Path) -> int:
    case = _cases()[name]
    figures = case(folder)  # type: ignore[operator]
    print(json.dumps([figure.data for figure in figures]))
    return 0


def _run_apart(name: str, folder: str) -> Iterator[Figure]:
    """Run a case in a process of its own, so that memory and imports are its alone."""
    command = [sys.executable, "-m", "benchmarks", "--case", name, "--folder", folder]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    for data in json.loads(done.stdout.splitlines()[-1]):
        data.pop("is_reached")
        yield Figure(**data)


if __name__ == "__main__":
    sys.exit(main())
