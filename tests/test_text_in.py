"""Text files as clinics send them: encodings, lines of spreadsheets, numbers of all countries. Inputs are made of a valid cut."""

import pytest
from cut_examples import PARAMETERS, valid_cut
from intake_examples import mapping_text, write_files
from test_intake import critical, edit, mapped, same_values

from expectations.finding import Finding, Lines, Phrase, in_words
from intake import Plan, convert, gathered
from intake.convert import Converted, _Origin
from intake.encodings import ENCODINGS, decode, encoding_called
from intake.numbers import plain_number
from intake.sheet import Place, Sheet
from intake.text import read_records

PLAN = Plan(tuple(PARAMETERS["planned_weeks"]), 7)
CUT = valid_cut(patients=2, weeks=(0, 4, 8))

GERMAN = "id;Ereignis\nP1;Überempfindlichkeit\nP2;Hautrötung am Fuß\n"
FRENCH = "id;effet\nP1;Éruption cutanée généralisée\nP2;Œdème à l’œil, naïf, 5 µg/mL\n"
CZECH = "id;příhoda\nP1;Nadměrná citlivost, příliš žluťoucký kůň\nP2;Zánět spojivek (oční)\n"
POLISH = "id;zdarzenie\nP1;Zapalenie spojówek, łuszczący się świąd\nP2;Gorączka\n"
RUSSIAN = "id;термин\nP1;Конъюнктивит\nP2;пищевая аллергия на яйцо, «сыпь», IgE-опосредованная, мРНК, СанПиН\n"
UKRAINIAN = "id;подія\nP1;Підвищена чутливість\nP2;кон'юнктивіт, її запалення\n"
GREEK_SIGNS = "id;Test\nP1;TNFα, μg/L, β2-Agonist\n"

WRITTEN = [
    (GERMAN, ["windows-1252", "iso-8859-1", "iso-8859-15", "ibm850", "macintosh", "windows-1250", "utf-16"]),
    (FRENCH, ["windows-1252", "macintosh", "utf-8"]),
    (CZECH, ["windows-1250", "iso-8859-2", "ibm852", "mac-centraleurope"]),
    (POLISH, ["windows-1250", "iso-8859-2", "ibm852", "windows-1257"]),
    (RUSSIAN, ["windows-1251", "mac-cyrillic"]),
    (RUSSIAN.replace("«сыпь»", "сыпь"), ["koi8-r", "ibm866", "iso-8859-5"]),
    (UKRAINIAN, ["windows-1251", "koi8-u", "mac-cyrillic"]),
    (GREEK_SIGNS.replace("μ", "µ"), ["windows-1253"]),
]


@pytest.mark.parametrize(("text", "encoding"), [(text, each) for text, encodings in WRITTEN for each in encodings])
def test_text_in_its_own_encoding_is_read(text, encoding):
    python = {"macintosh": "mac-roman", "mac-centraleurope": "mac-latin2"}.get(encoding, encoding)
    assert decode(text.encode(python), encoding) == text


