"""Rows of several frames, one frame below the other, of which no column is made before it is asked for.

Most columns of the rows across files have values in one part of them alone; all of them together would be the largest thing that the
gate makes of a register.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Joined:
    """The rows of `parts` under the columns `names`: those of `texts` are objects, the others float64. Where a part has no such
    column, a value is missing. Columns and rows are asked for as of a data frame whose rows are numbered from 0.

    >>> parts = pd.DataFrame({"file": ["a.csv"], "week": [4]}), pd.DataFrame({"file": ["b.csv", "c.csv"]})
    >>> rows = Joined(parts, ("file", "week"), frozenset({"file"}))
    >>> rows["week"].tolist(), rows.take([0, 2])["file"].tolist()
    ([4.0, nan, nan], ['a.csv', 'c.csv'])
    """

    parts: tuple[pd.DataFrame, ...]
    names: tuple[str, ...]
    texts: frozenset[str]

    def __getitem__(self, name: str) -> pd.Series:
        text = name in self.texts
        column = np.full(sum(map(len, self.parts)), None if text else np.nan, dtype=object if text else float)
        start = 0
        for part in self.parts:
            if name in part:
                own = part[name] if not text else part[name].astype(object).where(part[name].notna(), None)
                column[start : start + len(part)] = own.to_numpy(dtype=column.dtype)
            start += len(part)
        return pd.Series(column, dtype=column.dtype, copy=False)

    def take(self, places: np.ndarray) -> pd.DataFrame:
        """The rows at these places, with all columns."""
        starts = np.cumsum([0, *map(len, self.parts)])
        of_part = np.searchsorted(starts, places, side="right") - 1
        rows = [part.take(np.asarray(places)[of_part == at] - starts[at]) for at, part in enumerate(self.parts)]
        own = Joined(tuple(rows), self.names, self.texts)
        return pd.DataFrame({name: own[name] for name in self.names}).set_axis(np.argsort(of_part, kind="stable")).sort_index()
