"""One state a report: what it depends on is copied once, at the start, and everything afterwards reads the copies alone.

The folder of the copies is private to this process and its kernels, so data, settings and chapters may change meanwhile without
any effect on the report. Code is not copied: it is looked at again before anything is kept.
"""

import contextlib
import json
import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from expectations.ordinary import FORMS, is_ordinary
from protocol.columns import TABLES
from study import inputs, paths, scratch, variables
from study.errors import RenderingFailed
from study.paths import COVERAGE, CUTS, EVIDENCE, LOCK, PUBLISHED, ROOT, SETTINGS, frozen, shown, state
from study.sums import code_files, digest_of, sha256

_TRIES = 3
_READ = {*(f"{table}{form}" for table in TABLES for form in FORMS), "cut.yml"}
_CODE = ("protocol", "analysis", "expectations", "study", "renderer", "hooks")


@dataclass(frozen=True)
class State:
    """The copies and what they were taken from.

    `folder` holds them; `project` is the copy of what Quarto and the renderer read; `documents` and `data` map each original to
    its SHA-256, and `code` maps each file of code to what the file system says of it. `seal` is the digest of it all.
    """

    folder: Path
    documents: dict[Path, str]
    data: dict[Path, str]
    code: dict[Path, tuple[int, ...]]
    seal: str

    @property
    def project(self) -> Path:
        return self.folder / "project"

    @property
    def variables(self) -> dict[str, str]:
        """For the kernels: where the copies are."""
        return {variables.FROZEN: str(self.folder / "copies.json")}

    def changed(self, cuts: list[Path]) -> list[str]:
        """Names of the inputs that are no longer as they were taken; of the data cuts, those in the folders `cuts` matter."""

        def matters(path: Path) -> bool:
            return path in _SINGLE or any(path.is_relative_to(cut) for cut in cuts)

        data = {path: checksum for path, checksum in self.data.items() if matters(path)}
        now = {path: checksum for path, checksum in _data(cuts).items() if matters(path)}
        documents = _sums([*{*inputs.documents(), *self.documents}])  # one that turned out to be a cell's own stays as it was
        pairs = ((data, now), (self.documents, documents), (self.code, code_marks()))
        found = [path for then, now in pairs for path in then.keys() | now.keys() if then.get(path) != now.get(path)]
        own = self.data.keys() | self.documents.keys() | self.code.keys() | inputs.fixed() | code_marks().keys() | now.keys()
        return sorted({shown(path) for path in found if path in own})  # what a cell has made meanwhile is no input

    def check(self, cuts: list[Path]) -> None:
        """Raises :class:`RenderingFailed`, naming them, when inputs have changed since they were taken."""
        odd = [*(shown(cut) for cut in cuts if frozen(cut) == cut), *self.changed(cuts)]
        if odd:
            raise RenderingFailed(f"{', '.join(odd)} changed during the render; run it again")

    def note(self) -> None:
        """Write down the moment's state for :meth:`check_noted` in another process."""
        state("quarto.json").write_text(json.dumps({str(path): mark for path, mark in _marks().items()}), encoding="utf-8")

    def check_noted(self, cuts: list[Path]) -> None:
        """Raises :class:`RenderingFailed` when a file is not the noted one any more, or was changed and put back."""
        self.check(cuts)
        try:
            noted = {Path(path): tuple(mark) for path, mark in json.loads(state("quarto.json").read_text("utf-8")).items()}
        except (OSError, ValueError):
            raise RenderingFailed("the pre-render step has not run, so nothing vouches for these pages; render again") from None
        now = _marks()
        now |= {path: (checksum,) for path, checksum in _sums([*(noted.keys() - now.keys())]).items()}
        odd = {path for path in noted if noted[path] != now.get(path)} | (inputs.fixed() - noted.keys())
        odd = {path for path in odd if not path.is_relative_to(CUTS) or any(path.is_relative_to(cut) for cut in cuts)}
        if odd:
            raise RenderingFailed(f"{', '.join(sorted(map(shown, odd)))} changed during the render; run it again")


_SINGLE = (SETTINGS, PUBLISHED, EVIDENCE, COVERAGE)
_present: State | None = None


@contextlib.contextmanager
def taken(given: str | Path | None = None) -> Iterator[State]:
    """Within the block this process reads the state that there is now, the cut in the folder `given` included.

    A block inside another one has the outer one's state. Raises :class:`RenderingFailed` when files never stand still.
    """
    global _present
    if _present is not None:
        yield _present
        return
    scratch.folder()
    outside = _outside(given)
    folder = scratch.folder() / f"frozen-{os.getpid()}"  # the same one each time: kernels that sleep until the next time know it
    folder.mkdir()
    try:
        _present = _take(folder, outside, given)
        yield _present
    finally:
        _present = None
        paths.copies.clear()
        shutil.rmtree(folder, ignore_errors=True)


def seal(given: str | Path | None) -> str:
    """The seal of the state that there is now; nothing is copied."""
    cuts = [*_cut_folders(), *_outside(given)]
    return _seal(_sums(inputs.documents()) | _data(cuts), cuts, given)


