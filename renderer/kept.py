"""What is kept from one render to the next: small files named by the digest of everything that their content depends on.

Nothing here is ever out of date: what depends on something else has another name. So branches and undone edits find what they had,
and processes that work at the same time write the same. The folder is bounded: what was not used for longest goes first.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import threading
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from filelock import FileLock

LARGEST = 256 * 1024 * 1024
"""Bytes that the folder may hold: the shipped report in all formats takes about 30 MB, so some ten states of it fit."""
_LOCK = ".lock"
_UNFINISHED = ".new"


class Kept:
    """A folder of kept parts. `key` is hexadecimal; a part is a small head (plain data) and a body (bytes).

    Several parts may have one key, told apart by their heads. A damaged part counts as absent. Threads may share it.
    """

    def __init__(self, folder: Path, largest: int = LARGEST) -> None:
        self.folder, self.largest = folder, largest
        self.guard = threading.Lock()
        self.files: dict[str, list[str]] = {}
        self.written = False
        with contextlib.suppress(OSError), os.scandir(folder) as found:
            names = [(each.stat().st_mtime_ns, each.name) for each in found if not each.name.endswith((_LOCK, _UNFINISHED))]
            for _, name in sorted(names, reverse=True):
                self.files.setdefault(name.partition(".")[0], []).append(name)

    def heads(self, key: str) -> Iterator[tuple[Any, str]]:
        """Head and name of each part with that key, the one used last first."""
        for name in list(self.files.get(key, ())):
            with contextlib.suppress(OSError, ValueError), (self.folder / name).open("rb") as file:
                file.readline()
                yield json.loads(file.readline()), name

    def body(self, name: str) -> tuple[str, bytes] | None:
        """Checksum and body of a part, or None where it is gone or damaged."""
        path = self.folder / name
        try:
            checksum, _, content = path.read_bytes().partition(b"\n")
            if checksum.decode() != hashlib.sha256(content).hexdigest():
                return None
            with contextlib.suppress(OSError):
                os.utime(path)
        except (OSError, ValueError):
            return None
        return checksum.decode(), content.partition(b"\n")[2]

    def get(self, key: str) -> tuple[Any, bytes] | None:
        """Head and body of the one part with that key, or None."""
        for head, name in self.heads(key):
            if (found := self.body(name)) is not None:
                return head, found[1]
        return None

    def put(self, key: str, head: Any, body: bytes) -> str:
        """Keep a part; its checksum. A disk that is full keeps nothing, which costs time alone."""
        first = json.dumps(head, sort_keys=True).encode()
        content = first + b"\n" + body
        checksum = hashlib.sha256(content).hexdigest()
        name = f"{key}.{hashlib.sha256(first).hexdigest()[:16]}"
        with self.guard, contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            unfinished = self.folder / (name + _UNFINISHED)
            with FileLock(self.folder / _LOCK):
                unfinished.write_bytes(checksum.encode() + b"\n" + content)
                os.replace(unfinished, self.folder / name)
            self.written = True
            names = self.files.setdefault(key, [])
            names[:] = [name, *(other for other in names if other != name)]
        return checksum

    def tidy(self) -> None:
        """Remove what was not used for longest until the folder is small enough, and what killed processes have left half-written."""
        if not self.written:
            return
        with self.guard, contextlib.suppress(OSError), FileLock(self.folder / _LOCK):
            with os.scandir(self.folder) as found:
                files = [(each.stat(), each.path) for each in found if each.name != _LOCK]
            left = sum(stat.st_size for stat, _ in files)
            for stat, path in sorted(files, key=lambda each: (not each[1].endswith(_UNFINISHED), each[0].st_mtime_ns)):
                if left > self.largest or path.endswith(_UNFINISHED):
                    os.unlink(path)
                    left -= stat.st_size


def digest(*parts: Any) -> str:
    """One digest over texts, bytes and plain data."""
    total = hashlib.sha256()
    for part in parts:
        content = part if isinstance(part, bytes) else json.dumps(part, sort_keys=True, default=str).encode("utf-8", "surrogatepass")
        total.update(hashlib.sha256(content).digest())
    return total.hexdigest()


@cache
def code(*names: str) -> str:
    """Digest of these files of the renderer, as they were when they were first asked for."""
    here = Path(__file__).parent
    return digest(*((here / name).read_bytes() for name in names))
