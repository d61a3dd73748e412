"""Writes the follow-up cut `data/examples/week-52` in the two forms in which such data often come.

`clinic-workbook.xlsx` is a clinic's Excel workbook, `redcap/` an export from REDCap with its data dictionary. Both
hold the values of the cut, with fictitious dates instead of study days and planned weeks. The clinics, like the
data, are invented.

Run `python data/examples/make_examples.py` after `python data/reconstruct.py`; the files are the same byte for byte
every time. `--output FOLDER` writes them elsewhere.
"""

import argparse
import csv
import sys
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parent
sys.path.insert(0, str(EXAMPLES.parent))  # for simulation.chance, wherever the script is started from

from senders.clinic import write_workbook  # noqa: E402
from senders.dates import calendars  # noqa: E402
from senders.redcap import write_export  # noqa: E402

TABLES = ("patients", "visits", "labs", "doses", "adverse_events")


def main() -> None:
    """Reads the command line and writes the examples."""
    parser = argparse.ArgumentParser(description="Write the worked examples of incoming data.")
    parser.add_argument("--output", type=Path, default=EXAMPLES, help="folder to write to")
    output = parser.parse_args().output
    output.mkdir(parents=True, exist_ok=True)
    tables = {name: _read(EXAMPLES / "week-52" / f"{name}.csv") for name in TABLES}
    dates = calendars(tables["patients"])
    write_workbook(output / "clinic-workbook.xlsx", tables, dates)
    write_export(output / "redcap", tables, dates)


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    main()
