"""Quarto runs this after it has rendered: results, notebooks, Data Docs and provenance join the book."""

import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from study import isolation

if __name__ == "__main__":
    isolation.alone(Path(__file__))  # before anything is imported that a user's variables could have put in the place of ours

from study import book
from study.analysed import analyse_reported
from study.cli import report_problem, say
from study.errors import StudyError
from study.render import UNDER_STUDY, finish_quarto_book, kernel_environment
from study.report import DATA_VARIABLE


def main() -> int:
    if UNDER_STUDY in os.environ:
        return 0  # `study render` completes the book itself
    started = time.monotonic()
    given = os.environ.get(DATA_VARIABLE)
    analysed = analyse_reported(given)
    output = Path(os.environ["QUARTO_PROJECT_OUTPUT_DIR"])
    try:
        finish_quarto_book(
            analysed, output, kernel_environment(analysed, given is not None), lambda text: say(f"study: {text}")
        )
    except StudyError as problem:
        return report_problem(problem)
    book.complete(output, analysed, "quarto", book.formats_in(output), started)
    book.keep(output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
