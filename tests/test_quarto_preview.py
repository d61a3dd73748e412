"""Quarto's own preview follows what is saved, and its hooks run the gate once: afterwards the receipt vouches for the data."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from copies import with_chapters
from test_faults import posix

pytestmark = [pytest.mark.slow, pytest.mark.skipif(shutil.which("quarto") is None, reason="Quarto is not on this machine")]
PATIENCE = 1200
"""Seconds in which any machine has done one step."""


@posix
def test_quarto_preview_follows_a_chapter_and_checks_data_that_have_not_changed_once(small_report, tmp_path):
    copy = Path(shutil.copytree(small_report, tmp_path / small_report.name, symlinks=True))
    repository = with_chapters(copy, {"index": "# Summary\n\n```{python}\nprint('a good cell')\n```\n"})
    receipts = repository / ".study" / "receipts"
    before = {path: path.stat().st_mtime_ns for path in receipts.rglob("*")}
    assert before
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log, page = tmp_path / "said.txt", repository / "_book" / "index.html"
    page.unlink()  # of the render before

    def said() -> str:
        return log.read_text("utf-8", "replace")

    with log.open("wb") as output:
        preview = subprocess.Popen(
            ["quarto", "preview", str(repository), "--no-browser", "--port", str(port)], stdout=output, stderr=output,
            start_new_session=True, env=os.environ | {"QUARTO_PYTHON": sys.executable},
        )  # fmt: skip
        try:
            until(lambda: "Listening on" in said(), "Quarto listens", preview, said)  # by then it watches the chapters
            assert "a good cell" in asked(port)
            renders = said().count("is valid")  # the hook of each render says so
            chapter = repository / "index.qmd"
            chapter.write_text(chapter.read_text("utf-8") + "\nOne sentence more.\n", encoding="utf-8")
            # The file is looked at and the page not asked for: whoever asks for it while it is made is in Quarto's way.
            follows = lambda: page.is_file() and "One sentence more." in page.read_text("utf-8", "replace")  # noqa: E731
            until(follows, "the page follows", preview, said)
            assert "One sentence more." in asked(port)
            assert said().count("is valid") > renders == 1
        finally:
            for number in (signal.SIGINT, signal.SIGKILL):
                with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
                    os.killpg(preview.pid, number)
                    preview.wait(30)
    assert {path: path.stat().st_mtime_ns for path in receipts.rglob("*")} == before, "the gate has run again"


def asked(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=PATIENCE) as page:
        return page.read().decode("utf-8")


def until(holds: Callable[[], bool], what: str, preview: subprocess.Popen, said: Callable[[], str]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert preview.poll() is None, f"Quarto ended before {what}:\n{said()}"
        assert time.monotonic() < deadline, f"{what}: not within {PATIENCE} s:\n{said()}"
        time.sleep(0.5)
