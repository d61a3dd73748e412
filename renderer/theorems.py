"""Theorems and their kin, proofs, remarks and solutions: a block whose title stands at the head of its first paragraph."""

from __future__ import annotations

import panflute as pf

from renderer.words import PROOFS, THEOREMS, Words

PROOF_CLASSES = ("proof", *PROOFS.values())


def is_statement(div: pf.Div) -> bool:
    """Whether a division is one of these, by its label or its class."""
    kind, dash, _ = div.identifier.partition("-")
    return bool(dash and kind in {**THEOREMS, **PROOFS}) or any(name in PROOF_CLASSES for name in div.classes)


def name_of(div: pf.Div) -> list[pf.Inline]:
    """The statement's own name: its attribute `name`, else its first heading, which is taken out."""
    blocks = list(div.content)
    if blocks and isinstance(blocks[0], pf.Header):
        heading = blocks.pop(0)
        div.content = blocks
        return list(heading.content)
    return [pf.Str(div.attributes["name"])] if div.attributes.get("name") else []


def statement(div: pf.Div, number: str, name: list[pf.Inline], body: list[pf.Block], words: Words) -> pf.Div:
    """The block. number: empty for a proof, and for a remark or solution without a label. body: its content, arranged."""
    kind = div.identifier.partition("-")[0]
    if kind in THEOREMS:
        title: list[pf.Inline] = [pf.Str(f"{words.title(kind)} {number}")]
        title += [pf.Str(" ("), *name, pf.Str(")")] if name else []
        head: list[pf.Inline] = [pf.Span(pf.Strong(*title), classes=["theorem-title"]), pf.Space()]
        classes = ["theorem"] + ([THEOREMS[kind]] if kind != "thm" else [])
    else:
        own = PROOFS.get(kind) or next(each for each in div.classes if each in PROOF_CLASSES)
        word = words[f"environment-{own}-title"]
        title = [pf.Str(f"{word} {number}".strip())]
        title += [pf.Str(" ("), *name, pf.Str(")")] if name else []
        head = [pf.Span(pf.Emph(*title), pf.Str(". "), classes=["proof-title"])]
        classes = ["proof"] + ([own] if own != "proof" else [])
    if body and isinstance(body[0], (pf.Para, pf.Plain)):
        body = [pf.Para(*head, *body[0].content), *body[1:]]
    else:
        body = [pf.Para(*head), *body]
    return pf.Div(*body, classes=classes)
