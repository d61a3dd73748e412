"""What Quarto keeps of executed chapters (`freeze`, `cache`): it looks at their text alone, so numbers of other data might come."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from study import delivery
from study.analysed import Analysed
from study.paths import ROOT, shown, state
from study.placing import remove
from study.sums import digest_of

if TYPE_CHECKING:
    from renderer import Recorded

_FOLDERS = ("_freeze", ".quarto/_freeze", ".jupyter_cache", "chapters/.jupyter_cache")


def forget_other_states(analysed: Analysed, recorded: "Recorded", say: Callable[[str], None]) -> None:
    """Remove what is kept unless data, code and every file that cells open are as they were then; `recorded` says what they open."""
    opened = {name: str(text) for name, text in recorded.inputs.items()}
    now = digest_of({"cells": delivery.cells_digest(analysed)} | opened)
    record = state("quarto-kept-of")
    if not record.is_file() or record.read_text("utf-8") != now:
        for folder in _kept():
            remove(folder)
            say(f"removed {shown(folder)}: Quarto would print numbers from it, and data or code have changed")
    record.write_text(now, encoding="utf-8")


def _kept() -> Iterator[Path]:
    yield from (ROOT / name for name in _FOLDERS if (ROOT / name).is_dir())
