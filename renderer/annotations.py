"""Annotated code: `# <1>` at the end of a line, and below the code a numbered list that says what the line does.

On the website the line keeps the mark as a number in a ring. In print, as in Quarto, the list names the lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import panflute as pf

from renderer.words import Words

_MARK = re.compile(r"[ \t]*(?:#|//|%|--|<!--|/\*|;)[ \t]*((?:<\d+>[ \t]*,?[ \t]*)+)(?:-->|\*/)?[ \t]*$")
_RINGS = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"


def _marks(code: str) -> dict[int, list[int]]:
    """For each annotation the lines that have it, from 1."""
    found: dict[int, list[int]] = {}
    for number, line in enumerate(code.split("\n"), start=1):
        if mark := _MARK.search(line):
            for each in re.findall(r"\d+", mark[1]):
                found.setdefault(int(each), []).append(number)
    return found


def annotated(blocks: Sequence[pf.Block], words: Words, output_format: str) -> list[pf.Block]:
    """The blocks with the annotations of their code worked in; code without a list after it only loses its marks."""
    out: list[pf.Block] = []
    pending: tuple[dict[int, list[int]], int] | None = None
    for block in blocks:
        code = _code_in(block)
        if code is not None and (marks := _marks(code.text)):
            code.text = _shown(code.text, output_format)
            out.append(block)
            pending = (marks, len(out))
            continue
        if pending and isinstance(block, pf.OrderedList) and len(block.content) == len(pending[0]):
            out.insert(pending[1], _list(block, pending[0], words, output_format))
            pending = None
            continue
        out.append(block)
        if code is not None or not (isinstance(block, pf.Div) or _is_comment(block)):
            pending = None  # the list comes right after the code, or after what the code has given
    return out


def _code_in(block: pf.Block) -> pf.CodeBlock | None:
    return block if isinstance(block, pf.CodeBlock) and "cell-output" not in block.classes else None


def _is_comment(block: pf.Block) -> bool:
    return isinstance(block, pf.CodeBlock) and "cell-output" in block.classes


def _shown(code: str, output_format: str) -> str:
    def ringed(mark: re.Match[str]) -> str:
        if output_format != "html":
            return ""
        return "  " + "".join(_RINGS[int(n) - 1] if 0 < int(n) <= 20 else f"({n})" for n in re.findall(r"\d+", mark[1]))

    return "\n".join(_MARK.sub(ringed, line) for line in code.split("\n"))


def _list(listed: pf.OrderedList, marks: dict[int, list[int]], words: Words, output_format: str) -> pf.Block:
    items = []
    for (number, lines), item in zip(sorted(marks.items()), listed.content, strict=True):
        named = str(number)
        if output_format != "html":
            word = words["code-line" if len(lines) == 1 else "code-lines"]
            named = f"{word} {', '.join(map(str, lines))}"
        items.append(pf.DefinitionItem([pf.Str(named)], [pf.Definition(*item.content)]))
    return pf.Div(pf.DefinitionList(*items), classes=["annotations"])
