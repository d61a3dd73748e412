"""Prints how long `study preview` takes from saving a file to the changed page in the browser: python benchmarks/preview.py [EDITS]

Works in a copy of the repository with a real Chromium, EDITS (50 if not given) edits of each kind over the shipped report, one after
the other: a sentence, a cell, the figures' style, a value in a CSV file. Nothing is asserted, and it ends by itself: a kind of edit
that does not come into the page says so and gives way to the next. Run it by the Python of `.venv`, which has Playwright, on a machine
that does nothing else.
"""

import hashlib
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from playwright.sync_api import Error, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = shutil.ignore_patterns(".venv", ".git", ".study", "_book*", "__pycache__", ".quarto", ".hypothesis")
AIMS = {"a sentence": 0.5, "a cell": 2.0, "a figure's style": 3.0, "a value in a CSV file": 15.0}
LONGEST = 300
"""Seconds that one edit is waited for."""


def sentences(copy: Path, edits: int) -> Iterator[tuple[str, Callable[[], None], str]]:
    """Page, edit, and what the page then shows (in its text): one word more in some paragraph of each chapter in turn."""
    chapters = [path for path in sorted((copy / "chapters").glob("*.qmd")) if _paragraphs(path.read_text("utf-8").split("\n"))]
    for number in range(edits):
        path = chapters[number % len(chapters)]
        lines = path.read_text("utf-8").split("\n")
        prose = _paragraphs(lines)
        word = f"Edit{number}x"
        place = prose[number % len(prose)]
        lines[place] += f" {word}"
        yield f"chapters/{path.stem}.html", _writing(path, "\n".join(lines)), word


def cells(copy: Path, edits: int) -> Iterator[tuple[str, Callable[[], None], str]]:
    """A cell at the end of a chapter shows another word each time."""
    chapters = sorted((copy / "chapters").glob("*.qmd"))
    for number in range(edits):
        path = chapters[number % len(chapters)]
        text = path.read_text("utf-8")
        word = f"Cell{number}x"
        text = re.sub(r"\n```\{python\}\n#\| echo: false\nprint\(\"Cell\d+x\"\)\n```\n", "", text)
        yield f"chapters/{path.stem}.html", _writing(path, text + f'\n```{{python}}\n#| echo: false\nprint("{word}")\n```\n'), word


def styles(copy: Path, edits: int) -> Iterator[tuple[str, Callable[[], None], str]]:
    """The width of axes in the style of all figures; the page shows another picture."""
    path = next((copy / "analysis").rglob("*.mplstyle"))
    text = path.read_text("utf-8")
    for number in range(edits):
        style = re.sub(r"^axes.linewidth:.*", f"axes.linewidth: {0.5 + number / 100}", text, flags=re.MULTILINE)
        yield "chapters/results.html", _writing(path, style), ""


def values(copy: Path, edits: int) -> Iterator[tuple[str, Callable[[], None], str]]:
    """The duration of one patient's disease, each time a tenth of a year less; the page with the checksums shows another."""
    path = copy / "data" / "cuts" / "week-26" / "patients.csv"
    header, first, *others = path.read_text("utf-8").split("\n")
    place = header.split(",").index("ad_duration_years")
    for number in range(edits):
        cells_of = first.split(",")
        cells_of[place] = f"{float(cells_of[place]) - 0.1 * (1 + number):.1f}"
        text = "\n".join([header, ",".join(cells_of), *others])
        yield "chapters/reproducibility.html", _writing(path, text), hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def _paragraphs(lines: list[str]) -> list[int]:
    return [number for number, line in enumerate(lines) if line[:1].isalpha() and line[-1:] in ".x" and _is_outside(lines, number)]


def _is_outside(lines: list[str], number: int) -> bool:
    """Whether a line of a chapter is a paragraph of its own."""
    fences = sum(line.startswith("```") for line in lines[:number])
    caption = any(line.strip() == ":::" for line in lines[number + 1 : number + 3])
    return fences % 2 == 0 and not lines[number - 1].strip() and not caption


def _writing(path: Path, text: str) -> Callable[[], None]:
    return lambda: path.write_text(text, encoding="utf-8", newline="\n")  # type: ignore[return-value]


