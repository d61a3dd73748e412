"""`python -m study`, and the file by which the study starts itself: `python -I study/__main__.py`."""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    from study.isolation import command_line

    command_line()
