"""The smoother is held against the joint distribution of all states, worked out whole."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grilse.analysis.epochs import Epochs
from grilse.analysis.kalman import filtered, smoothed
from grilse.analysis.settings import setting


def epochs_of(
    gain: list[float], variance: list[float], weighed: list[tuple[float, float] | None]
) -> Epochs:
    """Make the epochs of one stay."""
    steps = len(gain)
    hit = np.array([[each is not None] for each in weighed])
    root = np.array([[each[0] if each else 0.0] for each in weighed])
    spread = np.array([[each[1] if each else 1.0] for each in weighed])
    return Epochs(
        np.array([0]), np.arange(steps + 1)[:, None] * 7, np.full((steps, 1), 7.0),
        np.array(gain)[:, None], np.array(variance)[:, None], hit, root, spread,
    )  # fmt: skip


def jointly(
    epochs: Epochs, root: float, variance: float
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Return mean and covariance of all (x, v), by conditioning their joint distribution."""
    steps = len(epochs.gain)
    cv, drift = setting("growth.container_cv"), setting("growth.drift_per_day") ** 2 * 7.0
    mean, cov = np.array([root, 1.0]), np.diag([variance, cv * cv])
    means, blocks = [mean], [[cov]]
    for step in range(steps):
        g, s = epochs.gain[step, 0], epochs.variance[step, 0]
        push = np.array([[1.0, g], [0.0, 1.0]])
        noise = np.array([[s + g * g * drift / 3, g * drift / 2], [g * drift / 2, drift]])
        mean = push @ mean
        cross = [push @ block for block in blocks[-1]]
        cov = push @ cov @ push.T + noise
        means.append(mean)
        blocks.append([*cross, cov])
    size = 2 * (steps + 1)
    whole = np.zeros((size, size))
    for i, row in enumerate(blocks):
        for j, block in enumerate(row):
            whole[2 * i : 2 * i + 2, 2 * j : 2 * j + 2] = block
            whole[2 * j : 2 * j + 2, 2 * i : 2 * i + 2] = block.T
    centre = np.concatenate(means)
    seen = [i for i in range(steps + 1) if epochs.is_weighed[i, 0]]
    if not seen:
        return centre, whole
    look = np.zeros((len(seen), size))
    for row_of, i in enumerate(seen):
        look[row_of, 2 * i] = 1.0
    noise = np.diag([epochs.root_variance[i, 0] for i in seen])
    told = np.array([epochs.root[i, 0] for i in seen])
    lean = whole @ look.T @ np.linalg.inv(look @ whole @ look.T + noise)
    return centre + lean @ (told - look @ centre), whole - lean @ look @ whole


weighings = st.one_of(st.none(), st.tuples(st.floats(-0.02, 0.02), st.floats(1e-4, 1e-2)))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0.01, 0.3), st.floats(1e-6, 1e-3), weighings), min_size=1,
                max_size=6), weighings)  # fmt: skip
def test_the_smoother_tells_what_the_joint_distribution_does(
    steps: list[tuple[float, float, tuple[float, float] | None]],
    first: tuple[float, float] | None,
) -> None:
    gain, variance = [s[0] for s in steps], [s[1] for s in steps]
    path = np.concatenate([[1.0], 1.0 + np.cumsum(gain)])
    told = [None if w is None else (path[i] + w[0], w[1])
            for i, w in enumerate([first, *(s[2] for s in steps)])]  # fmt: skip
    epochs = epochs_of(gain, variance, told)
    forth = filtered(epochs, np.array([1.0]), np.array([1e-3]))
    back = smoothed(epochs, forth, forth.known[-1])
    mean, cov = jointly(epochs, 1.0, 1e-3)
    assert back.state.x[:, 0] == pytest.approx(mean[0::2], abs=1e-8)
    assert back.state.v[:, 0] == pytest.approx(mean[1::2], abs=1e-7)
    assert back.state.xx[:, 0] == pytest.approx(np.diag(cov)[0::2], rel=1e-5, abs=1e-11)
    cross = [cov[2 * i, 2 * i + 2] for i in range(len(gain))]
    assert back.shared[:, 0] == pytest.approx(cross, rel=1e-5, abs=1e-11)


def test_a_weighing_far_off_moves_the_state_little() -> None:
    near = epochs_of([0.1, 0.1], [1e-5, 1e-5], [None, (1.1, 1e-4), None])
    far = epochs_of([0.1, 0.1], [1e-5, 1e-5], [None, (11.0, 1e-4), None])
    x = [filtered(e, np.array([1.0]), np.array([1e-4])).known.x[1, 0] for e in (near, far)]
    assert x[1] - x[0] < 0.06
    assert x[1] > x[0]


def test_a_stay_with_fewer_epochs_repeats_its_last_and_stays_the_same() -> None:
    alone = epochs_of([0.1, 0.2], [1e-5, 1e-5], [None, (1.12, 1e-4), (1.3, 1e-4)])
    padded = epochs_of([0.1, 0.2, 0.0], [1e-5, 1e-5, 0.0], [None, (1.12, 1e-4), None, (1.3, 1e-4)])
    padded.days[2] = 0.0
    one, two = (filtered(e, np.array([1.0]), np.array([1e-4])) for e in (alone, padded))
    first = smoothed(alone, one, one.known[-1]).state
    second = smoothed(padded, two, two.known[-1]).state
    assert second.x[[0, 1, 3], 0] == pytest.approx(first.x[:, 0], abs=1e-12)
    assert second.xx[[0, 1, 3], 0] == pytest.approx(first.xx[:, 0], rel=1e-9)
