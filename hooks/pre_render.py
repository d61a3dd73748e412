"""Quarto runs this before it renders, after it has emptied the output folder: no valid data, no report, no dangling reference."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from study import isolation

if __name__ == "__main__":
    isolation.refuse_for_quarto()
    isolation.alone(Path(__file__))  # before anything is imported that a user's variables could have put in the place of ours

from study import delivered, delivery, frozen, quarto_notebooks, variables
from study.analysed import analyse_reported
from study.errors import StudyError
from study.paths import ROOT
from study.printing import report_problem, say, show
from study.render import Run, authors_of, check_references, run_ahead_of_quarto


def main() -> int:
    if variables.UNDER_STUDY in os.environ:
        return 0  # `study render` has run the gate and renders aside
    given = os.environ.get(variables.DATA)
    try:
        check_references(lambda text: say(f"study: {text}"))
        with frozen.taken(given) as state:
            authors_of(ROOT)
            analysed = analyse_reported(given)
            # One format may be made or all of them: Quarto does not say.
            run_ahead_of_quarto(Run(analysed, state, given is not None), lambda text: say(f"study: {text}"), pdf=False)
            quarto_notebooks.keep_notebooks()
            state.note()  # what Quarto and its kernels must find until the post-render step
    except StudyError as problem:
        status = report_problem(problem)
        if delivered.can_restore():
            delivery.restore()
            say("study: the last good report is back in its place")
        return status
    show(analysed.receipt.warnings)
    say(f"study: {analysed.cut.label} is valid")
    return 0


if __name__ == "__main__":
    sys.exit(main())
