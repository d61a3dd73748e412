"""Where a path leads that is seen from a chapter."""

from __future__ import annotations

import posixpath


def in_project(path: str, chapter: str) -> str:
    """The path in the project's folder: it begins at the chapter's, or with `/` at the project's. chapter: its own path there.

    >>> in_project("../data/a.csv", "chapters/one.qmd"), in_project("/data/a.csv", "chapters/one.qmd")
    ('data/a.csv', 'data/a.csv')
    """
    return posixpath.normpath(path.lstrip("/") if path.startswith("/") else posixpath.join(posixpath.dirname(chapter), path))
