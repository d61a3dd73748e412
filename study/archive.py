"""`study archive`: source, data, report and their provenance in one zip file, the same bytes for the same report."""

import hashlib
import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

from filelock import FileLock, Timeout

from expectations.ordinary import FORMS
from study import delivered, delivery, inputs, placing, scratch
from study.analysed import Analysed
from study.cuts import Cut
from study.errors import RenderingFailed, UsageError, machine_problem
from study.paths import BOOK, CUTS, LOCK, ROOT, SETTINGS, frozen, shown, state
from study.sums import sha256
from study.zipped import is_whole

SUMS = "SHA256SUMS"
"""Lists every file of the archive; within a clinical cut's folder, the tables that were left out."""
WHEELS = "wheels"
SOURCE = (
    ".ci", ".gitattributes", ".gitignore", "CHANGELOG.md", "CITATION.cff", "LICENSE", "Makefile", "README.md", "_extensions",
    "_quarto.yml", "analysis", "audit.py", "benchmarks", "bootstrap.py", "chapters", "data", "docs", "expectations",
    "filters", "fonts", "hooks", "index.qmd", "intake", "protocol", "pyproject.toml", "references.bib", "renderer",
    "requirements.lock", "study", "study.yml", "tests", "theme.css",
)  # fmt: skip
"""What of the repository goes in, by name: a workbook that lies about in the folder must not."""
_TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".ods", ".json", ".parquet", ".sav", ".dta", ".rds", ".feather", ".db", ".sqlite")
_LEFT_OUT = ("__pycache__", ".ipynb_checkpoints")


def write_archive(
    analysed: Analysed, output: Path, with_data: bool, with_wheels: bool, say: Callable[[str], None], report: Path = BOOK,
    check: Callable[[], None] = lambda: None,
) -> None:
    """Archive the finished report of this cut in `output`.

    Tables of a clinical cut go in when `with_data` says so, else their checksums. `with_wheels` adds the locked packages for
    this kind of machine, which have to be downloaded. `check` raises when an input has changed meanwhile.
    Raises :class:`UsageError` when the report is not of the present data and code.
    """
    from study.crate import describe

    record = delivered.provenance(report)
    if record is None or not delivery.is_current(report, delivery.fingerprint(analysed, record["engine"], record["formats"])):
        raise UsageError(f"{shown(report)} is not the report of these data and this code, unaltered; run study render first")
    unanswered = sum(w.rule == "privacy-name" for each in (analysed, *analysed.earlier) for w in each.receipt.warnings)
    if with_data and analysed.cut.kind == "clinical" and unanswered:
        raise UsageError(
            f"{unanswered} cells look like names, which study validate lists; take them out or answer them under not_names in "
            f"{shown(SETTINGS)}, or archive without --with-data"
        )
    if output.exists() and not output.is_file():
        raise UsageError(f"{shown(output)} is no file; choose another --output")
    with tempfile.TemporaryDirectory(prefix="archive-", dir=scratch.folder()) as folder:
        files: dict[str, Path | bytes] = dict(_source(analysed, with_data, list(record.get("inputs", {}))))
        files |= {f"_book/{path.relative_to(report).as_posix()}": path for path in _files(report)}
        files["_book/" + delivery.PROVENANCE] = _timeless(report / delivery.PROVENANCE, analysed.cut)
        files["receipt.json"] = _receipt(analysed, with_data)
        files["environment.json"] = _json({**delivery.environment(), "packages": _packages()})
        if with_wheels:
            say("downloading the locked packages")
            files |= {f"{WHEELS}/{path.name}": path for path in _wheels(Path(folder))}
        files["ro-crate-metadata.json"] = _json(describe(analysed, record, files))
        sums = "".join(f"{_sum(content)}  {name}\n" for name, content in sorted(files.items()))
        files[SUMS] = sums.encode()
        say(f"writing {len(files)} files")
        check()
        _write_zip(output, files, analysed.cut)


def withheld(cut: Cut, with_data: bool) -> bool:
    """Whether the tables of this cut stay out of the archive."""
    return cut.kind == "clinical" and not with_data


def _source(analysed: Analysed, with_data: bool, recorded: list[str]) -> Iterator[tuple[str, Path | bytes]]:
    """Files of the repository by name; of the data cuts the reported one and those before it alone."""
    yield from source_files()
    earlier = [each.cut for each in analysed.earlier]
    yield from _other_inputs(analysed.cut, earlier, with_data, recorded)
    for cut in (analysed.cut, *earlier):
        if cut.folder.parent != CUTS:
            raise UsageError(f"{shown(cut.folder)} is not below {shown(CUTS)}; take it in with study add, then render and archive")
        folder = cut.folder.relative_to(ROOT).as_posix()
        yield f"{folder}/cut.yml", frozen(cut.folder / "cut.yml")
        tables = [path for path in cut.files if path.suffix in FORMS]
        if withheld(cut, with_data):
            yield f"{folder}/{SUMS}", "".join(f"{sha256(frozen(path))}  {path.name}\n" for path in tables).encode()
        else:
            yield from ((f"{folder}/{path.name}", frozen(path)) for path in tables)