def _seal(read: dict[Path, str], cuts: list[Path], given: str | Path | None) -> str:
    """One digest over documents and data, code, locked packages, what lies in the folders of the cuts, and which cut was named."""
    sums = read | _sums([*code_files(*_CODE), LOCK])
    beside = [path.as_posix() for cut in cuts if cut.is_dir() for path in sorted(cut.iterdir())]
    about = {"beside": "\n".join(beside), "named": "" if given is None else str(Path(given).absolute())}
    return digest_of({path.as_posix(): checksum for path, checksum in sums.items()} | about)


def _outside(given: str | Path | None) -> list[Path]:
    """The folder of a cut that was named, if it is none of those below `data/cuts`."""
    named = [] if given is None or not Path(given).is_dir() else [Path(given).resolve()]
    return [cut for cut in named if cut not in _cut_folders()]


def documents() -> list[Path]:
    """The present state's documents; without one those that there are now. See :func:`study.inputs.documents`."""
    return inputs.documents() if _present is None else sorted(_present.documents)


def _take(folder: Path, outside: list[Path], given: str | Path | None) -> State:
    for _ in range(_TRIES):
        place = folder / "state"
        state, copies = _copied(place, outside, given)
        if not (odd := state.changed([*_cut_folders(), *outside])):
            (place / "copies.json").write_text(json.dumps({str(real): str(copy) for real, copy in copies.items()}))
            paths.copies.update(copies)
            return state
        shutil.rmtree(place)
    raise RenderingFailed(f"{', '.join(odd)} changed while the state of the report was taken; run it again when nothing writes there")


def _copied(place: Path, outside: list[Path], given: str | Path | None) -> tuple[State, dict[Path, Path]]:
    copies: dict[Path, Path] = {}
    documents: dict[Path, str] = {}
    code = code_marks()
    for path in inputs.documents():
        documents[path] = _copy(path, place / "project" / path.relative_to(ROOT))
    data: dict[Path, str] = {}
    for path in _SINGLE:
        if path.is_file():
            copies[path] = place / "single" / path.name
            data[path] = _copy(path, copies[path])
    for number, cut in enumerate([*_cut_folders(), *outside]):
        copy = place / "cuts" / str(number) / cut.name
        with contextlib.suppress(PermissionError):  # what may not be read is left where it is: the gate names it and stops
            data |= _copied_cut(cut, copy)
            copies[cut] = copy
    return State(place, documents, data, code, _seal(documents | data, [*_cut_folders(), *outside], given)), copies


def _copied_cut(cut: Path, copy: Path) -> dict[Path, str]:
    """Copies a cut for the gate: what the gate does not read keeps its name, its kind and its size, but not its content."""
    copy.mkdir(parents=True)
    sums = {}
    for path in sorted(cut.iterdir()):
        found, target = path.lstat(), copy / path.name
        if _is_read(path):
            sums[path] = _copy(path, target)
        elif stat.S_ISREG(found.st_mode):
            target.touch()
            os.truncate(target, found.st_size)  # takes no space
        elif stat.S_ISDIR(found.st_mode):
            target.mkdir()
        elif stat.S_ISLNK(found.st_mode):
            target.symlink_to("nowhere")
        else:
            os.mkfifo(target)
    return sums


def _is_read(path: Path) -> bool:
    return path.name in _READ and is_ordinary(path)


def _copy(path: Path, target: Path) -> str:
    """Copies a file; the SHA-256 of the copy."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, target)
    return sha256(target)


def _cut_folders() -> list[Path]:
    found = (path for path in CUTS.iterdir() if path.is_dir() and not path.name.startswith(".")) if CUTS.is_dir() else ()
    return sorted(path.resolve() for path in found)


def _data(cuts: list[Path]) -> dict[Path, str]:
    return _sums([*_SINGLE, *(path for cut in cuts if cut.is_dir() for path in cut.iterdir() if _is_read(path))])


def _sums(files: list[Path]) -> dict[Path, str]:
    sums = {}
    for path in files:
        with contextlib.suppress(FileNotFoundError, PermissionError):
            sums[path] = sha256(path)
    return sums


def code_marks() -> dict[Path, tuple[int, ...]]:
    """What the file system says of each file of code."""
    return {path: _mark(path) for path in code_files(*_CODE)}


def _marks() -> dict[Path, tuple]:
    """Marks of what only people write, and checksums of the other documents, which cells may make anew."""
    written = {path for path in inputs.fixed() if path.suffix != ".ipynb"}  # which Quarto writes, and somebody puts back
    fixed = {*code_files(*_CODE), *written, *_data(_cut_folders())}
    named = _sums([path for path in inputs.documents() if path not in fixed])
    return {path: _mark(path) for path in sorted(fixed)} | {path: (checksum,) for path, checksum in named.items()}


def _mark(path: Path) -> tuple[int, ...]:
    """What the file system says of a file: one that was changed and put back is another, too."""
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
