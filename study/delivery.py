"""The finished book folder: what is delivered beside the typeset report, and how it takes the place of the last one."""

import contextlib
import datetime
import errno
import json
import platform
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from expectations.data_docs import STYLESHEET
from study import inputs, locks, placing, scratch, site_frame
from study.analysed import Analysed, sum_of
from study.compare import compare, shown_ids, to_json
from study.delivered import PRODUCTS, PROVENANCE, former, is_whole, last_good, products, provenance, recover, unfinished
from study.errors import RenderingFailed, UsageError
from study.frozen import documents
from study.listing import write_listings
from study.origin_pages import write_pages
from study.paths import BOOK, COVERAGE, EVIDENCE, PUBLISHED, ROOT, frozen, shown, state
from study.placing import bring_back, put_in_place, remove
from study.sums import code_files, digest_of, sha256
from study.title import doubt
from study.whole import write_whole

if TYPE_CHECKING:
    from renderer import Recorded
    from renderer.parts import Parts

_CODE = ("protocol", "analysis", "expectations", "study")
"""What the numbers and the words of the report come from; of the renderer the fingerprint tells."""
_PAGES = 32 * 1024 * 1024
"""Bytes of pages of code and of changes that are kept, about ten states of them."""


def fingerprint(analysed: Analysed, engine: str, formats: list[str]) -> str:
    """Digest of everything the report depends on."""
    files = [*documents(), *code_files("study", "renderer", "hooks")]  # the results' digests have the rest of the code
    results = {f"code of results {place}": each.digest for place, each in enumerate([analysed, *analysed.earlier])}
    parts = {"cells": cells_digest(analysed), "engine": engine, "formats": " ".join(sorted(formats))}
    return digest_of(_sums(files) | results | parts)


def cells_digest(analysed: Analysed) -> str:
    """Digest of what every cell may depend on and no cell is seen to open: this cut and those before it, by what they hold and what
    came out of them, the paper's facts, fonts, and files that cells name. Modules are left to the record of each cell."""
    cuts = [analysed, *analysed.earlier]
    results = {f"results {place}": f"{each.cut.name} {each.receipt.digest} {sum_of(each.results)}" for place, each in enumerate(cuts)}
    files = [*(ROOT / "fonts").glob("*.ttf"), *inputs.of_cells(), PUBLISHED, EVIDENCE, COVERAGE]
    return digest_of(_sums(files) | results)


def _sums(files: list[Path]) -> dict[str, str]:
    names = {path: path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name for path in sorted(files)}
    return {name: sha256(frozen(path)) for path, name in names.items() if frozen(path).is_file()}


def is_current(book: Path, wanted: str) -> bool:
    """Whether this folder holds the report with that fingerprint, every file as it was written."""
    record = provenance(book)
    if record is None or record.get("fingerprint") != wanted:
        return False
    return is_whole(book, record)


def complete(
    book: Path, analysed: Analysed, engine: str, formats: list[str], started: float, recorded: "Recorded | None" = None,
    seal: str = "",
) -> None:
    """Add to a typeset book what goes with it: results, Data Docs and, last, the record of how it came about.

    `recorded` is what the cells have opened and made, and what is warned of; `seal` is the state's (:mod:`study.unchanged`).
    """
    if recorded is not None:  # before the fingerprint is taken, which is without them
        inputs.keep_made(recorded.made)
    add_products(book, analysed)
    receipt, cut = analysed.receipt, analysed.cut
    files = sorted(path for path in book.rglob("*") if path.is_file() and path.name != PROVENANCE)
    record = {
        "fingerprint": fingerprint(analysed, engine, formats),
        "seal": seal,
        "engine": engine,
        "formats": formats,
        "environment": environment(),
        "cut": {"name": cut.name, "label": cut.label, "kind": cut.kind, "extracted": cut.extracted.isoformat()},
        "receipt": {
            "digest": receipt.digest,
            "files": receipt.files,
            "checked_at": receipt.checked_at,
            "seconds": receipt.seconds,
        },
        "inputs": dict(sorted((_sums([*documents(), *code_files(*_CODE)]) | (recorded.inputs if recorded else {})).items())),
        "made": dict(sorted(recorded.made.items())) if recorded else {},
        "opened": recorded.cells if recorded else {},
        "warnings": recorded.warnings if recorded else [],
        "title": doubt(analysed.tables.patients),
        "rendered_at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "seconds": round(time.monotonic() - started, 1),
        "files": {path.relative_to(book).as_posix(): sha256(path) for path in files},
    }
    text = json.dumps(record, indent=1, ensure_ascii=False) + "\n"
    (book / PROVENANCE).write_text(text, encoding="utf-8", newline="\n")


