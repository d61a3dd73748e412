"""The numbers of a supplement in what Quarto has typeset.

Quarto counts appendices A, B, … and has no option for anything else, but for the PDF, whose frame counts itself
(`_extensions/study`). In its website and its Word file the letters are exchanged here for the numbers that `supplement:` in
`_quarto.yml` asks for: wherever Quarto writes a number, and nowhere in an author's text. A caption joins its word and its number by a
no-break space; the other numbers have a class, a style or a link of their own.
"""

import html
import json
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from docx.oxml.ns import qn
from lxml import etree

from renderer.words import NUMBERED, THEOREMS, Words

_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_LETTER = "(?P<letter>[A-Z])"
_CHAPTER = rf"class=[\"']chapter-number[\"']>{_LETTER}(?=<)"
_FORMULA = rf"\\qquad\({_LETTER}(?=\.\d+\))"
_WITHIN = r"(?=\.\d)"
"""After the letter: what is numbered stands within an appendix."""
_SECTION = rf"{_LETTER}(?=\.\d+(?:\.\d+)* )"
"""The number of a heading at its beginning."""


def recounter(words: Words) -> Callable[[str], str]:
    """A function that exchanges the letters on a page of a website."""
    recount, appendix = _recounter(words, html.escape), _either(set(map(html.escape, _called(words))))
    parts = _either(set(map(html.escape, _parts(words))))
    part = rf'(<span class="menu-text">|<li class="breadcrumb-item"><a [^>]*>)(?:{parts})(?=<)'
    title, word = html.escape(words["section-title-appendices"]), html.escape(words["crossref-apx-prefix"])
    marked = [
        _CHAPTER,
        _FORMULA,
        rf'class="header-section-number">{_LETTER}{_WITHIN}',
        rf'data-number="{_LETTER}(?=[."])',
        rf'class="quarto-xref">(?:[^<]*&nbsp;)?<span>(?:[^<]* )?{_LETTER}(?=[.<\s])',
        rf'class="theorem-title"><strong>[^<]* {_LETTER}{_WITHIN}',
        rf'form="prefix">\(</mo><mi>{_LETTER}</mi><mn>(?=\.\d+</mn><mo [^>]*>\)</mo></mrow><annotation)',
    ]

    def recounted(page: str) -> str:
        text = re.sub(part, lambda found: found[1] + title, page)
        text = re.sub(rf'(class="quarto-xref"><span>)(?:{appendix})(?= [A-Z]</span>)', lambda found: found[1] + word, text)
        return recount(text, *marked)

    return recounted


def recount_index(output: Path, words: Words) -> None:
    """Exchange the letters in the index for the search of a website, in place; its texts are text, its crumbs HTML."""
    recount, appendix = _recounter(words), _either(_called(words))
    title, word = words["section-title-appendices"], words["crossref-apx-prefix"]
    index = output / "search.json"
    if index.is_file():
        found = json.loads(index.read_text("utf-8"))
        # References to sections have an ordinary space here.
        anywhere = [_FORMULA, rf"{re.escape(words.prefix('sec'))} {_LETTER}{_WITHIN}", rf"{re.escape(word)} {_LETTER}(?!\w)"]
        for entry in found:
            own = [rf"(?m)^(?:(?:{_either(_statements(words))}) )?{_SECTION}"]
            patterns = [*anywhere, *(own if re.match(rf"(?:{appendix}) [A-Z] — ", entry.get("title", "")) else [])]
            for key in entry.keys() & {"title", "section", "text"}:
                entry[key] = recount(re.sub(rf"\b(?:{appendix}) (?=[A-Z]\b)", lambda _: f"{word} ", entry[key]), *patterns)
            entry["crumbs"] = [
                html.escape(title) if html.unescape(each) in _parts(words) else recount(each, _CHAPTER)
                for each in entry.get("crumbs") or []
            ]
        index.write_text(json.dumps(found, ensure_ascii=False, indent=2), encoding="utf-8", newline="\n")


def recount_document(body: etree._Element, words: Words) -> None:
    """Exchange the letters in the body of a Word file, in place."""
    recount = _recounter(words)
    statement = rf"^(?:{_either(_statements(words))}) {_LETTER}{_WITHIN}"
    for paragraph in body.iter(qn("w:p")):
        style = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
        begin = rf"^{_SECTION}" if style is not None and style.get(qn("w:val")).startswith("Heading") else statement
        for place, node in enumerate(paragraph.iter(qn("w:t"))):
            leads = any(parent.get(qn("w:anchor")) for parent in node.iterancestors(qn("w:hyperlink")))
            led = [rf"^{_LETTER}(?=\.\d|$)", rf"\u00a0{_LETTER}{_WITHIN}"] if leads else []
            node.text = recount(node.text or "", *([begin] if place == 0 else []), *led)
    for formula in body.iter(f"{_MATH}oMath"):
        for before, node in pairwise(formula.iter(f"{_MATH}t")):
            if before.text == "(" and (after := _following(node)) is not None and re.fullmatch(r"\.\d+", after.text or ""):
                node.text = recount(node.text or "", rf"^{_LETTER}$")


def _following(node: etree._Element) -> etree._Element | None:
    run = node.getparent().getnext()
    return None if run is None else run.find(f"{_MATH}t")


def _either(words: set[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words))


def _statements(words: Words) -> set[str]:
    return {words.title(kind) for kind in THEOREMS}


def _parts(words: Words) -> set[str]:
    """What Quarto calls the part of the book with the appendices."""
    return {words.without_supplement["section-title-appendices"], "Appendices"}


def _called(words: Words) -> set[str]:
    """What Quarto calls an appendix: by its language, by `crossref:`, and "Appendix" in Word in any case."""
    return {words.without_supplement["crossref-apx-prefix"], words.all.get("crossref-appendix-title") or "Appendix", "Appendix"}


def _recounter(words: Words, written: Callable[[str], str] = str) -> Callable[..., str]:
    """A function that exchanges the letters of a text: after the words of captions and references, before titles of appendices, and
    where more patterns find them. `written` makes of a word what stands for it in the text."""
    kinds = _either({written(word) for kind in NUMBERED for word in (words.title(kind), words.prefix(kind))})
    space = "(?:&nbsp;|\u00a0)(?:<span>)?"
    caption = rf"(?<![^\W_])(?:{kinds}){space}{_LETTER}{_WITHIN}"
    appendix = rf"(?<![^\W_])(?:{_either(set(map(written, _called(words))))})(?P<space>{space}| (?=[A-Z] — )){_LETTER}(?!\w)"

    def number(letter: str) -> str:
        return written(words.appendix(ord(letter) - ord("A") + 1))

    def exchanged(found: re.Match) -> str:
        start = found.start("letter") - found.start()
        return found[0][:start] + number(found["letter"]) + found[0][start + 1 :]

    def recount(text: str, *more: str) -> str:
        text = re.sub(appendix, lambda found: written(words["crossref-apx-prefix"]) + found["space"] + number(found["letter"]), text)
        for pattern in (caption, *more):
            text = re.sub(pattern, exchanged, text)
        return text

    return recount
