"""A figure that was measured: value, unit, what to reach, and whether its answer is right."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["Figure"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement.

    Attributes
    ----------
    name, value, unit
        What was measured.
    reach
        The value to reach, or None where the figure only informs.
    more_is_better
        Whether the reach is a least value rather than a most.
    answer
        What was checked of the answer; empty where there is none to check.
    is_right
        Whether the answer is right: this gates, the value informs.
    """

    name: str
    value: float
    unit: str
    reach: float | None = None
    more_is_better: bool = False
    answer: str = ""
    is_right: bool = True

    @property
    def is_reached(self) -> bool | None:
        if self.reach is None:
            return None
        return self.value >= self.reach if self.more_is_better else self.value <= self.reach

    @property
    def line(self) -> str:
        bound = "" if self.reach is None else f"{'>=' if self.more_is_better else '<='} "
        reach = "" if self.reach is None else f"{bound}{self.reach:,.10g}"
        state = {None: "", True: "reached", False: "missed"}[self.is_reached]
        checked = f"{'right' if self.is_right else 'WRONG'}: {self.answer}" if self.answer else ""
        value = f"{self.value:,.4g}" if self.value < 1000 else f"{self.value:,.0f}"
        return (
            f"{self.name:<44} {value:>13} {self.unit:<8} {reach:>12} {state:<8} {checked}".rstrip()
        )

    @property
    def data(self) -> dict[str, Any]:
        return {**asdict(self), "is_reached": self.is_reached}