def add_products(book: Path, analysed: Analysed, site: Path | None = None) -> None:
    """Put the results, their origins, the code, what changed since the previous cut and the Data Docs beside the pages.

    site: the folder of the website, where that is not `book`; its frame goes around the pages.
    """
    from renderer.kept import Kept
    from renderer.parts import Parts

    for name, text in (("results.csv", analysed.results.to_csv()), ("results.json", analysed.results.to_json())):
        (book / name).write_text(text, encoding="utf-8", newline="\n")
    parts = Parts(Kept(state("pages"), _PAGES))
    _add_history(book, analysed, parts)
    frame = site_frame.frame_of(site or book)
    write_pages(analysed, book, frame)
    write_whole(analysed, book)
    write_listings(book, frame, parts)
    parts.tidy()
    alone = shutil.ignore_patterns(STYLESHEET)  # of pages without a frame
    shutil.copytree(analysed.receipt.data_docs, book / "data-docs", ignore=alone, dirs_exist_ok=True)
    site_frame.framed(frame, book, "data-docs")
    site_frame.write_style(book)


def environment() -> dict[str, str]:
    """What a number might depend on beside data, code and locked packages."""
    return {"Python": platform.python_version(), "system": platform.system(), "machine": platform.machine()}


def _add_history(book: Path, analysed: Analysed, parts: "Parts") -> None:
    """What changed since the previous cut, and the results of every earlier one."""
    earlier = analysed.earlier

    def changes() -> bytes:
        return to_json(compare(earlier[0] if earlier else analysed, analysed, shown_ids(analysed, earlier))).encode("utf-8")

    cuts = [[each.cut.name, each.digest] for each in (analysed, *earlier)]
    (book / "changes.json").write_bytes(parts.made(changes, cuts, _sums(code_files("study"))))
    for each in earlier:
        (book / "history").mkdir(exist_ok=True)
        path = book / "history" / f"{each.cut.name}.csv"
        path.write_text(each.results.to_csv(), encoding="utf-8", newline="\n")


def check_target(output: Path) -> None:
    """Refuse a target that a report cannot replace; raises :class:`UsageError`."""
    if output.is_symlink() or (output.exists() and not output.is_dir()):
        raise UsageError(f"{shown(output)} is no folder; choose another --output")
    if output.is_dir() and any(output.iterdir()) and provenance(output) is None and output != BOOK:
        raise UsageError(f"{shown(output)} is not empty and holds no report; choose an empty or new folder as --output")
    if ROOT.is_relative_to(output):
        raise UsageError(f"{shown(output)} contains this repository; choose another --output")


@contextlib.contextmanager
def taking_the_place_of(output: Path, say: Callable[[str], None]) -> Iterator[Path]:
    """A folder to render into, beside `output`; when the block ends well it takes the place of `output`, else it vanishes.

    The last good report stays where it is until the new one is complete.
    """
    check_target(output)
    recover(output, say)
    with contextlib.ExitStack() as stack:
        try:
            output.parent.mkdir(parents=True, exist_ok=True)
            aside = stack.enter_context(placing.aside(output.parent, unfinished(output)))
            aside.chmod(0o755)
        except OSError as problem:
            if problem.errno not in (errno.EROFS, errno.EACCES, errno.EPERM):
                raise
            otherwise = "" if output == BOOK else ", or choose another --output"
            raise RenderingFailed(
                f"cannot write to {shown(output.parent)}: {problem.strerror}; make it writable{otherwise}"
            ) from None
        yield aside
        _swap(aside, output)


def _swap(aside: Path, output: Path) -> None:
    try:
        put_in_place(aside, output, former(output))
    except OSError as problem:
        raise RenderingFailed(
            f"the new report could not take the place of {shown(output)} ({problem.strerror}); close what has it open and try again"
        ) from None


def keep(book: Path) -> None:
    """Copy a finished report out of the way of bare `quarto render`, which empties the folder before anything else."""
    if provenance(last_good()) == provenance(book):
        return
    aside = Path(tempfile.mkdtemp(dir=scratch.folder(), prefix="last-good-"))
    shutil.copytree(book, aside, dirs_exist_ok=True)
    bring_back(last_good(), former(last_good()))
    put_in_place(aside, last_good(), former(last_good()))


def formats_in(book: Path) -> list[str]:
    """The formats that a bare `quarto render` has left in its output folder."""
    return [name for name in PRODUCTS if products(book, [name])]


def discard(book: Path) -> None:
    """Empty the folder of a report that must not be kept."""
    for path in book.iterdir() if book.is_dir() else ():
        remove(path) if path.is_dir() else path.unlink()


def restore(book: Path = BOOK) -> None:
    """Put the kept copy of the last good report back in its place."""
    if provenance(last_good()) is None:
        raise UsageError("there is no kept report to restore")
    try:
        with locks.report("study restore"), taking_the_place_of(book, lambda _: None) as aside:
            shutil.copytree(last_good(), aside, dirs_exist_ok=True)
    except locks.Busy as problem:
        raise UsageError(str(problem)) from None
