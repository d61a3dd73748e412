"""What identifies a person stops the gate, is named by its place, and is repeated nowhere."""

import csv
import dataclasses
import json
import os
import stat
import time
from pathlib import Path

import privacy_examples
import pytest
from click.testing import CliRunner
from conftest import change_cell
from cut_examples import PARAMETERS

from expectations import checkpoint, privacy
from expectations.data_docs import write_data_docs
from expectations.gate import check, read_tables
from expectations.identifiers import checked_numbers
from expectations.names import is_name_like
from protocol.columns import TABLES
from protocol.special_interest import SPECIAL_INTEREST, unreadable, words_of
from study import paths, placing_cuts
from study.cli import main
from study.errors import UsageError
from study.paths import SETTINGS
from study.settings import NotName, load_settings
from study.withholding import withheld_term, without_names

IDENTIFYING = {
    "privacy-birth-date": [
        "DOB 4/7/2009", "d.o.b. 2009", "date of birth: 7 July 2009", "born in 2009", "born on the 4th of July 2009", "born 03.05.2011",
        "дата рождения 04.07.2009", "2009 г.р.", "д.р. 04.07.09", "родилась 4 июля 2009", "2010 года рождения",
    ],
    "privacy-e-mail": ["mother: anna.k@mail.ru", "write to x+y@example.co.uk", "почта ivan@пример.рф", "Telegram @mama_ivana"],
    "privacy-record-number": [
        "MRN 0012345", "MRN: 4471", "hospital no. 88123", "NHS number 943 476 5919", "passport AB 1234567", "case № 5512",
        "история болезни № 4471", "и/б 4471", "амб. карта 12345", "СНИЛС 112-233-445 95", "полис ОМС 7712", "№ 123456",
        "паспорт 45 08 123456", "ssn 123-45-6789",
    ],
    "privacy-telephone": [
        "tel. 555 1234", "call +44 20 7946 0958", "+7 (921) 123-45-67", "8 921 123 45 67", "89211234567", "8(812)123-45-67",
        "телефон мамы 123-45-67", "(555) 123-4567", "+7\u00a0921\u00a0123\u201145\u201167",
    ],
    "privacy-date": [
        "rash since 03.05.2021", "on 2021-05-03", "on 5/3/2021", "3 May 2021", "May 3rd, 2021", "3-May-21", "2021/05/03",
        "с 3 мая 2021 г.", "03.05.21", "от 3-го мая 2021", "03．05．2021", "٠٣.٠٥.٢٠٢١", "03.\u200b05.2021",
    ],
    "privacy-long-number": ["see 20210503", "file 123 456 7890"],
}  # fmt: skip
HARMLESS = [
    "cyclosporine", "methotrexate 15 mg/week, 2019", "cyclosporine (2017-2019)", "none", "UVB 311 nm, 30 sessions",
    "prednisolone 5-10 mg, weeks 4-8-16", "moved away in week 12", "dupilumab 300 mg q4w", "IgE above 5000 kU/L",
    "in May the family moved", "week 4/8/16", "ratio 1/2", "25.5 mg", "SARS-CoV-2 infection", "COVID-19", "HLA-B*57:01",
    "циклоспорин 3 мг/кг", "метотрексат 15 мг в неделю, 2019 г.", "нет", "отсутствие эффекта", "переезд семьи", "5.5.1",
    "born at 36 weeks, since 2009 on ciclosporin", "DOB unknown, 300 mg", "полис закончился, 100 000",
    "10/12 injections", "Type 2 diabetes", "ICD-10 L20.8", "МКБ-10 L20.8", "50-100 mg", "1,000,000 units", "map of the face",
]  # fmt: skip
NAMES = [
    "moved away with Olga Petrova", "Dr. Smith stopped it", "Ivanova A. P.", "mother Maria refused", "family of I.P. Sidorov",
    "Отказ мамы, Петрова Анна", "Иванова А.П.", "пациентка Мария", "по решению Сергея Ивановича", "врач Кузнецов отменил",
]  # fmt: skip
EPONYMS = [
    "Kaposi sarcoma", "Kaposi varicelliform eruption", "Hodgkin lymphoma", "Crohn's disease", "Sjögren syndrome", "Bell's palsy",
    "Stevens-Johnson syndrome", "Henoch-Schönlein purpura", "Dennie-Morgan fold", "Hanifin and Rajka criteria", "Kawasaki disease",
    "Coombs test positive", "Sister Mary Joseph nodule", "St John's wort", "Epstein-Barr virus", "Quincke oedema", "Asthma",
    "саркома Капоши", "лимфома Ходжкина", "болезнь Крона", "синдром Шегрена", "отёк Квинке", "экзема Капоши", "Конъюнктивит",
    "синдром Стивенса-Джонсона", "Грипп", "Преднизолон, Метотрексат", "Азатиоприн", "Herpes simplex", "Roman chamomile",
]  # fmt: skip


