"""A table as a Parquet file: read by pyarrow, and handed on as the cells that a CSV file would have.

So what is checked, and the types that come of it, are the same whatever the form of a file.
"""

import datetime
from collections.abc import Callable

import numpy as np
import pandas as pd

from expectations.ordinary import largest_file, megabytes

Tell = Callable[..., None]

_CELL = 8
"""Bytes that a cell takes at least, whatever its file is."""


def cells(content: bytes, tell: Tell) -> tuple[list[str], pd.DataFrame] | None:
    """Names of the columns, and the cells as text by row number (from 1), a missing one being ""; None where the file is damaged,
    too large or of values that cannot be written. `tell` is called with a rule and what is wrong."""
    import pyarrow  # takes a fifth of a second, and most cuts are CSV
    import pyarrow.parquet

    try:
        file = pyarrow.parquet.ParquetFile(pyarrow.BufferReader(content))
        groups = range(file.metadata.num_row_groups)
        encoded = sum(file.metadata.row_group(each).total_byte_size for each in groups)
        size = max(encoded, _CELL * file.metadata.num_rows * file.metadata.num_columns)  # equal values are encoded as one
        if size > largest_file():
            tell(
                "file-too-large",
                f"the table has {megabytes(size)} where it is unpacked, and this machine has memory for {megabytes(largest_file())}; "
                "check it on one with more, or a part of the cut",
            )
            return None
        table = file.read()
    except (pyarrow.ArrowException, OSError) as problem:
        tell("parquet-syntax", f"the file is no Parquet file, or it is damaged ({str(problem).splitlines()[0][:200]}); write it again")
        return None
    columns, told = {}, False
    for place, column in enumerate(table.columns):
        try:
            columns[place] = _texts(column)
        except (pyarrow.ArrowException, ValueError, OverflowError) as problem:
            why = str(problem).splitlines()[0][:200]
            tell("parquet-syntax", f"values of column {place + 1} cannot be written as text ({why}); write numbers or texts there")
            told = True
    if told:
        return None
    rows = pd.RangeIndex(1, table.num_rows + 1, name="line")
    return list(table.column_names), pd.DataFrame(columns, index=pd.Index(rows, dtype="int64", name="line"), dtype=object)


def _texts(column) -> np.ndarray:
    """The cells of a column as text, each different one written once; raises `ArrowException`, `ValueError` or `OverflowError`."""
    import pyarrow
    import pyarrow.compute

    if pyarrow.types.is_nested(column.type) or isinstance(column.type, pyarrow.BaseExtensionType):  # have no distinct values there
        return np.array([_written(value) for value in column.to_pylist()], dtype=object)
    if pyarrow.types.is_run_end_encoded(column.type):
        column = pyarrow.compute.run_end_decode(column)
    column = column if pyarrow.types.is_dictionary(column.type) else column.dictionary_encode()
    encoded = column.combine_chunks()
    if isinstance(encoded, pyarrow.ChunkedArray):  # without a row there is no chunk
        encoded = encoded.chunk(0) if encoded.num_chunks else pyarrow.array([], column.type)
    distinct = encoded.dictionary
    # As Python has them, numbers of single precision would be others.
    values = distinct.to_numpy(zero_copy_only=False) if pyarrow.types.is_floating(distinct.type) else distinct.to_pylist()
    texts = np.array([*map(_written, values), ""], dtype=object)
    return texts[encoded.indices.fill_null(len(texts) - 1).to_numpy(zero_copy_only=False).astype(int)]


def _written(value) -> str:
    """A value as a CSV file has it, a number with the digits that tell it from others of its own precision.

    >>> [_written(value) for value in (29.8, np.float32(29.8), 30.0, 1e-7, 4, True, None)]
    ['29.8', '29.8', '30', '0.0000001', '4', '1', '']
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return f"{value:d}"
    if isinstance(value, float | np.floating) and np.isfinite(value):
        return np.format_float_positional(value, trim="-")
    if isinstance(value, datetime.date | datetime.datetime):
        return value.isoformat()
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
