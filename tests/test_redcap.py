"""REDCap exports of every kind: what is taken in is what was entered, and what cannot be is one message that says what to do."""

import csv
import re

import pytest
from cut_examples import PARAMETERS, valid_cut
from intake_examples import csv_text, dated, dictionary_text, mapping_text, redcap_rows, write_redcap
from test_intake import critical, mapped, same_values

from intake import Plan, convert, gathered

PLAN = Plan(tuple(PARAMETERS["planned_weeks"]), 7)
CUT = valid_cut(patients=2, weeks=(0, 4, 8))
VALIDATION = "Text Validation Type OR Show Slider Number"


def came_of(
    tmp_path, change=None, change_mapping=None, validation=None, labels=False, separator=",", rows=None, extra=()
):
    """What comes of an export of the cut after `change` (header, rows); `validation` by field goes into the dictionary."""
    folder = write_redcap(tmp_path / "in", CUT, rows or CUT)
    header, out = redcap_rows(CUT, rows or CUT)
    for row in out:
        change(row) if change else None
    header = header[:4] + [name for name in extra] + header[4:]
    (folder / "export.csv").write_text(csv_text(header, out, separator), encoding="utf-8", newline="")
    written = list(csv.reader(dictionary_text([name for name in header if name not in extra]).splitlines()))
    written[0] += [VALIDATION, "Field Label", "Branching Logic (Show field only if...)", "Field Annotation"]
    for row in written[1:]:
        row += [
            (validation or {}).get(row[0], ""),
            f"The {row[0].replace('_', ' ')}" if labels else "",
            "[sex] = '1'",
            "@HIDDEN",
        ]
    lines = [dict(zip(written[0], row, strict=True)) for row in written[1:]]
    (folder / "dictionary.csv").write_text(csv_text(written[0], lines, separator), encoding="utf-8", newline="")
    text = mapping_text("redcap", rows is not None)
    return convert(folder, mapped(tmp_path, change_mapping(text) if change_mapping else text), PLAN)


def top(line: str):
    return lambda text: text.replace("form: redcap\n", f"form: redcap\n{line}\n")


def put(field: str, value: str, old: str | None = None):
    def change(row):
        if row.get(field, "") != "" and old in (None, row[field]):
            row[field] = value

    return change


def many(change):
    """The change of each field in turn."""
    return lambda row: [each(row) for each in change]


def system_columns(row):
    row |= {"redcap_data_access_group": "derm", "redcap_survey_identifier": "", "visits_timestamp": "[not completed]"}


def groups(row):
    row["record_id"] = f"5373-{int(row['record_id'][1:])}"


def template(text):
    return re.sub(r"\{from: record_id\}", '{from: record_id, template: "*-P000"}', text)


def commas(fields):
    return lambda row: [row.update({name: str(row[name]).replace(".", ",")}) for name in fields if row.get(name)]


def once_at_week_8(row):
    """The first event of harm of each patient is entered at a visit, where the instrument does not repeat."""
    if row.get("redcap_repeat_instrument") == "adverse_events" and str(row["redcap_repeat_instance"]) == "1":
        row |= {"redcap_event_name": "week_8_arm_1", "redcap_repeat_instrument": "", "redcap_repeat_instance": ""}


def repeating_event(row):
    if row.get("redcap_repeat_instrument") == "doses":
        row |= {"redcap_event_name": "injection_arm_1", "redcap_repeat_instrument": ""}


def unknown_therapy(row):
    """Nothing but missing data codes at an event that the laboratory never had."""
    if row.get("labs_value", "") == "" and row["redcap_event_name"] == "follow_up_arm_1":
        row |= {"labs_value": "-99", "visits_iga": "UNK"}


