"""Profiles of a project: `_quarto-NAME.yml` beside `_quarto.yml`, chosen as Quarto does by `QUARTO_PROFILE` or `profile:`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from renderer.listed import listed
from renderer.render_error import RenderError

VARIABLE = "QUARTO_PROFILE"


def file_of(profile: str) -> str:
    return f"_quarto-{profile}.yml"


def active(settings: Mapping[str, Any], environment: Mapping[str, str], root: Path) -> tuple[str, ...]:
    """The profiles in force, the one that comes first wins. ``RenderError`` for one that has no file and stands in no `profile:`."""
    own = settings.get("profile")
    default = own.get("default") if isinstance(own, dict) else own
    groups = own.get("group") or [] if isinstance(own, dict) else []
    groups = groups if groups and isinstance(groups[0], list) else [groups]
    given = [name for name in re.split(r"[,\s]+", environment.get(VARIABLE, "")) if name]
    known = {*listed(default), *(str(name) for group in groups for name in group)}
    for name in given:
        if name not in known and not (root / file_of(name)).is_file():
            raise RenderError(
                f"{VARIABLE} is {name}, but there is no {file_of(name)}; correct the name, or add the file"
            )
    names = given or listed(default)
    for group in groups:
        if group and not {str(name) for name in group} & set(names):
            names = [*names, str(group[0])]
    return tuple(dict.fromkeys(names))


def lay_over(below: Any, above: Any) -> None:
    """Lay a profile's settings over others, in place, as Quarto merges: options by name, lists one after the other."""
    for key, value in above.items():
        former = below.get(key)
        if isinstance(former, dict) and isinstance(value, dict):
            lay_over(former, value)
        elif isinstance(former, list) and isinstance(value, list):
            former.extend(each for each in value if each not in former)
        else:
            below[key] = value
            if hasattr(below, "lc") and hasattr(above, "lc"):
                below.lc.add_kv_line_col(key, above.lc.data[key])
