"""An executed chapter as one Markdown text for Pandoc, in the form that Quarto gives it.

A cell becomes a division `.cell` with its code and its outputs; a cell with a `fig-` or `tbl-` label becomes a
division with that label and the caption as its last paragraph, which is also how an author writes a float by hand.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from renderer.captions import wrong_captions
from renderer.execute import Executed, option
from renderer.listed import listed
from renderer.panels import ALIGNED, LAYOUT
from renderer.project import page_option
from renderer.render_error import RenderError, at_once
from renderer.source import Cell, Prose

# The first of these that an output has is shown, as in Quarto: pages prefer HTML, the others Markdown and figures.
_HTML_FIRST = ("text/html", "text/markdown", "image/svg+xml", "image/png", "image/jpeg", "text/latex", "text/plain")
_MARKDOWN_FIRST = ("text/markdown", "image/svg+xml", "image/png", "image/jpeg", "text/html", "text/latex", "text/plain")
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
    problems: list[RenderError] = []
    for item, results in zip(chapter.source.items, chapter.results, strict=True):
        if isinstance(item, Prose):
            writer.prose(item, results)
        else:
            try:
                writer.cell(item, results)
            except RenderError as problem:
                problems.append(problem)
    if problems:
        raise at_once(problems)
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


def shown_outputs(outputs: list[dict[str, Any]], warnings: bool) -> list[dict[str, Any]]:
    """The outputs a reader wants to see: without the objects that plotting calls return beside a figure, without a picture that comes
    twice (a cell that ends in the figure that it has drawn), and with what goes to the error stream only where it is asked for."""
    pictures: list[Any] = []
    for output in list(outputs):
        picture = {mime: data for mime, data in output.get("data", {}).items() if mime.startswith("image/")}
        if picture and picture in pictures:
            outputs = [other for other in outputs if other is not output]
        pictures.append(picture)
    outputs = [output for output in outputs if warnings or output.get("name") != "stderr"]
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
        outputs = shown_outputs(outputs, get("warning", True)) if shown else []
        self.put("", cell.line)
        echo = get("echo", True)
        if echo and (cell.code.strip() or cell.options.get("source")):
            self.code(cell, fenced=echo == "fenced")
        if shown == "asis":
            for output in outputs:
                self.put(self.raw(output, cell), cell.line)
            self.put("", cell.line)
            return
        alts = listed(cell.options.get("fig-alt"))
        parts = []
        for index, output in enumerate(outputs, 1):
            alt = alts[min(len(parts), len(alts) - 1)] if alts else ""
            if part := self.output(output, cell, index, alt):
                parts.append(part)
        kind = (cell.label or "").partition("-")[0]
        label = cell.label if cell.label and kind in ("fig", "tbl") else ""
        if not parts:
            if label and shown and get("eval", True):
                raise self.fail(
                    cell,
                    f"the cell is labelled {cell.label} but shows nothing; let its last line give the figure or table",
                )
            return
        kind = label[:3] or ("fig" if "fig-cap" in cell.options else "tbl")
        self.shown(cell, label, kind, parts)

    def fail(self, cell: Cell, message: str) -> RenderError:
        return RenderError(message, self.source.name, cell.line, cell.place)

    def shown(self, cell: Cell, label: str, kind: str, parts: list[str]) -> None:
        """The outputs in their division, with label, captions and layout."""
        captions, parts_captions = listed(cell.options.get(f"{kind}-cap")), cell.options.get(f"{kind}-subcap")
        if message := wrong_captions(cell.options):
            raise self.fail(cell, message)
        column = str(cell.options.get("column", "body"))
        if column != "body":
            self.put(f"::::::: {{.column-{column}}}", cell.line)
        if parts_captions:
            texts = [""] * len(parts) if parts_captions is True else listed(parts_captions)
            if len(texts) != len(parts):
                raise self.fail(cell, f"`{kind}-subcap` has {len(texts)} captions for {len(parts)} outputs")
            self.open(cell, label)
            for number, (part, text) in enumerate(zip(parts, texts, strict=True), 1):
                self.put(f":::: {{#{label}-{number}}}\n{part}\n\n{text}\n\n::::\n", cell.line)
            self.close(cell, captions[0])
        elif len(captions) > 1:
            if len(captions) != len(parts):
                raise self.fail(cell, f"`{kind}-cap` has {len(captions)} captions for {len(parts)} outputs")
            for number, (part, text) in enumerate(zip(parts, captions, strict=True), 1):
                self.put(
                    f":::: {{#{label if number == 1 else f'{label}-{number}'} .cell}}\n{part}\n\n{text}\n\n::::\n",
                    cell.line,
                )
        else:
            self.open(cell, label)
            for part in parts:
                if captions and not label:
                    part = re.sub(r"^!\[\]", lambda _: f"![{captions[0]}]", part)
                    self.put(f"{part}\n", cell.line)
                else:
                    self.put(
                        f":::: {{.{'cell-output-display' if _has_layout(cell) else 'cell'}}}\n{part}\n\n::::\n",
                        cell.line,
                    )
            self.close(cell, captions[0] if captions and label else "")
        if column != "body":
            self.put(":::::::\n", cell.line)

    def open(self, cell: Cell, label: str) -> None:
        layout = [
            f'{key}="{json.dumps(cell.options[key]) if isinstance(cell.options[key], list) else cell.options[key]}"'
            for key in (*LAYOUT, *ALIGNED, "tbl-colwidths") if key in cell.options
        ]  # fmt: skip
        classes = [f".{name}" for name in ["cell", *listed(cell.options.get("classes"))]]
        self.put("::::: {" + " ".join([*([f"#{label}"] if label else []), *classes, *layout]) + "}", cell.line)

    def close(self, cell: Cell, caption: str) -> None:
        if caption:
            self.put(f"\n{caption}\n", cell.line)
        self.put(":::::\n", cell.line)

    def code(self, cell: Cell, fenced: bool = False) -> None:
        page, code = self.source.settings, cell.options.get("source") or cell.code
        fold, summary = (
            cell.options.get(key, page_option(page, self.format, key, None)) for key in ("code-fold", "code-summary")
        )
        attributes = {"fold": None if fold is None else str(fold).lower(), "summary": summary}
        attributes |= {key: cell.options.get(key) for key in ("filename", "lst-cap")}
        attributes["code-line-numbers"] = "true" if cell.options.get("code-line-numbers") else None
        named = "".join(f' {key}="{_quoted(str(value))}"' for key, value in attributes.items() if value is not None)
        if fenced:
            kept = [
                f"#| {key}: {value}" for key, value in cell.options.items() if key != "echo" and isinstance(value, str)
            ]
            code = "\n".join(["```{python}", *kept, code, "```"])
        label = f"#{cell.options['lst-label']} " if cell.options.get("lst-label") else ""
        language = "markdown" if fenced else cell.diagram or "python"
        fence = _fence(code)
        self.put(
            f"{fence} {{{label}.{language} .cell-code{named}}}\n{code}\n{fence}\n", cell.line
        )

    def output(self, output: dict[str, Any], cell: Cell, index: int, alt: str) -> str:
        if output["output_type"] == "stream":
            return self.verbatim(output["text"])
        if output["output_type"] == "error":
            return self.verbatim(output["traceback"])
        data = output["data"]
        mime = self.mime(data, cell)
        if mime == "text/plain":
            return self.verbatim(data[mime])
        if mime in ("text/markdown", "text/latex"):
            return str(data[mime])
        if mime == "text/html":
            return self.html(data[mime])
        return self.figure(data, mime, cell, index, alt)

    def raw(self, output: dict[str, Any], cell: Cell) -> str:
        if output["output_type"] != "stream" and "data" not in output:
            return self.verbatim(output["traceback"])
        if output["output_type"] == "stream":
            return str(output["text"])
        data = output["data"]
        mime = self.mime(data, cell)
        if mime.startswith("image/"):
            return self.figure(data, mime, cell, 1, "".join(listed(cell.options.get("fig-alt"))[:1]))
        return self.html(data[mime]) if mime == "text/html" else str(data[mime])

    def mime(self, data: Mapping[str, str], cell: Cell) -> str:
        order = _HTML_FIRST if self.format == "html" else _MARKDOWN_FIRST
        for mime in order:
            if mime not in data:
                continue
            if mime == "text/html" and self.format != "html" and not _has_text(data[mime]):
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
        fence = _fence(text)
        return f":::: {{.cell-html}}\n{fence}{{=html}}\n{text}\n{fence}\n::::"

    def verbatim(self, text: str) -> str:
        fence = _fence(text)
        return f"{fence} {{.cell-output}}\n{text.rstrip()}\n{fence}"

    def figure(self, data: Mapping[str, str], mime: str, cell: Cell, index: int, alt: str) -> str:
        if self.format == "docx" and "image/png" in data:
            mime = "image/png"
        name = f"{cell.label or f'cell-{cell.number}'}-{index}{_SUFFIX[mime]}"
        path = str(Path(self.source.name).with_suffix("").as_posix()) + f"_files/{name}"
        self.figures[path] = image_bytes(data, mime)
        attributes = ".cell-figure" + (f' fig-alt="{_quoted(alt)}"' if alt else "")
        sizes = {side: cell.options.get(f"out-{side}") for side in ("width", "height")}
        attributes += "".join(f' {side}="{size}"' for side, size in sizes.items() if size)
        return f"![](<{path}>){{{attributes}}}"


def _fence(text: str) -> str:
    """What can stand around the text: more of its marks in a row than any in it."""
    return "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", text)), default=0))


def _quoted(text: str) -> str:
    """A text as it stands between the quotation marks of an attribute."""
    return text.replace("\\", "\\\\").replace('"', r"\"").replace("\n", " ")


def _has_layout(cell: Cell) -> bool:
    return any(key in cell.options for key in LAYOUT)


def _has_text(html: str) -> bool:
    """Whether a piece of HTML says something without the programs, styles and drawings in it."""
    if "<table" in html:
        return True
    bare = re.sub(
        r"<(script|style|svg|canvas|iframe|video|audio|object)\b.*?</\1>|<!--.*?-->",
        "",
        html,
        flags=re.DOTALL | re.IGNORECASE,
    )
    return bool(re.sub(r"<[^>]*>", "", bare).strip())
