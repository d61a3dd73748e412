"""An executed chapter as one Markdown text for Pandoc, in the form that Quarto gives it.

A cell becomes a division `.cell` with its code and its outputs; a cell with a `fig-` or `tbl-` label becomes a
division with that label and the caption as its last paragraph, which is also how an author writes a float by hand.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from renderer.execute import Executed, option
from renderer.render_error import RenderError
from renderer.source import Cell, Prose

# The first of these that an output has is shown, as in Quarto: pages prefer HTML, the others Markdown and figures.
_HTML_FIRST = ("text/html", "text/markdown", "image/svg+xml", "image/png", "image/jpeg", "text/plain")
_MARKDOWN_FIRST = ("text/markdown", "image/svg+xml", "image/png", "image/jpeg", "text/html", "text/plain")
_SUFFIX = {"image/svg+xml": ".svg", "image/png": ".png", "image/jpeg": ".jpg"}
# What plotting calls return; nobody wants to read it below the figure.
_ARTIST = re.compile(r"^([<(\[].*[>)\]]|Text\([-\d].*|\{[^\n]*<matplotlib\.[^\n]*)$|<matplotlib\.", re.MULTILINE)


@dataclass
class ChapterText:
    """The Markdown of one chapter for one format.

    lines: for each line of `text` the line of the source it comes from. figures: relative path -> content.
    """

    text: str
    lines: list[int]
    figures: dict[str, bytes] = field(default_factory=dict)


def chapter_markdown(chapter: Executed, output_format: str, defaults: Mapping[str, Any]) -> ChapterText:
    """Put an executed chapter together for one format ("html", "pdf", "docx" or "jats")."""
    writer = _Writer(chapter, output_format, defaults)
    title = chapter.source.settings.get("title")
    if title is not None:
        line = chapter.source.find("title:", default=1) or 1
        if "{" in str(title):
            raise RenderError(
                "a `title:` takes no label or class; write `# Title {#sec-name}` below the front matter instead",
                chapter.source.name, line,
            )  # fmt: skip
        writer.put(f"# {title}\n", line)
    for item, results in zip(chapter.source.items, chapter.results, strict=True):
        if isinstance(item, Prose):
            writer.prose(item, results)
        else:
            writer.cell(item, results)
    return ChapterText("\n".join(writer.out) + "\n", writer.lines, writer.figures)


def filled(prose: Prose, values: list[str]) -> str:
    """The text with its inline expressions replaced by their values."""
    parts: list[str] = []
    position = 0
    for inline, value in zip(prose.inlines, values, strict=True):
        parts.append(prose.text[position : inline.start])
        before = "".join(parts).rpartition("\n\n")[2]
        if re.search(r"\{[^{}]*=\"[^\"]*$", re.sub(r"\\[\"{}\\]", "", before)):  # inside an attribute
            value = re.sub(r'(?<!\\)"', r"\"", " ".join(value.split("\n")))
        parts.append(value)
        position = inline.end
    return "".join([*parts, prose.text[position:]])


def image_bytes(data: Mapping[str, str], mime: str) -> bytes:
    """The content of an image output."""
    return data[mime].encode("utf-8") if mime == "image/svg+xml" else base64.b64decode(data[mime])


def shown_outputs(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The outputs a reader wants to see: without the objects that plotting calls return beside a figure."""
    has_image = any(any(m.startswith("image/") for m in output.get("data", {})) for output in outputs)
    return [
        output
        for output in outputs
        if not (
            output["output_type"] == "execute_result"
            and set(output["data"]) == {"text/plain"}
            and (_ARTIST.match(output["data"]["text/plain"]) if has_image else
                 output["data"]["text/plain"].startswith(("[<matplotlib", "<matplotlib", "<Axes")))
        )
    ]  # fmt: skip


