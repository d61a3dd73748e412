"""Random draws that are the same on every machine and with every numpy.

numpy guarantees the raw 64-bit output of PCG64 for a seed, not the methods of `Generator`, and no platform
guarantees the last bit of `exp` and `log`. So draws are made here from raw output, with whole numbers, IEEE
arithmetic and exact decimals alone.
"""

from collections.abc import Sequence
from decimal import Context, Decimal
from typing import TypeVar

from numpy.random import PCG64, SeedSequence

SEED = 20220606
"""The seed of the whole reconstruction: the day the paper was received."""

PURPOSES = (
    "roles",
    "child",
    "baseline",
    "course",
    "visit",
    "absence",
    "repair",
    "ige",
    "dose",
    "event",
    "ige repair",
    "correction",
    "follow-up",
    "later absence",
    "later ige",
    "later dose",
    "later event",
    "dates",
    "handwork",
)
"""What a stream is for. Append only: the place in this list is part of the stream's seed."""

T = TypeVar("T")

_BITS = 53
_EXACT = Context(prec=28)


class Stream:
    """A stream of random numbers of its own for one purpose, child and week.

    Separate streams keep every value where it is when another child, week or kind of value is added.
    """

    def __init__(self, purpose: str, *keys: int):
        self._raw = PCG64(SeedSequence((SEED, PURPOSES.index(purpose), *keys))).random_raw

    def _bits(self) -> int:
        return int(self._raw()) >> (64 - _BITS)

    def uniform(self, low: float = 0.0, high: float = 1.0) -> float:
        """A number from `low` up to, not including, `high`."""
        return low + (high - low) * (self._bits() / 2**_BITS)

    def whole(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + (self._bits() * (high - low + 1) >> _BITS)

    def normal(self) -> float:
        """About standard normal: the sum of twelve uniform numbers less 6, so never beyond 6."""
        return (sum(self._bits() for _ in range(12)) - 6 * 2**_BITS) / 2**_BITS

    def happens(self, probability: float) -> bool:
        """True with the given probability."""
        return self.uniform() < probability

    def choice(self, items: Sequence[T]) -> T:
        """One of the items, all equally likely."""
        return items[self.whole(0, len(items) - 1)]

    def sample(self, items: Sequence[T], size: int) -> list[T]:
        """`size` different items in random order."""
        pool = list(items)
        return [pool.pop(self.whole(0, len(pool) - 1)) for _ in range(size)]


def exponential(exponent: float) -> Decimal:
    """e to the power of `exponent`, correctly rounded to 28 digits (the platform's `exp` is not)."""
    return _EXACT.exp(Decimal(exponent))


def rounded(value: float | Decimal) -> int:
    """The nearest whole number, halves away from zero for the values >= 0 that occur here."""
    return int(value + (Decimal("0.5") if isinstance(value, Decimal) else 0.5))


def within(low: float, value: float, high: float) -> float:
    """`value`, moved to the nearer limit where it lies outside."""
    return max(low, min(value, high))
