"""Solubility of oxygen in water by temperature and salinity (Garcia & Gordon 1992)."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "MAX_SALINITY",
    "MAX_TEMP_CENTI_C",
    "solubility_mg_l",
    "solubility_table",
    "solubility_ug_l",
]

MAX_TEMP_CENTI_C = 3000
"""Hottest water of `solubility_table`, in hundredths of a degC; its coldest is 0."""

MAX_SALINITY = 42
"""Saltiest water of `solubility_table`, g/kg."""

_A = (2.00907, 3.22014, 4.05010, 4.94457, -0.256847, 3.88767)
_B = (-0.00624523, -0.00737614, -0.0103410, -0.00817083)
_C0 = -4.88682e-7
_MG_PER_ML = 1.42905


def solubility_mg_l(temp_c: ArrayLike, salinity: ArrayLike) -> Any:
    """Return how much oxygen water holds in balance with moist air at one atmosphere.

    Parameters
    ----------
    temp_c
        degC, 0 to 40.
    salinity
        g/kg, 0 to 42.

    Returns
    -------
    float or ndarray of float64
        mg/l. With Ts = ln((298.15 - T) / (273.15 + T)):
        ln(ml/l) = sum A_i Ts^i + S sum B_i Ts^i + C0 S^2 (Garcia & Gordon 1992, Limnol. Oceanogr.
        37:1307, their coefficients to Benson & Krause's data), times 1.42905 mg/ml.

    Notes
    -----
    Logarithm and exponential differ in the last bit between processors: stored values come from
    `solubility_ug_l`, which is quantised.
    """
    t, s = np.asarray(temp_c, np.float64), np.asarray(salinity, np.float64)
    ts = np.log((298.15 - t) / (273.15 + t))
    log_ml = _series(_A, ts) + s * _series(_B, ts) + _C0 * s * s
    return (np.exp(log_ml) * _MG_PER_ML)[()]


@lru_cache(maxsize=1)
def solubility_table() -> NDArray[np.int32]:
    """Return solubility in whole micrograms per litre, read-only.

    Returns
    -------
    ndarray of int32, shape (43, 3001)
        By salinity in whole g/kg and temperature in hundredths of a degC.
    """
    temp = np.arange(MAX_TEMP_CENTI_C + 1) / 100.0
    salinity = np.arange(MAX_SALINITY + 1.0)[:, None]
    micrograms = np.rint(solubility_mg_l(temp, salinity) * 1000.0)
    table: NDArray[np.int32] = micrograms.astype(np.int32)
    table.setflags(write=False)
    return table


def solubility_ug_l(temp_centi_c: ArrayLike, salinity_centi: ArrayLike) -> Any:
    """Return solubility in whole micrograms per litre, in integers.

    Parameters
    ----------
    temp_centi_c
        Hundredths of a degC, integer; held within 0 to 3000.
    salinity_centi
        Hundredths of g/kg, integer, 0 to 4200; between whole ones by a straight line, which is
        off by less than a part in 100,000.

    Returns
    -------
    int or ndarray of int32
        In the shape that the arguments broadcast to.
    """
    temp = np.minimum(np.maximum(np.asarray(temp_centi_c), 0), MAX_TEMP_CENTI_C)
    salinity = np.asarray(salinity_centi, np.int32)
    whole, table = salinity // 100, solubility_table()
    part, width = salinity - whole * 100, table.shape[1]
    low = table.take(whole * width + temp)
    if not part.any():
        return low[()]
    high = table.take(np.minimum(whole + 1, MAX_SALINITY) * width + temp)
    return (low + (high - low) * part // 100)[()]


def _series(coefficients: tuple[float, ...], x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Evaluate a polynomial whose coefficients run from the lowest power up."""
    total = np.zeros_like(x)
    for coefficient in reversed(coefficients):
        total = total * x + coefficient
    return total
