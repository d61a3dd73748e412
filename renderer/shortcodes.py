"""Shortcodes that stand for text: `{{< var >}}`, `{{< meta >}}` and a few more. `include` and `embed` have modules of their own."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_INSTEAD = {
    "env": "a variable of this machine would make every render different; write the value into `_variables.yml` and use `var`",
    "version": "it prints the version of Quarto, which does not render here; take it out",
    "lipsum": "the text is made by Quarto; write your own, or render with Quarto",
    "placeholder": "the picture is made by Quarto; use one of your own",
    "contents": "it is not followed; move the text, or render with Quarto",
    "brand": "there is no brand here; put the value into `_variables.yml` and use `var`",
}


@dataclass(frozen=True)
class Texts:
    """What shortcodes of a chapter can give. variables: `_variables.yml`. metadata: the book's settings and the chapter's own."""

    variables: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def text(self, name: str, arguments: str) -> str:
        """The Markdown that a shortcode stands for; ValueError says why there is none."""
        try:
            given = shlex.split(arguments)
        except ValueError:
            raise ValueError("its quotation marks do not close") from None
        if name == "pagebreak" and not given:
            return "[]{.pagebreak}"
        if name == "var" and len(given) == 1:
            return _value(self.variables, given[0], "`_variables.yml`")
        if name == "meta" and len(given) == 1:
            return _value(self.metadata, given[0], "the front matter of the chapter and `_quarto.yml`")
        if name == "kbd" and given:
            keys = next((each for each in given if "=" not in each), given[0].partition("=")[2])
            return f"[{_escaped(keys)}]{{.kbd}}"
        if name == "video" and given:
            title = next((each[6:] for each in given if each.startswith("title=")), given[0])
            return f"[{_escaped(title)}](<{given[0]}>){{.video}}"
        raise ValueError(_INSTEAD.get(name, "remove it, or render with Quarto"))


def _escaped(text: str) -> str:
    return "".join("\\" + c if c in "\\`*_{}[]()<>#!$@~^|" else c for c in text)


def _value(values: Mapping[str, Any], path: str, where: str) -> str:
    node: Any = values
    for key in path.replace("\\.", "\0").split("."):
        key = key.replace("\0", ".")
        if isinstance(node, list) and key.isdigit() and 0 < int(key) <= len(node):
            node = node[int(key) - 1]
        else:
            node = node.get(key) if isinstance(node, Mapping) else None
    if node is None:
        raise ValueError(f"there is no `{path}` in {where}")
    if isinstance(node, (Mapping, list)):
        raise ValueError(f"`{path}` in {where} is no single value")
    return str(node).lower() if isinstance(node, bool) else str(node)