TEXTS = Path(__file__).parent / "privacy_texts"
"""One file for each team that types texts: `clinical_*` hold nothing that identifies, the others nothing else."""


def _is_found(text):
    return privacy.redacted(text) != text or privacy.looks_identifying(text)


def _lines(path):
    return [line for line in path.read_text("utf-8").splitlines() if line]


def test_identifying_texts_are_found_by_their_kind():
    missed = []
    for rule, texts in IDENTIFYING.items():
        for text in texts:
            found = privacy._first_kind(text, privacy._IN_TEXT)
            # One text may be several things, such as a birth date and a date: it has to be found, and mostly by its own name.
            by_its_name = found is not None and (
                found.rule == rule or rule in {"privacy-long-number", "privacy-telephone", "privacy-date"}
            )
            if not by_its_name or privacy.redacted(text) == text:
                missed.append((rule, text))
    assert missed == []


def test_clinical_texts_and_names_stop_no_gate():
    assert [text for text in (*HARMLESS, *EPONYMS, *NAMES) if privacy.redacted(text) != text] == []


def test_names_look_like_names_and_eponyms_do_not():
    assert [text for text in NAMES if not is_name_like(text)] == []
    assert [text for text in (*HARMLESS, *EPONYMS) if is_name_like(text)] == []


def _families():
    """Name, identifying and clinical texts, and the greatest shares missed and of false alarms."""
    for path in sorted(TEXTS.glob("*.txt")):
        clinical = path.stem.startswith("clinical")
        yield path.stem, [] if clinical else _lines(path), _lines(path) if clinical else []
    yield "examples", privacy_examples.IDENTIFYING, privacy_examples.CLINICAL
    yield "later examples", privacy_examples.LATER_IDENTIFYING, privacy_examples.LATER_CLINICAL


def test_nine_of_ten_identifying_texts_of_every_team_are_found_and_two_of_a_hundred_clinical_ones_are_alarms():
    wrong = {}
    for name, identifying, clinical in _families():
        missed = [text for text in identifying if not _is_found(text)]
        alarms = [text for text in clinical if _is_found(text)]
        if len(missed) > 0.1 * len(identifying) or len(alarms) > 0.02 * len(clinical):
            wrong[name] = (missed, alarms)
    assert wrong == {}


def test_a_number_counts_by_its_check_digit():
    for number in ("112-233-445 95", "943 476 5919", "4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00"):
        wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
        assert list(checked_numbers(f"see {number} there")) == [(4, 4 + len(number))]
        assert list(checked_numbers(f"see {wrong} there")) == []


SECRETS = ["born 12.03.2010", "tel +7 921 123-45-67", "anna@mail.ru", "и/б 44711"]


@pytest.fixture
def kept(monkeypatch) -> dict:
    """What Great Expectations says in this test, as the process keeps it."""
    monkeypatch.setattr(checkpoint, "_LATELY", {})
    return checkpoint._LATELY


