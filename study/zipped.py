"""Unpacking a zip file that a stranger may have made: read within stated limits, or refused with nothing unpacked."""

import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from study.errors import RenderingFailed, UsageError, machine_problem
from study.printing import plain

LARGEST = 1024**3
"""Bytes that the file may have, and its contents together; one with the locked packages has about half of it."""
MOST_FILES = 20_000
_DIRECTORY_END = struct.Struct("<4s4H2LH")
_LONGEST_COMMENT = 0xFFFF
_BYTES_A_NAME = 1024  # with the rest of an entry's line in the zip file's directory
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_IN_UTF_8 = 0x800
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_FOR_WINDOWS = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?|.*[. ]")
_BROKEN = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error, EOFError, ValueError, LookupError, RuntimeError,
    OverflowError, MemoryError, TypeError,
)  # fmt: skip
"""What `zipfile` raises for files that lie about themselves."""


def is_whole(archive: Path, names: list[str]) -> bool:
    """Whether a zip file can be read from beginning to end and holds these files."""
    try:
        with zipfile.ZipFile(archive) as source:
            return source.namelist() == names and source.testzip() is None
    except _BROKEN:
        return False


def unpack(archive: Path, folder: Path) -> list[str]:
    """Write the files of `archive` below the empty `folder`; their names.

    Raises :class:`UsageError` for everything that is no zip file of ordinary files: devices and pipes, damage, encryption, names
    that lead out, meet each other or cannot be written everywhere, more than :data:`MOST_FILES` files or :data:`LARGEST` bytes.
    Raises :class:`RenderingFailed` when they cannot be written.
    """
    _check_file(archive)
    try:
        with archive.open("rb") as file:
            _check_end(archive, file)
            with zipfile.ZipFile(file) as source:
                entries = source.infolist()
                _check_entries(archive, entries, source.start_dir)
                for entry in entries:
                    _write(folder / entry.filename, _content(archive, source, entry), entry.is_dir())
    except OSError as problem:
        raise _unreadable(archive, problem.strerror or str(problem)) from None
    except _BROKEN as problem:
        raise _unreadable(archive, str(problem) or type(problem).__name__) from None
    return [entry.filename for entry in entries if not entry.is_dir()]


def _unreadable(archive: Path, why: str) -> UsageError:
    return UsageError(f"{plain(archive)} cannot be read: {plain(why)}; get a new copy of it")


def _check_file(archive: Path) -> None:
    try:
        found = archive.stat()
    except (OSError, ValueError, RuntimeError) as problem:
        raise _unreadable(archive, getattr(problem, "strerror", None) or str(problem)) from None
    if not stat.S_ISREG(found.st_mode):
        what = "a folder" if stat.S_ISDIR(found.st_mode) else "a device, a pipe or a socket"
        raise UsageError(f"{plain(archive)} is {what}; name the archive's file")
    if found.st_size > LARGEST:
        raise UsageError(f"{plain(archive)} cannot be read: it has more than {_in_gib(LARGEST)}, the limit for an archive")


def _in_gib(size: int) -> str:
    return f"{size / 1024**3:g} GiB"


