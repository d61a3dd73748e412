"""Copies of the repository, and commands that run in them in a process of their own."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = shutil.ignore_patterns(
    ".venv", ".git", ".study", "_book*", "__pycache__", ".quarto", ".hypothesis", ".*_cache", "*.quarto_ipynb*"
)
"""What is made, and is not to be found in a copy."""
RENDER = ("render", "--engine", "builtin", "--to", "html")
FIGURE = """# Summary

```{python}
#| label: fig-line
#| fig-cap: A line
#| fig-alt: A line that rises

import matplotlib.pyplot as plt

plt.plot([1, 2])
plt.show()
```
"""


def copied(place: Path) -> Path:
    """A copy in a folder with a blank and letters beyond ASCII, with no cache of any kind."""
    return Path(shutil.copytree(ROOT, place / "отчёт 1", ignore=LEFT_OUT))


def study(repository: Path, *arguments: object) -> subprocess.CompletedProcess:
    """A command in the copy, with the copy's own code."""
    environment = os.environ | {"PYTHONPATH": str(repository), "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "study.cli", *map(str, arguments)]
    return subprocess.run(command, cwd=repository, env=environment, capture_output=True, text=True, encoding="utf-8")


def start(repository: Path, *options: object, command: tuple[str, ...] = RENDER, **environment: str) -> subprocess.Popen:
    """A command in the copy, in a process group of its own, which Ctrl-C reaches even if these tests run in the background."""
    env = {key: value for key, value in os.environ.items() if key not in ("TMPDIR", "TEMP", "TMP", "STUDY_STATE")}
    return subprocess.Popen(
        [sys.executable, "-m", "study.cli", *command, *map(str, options)],
        cwd=repository, env=env | {"PYTHONPATH": str(repository)} | environment, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
        preexec_fn=(lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)) if os.name == "posix" else None,
    )  # fmt: skip


def render(repository: Path, *options: object, **environment: str) -> tuple[int, str]:
    """Exit status and what was said."""
    process = start(repository, *options, **environment)
    out, err = process.communicate(timeout=300)
    assert out == "" and "Traceback" not in err, err
    return process.returncode, err


def with_chapters(repository: Path, chapters: dict[str, str]) -> Path:
    """The copy, its book cut down to these chapters: text by path without suffix, `index` the first."""
    config = repository / "_quarto.yml"
    text = re.sub(r"    - (chapters/.*|index\.qmd)\n", "", config.read_text("utf-8")).replace("  appendices:\n", "")
    listed = "".join(f"    - {name}.qmd\n" for name in chapters)
    config.write_text(re.sub(r"^  chapters:\n", rf"\g<0>{listed}", text, flags=re.M), encoding="utf-8")
    for name, chapter in chapters.items():
        (repository / f"{name}.qmd").write_text(chapter, encoding="utf-8")
    return repository


def one_cell(code: str) -> str:
    """A short chapter."""
    return f"# Summary\n\n```{{python}}\n{code}\n```\n"
