"""Texts that are not what they look like, and those that are: what is refused, what is a warning, and what raises no alarm."""

import pandas as pd
import pytest
from cut_examples import PARAMETERS, valid_cut, write_cut
from test_privacy import EPONYMS, HARMLESS

from expectations.characters import CRITICAL_RULES, odd_code, odd_form, odd_paragraph, odd_text
from expectations.gate import check
from expectations.spelling import findings, nearest_class, nearest_special

REFUSED = {
    "text-look-alike": [
        "Conjunсtivitis", "Cοnjunctivitis", "Ｃonjunctivitis", "ＲＡＳＨ", "𝐂onjunctivitis", "КонъюнктивиT", "Herpeѕ",
        "Ηerpes",
        "Աsthma", "Ꭺsthma", "ⅽonjunctivitis", "ɑsthma", "Кashель", "Hepatitis С", "vitamin Β", "АСЕ inhibitor",
        "Rashˢ",
        "Conjunctivitis²", "Rash\ue000",
    ],
    "text-invisible": ["Soft\u00adhyphen", "Zero\u200bwidth", "\ufeffRash", "Rash\u200f", "Ra\u202esh",
    "Con\u2060j", "Rash\u3164",
                       "Rash\u034f", "Rash\U000e0041", "Rash\u200d", "Rash\ufe0f", "Rash\u2800"],
    "text-combining": ["Conjunctiv\u0301itis", "Con\u0338j", "\u0301rash", "r\u20dda", "а\u0301стма"],
    "text-damaged": ["Con\ufffdj", "Êîíúþíêòèâèò", "РљРѕРЅСЉСЋРЅРєС‚РёРІРёС‚", "SjÃ¶gren", "SjГ¶gren",
    "лНМЗЧМЙРХБХР", "????????",
                     "Sj?gren", "п п╬п╫я┼я▌", "ÐšÐ¾Ð½ÑŠÑŽ"],
    "text-spreadsheet-error": ["#REF!", "#ИМЯ?", "#Н/Д", "#BEZUG!", "#NV", "#NOM?", "#¡REF!", "#DIV/0!",
    "#VALUE!", "#ССЫЛКА!", "#SPILL!",
                               "####", "Err:502", "rash #REF!"],
    "text-blanks": ["Oral  herpes", "Oral \u00a0herpes", "Oral\u00a0\u00a0herpes", "Oral\u2009herpes", "痒み\u3000湿疹"],
    "text-placeholder": ["-", "?", "—", "...", "missing", "unknown", "нет данных", "not done", "xxx", "999",
    "none", "k.A.", "неизвестно"],
}  # fmt: skip
ALL_REFUSED = [(rule, text) for rule, texts in REFUSED.items() for text in texts]
FINE = [
    "IgE и TNFα", "TNF-α", "IL-4Rα", "IFNγ", "NFκB", "5 µg", "5 μg", "100 m²", "37 °C", "№ 5", "inﬂammation",
    "тип II", "IIб", "β-blocker", "α",
    "Sjo\u0308gren", "отёк Квинке", "湿疹", "IgE抗体", "アトピー", "אקזמה", "إكزيما", "👩‍🔬", "☀️", "❤️",
    "Éruption cutanée", "Eczéma à l’âge", "œdème",
    "Prurit ağrı", "świąd", "гепатит C", "витамин D3", "pH-метрия", "Т-клетки", "Rash (?)", "±5 %", "½ tablet",
    "TGFβ1", "PPARγ",
    "5 × 10⁹/л", "CO₂", "Dupixent™", "так уже всё ещё", "ξηροδερμία", "खुजली", "โรคผิวหนัง", "می\u200cخواهم",
    "issue #12!",
]  # fmt: skip


@pytest.mark.parametrize(("rule", "text"), ALL_REFUSED, ids=[ascii(text) for _, text in ALL_REFUSED])
def test_a_text_that_is_not_what_it_looks_like_is_refused(rule, text):
    odd = odd_text(text, "term")
    assert rule in CRITICAL_RULES and odd is not None and odd.rule == rule