def _check_end(archive: Path, file) -> None:
    """The record at the end tells how much there is to read; `zipfile` would believe it."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _DIRECTORY_END.size - _LONGEST_COMMENT))
    tail = file.read()
    place = len(tail) - _DIRECTORY_END.size
    if place < 0 or not tail[place:].startswith(zipfile.stringEndArchive):
        place = tail.rfind(zipfile.stringEndArchive)
    if place < 0 or len(tail) - place < _DIRECTORY_END.size:
        raise _unreadable(archive, "it is no zip file, or its end is missing")
    _, disk, first_disk, on_disk, entries, directory, _, comment = _DIRECTORY_END.unpack_from(tail, place)
    if len(tail) - place != _DIRECTORY_END.size + comment:
        raise _unreadable(archive, "something follows the end of the zip file")
    if disk or first_disk or on_disk != entries:
        raise _unreadable(archive, "it is one part of several")
    if tail[max(0, place - 20) : place].startswith(zipfile.stringEndArchive64Locator):
        raise _unreadable(archive, "it is of the form zip64, which an archive of a study report never has")
    if entries > MOST_FILES or directory > MOST_FILES * _BYTES_A_NAME:
        raise _unreadable(archive, f"it has more than {MOST_FILES} files, the limit for an archive")


def _check_entries(archive: Path, entries: list[zipfile.ZipInfo], end: int) -> None:
    if not entries:
        raise _unreadable(archive, "it is empty")
    if len(entries) > MOST_FILES:
        raise _unreadable(archive, f"it has more than {MOST_FILES} files, the limit for an archive")
    if sum(entry.file_size for entry in entries) > LARGEST:
        raise _unreadable(archive, f"unpacked it has more than {_in_gib(LARGEST)}, the limit for an archive")
    names: dict[str, str] = {}
    folders: dict[str, str] = {}
    for entry in entries:
        if what := _odd_name(entry) or _odd_kind(entry):
            raise UsageError(f"{plain(archive)}: the entry {plain(entry.orig_filename)} {what}; nothing was unpacked")
        parts = _key(entry.filename).rstrip("/").split("/")
        folders |= {"/".join(parts[:count]): entry.filename for count in range(1, len(parts) + entry.is_dir())}
        if entry.is_dir():
            continue
        if other := names.get("/".join(parts)):
            raise _met(archive, entry.filename, other)
        names["/".join(parts)] = entry.filename
    for key in names.keys() & folders.keys():
        raise _met(archive, names[key], folders[key])
    place = -1
    for entry in sorted(entries, key=lambda each: each.header_offset):
        if entry.header_offset < max(place, 0):
            raise _unreadable(archive, "its entries overlap")
        place = entry.header_offset + zipfile.sizeFileHeader + entry.compress_size
    if place > end:
        raise _unreadable(archive, "its entries overlap")


def _met(archive: Path, one: str, other: str) -> UsageError:
    return UsageError(
        f"{plain(archive)}: the entries {plain(other)} and {plain(one)} have the same place on some machines; nothing was unpacked"
    )


def _key(name: str) -> str:
    """A name as a file system may take it that tells neither capitals nor ways of composing a letter apart."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _odd_name(entry: zipfile.ZipInfo) -> str | None:
    name = entry.orig_filename
    parts = name.removesuffix("/").split("/")
    if ".." in parts or "\\" in name or ":" in name or name.startswith("/"):
        return "leads out of the archive"
    if not name.isascii() and not entry.flag_bits & _IN_UTF_8:
        return "has a name that is not in UTF-8"
    if plain(name) != name or entry.filename != name:
        return "has a name with control characters"
    if {"", "."} & set(parts) or any(_FOR_WINDOWS.fullmatch(part) for part in parts):
        return "has a name that not every machine can write"
    if any(len(part.encode()) > 255 for part in parts) or len(name.encode()) > _BYTES_A_NAME // 2:
        return "has a name that is too long"
    return None


def _odd_kind(entry: zipfile.ZipInfo) -> str | None:
    if entry.flag_bits & _ENCRYPTED:
        return "is encrypted"
    if entry.compress_type not in _METHODS:
        return "is packed in a way that archives of a study report never are"
    if entry.volume:
        return "is in another part of the archive"
    wanted = (0, stat.S_IFDIR) if entry.is_dir() else (0, stat.S_IFREG)
    if stat.S_IFMT(entry.external_attr >> 16) not in wanted or (entry.is_dir() and entry.file_size):
        return "is no ordinary file (a link, say)"
    return None


def _content(archive: Path, source: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The entry's bytes; `zipfile` reads no more than the size it names, and checks the sum at the end."""
    size = 0
    with source.open(entry) as stream:
        while part := stream.read(1 << 20):
            size += len(part)
            yield part
    if size != entry.file_size:
        raise _unreadable(archive, f"{entry.filename} has another size than the zip file says")


def _write(path: Path, content: Iterator[bytes], is_folder: bool) -> None:
    """Problems of this machine are told apart from those of the archive: reading happens in `content` alone."""
    try:
        (path if is_folder else path.parent).mkdir(parents=True, exist_ok=True)
        file = None if is_folder else path.open("xb")
    except OSError as problem:
        raise RenderingFailed(machine_problem(problem)) from None
    if file is None:
        return
    with file:
        for part in content:
            try:
                file.write(part)
            except OSError as problem:
                raise RenderingFailed(machine_problem(problem)) from None
