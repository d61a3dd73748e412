"""The lines of a file that entered a number, in little room: of a register a result may rest on a million of them."""

import base64
import weakref
import zlib
from collections.abc import Iterator, Sequence

import numpy as np


class Lines(Sequence[int]):
    """Line numbers in ascending order, each once; the same lines are the same object.

    They are kept as a bit for each line between the first and the last or, where those are few among many, as numbers.

    >>> Lines.of([9, 4, 3]), Lines.of([9, 4, 3]) == (3, 4, 9), len(Lines.of(range(2, 500_002)))
    (Lines((3, 4, 9)), True, 500000)
    """

    __slots__ = ("__weakref__", "_first", "_kept", "_size")

    def __init__(self, first: int, size: int, kept: bytes):
        self._first, self._size, self._kept = first, size, kept

    @classmethod
    def of(cls, numbers: Sequence[int] | np.ndarray) -> "Lines":
        """The lines with these numbers, in any order."""
        ascending = np.asarray(numbers, dtype=np.int64)
        if not (np.diff(ascending) > 0).all():
            ascending = np.sort(ascending)  # many times as fast as numpy's set of them
            ascending = ascending[np.diff(ascending, prepend=ascending[0] - 1) > 0]
        if not len(ascending):
            return _one(0, 0, b"")
        first = int(ascending[0])
        past = (ascending - first).astype(np.uint32)
        if past[-1] // 8 > past.nbytes:
            return _one(first, len(past), b"n" + past.tobytes())
        bits = np.zeros(int(past[-1]) + 1, dtype=bool)
        bits[past] = True
        return _one(first, len(past), b"b" + np.packbits(bits).tobytes())

    def numbers(self) -> np.ndarray:
        """As an array of whole numbers."""
        if not self._size:
            return np.zeros(0, dtype=np.int64)
        kept = np.frombuffer(self._kept, dtype=np.uint8, offset=1)
        past = np.flatnonzero(np.unpackbits(kept)) if self._kept[:1] == b"b" else np.frombuffer(kept.tobytes(), dtype=np.uint32)
        return self._first + past.astype(np.int64)

    def written(self) -> list:
        """Ready for JSON; :meth:`read` reads it."""
        return [self._first, self._size, base64.b64encode(zlib.compress(self._kept)).decode("ascii")]

    @classmethod
    def read(cls, written: list) -> "Lines":
        first, size, kept = written
        return _one(first, size, zlib.decompress(base64.b64decode(kept)))

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[int]:
        return iter(self.numbers().tolist())

    def __getitem__(self, place):
        found = self.numbers()[place]
        return tuple(found.tolist()) if isinstance(place, slice) else int(found)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Lines):
            return (self._first, self._size, self._kept) == (other._first, other._size, other._kept)
        return tuple(self) == other

    def __hash__(self) -> int:
        return hash((self._first, self._size, self._kept))

    def __repr__(self) -> str:
        return f"Lines({tuple(self)})"

    def __reduce__(self):
        return Lines.read, (self.written(),)


_KNOWN: weakref.WeakValueDictionary[tuple, Lines] = weakref.WeakValueDictionary()


def _one(first: int, size: int, kept: bytes) -> Lines:
    """The object of these lines: results share theirs with many others."""
    key = (first, size, kept)
    found = _KNOWN.get(key)
    if found is None:
        found = _KNOWN[key] = Lines(first, size, kept)
    return found
