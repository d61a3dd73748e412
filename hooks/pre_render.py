"""Quarto runs this before it renders, after it has emptied the output folder: no valid data, no report, no dangling reference."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from study import isolation

if __name__ == "__main__":
    isolation.refuse_for_quarto()
    isolation.alone(Path(__file__))  # before anything is imported that a user's variables could have put in the place of ours

from study import book, frozen
from study.analysed import analyse_reported
from study.cli import report_problem, say, show
from study.errors import StudyError
from study.render import UNDER_STUDY, check_references
from study.report import DATA_VARIABLE


def main() -> int:
    if UNDER_STUDY in os.environ:
        return 0  # `study render` has run the gate and renders aside
    given = os.environ.get(DATA_VARIABLE)
    try:
        check_references(lambda text: say(f"study: {text}"))
        with frozen.taken(given) as state:
            analysed = analyse_reported(given)
            state.note()  # what Quarto and its kernels must find until the post-render step
    except StudyError as problem:
        status = report_problem(problem)
        if book.can_restore():
            book.restore()
            say("study: the last good report is back in its place")
        return status
    show(analysed.receipt.warnings)
    say(f"study: {analysed.cut.label} is valid")
    return 0


if __name__ == "__main__":
    sys.exit(main())
