"""Write the rows and fingerprints of the presets' content anew: a step by hand, for a new version.

python tests/presets/publish_anew.py
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from grilse_presets import PAGE, made, page

from grilse.api import presets

_FILE = Path(presets.__file__)


def main() -> None:
    """Make every preset's rows, and put what they come to in the place of the old figures."""
    text, found = _FILE.read_text("utf-8"), {}
    for name, preset in presets.PRESETS.items():
        rows, content = made(name)
        found[name] = replace(preset, rows=rows, content=content)
        figures = re.compile(rf'("{preset.schedule}",\s+)[\d_]+,(\s+)"[0-9a-f]*",')
        text, times = figures.subn(rf'\g<1>{rows:_},\g<2>"{content}",', text)
        if times != 1:
            raise SystemExit(f"{_FILE}: preset {name} was found {times} times")
        print(f"{name}: {rows:,} rows, {content}")
    _FILE.write_text(text, encoding="utf-8")
    PAGE.write_text(page(found), encoding="utf-8")


if __name__ == "__main__":
    main()
