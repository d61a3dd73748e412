"""What stands in the way of a page, as the page shows it: file, line, message. Nothing of the study is needed to say it."""

import re
import sys
import traceback
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_PLACE = re.compile(r"^([^\s:,]+\.\w+)(?:,? line (\d+))?[:, ]")


def problems(problem: BaseException) -> list[dict]:
    """Each with `file` and `line`, None where they are not known, and `message`."""
    critical = [finding for finding in getattr(problem, "findings", ()) if finding.level == "critical"]
    if critical:
        return [{"file": finding.file, "line": finding.line, "message": finding.said} for finding in critical]
    if hasattr(problem, "message") and hasattr(problem, "cell"):  # of the renderer
        cell = f"({problem.cell}) " if problem.cell else ""
        return [{"file": problem.file, "line": problem.line, "message": cell + problem.message}]
    if hasattr(problem, "status"):  # of the study
        return [_placed(str(problem))]
    return [_of_code(problem)]


def _placed(text: str) -> dict:
    """A message that begins with its place, taken apart."""
    found = _PLACE.match(text)
    if found is None or not (found[2] or (_ROOT / found[1]).is_file()):
        return {"file": None, "line": None, "message": text}
    return {"file": found[1], "line": int(found[2]) if found[2] else None, "message": text[found.end() :].strip()}


def _of_code(problem: BaseException) -> dict:
    """A mistake in the project's own code, where it is."""
    if isinstance(problem, SyntaxError) and problem.filename:
        return {"file": _named(problem.filename), "line": problem.lineno, "message": f"not valid Python: {problem.msg}"}
    frames = [frame for frame in traceback.extract_tb(problem.__traceback__) if _is_own(frame.filename)]
    place = {"file": _named(frames[-1].filename), "line": frames[-1].lineno} if frames else {"file": None, "line": None}
    return place | {"message": f"{type(problem).__name__}: {problem}"}


def _is_own(file: str) -> bool:
    return Path(file).is_relative_to(_ROOT) and not Path(file).is_relative_to(sys.prefix)


def _named(file: str) -> str:
    return Path(file).relative_to(_ROOT).as_posix() if Path(file).is_relative_to(_ROOT) else file
