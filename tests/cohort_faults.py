"""Known faults of the reports of :mod:`cohorts`, by rule of :mod:`test_cohorts` and chapter: the cohorts that have them.

The list only shrinks: a mended fault that is still listed fails its test.
"""

from cohorts import COHORTS

CLINICAL = frozenset(name for name, cohort in COHORTS.items() if cohort is not None)

EXPECTED: dict[tuple[str, str], frozenset[str]] = {}

TYPED: dict[str, frozenset[str]] = {
    "drug": frozenset(),
    "patients": frozenset(),
}
