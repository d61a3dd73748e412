"""Archives that nobody should trust: damaged at random, forged with intent, or no archive at all. One line each, nothing unpacked."""

import io
import os
import random
import socket
import stat
import struct
import tarfile
import zipfile
import zlib

import pytest

import study.archive
import study.unpacked
import study.zipped
from study.archive import SUMS
from study.errors import StudyError, UsageError
from study.unpacked import verify_archive

MUTATIONS = 200
posix = pytest.mark.skipif(os.name != "posix", reason="devices, pipes and sockets as on POSIX systems")


@pytest.fixture(scope="module")
def contents(shipped):
    """A small archive's files: settings, a report of two files and the data, with checksums that fit."""
    files = {f"data/cuts/week-26/{path.name}": path.read_bytes() for path in shipped.cut.files}
    files |= {"study.yml": b"cut: week-26\n", "_book/index.html": b"<p>27 children</p>" * 50, "data/отчёт.txt": b"x"}
    files["_book/results.csv"] = shipped.results.to_csv().encode()[:5000]
    files[SUMS] = "".join(
        f"{study.archive._sum(content)}  {name}\n" for name, content in sorted(files.items())
    ).encode()
    return files


@pytest.fixture(scope="module")
def genuine(contents, shipped, tmp_path_factory):
    path = tmp_path_factory.mktemp("genuine") / "report.zip"
    study.archive._write_zip(path, contents, shipped.cut)
    return path


