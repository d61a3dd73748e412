"""What the report keeps back of a small cohort when the settings ask for it: small counts of subgroups, and patients' ids.

Both change what is printed, never what is computed.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace

from analysis.core.design import Tables
from analysis.core.results import WITHHELD, Result, Results
from analysis.sites import NUMBER
from analysis.subgroups import headings, variable
from protocol import outcomes

SMALL = range(1, 5)
_KEPT_BACK = "kept back"


def without_small_counts(results: Results, label: str) -> Results:
    """The results as printed: in the sections `subgroups` and `sites`, counts of 1 to 4 become "<5" and what follows from them
    goes too.

    The groups below one heading add up to all patients, so that one small count takes the others of its heading with it. Groups are
    those of the label in force. The sites are one heading for all that is said of them but their number.
    """
    concerned: dict[str, object] = {  # heading of every variable, since both outcomes have the same groups
        variable(outcome.id, group): heading
        for heading, groups in headings(label).items()
        for group in groups
        for outcome in outcomes.PRIMARY
    }

    def heading_of(row: Result) -> object:
        if row.section == "sites" and row.id != NUMBER:
            return row.section
        return concerned[row.variable] if row.section == "subgroups" else None

    small = {
        row.id: "<5" for row in results.values()
        if heading_of(row) is not None and row.statistic in {"n", "N"} and row.value in SMALL
    }  # fmt: skip
    kept = {heading_of(results[result_id]) for result_id in small}

    def printed(row: Result) -> Result:
        if heading_of(row) not in kept:
            return row
        return replace(row, value=None, n=None, display=small.get(row.id, _KEPT_BACK), reason=WITHHELD, lines={})

    return Results(map(printed, results.values()))


def report_ids(tables: Tables, *others: Tables) -> dict[str, str]:
    """Ids for print, by patient_id: R01, R02, ... in an order that only somebody who has the data can find.

    The order is that of a checksum of everything recorded of a patient, so that the same data give the same ids again.
    Patients of `others`, earlier data cuts, who are not in `tables` follow.
    """
    ordered: list[str] = []
    for each in (tables, *others):
        known = set(ordered)
        checksums = _checksums(each, [patient_id for patient_id in each.patients["patient_id"] if patient_id not in known])
        ordered += sorted(checksums, key=checksums.__getitem__)
    digits = max(2, len(str(len(ordered))))
    return {patient_id: f"R{number:0{digits}}" for number, patient_id in enumerate(ordered, 1)}


def _checksums(tables: Tables, patients: Sequence[str]) -> dict[str, str]:
    """Of everything recorded of each patient; every table is gone through once."""
    written: dict[str, list[str]] = {patient_id: [] for patient_id in patients}
    for table in fields(Tables):
        frame = getattr(tables, table.name)
        plain = frame.drop(columns=["patient_id", "site"], errors="ignore")
        rows = frame.groupby("patient_id").indices
        for patient_id, texts in written.items():
            texts.append(plain.iloc[rows.get(patient_id, [])].to_csv(index=False))
    return {patient_id: hashlib.sha256("\n".join(texts).encode()).hexdigest() for patient_id, texts in written.items()}


def relabelled(tables: Tables, ids: Mapping[str, str]) -> Tables:
    """The tables with these ids for patient_id, and in their order: that of the files follows the patients' own."""
    frames = {table.name: getattr(tables, table.name) for table in fields(Tables)}
    return Tables.of(
        {
            name: frame.assign(patient_id=frame["patient_id"].map(ids).astype("str")).sort_values(
                "patient_id", kind="stable"
            )
            for name, frame in frames.items()
        }
    )
