"""Files of the project and listings of its folders as they are now; with the standard library alone."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from pathlib import Path


class Now(dict[str, "str | None"]):
    """Checksums of files and listings of the project as they are now, None where there is nothing; each is read once.

    made: files that cells write, which belong to no listing.
    """

    def __init__(self, root: Path, made: Collection[str] = ()) -> None:
        super().__init__()
        self.root, self.made = root, frozenset(made)

    def __missing__(self, name: str) -> str | None:
        path = self.root / name
        if name.endswith("/"):
            self[name] = listing(name, [each.name for each in path.iterdir()], self.made) if path.is_dir() else None
        else:
            self[name] = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
        return self[name]


def listing(folder: str, names: Collection[str], made: Collection[str]) -> str:
    """Checksum of the names in a folder, without what cells, Python and renders put there."""
    prefix = folder.removeprefix("./")
    kept = (name for name in names if not name.startswith((".", "__pycache__", "_book")) and prefix + name not in made)
    kept = (name for name in kept if ".under-way-" not in name and not name.endswith(".former"))
    return hashlib.sha256("\n".join(sorted(kept)).encode("utf-8", "surrogateescape")).hexdigest()
