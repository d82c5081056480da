r"""A Kalman filter and Rauch-Tung-Striebel smoother on the cube root of weight.

The state of a stay is ``(x, v)``: x the cube root of the mean weight, in which growth adds up
(Iwama & Tautz 1981), and v the growth of its fish over what their model expects. From one epoch to
the next, with g the growth expected between them::

    x' = x + g v + noise of the days      v' = v + noise that grows with the days

and a weighing is ``z = x + noise``. Filter: Kalman 1960; smoother: Rauch, Tung & Striebel 1965. A
weighing that is further off than `weighing.doubtful_sd` standard deviations counts with a variance
that brings it there (Huber 1964): a slip of the pen moves the estimate a little, and never far.

All stays of a generation go together: numpy loops over epochs alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from grilse.analysis.arrays import Floats
from grilse.analysis.epochs import Epochs
from grilse.analysis.settings import setting

__all__ = ["Filtered", "Gauss", "Smoothed", "filtered", "smoothed"]

_LEAST_VARIANCE = 1e-14


@dataclass(frozen=True)
class Gauss:
    """Means of (x, v) and their covariances, shape (stays,) or (epochs, stays)."""

    x: Floats
    v: Floats
    xx: Floats
    xv: Floats
    vv: Floats

    def __getitem__(self, epoch: int) -> Gauss:
        """Return those of one epoch."""
        return Gauss(*(part[epoch] for part in self.parts))

    @property
    def parts(self) -> tuple[Floats, Floats, Floats, Floats, Floats]:
        """Its five arrays."""
        return self.x, self.v, self.xx, self.xv, self.vv

    def weighed(self, root: Floats, variance: Floats) -> Gauss:
        """Return the state after a weighing of x; an infinite variance tells nothing."""
        share = self.xx / (self.xx + variance)
        lean = self.xv / (self.xx + variance)
        off = root - self.x
        return Gauss(
            self.x + share * off,
            self.v + lean * off,
            np.maximum(self.xx * (1.0 - share), _LEAST_VARIANCE),
            self.xv * (1.0 - share),
            self.vv - lean * self.xv,
        )


@dataclass(frozen=True)
class Filtered:
    """States as known from what came before.

    Attributes
    ----------
    begun
        Before any weighing of the stays.
    ahead
        At each epoch but the first, before its weighing, shape (epochs - 1, stays).
    known
        At each epoch, after its weighing.
    """

    begun: Gauss
    ahead: Gauss
    known: Gauss


@dataclass(frozen=True)
class Smoothed:
    """States as known from all that is told.

    Attributes
    ----------
    state
        At each epoch.
    shared
        Covariance of x at each epoch and at the next, shape (epochs - 1, stays).
    """

    state: Gauss
    shared: Floats


def filtered(epochs: Epochs, root: Floats, variance: Floats) -> Filtered:
    """Run the filter.

    Parameters
    ----------
    root, variance
        Cube root of weight on the first morning of each stay, and its variance.
    """
    cv = setting("growth.container_cv")
    ones = np.ones_like(root)
    begun = Gauss(root, ones, variance, np.zeros_like(root), cv * cv * ones)
    state = _told(begun, epochs, 0)
    known, ahead = [state], []
    for step in range(len(epochs.gain)):
        state = _grown(state, epochs, step)
        ahead.append(state)
        state = _told(state, epochs, step + 1)
        known.append(state)
    return Filtered(begun, _stacked(ahead), _stacked(known))


def _grown(state: Gauss, epochs: Epochs, step: int) -> Gauss:
    gain, days = epochs.gain[step], epochs.days[step]
    drift = setting("growth.drift_per_day") ** 2 * days
    lean = state.xv + gain * state.vv
    return Gauss(
        state.x + gain * state.v,
        state.v,
        state.xx + gain * (state.xv + lean) + epochs.variance[step] + gain * gain * drift / 3.0,
        lean + 0.5 * gain * drift,
        state.vv + drift,
    )


def _told(state: Gauss, epochs: Epochs, epoch: int) -> Gauss:
    hit = epochs.is_weighed[epoch]
    if not hit.any():
        return state
    root, variance = epochs.root[epoch], epochs.root_variance[epoch]
    most = setting("weighing.doubtful_sd")
    off = np.square(root - state.x)
    doubtful = off / (most * most) - state.xx
    variance = np.where(hit, np.maximum(variance, doubtful), np.inf)
    return state.weighed(np.where(hit, root, state.x), variance)


def smoothed(epochs: Epochs, forth: Filtered, last: Gauss) -> Smoothed:
    """Run the smoother back from the `last` state, which is what is known of the last epoch."""
    state, states, shared = last, [last], []
    for step in range(len(epochs.gain) - 1, -1, -1):
        known, ahead = forth.known[step], forth.ahead[step]
        g = _gains(known, ahead, epochs.gain[step])
        shared.append(g[0] * state.xx + g[1] * state.xv)
        state = _smoothed_once(known, ahead, state, g)
        states.append(state)
    states.reverse()
    shared.reverse()
    return Smoothed(_stacked(states), np.array(shared))


Gains = tuple[Floats, Floats, Floats, Floats]


def _gains(known: Gauss, ahead: Gauss, gain: Floats) -> Gains:
    """Return the smoother's gain, P F' / P_ahead, row by row."""
    size = ahead.xx * ahead.vv - ahead.xv * ahead.xv
    size = np.maximum(size, 1e-300)
    a, b = known.xx + gain * known.xv, known.xv
    c, d = known.xv + gain * known.vv, known.vv
    return (
        (a * ahead.vv - b * ahead.xv) / size,
        (b * ahead.xx - a * ahead.xv) / size,
        (c * ahead.vv - d * ahead.xv) / size,
        (d * ahead.xx - c * ahead.xv) / size,
    )


def _smoothed_once(known: Gauss, ahead: Gauss, after: Gauss, g: Gains) -> Gauss:
    x, v = after.x - ahead.x, after.v - ahead.v
    xx, xv, vv = after.xx - ahead.xx, after.xv - ahead.xv, after.vv - ahead.vv
    top, side = g[0] * xx + g[1] * xv, g[0] * xv + g[1] * vv
    low, foot = g[2] * xx + g[3] * xv, g[2] * xv + g[3] * vv
    return Gauss(
        known.x + g[0] * x + g[1] * v,
        known.v + g[2] * x + g[3] * v,
        np.maximum(known.xx + top * g[0] + side * g[1], _LEAST_VARIANCE),
        known.xv + top * g[2] + side * g[3],
        np.maximum(known.vv + low * g[2] + foot * g[3], 0.0),
    )


def _stacked(states: list[Gauss]) -> Gauss:
    return Gauss(*(np.array(part) for part in zip(*(s.parts for s in states), strict=True)))
