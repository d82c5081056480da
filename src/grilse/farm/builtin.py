"""The farms that come with Grilse, as data: the reference farm, and that of the first design."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from grilse.farm.model import Farm
from grilse.farm.reading import farm_of
from grilse.ground import marked_yaml

__all__ = ["BUILTIN_FARMS", "builtin_farm", "reference_farm"]

BUILTIN_FARMS = ("reference", "first-design")
"""Names of the built-in farms; the first is the one that is taken where none is named."""


def reference_farm() -> Farm:
    """Return the reference farm: 12 and 10 stations, 23 and 20 sea areas, 1,960 containers."""
    return builtin_farm("reference")


@lru_cache(maxsize=len(BUILTIN_FARMS))
def builtin_farm(name: str) -> Farm:
    """Return a built-in farm, or raise KeyError."""
    if name not in BUILTIN_FARMS:
        raise KeyError(f"no built-in farm {name}; there are {', '.join(BUILTIN_FARMS)}")
    text = (files("grilse.farm") / "data" / f"{name}.yaml").read_text(encoding="utf-8")
    return farm_of(marked_yaml.load(text, f"{name}.yaml"), f"{name}.yaml", f"built-in:{name}")