@pytest.fixture
def verdict(monkeypatch):
    """Exit status and lines of an archive, by `study verify --archive` without making the report anew; and what was unpacked."""
    unpacked = []

    def run(root):
        unpacked.append(
            {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
        )
        return 0, ["same"]

    monkeypatch.setattr(study.unpacked, "_with_code_of_here", lambda root, folder: root)
    monkeypatch.setattr(study.unpacked, "other_code", lambda root: [])
    monkeypatch.setattr(study.unpacked, "_run", run)

    def judge(path):
        unpacked.clear()
        shown = []
        try:
            status = verify_archive(path, None, lambda _: None, shown.append)
        except StudyError as problem:
            status, shown = problem.status, [str(problem)]
            assert "\n" not in shown[0]
        return status, shown, dict(*unpacked)

    return judge


def flipped(content, chance):
    changed = bytearray(content)
    for _ in range(chance.choice([1, 1, 2, 8])):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def cut_off(content, chance):
    start, end = sorted(chance.sample(range(len(content)), 2))
    return chance.choice(
        [content[:end], content[start:], content[:start] + content[end:], content[:end] + content[start:]]
    )


def header_edited(content, chance):
    """Another number or name in one of the headers: of a file, of the directory, or of its end."""
    signature, size = chance.choice([(b"PK\x03\x04", 30), (b"PK\x01\x02", 46), (b"PK\x05\x06", 22)])
    places = [place for place in range(len(content)) if content.startswith(signature, place)]
    place = chance.choice(places) + chance.randrange(4, size + 8 * (size > 22))
    width = chance.choice([1, 2, 4])
    value = chance.choice([0, 1, 2**15, 2 ** (8 * width) - 1, chance.randrange(256**width)]) % 256**width
    return content[:place] + value.to_bytes(width, "little") + content[place + width :]


def test_of_two_hundred_damaged_archives_none_passes_with_other_content(genuine, contents, verdict, tmp_path):
    assert verdict(genuine) == (0, ["same"], contents)
    whole, chance, statuses = genuine.read_bytes(), random.Random(2612), []
    for number in range(MUTATIONS):
        content = whole
        while content == whole:
            content = (flipped, cut_off, header_edited)[number % 3](whole, chance)
        path = tmp_path / "damaged.zip"
        path.write_bytes(content)
        status, shown, unpacked = verdict(path)
        statuses.append(status)
        assert status in (0, 1, 2) and shown, number
        assert all(line.isprintable() for line in shown), shown
        if status == 0:  # a date or a mark that no file depends on
            assert (shown, unpacked) == (["same"], contents), number
        else:
            assert unpacked == {} and "same" not in shown, number
            assert status == 2 or (len(shown) > 1 and shown[-1].startswith("different: ")), number
    assert statuses.count(2) > MUTATIONS / 2


def zipped(*entries, method=zipfile.ZIP_DEFLATED):
    """A zip file of entries (name or ZipInfo, content)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as target:
        for name, content in entries:
            target.writestr(name, content)
    return bytearray(out.getvalue())


def entry(name, mode=0o644 | stat.S_IFREG):
    info = zipfile.ZipInfo(name)
    info.external_attr, info.create_system = mode << 16, 3
    return info


def patched(content, signature, offset, value, width):
    place = content.index(signature) + offset
    content[place : place + width] = value.to_bytes(width, "little")
    return content


def overlapping():
    """Two names for one stretch of the file, as in bombs that unpack a stretch many times."""
    content = zipped(("a", b"x" * 1000), ("b", b"y" * 1000))
    second = content.index(b"PK\x01\x02", content.index(b"PK\x01\x02") + 1)
    content[second + 42 : second + 46] = bytes(4)
    return content


def lying_about_its_size():
    """A hundred megabytes that claim to be ten bytes."""
    content = zipped(("bomb", bytes(10**8)))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        patched(content, signature, offset, 10, 4)
    return content


def in_another_packing():
    return patched(zipped(("a", b"x")), b"PK\x01\x02", 10, 99, 2)


def tar():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as target:
        target.addfile(tarfile.TarInfo("study.yml"))
    return out.getvalue()


def many_files():
    directory = b"PK\x01\x02" + bytes(42)
    return directory * 3 + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 60000, 60000, len(directory) * 60000, 0, 0)


def in_zip64():
    content = zipped((SUMS, b""))
    end = content.index(b"PK\x05\x06")
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, 2**63, 0)
    return content[:end] + record + struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1) + content[end:]


STRANGE = {
    "no bytes": (b"", "it is no zip file"),
    "text": (b"<!DOCTYPE html><title>Not found</title>", "it is no zip file"),
    "the start of one": (b"PK\x03\x04 cut off", "it is no zip file"),
    "a tar": (tar, "it is no zip file"),
    "gzip": (zlib.compress(b"x" * 1000, wbits=31), "it is no zip file"),
    "nothing in it": (zipped, "it is empty"),
    "an end that lies": (struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, 2**32 - 1, 0, 0), "more than 20000 files"),
    "too many files": (many_files, "more than 20000 files"),
    "zip64": (in_zip64, "of the form zip64"),
    "one part of several": (lambda: patched(zipped(("a", b"")), b"PK\x05\x06", 4, 2, 2), "one part of several"),
    "a part elsewhere": (lambda: patched(zipped(("a", b"")), b"PK\x01\x02", 34, 2, 2), "is in another part"),
    "more behind it": (lambda: zipped(("a", b"")) + b"more", "something follows the end"),
    "encrypted": (lambda: patched(zipped(("a", b"x")), b"PK\x01\x02", 8, 1, 2), "the entry a is encrypted"),
    "another packing": (in_another_packing, "is packed in a way"),
    "a real other packing": (lambda: zipped(("a", b"x"), method=zipfile.ZIP_LZMA), "is packed in a way"),
    "a bomb that says so": (lambda: patched(zipped(("a", bytes(9))), b"PK\x01\x02", 24, 2**32 - 2, 4), "more than 1 GiB"),
    "a bomb that lies": (lying_about_its_size, "cannot be read"),
    "overlaps": (overlapping, "its entries overlap"),
    "another archive in it": (lambda: zipped(("report.zip", bytes(zipped((SUMS, b""))))), f"it has no {SUMS}"),
    "a link": (lambda: zipped((entry("a", 0o777 | stat.S_IFLNK), "/etc/passwd")), "the entry a is no ordinary file"),
    "a pipe": (lambda: zipped((entry("a", stat.S_IFIFO), "")), "the entry a is no ordinary file"),
    "out of it": (lambda: zipped((entry("../a"), "")), "leads out"),
    "out of it, by the way": (lambda: zipped((entry("a/../../b"), "")), "leads out"),
    "an absolute place": (lambda: zipped((entry("/etc/a"), "")), "leads out"),
    "a drive": (lambda: zipped((entry("C:a"), "")), "leads out"),
    "a stream of a file": (lambda: zipped((entry("a:b"), "")), "leads out"),
    "backslashes": (lambda: zipped((entry("..\\a"), "")), "leads out"),
    "twice": (lambda: bytes(zipped(("a", b"x"), ("b", b"y"))).replace(b"b", b"a"), "the same place on some machines"),
    "capitals": (lambda: zipped(("a/b", b"x"), ("A/B", b"y")), "the same place on some machines"),
    "capitals of folders": (lambda: zipped(("a", b"x"), ("A/B", b"y")), "the same place on some machines"),
    "composed letters": (lambda: zipped(("\u00e9", b"x"), ("e\u0301", b"y")), "the same place on some machines"),
    "a file as a folder": (lambda: zipped(("a", b"x"), ("a/b", b"y")), "the same place on some machines"),
    "a folder's name for a file": (lambda: zipped(("a/", b""), ("A", b"y")), "the same place on some machines"),
    "escapes": (lambda: zipped((entry("a\x1b[2Jb"), "")), "the entry a<U+001B>[2Jb has a name with control characters"),
    "turned text": (lambda: zipped((entry("a\u202egnp.exe"), "")), "the entry a<U+202E>gnp.exe has a name with control"),
    "a name cut by NUL": (lambda: bytes(zipped((entry("study.yml"), ""))).replace(b"y.yml", b"y\0yml"), "control characters"),
    "no UTF-8": (lambda: bytes(zipped((entry("study.yml"), ""))).replace(b"y.yml", b"y\xffyml"), "is not in UTF-8"),
    "UTF-8 that is none": (lambda: bytes(zipped((entry("\u00e9"), ""))).replace(b"\xc3\xa9", b"\xff\xfe"), "cannot be read"),
    "a device of Windows": (lambda: zipped((entry("data/con.txt"), "")), "not every machine can write"),
    "an end that Windows drops": (lambda: zipped((entry("data. "), "")), "not every machine can write"),
    "an empty part": (lambda: zipped((entry("a//b"), "")), "not every machine can write"),
    "a part that is a point": (lambda: zipped((entry("./a"), "")), "not every machine can write"),
    "a long name": (lambda: zipped((entry("a" * 300), "")), "too long"),
    "a list that is none": (lambda: zipped((SUMS, "what is this")), f"line 1 of the archive's {SUMS} is no checksum"),
    "a list in Latin-1": (lambda: zipped((SUMS, "é".encode("latin-1"))), f"{SUMS} cannot be read"),
    "a list that says two things": (
        lambda: zipped((SUMS, f"{'0' * 64}  a\n{'1' * 64}  a\n")), f"line 2 of the archive's {SUMS} is no checksum"
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", STRANGE)
def test_a_strange_archive_is_refused_in_one_line(tmp_path, verdict, kind):
    content, wanted = STRANGE[kind]
    path = tmp_path / "strange.zip"
    path.write_bytes(content() if callable(content) else content)
    status, shown, unpacked = verdict(path)
    assert status == 2 and unpacked == {} and wanted in shown[0] and shown[0].isprintable(), shown


def test_names_in_a_list_of_files_steer_no_terminal(tmp_path, verdict):
    path = tmp_path / "names.zip"
    path.write_bytes(zipped((SUMS, f"{'0' * 64}  a\x1b[2Jb\n")))
    status, shown, _ = verdict(path)
    assert status == 1 and shown[0] == "a<U+001B>[2Jb: missing from the archive"


def test_an_archive_above_the_limit_is_not_opened(tmp_path, verdict, genuine, monkeypatch):
    monkeypatch.setattr(study.zipped, "LARGEST", 1000)
    status, shown, _ = verdict(genuine)
    assert status == 2 and "the limit for an archive" in shown[0]


@posix
@pytest.mark.parametrize("kind", ["device", "pipe", "socket", "loop", "folder"])
def test_what_is_no_file_is_refused_at_once(tmp_path, monkeypatch, kind):
    monkeypatch.chdir(tmp_path)  # a socket's name has to be short
    path = tmp_path / "no-file"
    if kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(path.name)
    elif kind == "loop":
        path.symlink_to(path)
    else:
        path.mkdir()
    with pytest.raises(UsageError, match=r"is a folder|is a device, a pipe or a socket|cannot be read"):
        study.zipped.unpack(path, tmp_path)