def _other_inputs(cut: Cut, earlier: list[Cut], with_data: bool, recorded: list[str]) -> Iterator[tuple[str, Path]]:
    """What the report is made from beside :data:`SOURCE`: what its chapters name or have opened."""
    named = {path.relative_to(inputs.ROOT).as_posix(): path for path in inputs.documents()}
    for name in recorded:  # of a folder that a cell has listed ("pics/"): what is in it
        path = inputs.ROOT / name
        listed = [each for each in path.iterdir() if each.is_file() and not each.name.startswith(".")] if path.is_dir() else [path]
        named |= {each.relative_to(inputs.ROOT).as_posix(): each for each in listed}
    own = [cut.folder, *(each.folder for each in earlier)]
    strange = [name for name, path in named.items() if path.is_relative_to(CUTS) and path.parent not in own]
    if strange:
        raise UsageError(f"a chapter reads {', '.join(strange)}, of a cut that is not reported and so not archived; let none read it")
    others = {name: path for name, path in named.items() if name.split("/")[0] not in SOURCE}
    tables = [name for name in others if name.endswith(_TABLES)]
    if tables and withheld(cut, with_data):
        raise UsageError(
            f"the report is made from {', '.join(tables)}, too, which may hold rows of patients; --with-data puts them in, "
            "or let no chapter name them"
        )
    yield from others.items()


def source_files() -> Iterator[tuple[str, Path]]:
    """Files of the repository without the data cuts, by name."""
    for name in SOURCE:
        for path in _files(ROOT / name):
            if not path.is_relative_to(CUTS):
                yield path.relative_to(ROOT).as_posix(), path


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    found = (each for each in path.rglob("*") if each.is_file() and not each.is_symlink())
    return sorted(each for each in found if not set(each.parts) & set(_LEFT_OUT))


def _timeless(path: Path, cut: Cut) -> bytes:
    """A record without its times and durations, which are those of one run: the cut's date stands for them."""
    record = json.loads(path.read_text("utf-8"))
    for part in (record, record.get("receipt", {})):
        for key in ("rendered_at", "checked_at"):
            if key in part:
                part[key] = cut.extracted.isoformat()
        part.pop("seconds", None)
    return _json(record)


def _receipt(analysed: Analysed, with_data: bool) -> bytes:
    """The receipt; without the words of its warnings, which tell ids and cells, where the rows stay out.

    How many records broke which rule stays in it.
    """
    record = json.loads(_timeless(analysed.receipt.folder / "receipt.json", analysed.cut))
    if withheld(analysed.cut, with_data):
        del record["warnings"]
    return _json(record)


def _packages() -> dict[str, str]:
    """Name and version of every package of the environment."""
    found = {each.metadata["Name"].lower().replace("_", "-"): each.version for each in metadata.distributions()}
    return dict(sorted(found.items()))


def _wheels(folder: Path) -> list[Path]:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    command += ["--only-binary", ":all:", "--no-deps", "--requirement", str(LOCK), "--dest", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", errors="replace")
    if done.returncode:
        raise RenderingFailed(f"the locked packages could not be downloaded:\n{done.stderr.strip()}")
    return sorted(folder.iterdir())


def _json(content: dict) -> bytes:
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()


def _sum(content: Path | bytes) -> str:
    return hashlib.sha256(content).hexdigest() if isinstance(content, bytes) else sha256(content)


def _write_zip(output: Path, files: dict[str, Path | bytes], cut: Cut) -> None:
    """Write aside, read it back, then put in place: no half-written or damaged archive ever has the archive's name.

    Raises :class:`RenderingFailed` when another archive is being written here, or when this one cannot be.
    """
    day = (cut.extracted.year, cut.extracted.month, cut.extracted.day, 0, 0, 0)
    try:
        with FileLock(state("archive.lock"), timeout=0), placing.replacing(output) as aside:
            with zipfile.ZipFile(aside, "w") as target:
                for name, content in sorted(files.items()):
                    entry = zipfile.ZipInfo(name, day)
                    entry.external_attr = 0o644 << 16
                    entry.create_system = 3  # a file's mode is read only where the archive says that it comes from Unix
                    entry.compress_type = zipfile.ZIP_STORED if name.endswith(".whl") else zipfile.ZIP_DEFLATED
                    target.writestr(entry, content if isinstance(content, bytes) else content.read_bytes())
            if not is_whole(aside, sorted(files)):
                raise RenderingFailed(f"{shown(output)} came out damaged and was removed; run the command again")
    except Timeout:
        raise RenderingFailed("another archive is being written; wait for it to end and run the command again") from None
    except OSError as problem:
        raise RenderingFailed(f"{shown(output)} cannot be written: {machine_problem(problem)}") from None
