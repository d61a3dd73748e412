"""What a journal takes beside the report: figures as files, JATS XML, and the Word file with numbered lines."""

import io
from collections.abc import Callable
from pathlib import Path

from study import placing
from study.analysed import Analysed
from study.errors import UsageError
from study.frozen import State
from study.paths import BOOK, ROOT, shown
from study.render import Run


def write_figures(analysed: Analysed, state: State, output: Path, given: bool, say: Callable[[str], None]) -> list[Path]:
    """Every numbered figure as vector PDF and as PNG with 300 dots an inch, in the empty or new folder `output`."""
    from renderer import write_figures

    _make(write_figures, Run(analysed, state, given), output, say)
    return sorted(output.iterdir())


def write_jats(analysed: Analysed, state: State, output: Path, given: bool, say: Callable[[str], None]) -> Path:
    """The report as JATS XML with its figures beside it, in the empty or new folder `output`."""
    from renderer import write_jats

    _make(write_jats, Run(analysed, state, given), output, say)
    return next(output.glob("*.xml"))


def _make(write: Callable, run: Run, output: Path, say: Callable[[str], None]) -> None:
    """Write aside: a folder of this name is complete, or it is not there."""
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise UsageError(f"{shown(output)} is there already; choose an empty or new folder as --output")
    if output.is_symlink() or ROOT.is_relative_to(output):
        raise UsageError(f"{shown(output)} is a link or contains this repository; choose another --output")
    with run.failing(), placing.replacing(output, folder=True) as aside:
        write(run.state.project, aside, progress=say, **run.execution())
        run.check()


def number_lines(output: Path, report: Path = BOOK) -> None:
    """A copy of the report's Word file in which every line has a number, as reviewers like it.

    Raises :class:`UsageError` when the report has no Word file.
    """
    import docx
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    files = sorted(report.glob("*.docx"))
    if not files:
        raise UsageError(f"{shown(report)} holds no Word file; make one with study render --to docx")
    document = docx.Document(files[0])
    for section in document.sections:
        numbering = OxmlElement("w:lnNumType")
        numbering.set(qn("w:countBy"), "1")
        numbering.set(qn("w:restart"), "continuous")
        # Word wants a section's properties in their order: line numbers come after the margins.
        section._sectPr.find(qn("w:pgMar")).addnext(numbering)
    content = io.BytesIO()  # on a full disk a zip file that is written directly complains a second time when it is thrown away
    document.save(content)
    with placing.replacing(output) as aside:
        aside.write_bytes(content.getvalue())
