"""Text without what is no Markdown in it: code and comments become blanks, so that every line stays where it is."""

from __future__ import annotations

import re

_VERBATIM = re.compile(
    r"<!--.*?-->|^[ \t]*(`{3,}|~{3,}).*?^[ \t]*\1[`~]*[ \t]*$|(?<!`)(`+)(?!`).+?(?<!`)\2(?!`)", re.DOTALL | re.MULTILINE
)


def without_code(text: str) -> str:
    """Code blocks, code spans and comments as blanks.

    >>> without_code("`a` b <!-- c --> d")
    '    b            d'
    """
    return _VERBATIM.sub(_blank, text)


def without_comments(text: str) -> str:
    """Comments as blanks, but for those that code shows.

    >>> without_comments("`<!-- a -->` b <!-- c --> d")
    '`<!-- a -->` b            d'
    """
    return _VERBATIM.sub(lambda found: _blank(found) if found[0].startswith("<!--") else found[0], text)


def _blank(found: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", found[0])
