"""`study take`: a delivered notebook that was edited goes back into its chapter."""

import difflib
from collections.abc import Callable
from pathlib import Path

from study import placing
from study.errors import UsageError
from study.paths import ROOT, shown


def take(notebook: Path, say: Callable[[str], None]) -> tuple[str, list[str]]:
    """Write the notebook's changes into the chapter that it was made from; what changed, as a diff, and the conflicts.

    With a conflict the chapter stays as it is. Raises :class:`UsageError` where the file is no notebook of this report.
    """
    import nbformat

    from renderer import chapter_files, read_chapter
    from renderer.edited import taken_back
    from renderer.notebook_chapter import SUFFIX as NOTEBOOK

    try:
        edited = nbformat.read(notebook, as_version=4)
    except (OSError, ValueError, nbformat.validator.NotebookValidationError, AttributeError) as problem:
        raise UsageError(f"{notebook} cannot be read as a notebook: {problem}") from None
    made = edited.metadata.get("study", {})
    name = made.get("chapter")
    if name not in chapter_files(ROOT):
        reason = f"its chapter is {name}, which the report does not list" if name else "it does not say which chapter it was made from"
        raise UsageError(f"{notebook} is no notebook of this report: {reason}; take one from _book/notebooks")
    path = ROOT / name
    if path.suffix == NOTEBOOK:
        raise UsageError(f"{notebook} was made from {name}, which is a notebook itself; edit that one")
    written = path.read_bytes().decode("utf-8-sig")
    current = written.replace("\r\n", "\n")
    text, conflicts = taken_back(edited, lambda text, name: read_chapter(ROOT, text, name), current)
    if conflicts:
        return "", [f"{name}{f' line {each.line}' if each.line else ''}: {each.message}" for each in conflicts]
    if text == current:
        return "", []
    placing.replace_text(path, text.replace("\n", "\r\n") if "\r\n" in written else text)
    say(f"{shown(path)} has the changes of {notebook}; render the report to see them in it")
    lines = difflib.unified_diff(current.split("\n"), text.split("\n"), name, name, lineterm="", n=1)
    return "\n".join(lines) + "\n", []
