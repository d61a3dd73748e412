"""Severity scores of atopic dermatitis and the responder rules built on them.

Scores are measured to one decimal at most, so responder thresholds are decided in exact decimal arithmetic: a fall of
EASI from 22.4 to 5.6 is 75 % and a response, while binary floating point makes it 74.99... %.
"""

import pandas as pd

from protocol.decimals import scaled

EASI_STRATA = ("clear", "almost clear", "mild", "moderate", "severe", "very severe")
IGA_LABELS = ("clear", "almost clear", "mild", "moderate", "severe")

_EASI_UPPER_BOUNDS = (0.0, 1.0, 7.0, 21.0, 50.0, 72.0)


def scorad(extent, intensity, pruritus, sleep_loss):
    """SCORAD = A/5 + 7B/2 + C, from 0 to 103 points.

    Takes numbers or Series: extent A (% of body surface, 0-100), intensity B (0-18), itch and sleep loss (each 0-10),
    whose sum is C. A missing part makes the score missing.

    Source: European Task Force on Atopic Dermatitis 1993, doi 10.1159/000247298.

    >>> round(scorad(extent=60, intensity=14, pruritus=8, sleep_loss=7.5), 1)
    76.5
    """
    return extent / 5 + 7 * intensity / 2 + pruritus + sleep_loss


def objective_scorad(extent, intensity):
    """The part of SCORAD that the physician sees: A/5 + 7B/2, from 0 to 83 points. Source: as for :func:`scorad`.

    >>> objective_scorad(extent=60, intensity=14)
    61.0
    """
    return extent / 5 + 7 * intensity / 2


def easi_stratum(score: pd.Series) -> pd.Series:
    """Number of the EASI stratum, 0 (clear) to 5 (very severe), as in :data:`EASI_STRATA`; missing stays missing.

    Source: Leshem 2015, doi 10.1111/bjd.13662.

    >>> [EASI_STRATA[i] for i in easi_stratum(pd.Series([0, 1.0, 7.0, 7.1, 21.1, 50.1]))]
    ['clear', 'almost clear', 'mild', 'moderate', 'severe', 'very severe']
    """
    numeric = pd.to_numeric(score)
    stratum = pd.cut(numeric, bins=[-1.0, *_EASI_UPPER_BOUNDS], labels=False, right=True)
    return stratum.astype("Int64")


def fell_by_percent(baseline: pd.Series, value: pd.Series, percent: int) -> pd.Series:
    """Whether `value` lies at least `percent` % below `baseline`, as nullable booleans; exactly `percent` % is a
    response.

    Both Series share one index. The answer is missing where one of the two is missing, and where the baseline is 0
    (nothing can fall below it).

    Source of EASI-50/75/90 as outcomes: Hanifin 2001, doi 10.1034/j.1600-0625.2001.100102.x.

    >>> bool(fell_by_percent(pd.Series([22.4]), pd.Series([5.6]), 75)[0])
    True
    """

    start, now = scaled(baseline, value)
    unknown = baseline.isna().to_numpy() | value.isna().to_numpy() | (start == 0)
    decided = pd.array((now * 100 <= start * (100 - percent)).astype(bool), dtype="boolean")
    decided[unknown.astype(bool)] = pd.NA
    return pd.Series(decided, index=baseline.index)


def iga_0_1(baseline: pd.Series, value: pd.Series) -> pd.Series:
    """IGA response as the trials define it: a score of 0 or 1 *and* at least 2 points below baseline.

    Both Series share one index; the answer (nullable boolean) is missing where one of the two is missing.

    Source: Simpson 2020, doi 10.1001/jamadermatol.2019.3336.

    >>> iga_0_1(pd.Series([4, 2, 4]), pd.Series([1, 1, 2])).tolist()
    [True, False, False]
    """
    before, now = baseline.astype("Float64"), value.astype("Float64")
    unknown = before.isna() | now.isna()
    response = ((now <= 1) & (before - now >= 2)).astype("boolean")
    return response.mask(unknown)
