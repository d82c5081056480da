"""Write grilse_pins.py anew, over the columns that it names: a step by hand, for a new version.

python tests/laws/pin_anew.py
"""

from __future__ import annotations

import textwrap
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from grilse_laws import company, content, run
from grilse_pins import PINS

from grilse.tables.catalogue import TABLES

_FILE = Path(__file__).with_name("grilse_pins.py")


def main() -> None:
    """Make the small company's dataset and put its literals in the place of the old ones."""
    tables = {
        name: replace(TABLES[name], columns=tuple(map(TABLES[name].column, pin.columns.split())))
        for name, pin in PINS.items()
    }
    with TemporaryDirectory() as folder:
        found = content(run(company(), Path(folder)), tables)
    head, _, _ = _FILE.read_text("utf-8").partition("PINS = {\n")
    entries = "".join(_entry(name, found[name], pin.columns) for name, pin in PINS.items())
    _FILE.write_text(f"{head}PINS = {{\n{entries}}}  # fmt: skip\n", encoding="utf-8")


def _entry(name: str, totals: tuple[int, int], columns: str) -> str:
    lines = textwrap.wrap(columns, width=84)
    words = "".join(f'        "{line} "\n' for line in lines[:-1]) + f'        "{lines[-1]}",\n'
    return f'    "{name}": Pin(\n        {totals[0]:_}, 0x{totals[1]:016X},\n{words}    ),\n'


if __name__ == "__main__":
    main()
