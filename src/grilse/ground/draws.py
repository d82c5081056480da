"""Draws by name: a random word is a function of (seed, decision, name, day), of nothing else.

A stream is keyed by the seed, the decision it serves and the names of what it decides about. Its
words are those of the Philox 4x64-10 counter-based generator (Salmon et al. 2011), day-major, a
fixed number a day, so that the words of a day can be had without those before it. Only raw words
are used: the tables that give them a distribution are ours (`normal_table`, `spread_table`),
because a library's distributions may change between its versions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b
from struct import Struct
from sys import byteorder
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["NORMAL_ONE", "SPREAD_ONE", "Draws", "halves", "normal_table", "spread_table"]

Words = NDArray[np.uint64]
Halves = NDArray[np.uint16]

NORMAL_ONE = 4096
"""The integer that stands for one standard deviation in `normal_table`."""

SPREAD_ONE = 4096
"""The integer that stands for one in `spread_table`."""

_WORDS_PER_TICK = 4
_AS_KEY = Struct("<QQ").unpack
_PART = 0xFFFF


class Draws:
    """The keyed source of a dataset's raw random words.

    Parameters
    ----------
    seed
        The dataset's seed, 0 up to 2**63 - 1.

    Notes
    -----
    One Philox object is kept and set to the place that is asked for: making one costs some
    11 microseconds, setting it a third of one. The object holds no state that a call can see.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._keyed = blake2b(digest_size=16, key=int(seed).to_bytes(8, "little"))
        self._philox = np.random.Philox(key=np.zeros(2, dtype=np.uint64))
        # Plain integers are set twice as fast as those of arrays.
        self._counter = [0, 0, 0, 0]
        state: Any = self._philox.state
        self._place: dict[str, Any] = {"key": (0, 0), "counter": self._counter}
        state["state"] = self._place
        state["buffer"], state["buffer_pos"] = [0, 0, 0, 0], _WORDS_PER_TICK
        self._state = state

    def __reduce__(self) -> tuple[type[Draws], tuple[int]]:
        return Draws, (self.seed,)

    def words(self, decision: str, name: Sequence[str], first: int, count: int) -> Words:
        """Return `count` raw words of the stream (seed, decision, name), from word `first` on.

        Parameters
        ----------
        decision
            What the words decide, for example ``mortality``.
        name
            The names of what it is decided for, for example batch and container.
        first, count
            Position of the first word and how many; neither is negative.
        """
        skip = self._set(decision, name, first)
        raw: Words = self._philox.random_raw(skip + count)
        return raw[skip:]

    def word(self, decision: str, name: Sequence[str], at: int = 0) -> int:
        """Return the word at a place of a stream, as `words` would: a third of its cost."""
        skip = self._set(decision, name, at)
        if skip:
            return int(self._philox.random_raw(skip + 1)[skip])
        word: int = self._philox.random_raw()
        return word

    def parts(self, decision: str, name: Sequence[str], at: int = 0) -> tuple[int, int, int, int]:
        """Return the four 16-bit parts of a stream's word, lowest first, as `halves` would."""
        word = self.word(decision, name, at)
        return word & _PART, word >> 16 & _PART, word >> 32 & _PART, word >> 48

    def each(self, decision: str, names: Iterable[Sequence[str]], at: int = 0) -> Words:
        """Return the word at one place of the stream of each name, shape (names,)."""
        return np.array([self.word(decision, name, at) for name in names], np.uint64)

    def _set(self, decision: str, name: Sequence[str], first: int) -> int:
        """Set the generator to a word of a stream; return how many to leave out before it."""
        digest = self._keyed.copy()
        digest.update("\x1f".join((decision, *name)).encode())
        self._place["key"] = _AS_KEY(digest.digest())
        self._counter[0] = first // _WORDS_PER_TICK
        self._philox.state = self._state
        return first % _WORDS_PER_TICK

    def days(
        self, decision: str, name: Sequence[str], first_day: int, days: int, per_day: int
    ) -> Words:
        """Return the words of `days` days from `first_day` on, shape (days, per_day).

        `first_day` counts from the stream's own origin (a batch's start; for places, day 0 of
        1970), so a day's words stay what they are whatever stretch is asked for.
        """
        if first_day < 0:
            raise ValueError(f"streams start on day 0, asked for day {first_day}")
        flat = self.words(decision, name, first_day * per_day, days * per_day)
        return flat.reshape(days, per_day)


