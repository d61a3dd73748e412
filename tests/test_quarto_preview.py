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

import pytest
from test_faults import copied, posix, with_one_chapter

pytestmark = [pytest.mark.slow, pytest.mark.skipif(shutil.which("quarto") is None, reason="Quarto is not on this machine")]
PATIENCE = 300


@posix
def test_quarto_preview_follows_a_chapter_and_checks_data_that_have_not_changed_once(tmp_path):
    repository = with_one_chapter(copied(tmp_path))
    receipts = repository / ".study" / "receipts"
    before = {path: path.stat().st_mtime_ns for path in receipts.rglob("*")}
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with (tmp_path / "said.txt").open("w+", encoding="utf-8") as said:
        preview = subprocess.Popen(
            ["quarto", "preview", str(repository), "--no-browser", "--port", str(port)], stdout=said, stderr=said, start_new_session=True,
            env=os.environ | {"QUARTO_PYTHON": sys.executable},
        )  # fmt: skip
        try:
            until_the_page_has("good", port, preview)
            chapter = repository / "index.qmd"
            chapter.write_text(chapter.read_text("utf-8") + "\nOne sentence more.\n", encoding="utf-8")
            until_the_page_has("One sentence more.", port, preview)
        finally:
            for number in (signal.SIGINT, signal.SIGKILL):
                with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
                    os.killpg(preview.pid, number)
                    preview.wait(30)
        said.seek(0)
        text = said.read()
    assert text.count("is valid") == 2, text  # the hook of each render says so
    assert {path: path.stat().st_mtime_ns for path in receipts.rglob("*")} == before, "the gate has run again"


def until_the_page_has(words: str, port: int, preview: subprocess.Popen) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and preview.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as page:
            if words in page.read().decode("utf-8"):
                return
        time.sleep(3)  # Quarto is slowed down by whoever asks more often for a page that is not there yet
    raise AssertionError(f"the page has no {words!r}; Quarto has {'ended' if preview.poll() is not None else 'said nothing more'}")