def said_by_gx(kept: dict) -> str:
    assert len(kept) > len(TABLES)  # each suite has said something
    return str([each.results for each in kept.values()])


def test_the_gate_names_each_cell_and_no_content(cut_copy, kept):
    """Every column of every table holds something identifying, each on a line of its own."""
    places = set()
    for table in TABLES:
        with (cut_copy / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            header = next(csv.reader(file))
        for line, column in enumerate(header, 3):
            change_cell(cut_copy, table, line, column, SECRETS[line % len(SECRETS)])
            places.add((f"{table}.csv", line, column, "critical"))
    verdict = check(cut_copy, PARAMETERS)
    found = [each for each in verdict.findings if each.rule in privacy.CRITICAL_RULES]
    assert {(each.file, each.line, each.column, each.level) for each in found} == places and len(found) == len(places)
    write_data_docs(verdict, cut_copy / "docs")
    told = [json.dumps([each.as_dict() for each in verdict.findings], ensure_ascii=False), said_by_gx(kept)]
    told += [path.read_text("utf-8") for path in (cut_copy / "docs").rglob("*.html")]
    assert not any(secret.split()[-1] in text for secret in SECRETS for text in told)


def test_a_name_or_a_number_as_an_id_is_repeated_nowhere(cut_copy):
    names = {"P002": "Ivanova", "P003": "Петров_1", "P004": "89211234567", "P005": "P001 12.03.2010"}
    for table in TABLES:
        path = cut_copy / f"{table}.csv"
        text = path.read_text("utf-8")
        for own, name in names.items():
            text = text.replace(f"{own},", f"{name},")
        path.write_text(text, encoding="utf-8")
    result = CliRunner().invoke(main, ["validate", "--data", str(cut_copy), "--json"])
    assert result.exit_code == 1
    assert not any(name in result.output + result.stderr for name in names.values())
    found = {(each["file"], each["line"]) for each in json.loads(result.stdout)}
    assert {("patients.csv", line) for line in (3, 4, 5, 6)} <= found


def test_an_unexpected_column_is_named_without_what_identifies(cut_copy):
    path = cut_copy / "labs.csv"
    lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([lines[0] + ",anna@mail.ru", *(line + ",x" for line in lines[1:])]), encoding="utf-8")
    verdict = check(cut_copy, PARAMETERS)
    (found,) = (each for each in verdict.findings if each.rule == "header")
    assert (found.file, found.line, found.column) == ("labs.csv", 1, privacy.WITHHELD)
    assert "anna" not in str(verdict.findings)


def test_a_name_is_a_warning_without_the_name(cut_copy, kept):
    change_cell(cut_copy, "adverse_events", 2, "term", "Rash, seen by Dr. Sidorova")
    verdict = check(cut_copy, PARAMETERS)
    (found,) = (each for each in verdict.findings if each.rule == "privacy-name")
    assert verdict.valid and found.level == "warning" and (found.line, found.column) == (2, "term")
    assert "Sidorova" not in str(verdict.findings) + said_by_gx(kept)


