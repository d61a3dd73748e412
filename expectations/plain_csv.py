"""Reading the ordinary CSV file at once: each line of as many cells as the header, none blank, and of a quoted cell no line break and
no quotation mark.

Any other file is read record by record (:mod:`expectations.reading`), which knows on what line a record begins and says what is wrong.
"""

import csv
import io
from collections.abc import Sequence

import numpy as np
import pandas as pd

_LINE_BREAK, _MARK, _COMMA = b"\n"[0], b'"'[0], b","[0]


def frame(text: str, columns: Sequence[str]) -> pd.DataFrame | None:
    """The cells of an ordinary file as text, by the number of their line (the header is line 1), its header being some of the
    `columns` in their order; None of any other file. Equal cells of a column are one object.

    >>> frame('week,easi\\n0,"35.1"\\n4,\\n', ["week", "day", "easi"]).to_dict("index")
    {2: {'week': '0', 'easi': '35.1'}, 3: {'week': '4', 'easi': ''}}
    >>> frame('week,easi\\n0,35,1\\n', ["week", "easi"]) is None
    True
    """
    import pyarrow  # takes a fifth of a second
    from pyarrow import csv as arrow

    text = text.rstrip("\r\n").replace("\r\n", "\n")
    content = f"\n{text}\n".encode()
    if "\r" in text or b"\n\n" in content or not _simply_quoted(np.frombuffer(content, dtype=np.uint8)):
        return None
    header, _, rows = content[1:-1].partition(b"\n")
    if not rows or len(header) > csv.field_size_limit():
        return None
    names = next(csv.reader([header.decode()]))
    if names != [each for each in columns if each in names]:
        return None
    try:
        table = arrow.read_csv(
            io.BytesIO(rows),
            read_options=arrow.ReadOptions(column_names=names),
            parse_options=arrow.ParseOptions(double_quote=False),
            convert_options=arrow.ConvertOptions(column_types=dict.fromkeys(names, pyarrow.string()), strings_can_be_null=False),
        )
    except pyarrow.ArrowInvalid:  # a line has more or fewer cells, for instance
        return None
    cells, empty = {}, np.ones(len(table), dtype=bool)
    for name, column in zip(names, table.columns, strict=True):
        encoded = column.combine_chunks().dictionary_encode()
        values = np.array(encoded.dictionary.to_pylist(), dtype=object)
        if max(map(len, values)) > csv.field_size_limit():
            return None
        cells[name] = values[encoded.indices.to_numpy()]
        empty &= cells[name] == ""
    if empty.any():
        return None
    lines = pd.Index(np.arange(2, len(table) + 2), name="line")
    return pd.DataFrame(cells, index=lines, dtype=object)


def _simply_quoted(content: np.ndarray) -> bool:
    """Whether each quotation mark of these bytes, which begin and end with a line break, opens a cell or closes one on its line."""
    marks = np.flatnonzero(content == _MARK)
    opening, closing = marks[0::2], marks[1::2]
    if len(opening) > len(closing):
        return False
    around = np.concatenate([content[opening - 1], content[closing + 1]])
    breaks = np.flatnonzero(content == _LINE_BREAK)
    return bool(np.isin(around, (_LINE_BREAK, _COMMA)).all() and not (np.searchsorted(marks, breaks) % 2).any())
