"""The numbers of a supplement in what Quarto has typeset.

Quarto counts appendices A, B, … and has no option for anything else, but for the PDF, whose frame counts itself
(`_extensions/study`). In its website and its Word file the letters are exchanged here for the numbers that `supplement:` in
`_quarto.yml` asks for: wherever Quarto writes a number, and nowhere in an author's text. A caption joins its word and its number by a
no-break space; the other numbers have a class, a style or a link of their own.
"""

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
_WITHIN = r"(?=\.\d)"
"""After the letter: what is numbered stands within an appendix."""
_SECTION = rf"{_LETTER}(?=\.\d+(?:\.\d+)* )"
"""The number of a heading at its beginning."""


def recount_site(output: Path, words: Words) -> None:
    """Exchange the letters on all pages of a website and in its index for the search, in place."""
    recount, appendix = _recounter(words), _called(words)
    of_quarto = {words.without_supplement["section-title-appendices"], "Appendices"}
    part = rf'(<span class="menu-text">|<li class="breadcrumb-item"><a [^>]*>)(?:{_either(of_quarto)})(?=<)'
    title, word = words["section-title-appendices"], words["crossref-apx-prefix"]
    chapter = rf"class=[\"']chapter-number[\"']>{_LETTER}(?=<)"
    formula = rf"\\qquad\({_LETTER}(?=\.\d+\))"
    marked = [
        chapter,
        formula,
        rf'class="header-section-number">{_LETTER}{_WITHIN}',
        rf'data-number="{_LETTER}(?=[."])',
        rf'class="quarto-xref">(?:[^<]*&nbsp;)?<span>(?:[^<]* )?{_LETTER}(?=[.<\s])',
        rf'class="theorem-title"><strong>[^<]* {_LETTER}{_WITHIN}',
        rf'form="prefix">\(</mo><mi>{_LETTER}</mi><mn>(?=\.\d+</mn><mo [^>]*>\)</mo></mrow><annotation)',
    ]
    for page in output.rglob("*.html"):
        text = re.sub(part, rf"\g<1>{title}", page.read_text("utf-8"))
        text = re.sub(rf'(class="quarto-xref"><span>)(?:{appendix})(?= [A-Z]</span>)', rf"\g<1>{word}", text)
        page.write_text(recount(text, *marked), encoding="utf-8", newline="\n")
    index = output / "search.json"
    if index.is_file():
        found = json.loads(index.read_text("utf-8"))
        # References to sections have an ordinary space here.
        anywhere = [formula, rf"{re.escape(words.prefix('sec'))} {_LETTER}{_WITHIN}", rf"{word} {_LETTER}(?!\w)"]
        for entry in found:
            own = [rf"(?m)^(?:(?:{_either(_statements(words))}) )?{_SECTION}"]
            patterns = [*anywhere, *(own if re.match(rf"(?:{appendix}) [A-Z] — ", entry.get("title", "")) else [])]
            for key in entry.keys() & {"title", "section", "text"}:
                entry[key] = recount(re.sub(rf"\b(?:{appendix}) (?=[A-Z]\b)", f"{word} ", entry[key]), *patterns)
            entry["crumbs"] = [title if each in of_quarto else recount(each, chapter) for each in entry.get("crumbs") or []]
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


def _called(words: Words) -> str:
    """A pattern for what Quarto calls an appendix: by its language, by `crossref:`, and "Appendix" in Word in any case."""
    own = {words.without_supplement["crossref-apx-prefix"], words.all.get("crossref-appendix-title") or "Appendix"}
    return _either(own | {"Appendix"})


def _recounter(words: Words) -> Callable[..., str]:
    """A function that exchanges the letters of a text: after the words of captions and references, before titles of appendices, and
    where more patterns find them."""
    kinds = _either({word for kind in NUMBERED for word in (words.title(kind), words.prefix(kind))})
    space = "(?:&nbsp;|\u00a0)(?:<span>)?"
    caption = rf"(?<![^\W_])(?:{kinds}){space}{_LETTER}{_WITHIN}"
    appendix = rf"(?<![^\W_])(?:{_called(words)})(?P<space>{space}| (?=[A-Z] — )){_LETTER}(?!\w)"

    def number(letter: str) -> str:
        return words.appendix(ord(letter) - ord("A") + 1)

    def exchanged(found: re.Match) -> str:
        start = found.start("letter") - found.start()
        return found[0][:start] + number(found["letter"]) + found[0][start + 1 :]

    def recount(text: str, *more: str) -> str:
        text = re.sub(appendix, lambda found: words["crossref-apx-prefix"] + found["space"] + number(found["letter"]), text)
        for pattern in (caption, *more):
            text = re.sub(pattern, exchanged, text)
        return text

    return recount