WRONG = [  # text, as it was written, as the mapping says, what the message must hold
    (GERMAN, "cp1252", "windows-1251", 'windows-1252 reads "Überempfindlichkeit"'),
    (GERMAN, "cp1252", "utf-8", 'windows-1252 reads "Überempfindlichkeit"'),
    (GERMAN, "cp1252", "ibm866", "windows-1252"),
    (FRENCH, "mac-roman", "windows-1252", "macintosh"),
    (FRENCH, "cp1252", "macintosh", "windows-1252"),
    (CZECH, "cp1250", "windows-1251", "windows-1250"),
    (CZECH, "cp852", "windows-1250", "ibm852"),
    (RUSSIAN, "cp1251", "utf-8", 'windows-1251 reads "термин"'),
    (RUSSIAN, "cp1251", "windows-1252", 'windows-1251 reads "термин"'),
    (RUSSIAN, "cp1251", "koi8-r", "windows-1251"),
    (RUSSIAN, "mac-cyrillic", "windows-1251", "mac-cyrillic"),
    (RUSSIAN.replace("«сыпь»", "сыпь"), "koi8-r", "windows-1251", "koi8-r"),
    (RUSSIAN.replace("«сыпь»", "сыпь"), "cp866", "windows-1251", "ibm866"),
    (RUSSIAN.replace("«сыпь»", "сыпь"), "iso8859-5", "windows-1251", "iso-8859-5"),
    (UKRAINIAN, "cp1251", "mac-cyrillic", "windows-1251"),
    (GERMAN, "utf-8", "windows-1252", "UTF-8"),
    (RUSSIAN, "utf-8", "windows-1251", "UTF-8"),
    (RUSSIAN, "utf-16", "windows-1251", "utf-16"),
    (GERMAN, "utf-16-le", "windows-1252", "utf-16"),
    (GERMAN, "cp1252", "utf-16", "not utf-16"),
]


@pytest.mark.parametrize(("text", "written", "said", "words"), WRONG)
def test_another_encoding_is_refused_and_the_right_one_named(text, written, said, words):
    with pytest.raises(ValueError, match="correct encoding") as problem:
        decode(text.encode(written), said)
    assert words in str(problem.value) and "\\x" not in str(problem.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("gÃ©nÃ©ralisÃ©", "should be"),
        ("РџСЂРёРІРµС‚", "Привет"),
        ("РџСЂ", "Пр"),
        ("zĂˇnÄ›t", "should be"),
        ("Ð¡Ñ‹Ð¿ÑŒ", "Сыпь"),
        ("K\ufffdrper", "U+FFFD"),
        ("Haut\u0092", "U+0092"),
    ],
)
def test_what_was_decoded_wrongly_before_is_refused(text, words):
    with pytest.raises(ValueError, match=r"^ line 2: ") as problem:
        decode(f"term\n{text}\n".encode(), "utf-8")
    assert words in str(problem.value)


def test_a_letter_of_another_keyboard_is_told_as_such():
    with pytest.raises(ValueError, match="correct the word, if it was typed so"):
        decode(RUSSIAN.replace("Конъ", "Kонъ").encode("cp1251"), "windows-1251")


def test_encodings_have_the_names_that_programs_give_them():
    assert all(encoding_called(name) == name for name in ENCODINGS if name not in ("mac-centraleurope",))
    given = {"cp1252": "windows-1252", "latin-1": "iso-8859-1", "UTF8": "utf-8", "KOI8-R": "koi8-r", "866": "ibm866"}
    assert {name: encoding_called(name) for name in given} == given
    assert encoding_called("base64") is None


# --- lines ------------------------------------------------------------------------------------------------------------


def _lines(change):
    return lambda content: "\n".join(change(content.decode().split("\n"))).encode()


