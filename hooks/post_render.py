"""Quarto runs this after it has rendered: results, notebooks, Data Docs and provenance join the book."""

import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from study import isolation

if __name__ == "__main__":
    isolation.alone(Path(__file__))  # before anything is imported that a user's variables could have put in the place of ours

from study import delivered, delivery, frozen, quarto_notebooks, variables
from study.analysed import analyse_reported
from study.errors import INVALID, StudyError
from study.printing import report_problem, say
from study.render import Run, finish_quarto_book


def main() -> int:
    if variables.UNDER_STUDY in os.environ:
        return 0  # `study render` completes the book itself
    started = time.monotonic()
    given = os.environ.get(variables.DATA)
    output = Path(os.environ["QUARTO_PROJECT_OUTPUT_DIR"])
    quarto_notebooks.put_notebooks_back()
    try:
        with frozen.taken(given) as state:
            run = Run(analyse_reported(given), state, given is not None)
            run.check_noted()
            finish_quarto_book(run, output, lambda text: say(f"study: {text}"))
            delivery.complete(output, run.analysed, "quarto", delivery.formats_in(output), started, run.recorded, state.seal)
            run.check_noted()
            delivery.keep(output)
    except StudyError as problem:
        report_problem(problem)
        delivery.discard(output)
        if output == delivery.BOOK and delivered.can_restore():
            delivery.restore()
            say("study: the last good report is back in its place")
        return INVALID
    return 0


if __name__ == "__main__":
    sys.exit(main())
