"""Decimals as whole numbers, so that whether a threshold is reached is decided exactly and for all patients at once."""

from decimal import Decimal

import numpy as np
import pandas as pd

_ROOM = 10**16
"""Whole numbers up to this size can be multiplied by some hundred in 64 bits; beyond, Python's own are taken."""


def scaled(*columns: pd.Series) -> list[np.ndarray]:
    """The values of each column, as they are written, times the power of ten that makes all of them whole; 0 where one is missing.

    >>> [values.tolist() for values in scaled(pd.Series([22.4, 5.0]), pd.Series([5.65, None]))]
    [[2240, 500], [565, 0]]
    """
    read = []
    for column in columns:
        codes, different = pd.factorize(column.astype(float))
        read.append((codes, [Decimal(str(float(value))) for value in different]))
    decimals = max((-each.as_tuple().exponent for _, values in read for each in values), default=0)
    found = []
    for codes, values in read:
        whole = [int(value.scaleb(max(decimals, 0))) for value in values]
        fits = all(abs(each) < _ROOM for each in whole)
        found.append(np.array([*whole, 0], dtype=np.int64 if fits else object)[codes])
    return found
