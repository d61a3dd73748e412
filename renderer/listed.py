"""Settings that may be one value or a list of them."""

from __future__ import annotations

from typing import Any


def listed(value: Any) -> list[str]:
    """The values as texts.

    >>> listed(None), listed("a"), listed(["a", 1])
    ([], ['a'], ['a', '1'])
    """
    return [] if value is None else [str(each) for each in value] if isinstance(value, list) else [str(value)]
