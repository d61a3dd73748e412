"""`study render`: gate, compute, typeset aside, swap."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from study import child, delivered, delivery, locks, scratch, variables
from study.analysed import Analysed
from study.engines import FORMATS
from study.errors import RenderingFailed, machine_problem
from study.frozen import State
from study.paths import ROOT, shown, state
from study.quarto_kept import forget_other_states
from study.quarto_notebooks import keep_notebooks, put_notebooks_back

if TYPE_CHECKING:
    from renderer import Recorded
    from renderer.authors import Authors


def render(
    analysed: Analysed, state: State, engine: str, formats: list[str], output: Path, say: Callable[[str], None], given: bool
) -> bool:
    """Make the report of a validated cut in `output`; False when it was there already, unchanged.

    Formats that are there already stay if they are of the same state (they are made again with the others, for pages lead to them).
    `state` is what `analysed` was read from; when its originals have changed by the end, nothing takes the place of the last
    report. `given` says whether the cut was named on the command line, so that the chapters have to be told.
    Raises :class:`RenderingFailed`, with the last good report untouched.
    """
    started = time.monotonic()
    delivery.check_target(output)
    try:
        scratch.folder()  # before anything makes temporary files
        with locks.report(locks.RENDER):
            delivered.recover(output, say)
            there = (delivered.provenance(output) or {}).get("formats", [])
            same = delivery.is_current(output, delivery.fingerprint(analysed, engine, there))
            lost = [] if same else [name for name in there if name not in formats]
            formats = [name for name in FORMATS if name in formats or (same and name in there)]
            made = not same or formats != there
            if made:
                with delivery.taking_the_place_of(output, say) as aside:
                    run = Run(analysed, state, given)
                    typeset = _quarto if engine == "quarto" else _builtin
                    typeset(run, formats, aside, say)
                    delivery.complete(aside, analysed, engine, formats, started, run.recorded, state.seal)
                    run.check()
                if lost:
                    what = f"{', '.join(lost)} of an earlier state removed from {shown(output)}"
                    say(f"{what}; --to {','.join(FORMATS)} makes all of this one")
            else:
                for text in (delivered.provenance(output) or {}).get("warnings", []):
                    say(f"warning: {text}")
            if output == delivery.BOOK:
                delivery.keep(output)
    except locks.Busy as problem:
        raise RenderingFailed(str(problem)) from None
    except OSError as problem:
        raise RenderingFailed(machine_problem(problem)) from None
    return made


def _nothing_recorded() -> "Recorded":
    from renderer import Recorded  # here, for commands that render nothing need not wait for it

    return Recorded()


@dataclass(frozen=True)
class Run:
    """What the chapters of one report are run on; `given` says whether the cut was named and not taken from the settings.

    `recorded` comes to hold what cells have opened, listed and made, and what is warned of.
    """

    analysed: Analysed
    state: State
    given: bool
    recorded: "Recorded" = field(default_factory=_nothing_recorded)

    @property
    def cuts(self) -> list[Analysed]:
        """The reported cut and those before it."""
        return [self.analysed, *self.analysed.earlier]

    @property
    def environment(self) -> dict[str, str]:
        """Variables for the kernels."""
        return kernel_environment(self.analysed, self.given)

    @property
    def places(self) -> dict[str, str]:
        """Variables for the kernels that say where the state is and what must be read there."""
        digests = {each.cut.name: each.digest for each in self.cuts}
        return self.state.variables | {variables.STATE_DIGESTS: json.dumps(digests)}

    def check(self) -> None:
        """Raises :class:`RenderingFailed` when an input is no longer what it was."""
        self.state.check([each.cut.folder for each in self.cuts])

    def check_noted(self) -> None:
        """As :meth:`check`, but since the state was noted, before Quarto read the files themselves."""
        self.state.check_noted([each.cut.folder for each in self.cuts])

    @contextlib.contextmanager
    def failing(self) -> Iterator[None]:
        """What the renderer refuses within the block is a report that failed: raises :class:`RenderingFailed` instead.

        What changed under a cell explains its failure better than the cell does, so that is looked for first.
        """
        from renderer import RenderError

        try:
            yield
        except RenderError as problem:
            self.check()
            raise RenderingFailed(str(problem)) from None

    def execution(self) -> dict:
        """How the built-in renderer is to run the chapters."""
        return {
            "environment": self.environment,
            "inputs": delivery.cells_digest(self.analysed),
            "cache": state("chapters"),
            "cell_seconds": self.analysed.settings.cell_seconds,
            "places": self.places,
            "run_in": ROOT,
            "check": self.check,
            "recorded": self.recorded,
            "own": [state(), self.state.folder],
            "trusted": ("study", "expectations"),
        }


def kernel_environment(analysed: Analysed, given: bool) -> dict[str, str]:
    """Variables for the kernels; `given` says whether the cut was named and not taken from the settings."""
    environment = {
        "SOURCE_DATE_EPOCH": str(analysed.cut.epoch),
        "PYTHONHASHSEED": "0",
        "QUARTO_PYTHON": sys.executable,
        variables.UNDER_STUDY: "1",
    }
    if given:
        environment[variables.DATA] = str(analysed.cut.folder)
    return environment


def _builtin(run: Run, formats: list[str], aside: Path, say) -> None:
    from renderer import render_book

    with run.failing():
        render_book(run.state.project, aside, formats, progress=say, **run.execution())


def authors_of(project: Path) -> "Authors":
    """Who wrote the report; raises :class:`RenderingFailed` where `_quarto.yml` has an author that cannot be meant so."""
    from renderer import RenderError, load_authors

    try:
        return load_authors(project)
    except RenderError as problem:
        raise RenderingFailed(str(problem)) from None


def run_ahead_of_quarto(run: Run, say, pdf: bool) -> None:
    """Run the chapters before Quarto does, so that a mistake in one is said at once, and with file, line and cell; what Quarto has
    kept of other data goes.

    `pdf` says whether a PDF is sure to be made: then a picture without an alternative text is an error, else a warning.
    Raises :class:`RenderingFailed`.
    """
    from renderer import run_for_quarto

    with run.failing():
        silent = run_for_quarto(run.state.project, progress=say, **run.execution())
    if pdf and silent:
        raise RenderingFailed("\n".join(map(str, silent)))
    for problem in silent:
        say(f"warning: {problem} (without it there can be no PDF)")
    forget_other_states(run.analysed, run.recorded, say)


def finish_quarto_book(run: Run, output: Path, say) -> None:
    """What a book of Quarto lacks: a Word file with plain tables, pop-overs, figures in the pages, and executed notebooks.

    Quarto's own notebooks hold the outputs of one format only and differ from run to run.
    """
    from renderer import load_for_quarto, write_notebooks
    from study.quarto_docx import unwrap_floats
    from study.quarto_pages import finish_pages

    authors = authors_of(run.state.project)
    with run.failing():
        words = load_for_quarto(run.state.project).words
    for file in output.glob("*.docx"):
        unwrap_floats(file, authors, words)
    finish_pages(output, words)
    with run.failing():
        write_notebooks(run.state.project, output, progress=say, **run.execution())


def check_references(say: Callable[[str], None]) -> None:
    """Quarto prints "?sec-name" where a reference leads nowhere; raises :class:`RenderingFailed` with all of them instead."""
    import renderer

    try:
        renderer.check_references(ROOT, say)
    except renderer.RenderError as problem:
        raise RenderingFailed(str(problem)) from None


def _quarto(run: Run, formats: list[str], aside: Path, say) -> None:
    import renderer

    check_references(say)
    target = os.path.relpath(aside, ROOT)
    authors_of(ROOT)  # of which Quarto takes anything
    run_ahead_of_quarto(run, say, "pdf" in formats)
    run.state.note()  # Quarto reads the project itself, not the copy
    # One run makes all formats; Quarto takes no list with a format of an extension in it, so fewer are made one by one.
    runs = [[]] if len(formats) == len(FORMATS) else [["--to", FORMATS[name], "--no-clean"] for name in formats]
    own = {
        "IPYTHONDIR": str(state("ipython")),  # instead of the user's
        "SOURCE_DATE_EPOCH": renderer.load_for_quarto(ROOT).epoch(run.environment),  # of the PDF and the Word file
    }
    for options in runs:
        command = [shutil.which("quarto"), "render", str(ROOT), *options, "--output-dir", target]
        say(" ".join(["quarto", "render", *options]))
        keep_notebooks()  # each run puts its own in their place
        try:
            status, printed, _ = child.call(command, ROOT, os.environ | run.environment | run.places | own, subprocess.STDOUT)
        finally:
            put_notebooks_back()
        if status:
            end = "\n".join(printed.splitlines()[-40:])
            raise RenderingFailed(f"quarto render failed (status {status}); the end of its output:\n{end}")
    if "html" in formats and not (aside / "index.html").is_file():
        raise RenderingFailed(f"quarto render ended well but wrote no index.html into {shown(aside)}")
    run.check_noted()
    finish_quarto_book(run, aside, say)
