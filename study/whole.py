"""The tables that a report of many patients does not hold, as files beside it: CSV for everyone, Parquet for large ones."""

from pathlib import Path

from analysis.disclosure import relabelled
from analysis.listings import FOLDER, whole_listings
from study.analysed import Analysed
from study.compare import shown_ids


def write_whole(analysed: Analysed, book: Path) -> None:
    """`listings/<name>.csv` and `.parquet`, with the ids that the report prints; nothing where the report holds every table whole."""
    ids = shown_ids(analysed, analysed.earlier)
    tables = analysed.tables if ids is None else relabelled(analysed.tables, ids)
    for name, frame in whole_listings(tables, analysed.design).items():
        (book / FOLDER).mkdir(exist_ok=True)
        frame.to_csv(book / FOLDER / f"{name}.csv", index=False, lineterminator="\n", encoding="utf-8")
        frame.to_parquet(book / FOLDER / f"{name}.parquet", index=False)
