"""Typesetting by part: what a chapter became in a format is kept under the digest of everything that it depends on.

A part is a parse tree, a chapter with its numbers, a chapter with its references, a page, a PDF or a Word file. Its key holds the key
of the part it is made from, so that a part is looked up without the ones below it being read.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

from renderer.kept import Kept, digest

_SOURCES = ("*.py", "*.lua", "*.json", "templates/*", "assets/*")


_HERE = Path(__file__).parent


@cache
def software() -> str:
    """Digest of what turns text into pages: the renderer's code, the installed packages (by name and version), Python."""
    files = sorted(path for pattern in _SOURCES for path in _HERE.glob(pattern) if path.is_file())
    packages = sorted(name for name in os.listdir(sysconfig.get_path("purelib")) if name.endswith(".dist-info"))
    return digest({path.name: digest(path.read_bytes()) for path in files}, packages, sys.version)


class Parts:
    """The kept parts of a project."""

    def __init__(self, kept: Kept) -> None:
        self.kept = kept

    def key(self, *depends_on: Any) -> str:
        return digest(software(), *depends_on)

    def get(self, key: str) -> tuple[Any, bytes] | None:
        return self.kept.get(key)

    def put(self, key: str, head: Any, body: bytes) -> None:
        self.kept.put(key, head, body)

    def made(self, make: Callable[[], bytes], *depends_on: Any) -> bytes:
        """What was made from the same before, or else what `make` gives."""
        key = self.key(make.__qualname__, *depends_on)
        found = self.get(key)
        if found is not None:
            return found[1]
        body = make()
        self.put(key, None, body)
        return body

    def tidy(self) -> None:
        self.kept.tidy()


def contents(files: Iterable[Path]) -> list[list[str]]:
    """Name and digest of each file in its order, of those that are there; the folder is another one in every render."""
    return [[path.name, digest(path.read_bytes())] for path in files if path.is_file()]


def write_if_other(path: Path, content: bytes) -> bool:
    """Write a file unless it holds that already; whether it was written."""
    if path.is_file() and path.stat().st_size == len(content) and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return True
