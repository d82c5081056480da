"""How much oxygen water can hold, worked out here again: what made the rows is not asked.

Garcia & Gordon 1992 (Limnol. Oceanogr. 37:1307) with the coefficients to Benson & Krause's data::

    Ts = ln((298.15 - T) / (273.15 + T))
    ln C = A0 + A1 Ts + ... + A5 Ts^5 + S (B0 + B1 Ts + B2 Ts^2 + B3 Ts^3) + C0 S^2    [ml/l]

Check values: 282.0 mmol/m3, which is 9.02 mg/l, at 10 degC and 35 g/kg; 11.29 mg/l at 10 degC in
fresh water.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["COLDEST_MILLI_C", "HOTTEST_MILLI_C", "solubility_by_milli_c", "solubility_mg_l"]

COLDEST_MILLI_C, HOTTEST_MILLI_C = -2_000, 40_000
"""Temperatures beyond which the equation is not asked, in thousandths of a degC."""

_A = (2.00907, 3.22014, 4.05010, 4.94457, -0.256847, 3.88767)
_B = (-0.00624523, -0.00737614, -0.0103410, -0.00817083)
_C0 = -4.88682e-7
_MG_PER_ML = 1.42905

Floats = NDArray[np.float64]


def solubility_mg_l(temp_c: Floats, salinity_g_kg: float) -> Floats:
    """Return the oxygen in mg/l of water in balance with moist air.

    Parameters
    ----------
    temp_c
        In degC, -2 to 40, any shape.
    salinity_g_kg
        0 to 42.
    """
    ts = np.log((298.15 - temp_c) / (273.15 + temp_c))
    powers = np.stack([ts**i for i in range(len(_A))])
    fresh = np.tensordot(np.array(_A), powers, axes=1)
    salt = np.tensordot(np.array(_B), powers[: len(_B)], axes=1)
    ml_per_l = np.exp(fresh + salinity_g_kg * salt + _C0 * salinity_g_kg**2)
    mg_per_l: Floats = ml_per_l * _MG_PER_ML
    return mg_per_l


@lru_cache(maxsize=64)
def solubility_by_milli_c(salinity_g_kg: float) -> NDArray[np.float32]:
    """Return the solubility in mg/l at every thousandth of a degC from `COLDEST_MILLI_C` on."""
    milli_c = np.arange(COLDEST_MILLI_C, HOTTEST_MILLI_C + 1)
    return solubility_mg_l(milli_c / 1000.0, salinity_g_kg).astype(np.float32)
