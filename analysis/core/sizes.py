"""From which size of a cohort on something is done in another way: all such thresholds of the analysis stand here.

Below them every method is as the methods say; a result that comes of the other way says so in its method.
"""

from dataclasses import dataclass

MOST_EXACT = 300
"""Differences up to which Wilcoxon's p is exact: more take seconds, and their approximation has the same digits."""

MOST_TABULATED, MOST_TABLES = 1_000, 20_000
"""Patients, and kinds of tables with their margins, up to which an exact test of groups goes through all tables, which takes a
second."""

MOST_IMPUTED_AT_LENGTH = 10_000
"""Patients up to which multiple imputation runs its full chain (:data:`LONG_CHAIN`); of more it takes :data:`SHORT_CHAIN`. A draw
takes time with every patient, and the more there are, the less one draw differs from the next."""


@dataclass(frozen=True)
class Chain:
    """How often missing values are drawn: steps before the first `imputations`, and from one to the next."""

    imputations: int
    burn_in: int
    between: int


LONG_CHAIN, SHORT_CHAIN = Chain(50, 200, 10), Chain(20, 100, 5)


def chain(patients: int) -> Chain:
    """The chain for so many patients."""
    return LONG_CHAIN if patients <= MOST_IMPUTED_AT_LENGTH else SHORT_CHAIN