GOOD = {  # file, what is done to it, words of each warning
    "empty-cells-left-out-at-the-end": ("patients.csv", _lines(lambda lines: [line.rstrip(",") for line in lines]), ["2 of 2"]),
    "left-out-in-one-line": ("patients.csv", _lines(lambda lines: [lines[0], lines[1].rstrip(","), *lines[2:]]), ["1 of 2"]),
    "further-empty-cells": ("labs.csv", _lines(lambda lines: [f"{line},,," if line else line for line in lines]), []),
    "separator-named-first": ("labs.csv", lambda content: b"sep=,\r\n" + content, []),
    "separator-named-first-in-quotes": ("labs.csv", lambda content: b'"sep=,"\n' + content, []),
    "mixed-line-ends": ("labs.csv", lambda content: content.replace(b"\n", b"\r\n", 3), []),
    "line-ends-of-old-macs": ("labs.csv", lambda content: content.replace(b"\n", b"\r"), []),
    "no-line-end-at-the-end": ("labs.csv", lambda content: content.rstrip(), []),
    "guarded-from-the-spreadsheet": ("visits.csv", lambda content: content.replace(b"P001", b'"=""P001"""'), []),
    "apostrophe": ("visits.csv", lambda content: content.replace(b",40.00,", b",'40.0,"), []),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_lines_of_spreadsheets_come_in_unchanged(name, tmp_path):
    file, change, words = GOOD[name]
    folder = write_files(tmp_path / "in", CUT)
    edit(file, change)(folder)
    converted = convert(folder, mapped(tmp_path, mapping_text("csv", False)), PLAN)
    assert [finding.level for finding in converted.findings] == ["warning"] * len(words)
    assert all(word in finding.message for word, finding in zip(words, converted.findings, strict=True))
    same_values(converted, CUT, tmp_path / "out")


BAD = {
    "other-separator-named": ("labs.csv", lambda content: b"sep=;\n" + content, "labs.csv line 1: the file itself says"),
    "cut-off": ("labs.csv", lambda content: content.rstrip()[:-8], "cut off"),
    "long-lines": ("labs.csv", lambda content: content.replace(b"kU/L", b"kU/L,x"), "6 such lines: lines 2, 3, 4 and 3 more"),
    "formula": ("visits.csv", lambda content: content.replace(b",40.00,", b",=SUM(A1),", 1), "formula"),
    "error": ("visits.csv", lambda content: content.replace(b",40.00,", b",#DIV/0!,", 1), "error of a spreadsheet"),
    "nul": ("visits.csv", lambda content: content.replace(b",40.00,", b",4\0.0,", 1), "NUL"),
    "quotation-mark-to-the-end": ("labs.csv", lambda content: content + b'"P001', "quotation mark"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_damaged_lines_are_refused_in_one_message(name, tmp_path):
    file, change, words = BAD[name]
    folder = write_files(tmp_path / "in", CUT)
    before = (folder / file).read_bytes()
    edit(file, change)(folder)
    assert (folder / file).read_bytes() != before
    (found,) = critical(convert(folder, mapped(tmp_path, mapping_text("csv", False)), PLAN))
    assert found.message.startswith(file) and words in found.message


def test_a_lost_separator_in_the_middle_does_not_pass(tmp_path):
    """The line is short, so its end is taken as empty, with a warning; what has moved does not fit its columns."""
    folder = write_files(tmp_path / "in", CUT)
    edit("labs.csv", lambda content: content.replace(b"total_ige,", b"total_ige", 1))(folder)
    converted = convert(folder, mapped(tmp_path, mapping_text("csv", False)), PLAN)
    assert any("no separator was lost" in finding.message for finding in converted.findings)
    assert converted.tables["labs"][0][-1] == ""  # the gate refuses a lab value without its unit


def test_the_records_keep_their_lines(tmp_path):
    (tmp_path / "a.csv").write_text('sep=;\na;b;;\n\n"1\n2";3\n4\n', encoding="utf-8", newline="")
    assert read_records(tmp_path / "a.csv", "utf-8", ";") == (
        [(2, ["a", "b"]), (4, ["1\n2", "3"]), (6, ["4", ""])],
        [6],
    )


# --- numbers ----------------------------------------------------------------------------------------------------------

READ = [
    ("1054", ",", "1054"), ("92,3", ",", "92.3"), ("1\u00a0054", ",", "1054"), ("1\u202f054,5", ",", "1054.5"),
    ("1\u2009054\u2009321", ".", "1054321"), ("1 054", ",", "1054"), ("1\u2019054.5", ".", "1054.5"),
    ("1'054", ".", "1054"), ("\u22125", ".", "-5"), ("\u20135,5", ",", "-5.5"), ("+5", ".", "5"),
    ("1.054,5", ",", "1054.5"), ("1,054.5", ".", "1054.5"), ("1.054.321", ",", "1054321"), ("-0", ".", "-0"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "mark", "number"), READ)
def test_a_number_that_can_mean_one_thing_is_read(text, mark, number):
    assert plain_number(text, mark) == number


REFUSED = [
    ("1.054", ",", "two ways"), ("1,054", ".", "two ways"), ("92.3", ",", "decimal: comma"),
    ("14 %", ",", "the sign %"), ("60%", ".", "the sign %"), ("10\u00a054", ",", "U+00A0 NO-BREAK SPACE"),
    ("1\u202f0545", ",", "U+202F"), ("0 500", ",", "U+0020 SPACE"), ("1 054\u00a0321", ",", "groups of three"),
    ("1E+05", ".", "digits may be lost"), ("12. May", ".", "a date"), ("12.05.2021", ".", "a date"),
    ("05-Mai", ",", "a date"), ("мар.12", ",", "a date"), ("<0.35", ".", "the sign <"),
    ("\u20145", ".", "U+2014 EM DASH"), ("5мг", ",", "U+043C"), ("12O", ".", "the letter O"),
    ("\uff11\uff12", ".", "U+FF11"), ("1,2,3", ",", "no number"), ("--5", ".", "no number"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "mark", "words"), REFUSED)
def test_a_number_that_can_mean_two_things_is_refused_with_what_is_in_the_way(text, mark, words):
    with pytest.raises(ValueError, match="write") as problem:
        plain_number(text, mark)
    told = str(problem.value)
    assert words in told and "\\" not in told
    if "as in 1054" in told:
        assert f"as in 1054{mark}5" in told  # never the mark that would be refused


# --- messages ---------------------------------------------------------------------------------------------------------


def _finding(line: int, value: str, rule: str = "intake-decimal", patient: str | None = "P001") -> Finding:
    said = Phrase('easi is "{value}" with a point', {"value": value})
    what = said if rule == "intake-decimal" else in_words(str(said))
    place = Place("visits.csv", rows=(line,), column=4, heading="easi")
    return Finding("visits.csv", line, "D", value, patient, None, "critical", rule, what, place=place)


def test_one_cause_is_one_message_with_the_number_of_cells():
    same = [_finding(line, f"{line}.5", patient=f"P00{line}") for line in range(2, 8)]
    (told,) = gathered(same)
    assert (
        told.message.endswith("with a point; so it is in lines 3, 4, 5 and 2 more: 6 cells") and told.patient_id is None
    )
    codes = [_finding(2, "w", "intake-code"), _finding(3, "x", "intake-code"), _finding(4, "w", "intake-code")]
    assert len(gathered(codes)) == 2
    assert gathered([_finding(2, "a", "range"), _finding(3, "a", "range")]) == [
        _finding(2, "a", "range"),
        _finding(3, "a", "range"),
    ]
    assert gathered([_finding(2, "1.5")]) == gathered([_finding(2, "1.5")] * 2) == [_finding(2, "1.5")]


def test_places_of_the_cut_become_places_of_the_source_and_words_of_a_cell_do_not():
    sheet = Sheet("clinic.xlsx", "Visits", 3, headings={4: "EASI"})
    origins = {("visits", line): _Origin(sheet, line + 10, {"easi": 4}) for line in (2, 5, 6)}
    converted = Converted(origins=origins, sheets={"visits": sheet})
    words = {"cell": "line 2", "at": Lines("visits.csv", (5, 6)), "one": Lines("visits.csv", (2,))}
    what = Phrase('easi is "{cell}", as on {at:line}; {one:line of visits.csv}', words)
    (told,) = converted.at_source(
        [Finding("visits.csv", 2, "easi", "line 2", "P001", 4, "critical", "visits-easi-number", what)]
    )
    assert told.message == (
        'clinic.xlsx, sheet Visits, cell D12 (EASI): easi is "line 2", as on clinic.xlsx, sheet Visits, rows 15, 16; '
        "clinic.xlsx, sheet Visits, row 12 (patient P001, week 4)"
    )
    assert (told.line, told.column) == (12, "D")