def halves(words: Words) -> Halves:
    """Split 64-bit words into four 16-bit parts, lowest first; the last axis grows fourfold."""
    whole = np.ascontiguousarray(words)
    if byteorder == "little":
        return whole.view(np.uint16)
    return whole.astype("<u8").view("<u2").astype(np.uint16)


@lru_cache(maxsize=1)
def normal_table() -> NDArray[np.int16]:
    """Return the 65,536 quantiles of the standard normal distribution, times `NORMAL_ONE`.

    Index it with 16-bit words. Entry i is the quantile of (i + 1/2) / 65536, rounded; the table is
    antisymmetric, so its mean is zero. Quantiles by Wichura's algorithm AS 241 (1988).
    """
    upper = np.rint(_normal_quantile((np.arange(32768) + 32768.5) / 65536) * NORMAL_ONE)
    table = np.concatenate([-upper[::-1], upper]).astype(np.int16)
    table.setflags(write=False)
    return table


@lru_cache(maxsize=32)
def spread_table(sigma: float) -> NDArray[np.int32]:
    """Return 65,536 multipliers of mean one, times `SPREAD_ONE`: log-normal, of scale `sigma`.

    Index it with 16-bit words: it spreads a rate, so that counts drawn from it are overdispersed.
    """
    z = normal_table().astype(np.float64) / NORMAL_ONE
    raw = np.exp(sigma * z)
    table: NDArray[np.int32] = np.rint(raw / raw.mean() * SPREAD_ONE).astype(np.int32)
    table.setflags(write=False)
    return table


def _normal_quantile(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Quantiles of the standard normal for 0.5 <= p < 1 (Wichura 1988, AS 241, PPND16)."""
    q = p - 0.5
    central = _ratio(0.180625 - q * q, _A, _B) * q
    r = np.sqrt(-np.log(1.0 - p))
    tail = np.where(r <= 5.0, _ratio(r - 1.6, _C, _D), _ratio(r - 5.0, _E, _F))
    return np.where(np.abs(q) <= 0.425, central, tail)


def _ratio(
    x: NDArray[np.float64], above: Sequence[float], below: Sequence[float]
) -> NDArray[np.float64]:
    """Evaluate a ratio of two polynomials whose coefficients run from the highest power down."""
    top, bottom = np.zeros_like(x), np.zeros_like(x)
    for a, b in zip(above, below, strict=True):
        top, bottom = top * x + a, bottom * x + b
    return top / bottom


_A = (
    2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
    13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608,
)  # fmt: skip
_B = (
    5226.495278852545925, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867,
    5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1.0,
)  # fmt: skip
_C = (
    7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177,
    1.27045825245236838258, 3.64784832476320460504, 5.7694972214606914055,
    4.6303378461565452959, 1.42343711074968357734,
)  # fmt: skip
_D = (
    1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966,
    0.14810397642748007459, 0.68976733498510000455, 1.6763848301838038494,
    2.05319162663775882187, 1.0,
)  # fmt: skip
_E = (
    2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386,
    0.026532189526576123093, 0.29656057182850489123, 1.7848265399172913358,
    5.4637849111641143699, 6.6579046435011037772,
)  # fmt: skip
_F = (
    2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5,
    7.868691311456132591e-4, 0.0148753612908506148525, 0.13692988092273580531,
    0.59983220655588793769, 1.0,
)  # fmt: skip