_RESTS = "!document.querySelector('.study-preview-said')?.textContent.startsWith('Making')"
_SHOWS = """([word, version]) => word ? document.querySelector("article")?.textContent.includes(word)
    : Number(document.documentElement.dataset.previewVersion ?? 0) > version"""


def spent(copy: Path) -> float:
    """Seconds of processor time of all processes that work in the copy, with those that have ended below them."""
    total = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink() == copy:
                total += sum(map(int, (process / "stat").read_text().rpartition(")")[2].split()[11:15]))
        except OSError:
            continue
    return total / os.sysconf("SC_CLK_TCK")


class NotShown(Exception):
    """An edit that does not come into the page."""


def measured(
    page: Page, url: str, edits: Iterator[tuple[str, Callable[[], None], str]], pause: float, copy: Path,
    taken: list[float], worked: list[float],
) -> None:  # fmt: skip
    """Puts the seconds until the page shows each edit into `taken` (by the clock) and `worked` (of processor time); :class:`NotShown`
    tells of the first edit that it does not show."""
    for place, edit, word in edits:
        if page.url != url + place:
            page.goto(url + place)
            page.wait_for_timeout(300)
        version = page.evaluate("Number(document.documentElement.dataset.previewVersion ?? 0)")
        started, before = time.perf_counter(), spent(copy)
        edit()
        while not page.evaluate(_SHOWS, [word, version]):
            if time.perf_counter() - started > LONGEST:
                raise NotShown(f"{place} does not show it within {LONGEST} s: {page.locator('.study-preview').inner_text()}")
            time.sleep(0.01)
        taken.append(time.perf_counter() - started)
        worked.append(spent(copy) - before)
        time.sleep(pause)
        while not page.evaluate(_RESTS):
            if time.perf_counter() - started > LONGEST:
                raise NotShown(f"{place} shows it, but {LONGEST} s later the preview is still at work")
            time.sleep(0.1)


def main(edits: int) -> None:
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        sys.exit("there is no Chromium on this machine")
    with tempfile.TemporaryDirectory(prefix="study-benchmark-") as folder:
        copy = Path(folder) / "report"
        shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
        environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV", "STUDY_STATE")}
        command = [sys.executable, "-m", "study.cli", "preview", "--no-browser"]
        with subprocess.Popen(
            command, cwd=copy, env=environment | {"PYTHONPATH": str(copy)}, stderr=subprocess.PIPE, text=True, start_new_session=True
        ) as preview:  # fmt: skip
            try:
                follow(preview, copy, edits, chromium)
            finally:
                preview.terminate()


def follow(preview: subprocess.Popen, copy: Path, edits: int, chromium: str) -> None:
    """Open the preview's page and time the edits."""
    started = time.perf_counter()
    assert preview.stderr
    url = ""
    while not url:
        line = preview.stderr.readline()
        if not line:
            sys.exit("the preview has ended")
        url = "".join(re.findall(r"http://127\.0\.0\.1:\d+/", line))
    print(f"{'first page, cold':26}{time.perf_counter() - started:8.1f} s", flush=True)
    threading.Thread(target=lambda: [None for _ in preview.stderr or ()], daemon=True).start()
    with sync_playwright() as playwright:
        environment = os.environ | {"TMPDIR": "/tmp"}  # a socket's path has to be short
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"], env=environment
        )  # fmt: skip
        page = browser.new_page()
        page.goto(url)
        time.sleep(10)  # what is got ready in the background
        for (name, aim), kind in zip(AIMS.items(), (sentences, cells, styles, values), strict=True):
            taken: list[float] = []
            worked: list[float] = []
            odd = ""
            try:
                measured(page, url, kind(copy, edits), 1.0 if kind is sentences else 2.0, copy, taken, worked)
            except (NotShown, Error) as problem:
                odd = f"; then {problem}"
            print(f"{name:26}{_figures(taken, worked, aim)}  ({len(taken)} of {edits} edits{odd})", flush=True)
        browser.close()


def _figures(taken: list[float], worked: list[float], aim: float) -> str:
    if not taken:
        return f"not shown  aim {aim:4.1f} s"
    p95 = statistics.quantiles(taken, n=20)[-1] if len(taken) > 1 else taken[0]
    shown = f"p50 {statistics.median(taken):6.2f} s  p95 {p95:6.2f} s  aim {aim:4.1f} s"
    return f"{shown}  processor p50 {statistics.median(worked):5.2f} s"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
