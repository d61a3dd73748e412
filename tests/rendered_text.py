"""The whole report of a cohort as plain sentences: every chapter run in this process, its figures made but not drawn.

Cells and inline expressions are the chapters' own, as `renderer.source` reads them; Pandoc reads the Markdown that comes out. What a
cell or an expression raises stands in the text instead of its output, so that one fault hides no other.
"""

import ast
import contextlib
import json
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

import matplotlib
import yaml
from cohorts import write
from conftest import ROOT

from renderer.execute import Executed, escaped
from renderer.markdown import chapter_markdown
from renderer.pandoc import PANDOC
from renderer.source import Cell, Source, read_source

STOPPED = "⟦stopped⟧"
"""Begins what stands in place of an output that could not be made."""


@dataclass(frozen=True)
class Sentence:
    """A piece of running text: where it stands (chapter, and what it is: text, caption, alt text, note, picture), and its words."""

    chapter: str
    kind: str
    text: str


@dataclass
class Text:
    """A report: its running `sentences`, the `cells` of its tables, and its `numbers` (chapter, what is printed, ids of the results).

    `displays` holds what each result of the cohort prints.
    """

    sentences: list[Sentence] = field(default_factory=list)
    cells: list[Sentence] = field(default_factory=list)
    numbers: list[tuple[str, str, list[str]]] = field(default_factory=list)
    displays: dict[str, str] = field(default_factory=dict)


def chapters() -> list[str]:
    """The chapters of the book, in its order."""
    book = yaml.safe_load((ROOT / "_quarto.yml").read_text("utf-8"))["book"]
    return [*book["chapters"], *book["appendices"]]


def rendered(folder: Path, name: str) -> Text:
    """The report of a cohort of :mod:`cohorts`, whose data are written into `folder`. The data pass the gate, or this raises."""
    import matplotlib.pyplot  # it looks at savefig, so it comes before savefig is replaced

    from study import report
    from study.analysed import analyse
    from study.cuts import find_cut

    data, settings = write(folder, name)
    cut = find_cut(data)
    opened = report.Report(analyse(cut, settings, _published(cut.kind, folder)))
    text = Text(displays={row.id: row.display for row in opened.results.values()})
    with mock.patch.object(report, "open_report", lambda: opened), mock.patch("matplotlib.figure.Figure.savefig"):
        matplotlib.use("Agg")
        executed = [_executed(read_source(ROOT / name, name)) for name in chapters()]
    _read(executed, text)
    return text


def _published(kind: str, folder: Path):
    """The paper's facts; a clinical cohort has none, as soon as a report can do without."""
    from study.errors import UsageError
    from study.settings import load_published

    if kind == "clinical":
        with contextlib.suppress(UsageError):
            return load_published(folder / "published.yml")
    return load_published()


def _executed(source: Source) -> Executed:
    from matplotlib import pyplot

    names: dict = {"__name__": "__main__"}
    results: list = []
    for item in source.items:
        if isinstance(item, Cell):
            results.append(_outputs(item, names))
        else:
            results.append([_shown(lambda inline=inline: eval(inline.expression, names)) for inline in item.inlines])
        pyplot.close("all")
    return Executed(source, tuple(results))


def _shown(make) -> str:
    """The Markdown of a value, as `renderer.execute` gives it."""
    try:
        value = make()
        markdown = getattr(value, "_repr_markdown_", None)
        return str(markdown()) if markdown else escaped(repr(value))
    except Exception as problem:
        return escaped(repr(f"{STOPPED} {type(problem).__name__}: {str(problem).partition(';')[0]}"))


def _outputs(cell: Cell, names: dict) -> list:
    """The output of a cell as nbformat has it; of a figure the texts that are drawn in it, as a division of its own."""
    from matplotlib.figure import Figure

    *before, last = ast.parse(cell.code).body or [ast.Pass()]

    def run():
        exec(compile(ast.Module(before, []), "cell", "exec"), names)
        if not isinstance(last, ast.Expr):
            return exec(compile(ast.Module([last], []), "cell", "exec"), names)
        return eval(compile(ast.Expression(last.value), "cell", "eval"), names)

    class Shown:
        def _repr_markdown_(self) -> str:
            value = run()
            if value is None:
                return ""
            value = getattr(value, "figure", value)  # a drawing with its numbers, which are those of the results
            if isinstance(value, Figure):
                drawn = dict.fromkeys(
                    t.get_text().strip() for t in value.findobj(matplotlib.text.Text) if t.get_visible()
                )
                lines = (" ".join(escaped(repr(words)).split()) for words in drawn if words)
                return "::: picture\n\n" + "\n\n".join(lines) + "\n\n:::"
            return value._repr_markdown_() if hasattr(value, "_repr_markdown_") else escaped(repr(value))

    shown = _shown(Shown)
    return [{"output_type": "execute_result", "data": {"text/markdown": shown}, "metadata": {}}] if shown else []