GOOD = {  # what is done to each row, to the mapping, further arguments
    "semicolon": (None, top("separator: semicolon"), {"separator": ";"}),
    "tab": (None, top("separator: tab"), {"separator": "\t"}),
    "system-columns": (
        system_columns, None, {"extra": ["redcap_data_access_group", "redcap_survey_identifier", "visits_timestamp"]},
    ),
    "groups": (groups, template, {}),
    "mixed-structure": (once_at_week_8, lambda text: text.replace(
        "repeat_instrument: adverse_events", "repeat_instrument: adverse_events\n    events: [week_8_arm_1]"), {}),
    "repeating-event": (
        repeating_event, lambda text: text.replace("repeat_instrument: doses", "events: [injection_arm_1]"), {},
    ),
    "comma-in-a-field-of-commas": (
        commas(["visits_easi"]), None, {"validation": {"visits_easi": "number_1dp_comma_decimal", "visits_scorad": "number"}},
    ),
    "points-beside-commas": (commas(["labs_value", "patients_weight_kg"]), top("decimal: comma"), {"validation": {
        name: "number_2dp" for name in ("visits_easi", "visits_scorad", "visits_scorad_pruritus", "visits_scorad_sleep_loss",
        "visits_emollient_per_day", "visits_scorad_extent", "patients_ad_duration_years", "patients_last_contact_week")}}),
    "dates-without-a-pattern": (None, lambda text: text.replace("dates: yyyy-mm-dd\n", ""), {
        "rows": dated(CUT), "validation": {"doses_study_day": "date_dmy", "adverse_events_start_day": "datetime_seconds_mdy"}}),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_a_good_export_comes_in_unchanged(name, tmp_path):
    change, change_mapping, further = GOOD[name]
    converted = came_of(tmp_path, change, change_mapping, **further)
    assert [finding.message for finding in converted.findings] == []
    same_values(converted, CUT, tmp_path / "out")


def test_missing_data_codes_are_blank_in_every_kind_of_field(tmp_path):
    """In a number, a choice (yesno) and a row that has nothing else; the same as if nothing had been entered."""
    for row in (change := valid_cut(patients=2, weeks=(0, 4, 8)))["visits"]:
        row["tcs_use"] = row["emollient_per_day"] = ""
    coded = many([put("visits_tcs_use", "UNK"), put("visits_emollient_per_day", "-99"), unknown_therapy])
    converted = came_of(tmp_path, coded, top('missing: ["-99", UNK]'))
    assert not critical(converted)
    same_values(converted, change, tmp_path / "out")
    undeclared = came_of(tmp_path, coded)
    assert any("list it under missing" in finding.message for finding in critical(undeclared))


def test_a_checkbox_that_is_missing_is_not_a_no(tmp_path):
    def boxes(row):
        if row.get("patients_asthma", "") != "":
            row |= {"patients_asthma___1": "0", "patients_asthma___unk": "1", "patients_asthma": ""}

    folder = write_redcap(tmp_path / "in", CUT, CUT)
    header, out = redcap_rows(CUT, CUT)
    for row in out:
        boxes(row)
    header[header.index("patients_asthma")] = "patients_asthma___1"
    for row in out:
        row.pop("patients_asthma", None)
    (folder / "export.csv").write_text(csv_text([*header, "patients_asthma___unk"], out), encoding="utf-8", newline="")
    path = folder / "dictionary.csv"
    path.write_text(
        path.read_text("utf-8").replace(
            "patients_asthma,patients,text,,", 'patients_asthma,patients,checkbox,,"1, Yes"'
        )
    )
    text = top("missing: [UNK]")(mapping_text("redcap", False)).replace(
        "from: patients_asthma}", "from: patients_asthma___1}"
    )
    converted = convert(folder, mapped(tmp_path, text), PLAN)
    assert not critical(converted)
    assert {row[5] for row in converted.tables["patients"]} == {""}


def labelled(row):
    row["redcap_event_name"] = {"baseline_arm_1": "Baseline"}.get(row["redcap_event_name"], "Week (Arm 1: Dupilumab)")
    put("patients_sex", "Female")(row)


def hashed(row):
    row["record_id"] = f"{int(row['record_id'][1:]):032x}"


def removed(row):
    put("patients_prior_systemic_therapy", "[*DATA REMOVED*]")(row)


def two_groups(row):
    row["record_id"] = f"{row['record_id'][1:]}-1"


BAD = {  # as above, then the words of the one message
    "labels-as-data": (labelled, None, {}, 'as "CSV / Microsoft Excel (raw data)"'),
    "hashed-ids": (hashed, None, {}, "hashed"),
    "groups-without-their-template": (groups, lambda text: text.replace(
        "{from: record_id}", "{from: record_id, template: P000}"), {}, 'template: "*-P000"'),
    "value-removed": (removed, None, {}, "may not export identifiers"),
    "week-nobody-maps": (put("redcap_event_name", "week_9_arm_1", "week_8_arm_1"), None, {}, "would be lost"),
    "instrument-nobody-maps": (put("redcap_repeat_instrument", "other", "adverse_events"), None, {}, "repeating instrument other"),
    "dates-that-are-numbers": (None, None, {"rows": dated(CUT), "validation": {"doses_study_day": "number"}}, "take date: true out"),
    "numbers-that-are-dates": (None, None, {"validation": {"visits_easi": "date_dmy"}}, "holds dates"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_export_is_one_message_that_says_what_to_do(name, tmp_path):
    change, change_mapping, further, words = BAD[name]
    (found,) = gathered(critical(came_of(tmp_path, change, change_mapping, **further)))
    assert words in found.message


def test_labels_as_headings_are_one_message(tmp_path):
    came_of(tmp_path, labels=True)
    path = tmp_path / "in" / "export.csv"
    header, _, rest = path.read_text("utf-8").partition("\n")
    names = header.split(",")
    own = {
        "redcap_event_name": "Event Name",
        "redcap_repeat_instrument": "Repeat Instrument",
        "redcap_repeat_instance": "Repeat Instance",
    }
    labels = [
        own.get(name, "Complete?" if name.endswith("_complete") else f"The {name.replace('_', ' ')}") for name in names
    ]
    path.write_text(",".join(labels) + "\n" + rest, encoding="utf-8")
    (found,) = convert(tmp_path / "in", mapped(tmp_path, mapping_text("redcap", False)), PLAN).findings
    assert "headings are labels" in found.message and "raw data" in found.message


def test_two_groups_with_one_number_are_not_made_one_patient(tmp_path):
    found = gathered(critical(came_of(tmp_path, two_groups, template)))
    assert [finding.value for finding in found] == ["002-1"]
    assert '"001-1" would be P001, too' in found[0].message
