"""Quarto runs this after it has rendered: results, notebooks, Data Docs and provenance join the book."""

import os
import sys
import time
from pathlib import Path

from study import book
from study.analysed import analyse
from study.cuts import reported_cut
from study.render import UNDER_STUDY
from study.report import DATA_VARIABLE
from study.settings import load_published, load_settings


def main() -> int:
    if UNDER_STUDY in os.environ:
        return 0  # `study render` completes the book itself
    started = time.monotonic()
    settings = load_settings()
    analysed = analyse(reported_cut(settings, os.environ.get(DATA_VARIABLE)), settings, load_published())
    output = Path(os.environ["QUARTO_PROJECT_OUTPUT_DIR"])
    book.complete(output, analysed, "quarto", book.formats_in(output), started)
    book.keep(output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