# --- Pandoc's tree ---------------------------------------------------------------------------------------------


def _read(executed: list[Executed], text: Text) -> None:
    wall = ":" * 30
    parts = [
        f"{wall} {{.chapter}}\n\n{chapter_markdown(each, 'pdf', {'echo': False}).text}\n\n{wall}" for each in executed
    ]
    command = [PANDOC, "-f", "markdown", "-t", "json"]
    done = subprocess.run(command, input="\n\n".join(parts).encode(), capture_output=True, check=True)
    for each, division in zip(executed, json.loads(done.stdout)["blocks"], strict=True):
        _blocks([division], Path(each.source.name).stem, "text", text)


def _blocks(blocks: list, chapter: str, kind: str, text: Text) -> None:
    for block in blocks:
        content = block.get("c")
        match block["t"]:
            case "Para" | "Plain":
                _sentences(_words(content, chapter, text), chapter, kind, text)
            case "Header":
                _sentences(_words(content[2], chapter, text), chapter, "heading", text)
            case "Div":
                (identifier, classes, attributes), inner = content
                if "content-hidden" in classes and not attributes:
                    continue  # for other cohorts
                for key, value in attributes:
                    if key == "fig-alt":
                        _sentences(value, chapter, "alt text", text)
                floats = identifier.startswith(("fig-", "tbl-")) and inner and inner[-1]["t"] == "Para"
                own = "picture" if "picture" in classes else "note" if "table-notes" in classes else kind
                _blocks(inner[:-1] if floats else inner, chapter, own, text)
                if floats:
                    _blocks(inner[-1:], chapter, "caption", text)
            case "BulletList":
                for item in content:
                    _blocks(item, chapter, kind, text)
            case "OrderedList":
                for item in content[1]:
                    _blocks(item, chapter, kind, text)
            case "DefinitionList":
                for term, definitions in content:
                    _sentences(_words(term, chapter, text), chapter, "term", text)
                    for item in definitions:
                        _blocks(item, chapter, kind, text)
            case "BlockQuote":
                _blocks(content, chapter, kind, text)
            case "Table":
                for row in [
                    *content[3][1],
                    *(row for body in content[4] for row in [*body[2], *body[3]]),
                    *content[5][1],
                ]:
                    for cell in row[1]:
                        inside = Text()
                        _blocks(cell[4], chapter, "cell", inside)
                        text.cells.extend(inside.sentences)
                        text.numbers.extend(inside.numbers)


def _words(inlines: list, chapter: str, text: Text) -> str:
    parts, drawn = [], False
    for inline in inlines:
        if inline["t"] == "RawInline" and "svg" in inline["c"][1]:
            drawn = not inline["c"][1].startswith("</")
        if drawn:
            continue  # ticks of a small picture
        content = inline.get("c")
        match inline["t"]:
            case "Str":
                parts.append(content)
            case "Space" | "SoftBreak" | "LineBreak":
                parts.append(" ")
            case "Code" | "Math":
                parts.append(content[1])
            case "Cite" | "Link" | "Image" | "Quoted":
                parts.append(_words(content[1], chapter, text))
            case "Span":
                words = _words(content[1], chapter, text)
                attributes = dict(content[0][2])
                if "result" in content[0][1]:
                    ids = attributes["title"].rpartition(" · ")[2].split()
                    text.numbers.append((chapter, words, ids))
                parts.append(words)
            case "Emph" | "Strong" | "Superscript" | "Subscript" | "SmallCaps" | "Strikeout" | "Underline":
                parts.append(_words(content, chapter, text))
    return "".join(parts)


def _sentences(words: str, chapter: str, kind: str, text: Text) -> None:
    found = (
        [words] if kind in ("cell", "picture", "heading", "term") else re.split(r"(?<=[.!?])\s+(?=[A-Z0-9@\[“])", words)
    )
    text.sentences.extend(Sentence(chapter, kind, part) for part in found if part.strip())
