"""Run in a kernel before its first cell: notes every file of the project that the kernel opens, with the checksum of what is there.

A script of its own, because a kernel looks for modules in the project alone. One line a file: JSON of path, checksum (null if there
is no such file) and whether it was opened to be written.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import threading
from typing import Any

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def start(root: str, log: str) -> None:
    """Note from now on what is opened below `root`, hidden folders and the packages of this Python left out, in the file `log`."""
    notes = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    seen: set[tuple[str, bool]] = set()
    busy = threading.local()

    def note(event: str, arguments: tuple[Any, ...]) -> None:
        if event != "open" or getattr(busy, "now", False) or not isinstance(arguments[0], (str, bytes, os.PathLike)):
            return
        busy.now = True  # what is opened here is no input
        try:
            path, writes = os.path.abspath(os.fsdecode(arguments[0])), _writes(arguments[1], arguments[2])
            if _is_compiled(path):
                path, writes = _source(path), False  # Python keeps what it has compiled; the module itself is not written
            name = os.path.relpath(path, root)
            hidden = path.startswith(sys.prefix + os.sep) or any(part.startswith(".") for part in name.split(os.sep))
            if (name, writes) in seen or hidden:
                return
            seen.add((name, writes))
            os.write(notes, (json.dumps([name.replace(os.sep, "/"), _sum(path), writes]) + "\n").encode())
        except (OSError, ValueError):
            return  # another drive, or a name that is none
        finally:
            busy.now = False

    sys.addaudithook(note)


def _is_compiled(path: str) -> bool:
    return os.path.basename(os.path.dirname(path)) == "__pycache__"


def _source(path: str) -> str:
    """The module behind compiled code."""
    folder, name = os.path.split(path)
    return os.path.join(os.path.dirname(folder), name.split(".")[0] + ".py")


def _writes(mode: Any, flags: Any) -> bool:
    return any(letter in mode for letter in "wax+") if isinstance(mode, str) else bool(flags & _WRITES)


def _sum(path: str) -> str | None:
    if not os.path.isfile(path):
        return None
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
