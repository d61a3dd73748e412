"""Callouts and tab sets, which every format draws in its own way."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import panflute as pf

from renderer.render_error import RenderError
from renderer.words import CALLOUTS, Words

KINDS = tuple(CALLOUTS.values())

Arrange = Callable[[Sequence[pf.Block]], list[pf.Block]]
Fail = Callable[..., RenderError]


def callout(
    div: pf.Div, name: str, output_format: str, arrange: Arrange, fail: Fail, words: Words, number: str
) -> list[pf.Block]:  # fmt: skip
    """A callout: its title (attribute, else its first heading, else its kind) and its body.

    number: "Tip 1.2" where it has a label. The division's identifier is the document's already.
    """
    kind = name.removeprefix("callout-")
    if kind not in KINDS:
        raise fail(f"there is no callout `{name}`; use one of {', '.join(KINDS)}", f".{name}")
    blocks = list(div.content)
    title: list[pf.Inline] = [] if number else [pf.Str(words[f"callout-{kind}-title"])]
    if "title" in div.attributes:
        title = _words(div.attributes["title"])
    elif blocks and isinstance(blocks[0], pf.Header):
        title = list(blocks.pop(0).content)
    if number:
        title = [pf.Str(f"{number}:"), pf.Space(), *title] if title else [pf.Str(number)]
    body = arrange(blocks)
    if output_format == "pdf":
        made = [
            pf.RawBlock(f'#callout("{kind}")[', "typst"),
            pf.Plain(*title),
            pf.RawBlock("][", "typst"),
            *body,
            pf.RawBlock("]", "typst"),
        ]
        return [pf.Div(*made, identifier=div.identifier)] if div.identifier else made
    if output_format == "docx":
        style = f"Callout {kind.capitalize()}"
        for block in body:
            block.walk(lambda element, _: _styled_items(element, style))
        made = [
            pf.Div(pf.Para(*title), attributes={"custom-style": f"{style} Title"}),
            pf.Div(*body, attributes={"custom-style": style}),
        ]
        return [pf.Div(*made, identifier=div.identifier)] if div.identifier else made
    collapse = div.attributes.get("collapse")
    inner = pf.Div(*body, classes=["callout-body"])
    if collapse in ("true", "false"):
        opened = " open" if collapse == "false" else ""
        head: list[pf.Block] = [
            pf.RawBlock(f'<details{opened}><summary class="callout-title">', "html"),
            pf.Plain(*title),
            pf.RawBlock("</summary>", "html"),
        ]
        content = [*head, inner, pf.RawBlock("</details>", "html")]
    else:
        content = [pf.Div(pf.Para(*title), classes=["callout-title"]), inner]
    return [
        pf.Div(
            *content,
            classes=["callout", f"callout-{kind}"],
            identifier=div.identifier,
            attributes={"role": "note"},
        )
    ]


def _styled_items(element: pf.Element, style: str) -> None:
    if isinstance(element, pf.ListItem):
        blocks = [pf.Para(*b.content) if isinstance(b, pf.Plain) else b for b in element.content]
        element.content = [pf.Div(*blocks, attributes={"custom-style": style})]


def tabset(div: pf.Div, output_format: str, arrange: Arrange, fail: Fail) -> list[pf.Block]:
    """Tabs, one for each heading of the division's first level; on paper they stand one after the other."""
    blocks = list(div.content)
    if not blocks or not isinstance(blocks[0], pf.Header):
        raise fail("a tab set must begin with a heading, the name of its first tab", ".panel-tabset")
    level = blocks[0].level
    tabs: list[tuple[list[pf.Inline], list[pf.Block]]] = []
    for block in blocks:
        if isinstance(block, pf.Header) and block.level == level:
            tabs.append((list(block.content), []))
        else:
            tabs[-1][1].append(block)
    if output_format != "html":
        return arrange(
            [out for title, body in tabs for out in (pf.Header(*title, level=level, classes=["unnumbered"]), *body)]
        )
    panels = [
        pf.Div(pf.Div(pf.Para(*title), classes=["tab-title"]), *arrange(body), classes=["tab-panel"])
        for title, body in tabs
    ]
    return [pf.Div(*panels, classes=["panel-tabset"])]


def _words(text: str) -> list[pf.Inline]:
    out: list[pf.Inline] = []
    for word in text.split():
        out += [pf.Space(), pf.Str(word)] if out else [pf.Str(word)]
    return out
