"""Making the site again and again in one process: what changed is made, and what did not is kept in memory or on the shelf."""

import contextlib
import hashlib
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from renderer import forks, render_book
from renderer.pipeline import First, render_and_keep
from renderer.sentences import Sentences
from study import delivery, frozen, locks, scratch
from study.analysed import Analysed, analyse_reported
from study.frozen import State
from study.isolation import stop_unless_own_code
from study.paths import ROOT
from study.render import Run
from study.site_frame import Frame, frame_of

_LOOK_AGAIN = 0.2


class OtherCode(Exception):
    """The code is no longer what this process has loaded: another process has to go on."""


class Session:
    """The site in the folder `site`, made from the project as it is, with the cut in the folder `data` if one is named.

    `say` gets one short line a step.
    """

    def __init__(self, site: Path, data: str | None, say: Callable[[str], None]) -> None:
        self.site, self.data, self.say = site, data, say
        self.code = frozen.code_marks()
        self.known: tuple[dict, Analysed] | None = None
        self.with_products: tuple[Analysed, Frame] | None = None
        """What the products in the site were made of; the frame around their pages has the names of the chapters."""
        self.owned: dict[str, set[str]] = {"pages": set(), "products": set()}
        self.sums = {path.relative_to(site).as_posix(): _sum(path) for path in site.rglob("*") if path.is_file()}
        self.sentences: Sentences | None = None
        self.guard = threading.Lock()
        self.written: list[str] = []
        """Files of the project that the cells have written."""
        self.ahead: dict[str, str] = {}
        """Pages that :meth:`sentence` has brought up to date since the render under way began, and their chapters."""
        forks.keep()

    # -- all of it -----------------------------------------------------------------------------------------------------

    def make(self, page: str | None = None, told: Callable[[list[str]], None] = lambda changed: None) -> list[str]:
        """Make the website; names of the files that are others now. `page` is the one somebody looks at: when several chapters have to
        run it comes first, and `told` what has changed with it.

        Raises :class:`OtherCode`, :class:`RenderError` or :class:`StudyError`, with the site as it was.
        """
        with self.guard:
            self.ahead.clear()
        with self._run() as (run, aside):
            first = self._first(page, aside / "first", told)
            _, composed = render_and_keep(
                run.state.project, aside / "pages", ["html"], progress=self.say, first=first, **run.execution()
            )
            products = run.analysed, frame_of(aside / "pages")
            if not _same(products, self.with_products):
                (aside / "products").mkdir()
                delivery.add_products(aside / "products", run.analysed, aside / "pages")
            run.check()
            self.written = sorted(run.recorded.made)
            changed = self._publish(aside, keep={f"{composed.project.output_file}.{name}" for name in ("pdf", "docx")})
            self.with_products = products
            with self.guard:
                former, self.sentences = self.sentences, Sentences(composed, ROOT)
                for chapter in self.ahead.values():
                    self.sentences.go_on_from(former, chapter)
        return changed

    def _first(self, page: str | None, place: Path, told: Callable[[list[str]], None]) -> First | None:
        """The page somebody looks at, with the other chapters as the site has them."""
        with self.guard:
            known = self.sentences
        if known is None:
            return None
        chapter = next((chapter.source.name for chapter in known.book.chapters if chapter.file.page == page), None)

        def show() -> None:
            with self.guard:
                changed = self._put_changed(place, set())
            told(changed)

        return None if chapter is None else First(chapter, known.executed, place, show)

    def product(self, name: str) -> str:
        """Make the PDF ("pdf") or the Word file ("docx") of the report as it is; its name in the site. Raises as :meth:`make`."""
        with self._run() as (run, aside):
            made = render_book(run.state.project, aside / "pages", [name], progress=self.say, **run.execution())
            run.check()
            file = made.pdf or made.docx
            assert file is not None
            with self.guard:
                self._put(file, (aside / "pages" / file).read_bytes())
        return file

    @contextlib.contextmanager
    def _run(self) -> Iterator[tuple[Run, Path]]:
        """The present state and what chapters are run on, and an empty folder."""
        with self._alone(), frozen.taken(self.data) as state:
            if state.code != self.code:
                raise OtherCode
            run = Run(self._analysed(state), state, self.data is not None)
            aside = Path(tempfile.mkdtemp(prefix="preview-", dir=scratch.folder()))
            try:
                yield run, aside
            finally:
                shutil.rmtree(aside, ignore_errors=True)

    def _analysed(self, state: State) -> Analysed:
        """The data with their results; those of the last time if nothing that they are made from has changed."""
        if self.known is None or self.known[0] != state.data or not self.known[1].receipt.data_docs.is_dir():
            self.known = None
            self.known = state.data, analyse_reported(self.data)
        stop_unless_own_code()
        return self.known[1]

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Not at the same time as a render or whatever else touches the report; waits for it."""
        told = False
        while True:
            with contextlib.ExitStack() as stack:
                try:
                    stack.enter_context(locks.report(locks.PREVIEW))
                except locks.Busy as problem:
                    if not told:
                        self.say(f"waiting: {problem}")
                    told = True
                else:
                    yield
                    return
            time.sleep(_LOOK_AGAIN)

    # -- one sentence --------------------------------------------------------------------------------------------------

    def sentence(self, name: str) -> list[str] | None:
        """Bring the page of a chapter up to date where only its prose has changed; None where :meth:`make` has to do it."""
        with self.guard:
            if self.sentences is None or name not in self.sentences.executed:
                return None
            try:
                text = (ROOT / name).read_text("utf-8-sig")
                page = self.sentences.page(name)
                former = (self.site / page).read_text("utf-8")
            except (OSError, UnicodeDecodeError):
                return None
            updated = self.sentences.updated(name, text, former)
            if updated is None:
                return None
            self.ahead[page] = name
            if updated == former:
                return []
            self._put(page, updated.encode("utf-8"))
            return [page]

    # -- the site ------------------------------------------------------------------------------------------------------

    def _publish(self, aside: Path, keep: set[str]) -> list[str]:
        """Put what is another into the site, and take out what is no longer made; PDF and Word stay until they are asked for anew."""
        changed = []
        with self.guard:
            for owner in ("pages", "products"):
                if not (aside / owner).is_dir():
                    continue
                names: set[str] = set()
                changed += self._put_changed(aside / owner, names)
                self.owned[owner] = names
            for name in self.sums.keys() - self.owned["pages"] - self.owned["products"] - keep:
                (self.site / name).unlink(missing_ok=True)
                del self.sums[name]
                changed.append(name)
        return sorted(changed)

    def _put_changed(self, folder: Path, names: set[str]) -> list[str]:
        """Put the files of a folder that are others into the site; their names. All names go into `names`."""
        changed = []
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            name = path.relative_to(folder).as_posix()
            names.add(name)
            if name not in self.ahead and self.sums.get(name) != _sum(path):
                self._put(name, path.read_bytes())
                changed.append(name)
        return changed

    def _put(self, name: str, content: bytes) -> None:
        target = self.site / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=scratch.folder(), delete=False) as file:
            file.write(content)
        os.replace(file.name, target)
        self.sums[name] = hashlib.sha256(content).hexdigest()

    def close(self) -> None:
        """End the process that kernels are copied from."""
        forks.drop()


def _same(products: tuple[Analysed, Frame], before: tuple[Analysed, Frame] | None) -> bool:
    return before is not None and products[0] is before[0] and products[1] == before[1]


def _sum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