class _Writer:
    def __init__(self, chapter: Executed, output_format: str, defaults: Mapping[str, Any]) -> None:
        self.chapter, self.format, self.defaults = chapter, output_format, defaults
        self.source = chapter.source
        self.out: list[str] = []
        self.lines: list[int] = []
        self.figures: dict[str, bytes] = {}

    def put(self, text: str, line: int, moving: bool = False) -> None:
        for offset, part in enumerate(text.split("\n")):
            self.out.append(part)
            self.lines.append(line + offset if moving else line)

    def prose(self, prose: Prose, values: list[str]) -> None:
        # A value of several lines shifts the lines after it; the map is exact for values without line breaks.
        self.put(filled(prose, values), prose.line, moving=True)

    def cell(self, cell: Cell, outputs: list[dict[str, Any]]) -> None:
        get = lambda key, default: option(cell, self.source, self.defaults, key, default)  # noqa: E731
        if get("include", True) is False:
            return
        shown = get("output", True)
        outputs = shown_outputs(outputs) if shown else []
        self.put("", cell.line)
        if get("echo", True) and cell.code.strip():
            self.code(cell)
        if shown == "asis":
            for output in outputs:
                self.put(self.raw(output, cell), cell.line)
            self.put("", cell.line)
            return
        parts = [part for index, output in enumerate(outputs, 1) if (part := self.output(output, cell, index))]
        if not parts:
            if cell.label and cell.label.startswith(("fig-", "tbl-")) and shown and get("eval", True):
                raise RenderError(
                    f"the cell is labelled {cell.label} but shows nothing; let its last line give the figure or table",
                    self.source.name, cell.line, cell.place,
                )  # fmt: skip
            return
        caption = cell.options.get("fig-cap") or cell.options.get("tbl-cap")
        label = cell.label if cell.label and cell.label.startswith(("fig-", "tbl-")) else ""
        if label and not caption:
            raise RenderError(
                f"{label} has no caption; add `#| {label[:3]}-cap: …`",
                self.source.name,
                cell.line,
                cell.place,
            )
        if caption and not label:
            raise RenderError(
                "a caption needs a label, such as `#| label: fig-name`",
                self.source.name,
                cell.line,
                cell.place,
            )
        self.put("::::: {" + (f"#{label} " if label else "") + ".cell}", cell.line)
        for part in parts:
            self.put(part, cell.line)
            self.put("", cell.line)
        if caption:
            self.put(f"\n{caption}\n", cell.line)
        self.put(":::::\n", cell.line)

    def code(self, cell: Cell) -> None:
        page = self.source.settings
        fold = cell.options.get("code-fold", page.get("code-fold"))
        summary = cell.options.get("code-summary", page.get("code-summary"))
        attributes = "" if fold is None else f' fold="{str(fold).lower()}"'
        attributes += "" if summary is None else ' summary="' + str(summary).replace('"', r"\"") + '"'
        fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", cell.code)), default=0))
        self.put(f"{fence} {{.python .cell-code{attributes}}}\n{cell.code}\n{fence}\n", cell.line)

    def output(self, output: dict[str, Any], cell: Cell, index: int) -> str:
        if output["output_type"] == "stream":
            return self.verbatim(output["text"])
        data = output["data"]
        mime = self.mime(data, cell)
        if mime == "text/plain":
            return self.verbatim(data[mime])
        if mime == "text/markdown":
            return str(data[mime])
        if mime == "text/html":
            return self.html(data[mime])
        return self.figure(data, mime, cell, index)

    def raw(self, output: dict[str, Any], cell: Cell) -> str:
        if output["output_type"] == "stream":
            return str(output["text"])
        data = output["data"]
        mime = self.mime(data, cell)
        if mime.startswith("image/"):
            return self.figure(data, mime, cell, 1)
        return self.html(data[mime]) if mime == "text/html" else str(data[mime])

    def mime(self, data: Mapping[str, str], cell: Cell) -> str:
        order = _HTML_FIRST if self.format == "html" else _MARKDOWN_FIRST
        for mime in order:
            if mime not in data:
                continue
            if mime == "text/html" and self.format != "html" and "<table" not in data[mime]:
                if "text/plain" in data and not data["text/plain"].startswith("<"):
                    continue
                raise RenderError(
                    "the output is HTML alone, which PDF and Word cannot show; give the object a _repr_markdown_, or "
                    "put the cell into `::: {.content-visible when-format=\"html\"}`",
                    self.source.name, cell.line, cell.place,
                )  # fmt: skip
            return mime
        raise RenderError(
            f"the output is of a kind that cannot be shown: {', '.join(sorted(data))}",
            self.source.name, cell.line, cell.place,
        )  # fmt: skip

    def html(self, text: str) -> str:
        fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
        return f"{fence}{{=html}}\n{text}\n{fence}"

    def verbatim(self, text: str) -> str:
        fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
        return f"{fence} {{.cell-output}}\n{text.rstrip()}\n{fence}"

    def figure(self, data: Mapping[str, str], mime: str, cell: Cell, index: int) -> str:
        if self.format == "docx" and "image/png" in data:
            mime = "image/png"
        name = f"{cell.label or f'cell-{cell.number}'}-{index}{_SUFFIX[mime]}"
        path = str(Path(self.source.name).with_suffix("").as_posix()) + f"_files/{name}"
        self.figures[path] = image_bytes(data, mime)
        alt = str(cell.options.get("fig-alt", "")).replace("\\", "\\\\").replace('"', r"\"").replace("\n", " ")
        attributes = ".cell-figure" + (f' fig-alt="{alt}"' if alt else "")
        return f"![](<{path}>){{{attributes}}}"