def test_in_a_clinical_cut_a_name_is_withheld_until_the_settings_answer_it(cut_copy):
    change_cell(cut_copy, "adverse_events", 2, "term", "Keratitis, seen by Dr. Sidorova")
    change_cell(cut_copy, "adverse_events", 3, "term", "Дочка Маша заболела")
    change_cell(cut_copy, "patients", 2, "prior_systemic_therapy", "ciclosporin, Dr. Haus")
    tables, settings = read_tables(cut_copy), load_settings()
    shown = without_names(tables, settings)
    events = shown["adverse_events"]["term"]
    assert events.loc[2] == "Keratitis (withheld: looks like a name)" and events.loc[3] == "withheld: looks like a name"
    assert shown["patients"].at[2, "prior_systemic_therapy"] == "withheld: looks like a name"
    assert tables["adverse_events"].at[2, "term"].endswith("Sidorova")
    assert unreadable(shown["adverse_events"]).loc[[2, 3]].tolist() == [False, True]

    patient_id = tables["patients"].at[2, "patient_id"]
    answer = NotName("patients.csv", patient_id, "prior_systemic_therapy", "ciclosporin, Dr. Haus", "a brand")
    answered = dataclasses.replace(settings, not_names=(answer,))
    assert without_names(tables, answered)["patients"].at[2, "prior_systemic_therapy"] == answer.text
    stale = dataclasses.replace(answered, not_names=(dataclasses.replace(answer, text="ciclosporin, Dr. Maus"),))
    assert without_names(tables, stale)["patients"].at[2, "prior_systemic_therapy"] == "withheld: looks like a name"
    rules = {
        name: [each.rule for each in check(cut_copy, given.gate_parameters()).findings if each.file == "patients.csv"]
        for name, given in (("answered", answered), ("stale", stale))
    }
    assert "privacy-name" not in rules["answered"] and {"privacy-name", "privacy-not-names"} <= set(rules["stale"])


def test_a_withheld_term_stays_of_special_interest():
    for kind in (each for each in SPECIAL_INTEREST if each.serious_in is None):
        assert kind.meant(words_of(withheld_term(f"{kind.name} Olga Petrova"))), kind
        assert "Olga" not in withheld_term(f"{kind.name} Olga")


@pytest.mark.parametrize(
    "entry", ["x", "{file: patients.csv}", "{file: visits.csv, patient_id: P001, column: iga, text: a, reason: b}"]
)
def test_a_wrong_answer_is_refused(tmp_path, entry):
    text = SETTINGS.read_text("utf-8").replace("\nnot_names: []", f"\nnot_names: [{entry}]")
    (tmp_path / "study.yml").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="not_names, entry 1"):
        load_settings(tmp_path / "study.yml")


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_a_new_cut_is_closed_to_others_whatever_the_umask(tmp_path, umask):
    before = os.umask(umask)
    try:
        with placing_cuts.aside(tmp_path / "cuts") as folder:
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    finally:
        os.umask(before)


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_the_state_is_closed_to_others_whatever_the_umask(tmp_path, monkeypatch, umask):
    monkeypatch.setattr(paths, "STATE", tmp_path / "state")
    before = os.umask(umask)
    try:
        folder = paths.private(tmp_path / "state" / "results")
    finally:
        os.umask(before)
    assert {stat.S_IMODE(each.stat().st_mode) for each in (folder, folder.parent)} == {0o700}


def test_the_description_of_a_cut_is_examined_too(cut_copy):
    for key, text in (("label", "ask anna@mail.ru"), ("description", "tel. +7 921 123-45-67"), ("description", "и/б 44711")):
        values = {"label": "L", "extracted": "2022-06-06", "kind": "clinical", "description": "D", "previous": "null"}
        values[key] = f"'{text}'"
        (cut_copy / "cut.yml").write_text("".join(f"{name}: {value}\n" for name, value in values.items()), encoding="utf-8")
        result = CliRunner().invoke(main, ["validate", "--data", str(cut_copy)])
        assert result.exit_code == 2 and f"{key} holds what reads like" in result.stderr
        assert text.split()[-1] not in result.stderr


LONG = {
    "one letter": "a", "one digit": "1", "addresses": "a@", "names": "Anna ", "dates": "01.01.", "words": "Ивановская дочка ",
    "number words": "one ", "capitals": "Aa-", "houses": "12 Aaa ", "possessives": "Anna's mother ",
}  # fmt: skip
LONG = {name: text * (32_767 // len(text)) for name, text in LONG.items()} | {"digits": "1-" * 65_000}
"""Cells as long as a spreadsheet's may be, and one as long as a file's."""


@pytest.mark.parametrize("name", LONG)
def test_long_cells_take_bounded_time(name):
    began = time.process_time()
    privacy.redacted(LONG[name])
    privacy.looks_identifying(LONG[name])
    assert time.process_time() - began < 5