@pytest.mark.parametrize("text", [*FINE, *HARMLESS, *EPONYMS])
def test_ordinary_texts_raise_no_alarm(text):
    assert odd_text(text, "prior_systemic_therapy") is None


def test_the_place_of_blanks_is_named():
    assert odd_text("Oral  herpes", "term").message == 'holds 2 blanks in a row after "Oral" (character 5); keep one'
    assert odd_text("5\u2009mg", "term").message == "holds U+2009 THIN SPACE (character 2); type an ordinary blank"
    assert odd_text("5\u00a0mg 10\u202f000", "term") is None
    assert odd_paragraph("one \n  two\n\nthree") is None and odd_paragraph("one\ntwo  three").rule == "text-blanks"


def test_the_character_is_named():
    assert "U+0421 CYRILLIC CAPITAL LETTER ES" in odd_form("Сonjunctivitis").message
    assert "U+0420 CYRILLIC CAPITAL LETTER ER, which is not the Latin letter P" in odd_code("Р001").message


def test_the_gate_says_file_line_and_column(tmp_path):
    cut = valid_cut()
    cut["adverse_events"][0]["term"] = "Conjunсtivitis"
    cut["patients"][1]["sex"] = "М"
    cut["adverse_events"][1]["term"] = "Conjuctivitis"
    cut["adverse_events"][2]["term"], cut["adverse_events"][3]["term"] = "Nasopharyngitis", "nasopharingitis"
    found = check(write_cut(tmp_path, cut), PARAMETERS).findings
    places = {(each.file, each.line, each.column, each.level, each.rule) for each in found}
    assert places >= {
        ("adverse_events.csv", 2, "term", "critical", "text-look-alike"),
        ("patients.csv", 3, "sex", "critical", "text-look-alike"),
        ("adverse_events.csv", 3, "term", "warning", "spelling-special-interest"),
        ("adverse_events.csv", 5, "term", "warning", "spelling-variants"),
    }


@pytest.mark.parametrize(("text", "nearest"), [
    ("Conjuctivitis", "conjunctivitis"), ("Conjunctivits", "conjunctivitis"), ("Conjunctiv itis",
    "conjunctivitis"), ("Kertaitis", "keratitis"),
    ("Herpies zoster", "herpes"), ("Injection cite reaction", "injection site"), ("Anaphylaxsis", "anaphylaxis"),
    ("Conjunctıvıtis", "conjunctivitis"), ("Allergic conjunctivitis", None), ("Dermatitis", None),
    ("Keratosis pilaris", None),
    ("Eosinophilia", None), ("Oral herpes", None), ("Конъюнктивит", None), ("Rhinitis", None), ("Trichiasis", None),
])  # fmt: skip
def test_a_term_near_one_of_special_interest_is_named(text, nearest):
    assert nearest_special(text) == nearest


def test_an_organ_class_near_that_of_infections_is_named():
    assert nearest_class("Infection and infestations") == "infections and infestations"
    assert nearest_class("Infections and Infestations") is None and nearest_class("Eye disorders") is None


def _variants(*terms: str) -> int:
    text = pd.DataFrame({"patient_id": "P001", "term": terms, "system_organ_class": "x"}, index=range(2, 2 + len(terms)))
    return sum(each.rule == "spelling-variants" for each in findings({"adverse_events": text}))


@pytest.mark.parametrize(("one", "other", "count"), [
    ("Headache", "headache", 1), ("Oral herpes", "Oral  herpes", 1), ("Injection-site reaction",
    "Injection site reaction", 1),
    ("отёк", "отек", 1), ("Nasopharyngitis", "Nasopharingitis", 1), ("гепатит C", "гепатит С", 1),
    ("Hypertension", "Hypotension", 0), ("Hepatitis A", "Hepatitis B", 0), ("Rash", "Cash", 0), ("Headache",
    "Headache", 0),
    ("Upper abdominal pain", "Lower abdominal pain", 0),
])  # fmt: skip
def test_two_spellings_of_a_term_are_one_warning(one, other, count):
    assert _variants(one, other) == count
