"""Characters that make a text read otherwise than it is: look-alikes, invisible ones, damage, blanks, and stand-ins for nothing.

"Conjunсtivitis" with a Cyrillic с is another term than "Conjunctivitis" for every count and the same for every reader. What a
reader cannot see is refused, with the character named. Mixtures follow the highly restrictive profile of Unicode (UTS 39): the
letters of one word are of one script, or of Latin and a script that is written without blanks. Greek letters that nobody takes
for Latin ones (µg, IFNγ) may stand beside Latin letters.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from ftfy import fix_encoding

LONGEST_TEXT = 5_000
"""Characters of a cell; a sheet of a spreadsheet holds 32,767."""

CRITICAL_RULES = {
    "text-invisible": "No cell holds invisible characters.",
    "text-look-alike": "No cell holds letters of another script or width that only look like those around them.",
    "text-combining": "No cell holds marks that combine with a letter to none that is in use.",
    "text-damaged": "No cell holds text that was damaged by a wrong encoding.",
    "text-spreadsheet-error": "No cell holds an error value of a spreadsheet.",
    "text-placeholder": "No text stands for a missing value.",
    "text-blanks": "No text holds two blanks in a row, or a blank of another width than the ordinary ones.",
    "text-too-long": f"No cell has more than {LONGEST_TEXT:,} characters.",
}


@dataclass(frozen=True)
class Odd:
    """What is wrong with a text: the rule, and the sentence to go on with after the name of its column."""

    rule: str
    message: str


def named(char: str) -> str:
    """A character as messages name it.

    >>> named("С")
    'U+0421 CYRILLIC CAPITAL LETTER ES'
    """
    return f"U+{ord(char):04X} {unicodedata.name(char, 'without a name')}"


# --- invisible -----------------------------------------------------------------------------------------------

# Characters that draw nothing (Default_Ignorable_Code_Point of Unicode 16, and the blank letters), but for the joiners and
# the selectors of emoji, which stand where they do something.
_INVISIBLE = frozenset(
    [
        *(0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x200B, 0x200E, 0x200F, 0x2800, 0x3164, 0xFEFF, 0xFFA0),
        *range(0x180B, 0x1810), *range(0x202A, 0x202F), *range(0x2060, 0x2070), *range(0xFE00, 0xFE10), *range(0xFFF0, 0xFFFC),
        *range(0x1BCA0, 0x1BCA4), *range(0x1D173, 0x1D17B), *range(0xE0000, 0xE1000),
    ]
)  # fmt: skip
_JOINERS = "\u200c\u200d"
_JOINED = ("ARABIC", "DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI", "ORIYA", "TAMIL", "TELUGU", "KANNADA", "MALAYALAM",
           "SINHALA", "SYRIAC", "MONGOLIAN", "KHMER", "MYANMAR", "TIBETAN")  # fmt: skip


def _is_picture(char: str) -> bool:
    return (unicodedata.category(char) in {"So", "Sk", "Sm"} and ord(char) >= 0x2190) or char in "©®‼⁉"


def _invisible(text: str) -> str | None:
    for at, char in enumerate(text):
        before = text[at - 1] if at else ""
        if char in _JOINERS:
            if before and (_is_picture(before) or _script(before) in _JOINED or before == "\ufe0f"):
                continue
            return char
        if char == "\ufe0f" and before and _is_picture(before):
            continue
        if ord(char) in _INVISIBLE or (unicodedata.category(char) in {"Cf", "Cs"} and _script(char) not in _JOINED):
            return char
    return None


# --- scripts -------------------------------------------------------------------------------------------------

# Written without blanks, so that a foreign word stands directly beside the next letter.
_WITHOUT_BLANKS = frozenset({"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "BOPOMOFO", "HANGUL", "THAI", "LAO", "KHMER",
                             "MYANMAR", "TIBETAN", "IDEOGRAPHIC"})  # fmt: skip
_LATIN = re.compile("[A-Za-z]")
# Greek letters that nobody takes for Latin ones.
_OWN_GREEK = frozenset("βγδεζηθλμξπσφψωΓΔΘΛΞΠΣΦΨΩ")
_GREEK_AS_LATIN = frozenset("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο")
# Letters that are drawn like a Latin one (Unicode's confusables, the upright ones), with that letter.
TWINS = {
    **dict(zip("АВЕКМНОРСТУХІЅЈԚԜҮӀаеорсухіѕјһԁԛԝԍ", "ABEKMHOPCTYXISJQWYIaeopcyxisjhdqwG", strict=True)),
    **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABEZHIKMNOPTYXo", strict=True)),
}
_PHONETIC = (range(0x250, 0x2B0), range(0x1D00, 0x1DC0), range(0x2C60, 0x2C80), range(0xA720, 0xA800), range(0xAB30, 0xAB70))
_ROMAN = re.compile("[IVXLCM]+")


@lru_cache(maxsize=4096)
def _script(char: str) -> str:
    """First word of the character's name, which is its script for letters."""
    if char in "ªº" or 0x2160 <= ord(char) <= 0x2188:
        return "LATIN"
    return unicodedata.name(char, "?").replace("MICRO SIGN", "GREEK").split()[0]


def _words(text: str) -> Iterator[str]:
    """Runs of letters, with the marks on them; hyphens, digits and blanks end a word."""
    word = ""
    for char in unicodedata.normalize("NFC", text):
        category = unicodedata.category(char)
        if category[0] == "L" or category == "Nl" or (word and category == "Mn"):
            word += char
        elif word:
            yield word
            word = ""
    if word:
        yield word


def _scripts(word: str) -> dict[str, str]:
    """The letters of a word by script; scripts written without blanks count as none."""
    found: dict[str, str] = {}
    for char in word:
        if unicodedata.category(char)[0] == "M" or unicodedata.category(char) == "Lm":
            continue
        found[_script(char)] = found.get(_script(char), "") + char
    return {script: letters for script, letters in found.items() if script not in _WITHOUT_BLANKS}


def _foreign_in(word: str) -> tuple[str, str] | None:
    """A letter of another script than the rest of its word, and what the rest is; None if all is well."""
    scripts = _scripts(word)
    if len(scripts) > 1:
        greek = scripts.get("GREEK", "").replace("µ", "μ")
        latin = scripts.get("LATIN", "")
        if set(scripts) == {"LATIN", "GREEK"} and _is_symbol(word.replace("µ", "μ"), latin, greek):
            return None
        cyrillic = scripts.get("CYRILLIC", "")
        if set(scripts) == {"LATIN", "CYRILLIC"} and len(cyrillic) == 1 and cyrillic not in TWINS and _ROMAN.fullmatch(latin):
            return None  # a stage such as IIб
        most = max(scripts, key=lambda script: (len(scripts[script]), script == "LATIN"))
        stranger = next(char for char in word if _script(char) in scripts and _script(char) != most)
        return stranger, most.title()
    letters = scripts.get("LATIN", "")
    if len(letters) > 1 and _LATIN.search(letters):
        for char in letters:
            if any(ord(char) in block for block in _PHONETIC) or (0x2160 <= ord(char) <= 0x2188):
                return char, "Latin"
    return None


def _is_symbol(word: str, latin: str, greek: str) -> bool:
    """Whether Greek letters stand beside Latin ones as symbols do: µg, IFNγ, IL-4Rα, NFκB."""
    if set(greek) & _GREEK_AS_LATIN or len(greek) > 1:
        return False
    if latin.isupper() or len(latin) <= 2:
        return True
    return greek in _OWN_GREEK and (word.startswith(greek) or word.endswith(greek))


def _lone_twin(text: str) -> str | None:
    """A word all of whose letters only look Latin, in a text that is Latin otherwise, as in "Hepatitis С"."""
    words = [(word, _scripts(word)) for word in _words(text)]
    if not any("LATIN" in scripts and len(scripts["LATIN"]) > 1 for _, scripts in words):
        return None
    others = [word for word, scripts in words if set(scripts) - {"LATIN"}]
    if others and all(char in TWINS for word in others for char in word):
        return others[0][0]
    return None


# --- width, marks, damage ------------------------------------------------------------------------------------


def _other_form(text: str) -> str | None:
    """A letter or digit of another width or style: full-width, mathematical, or raised as a footnote's mark is."""
    beside_cjk = any(_script(char) in _WITHOUT_BLANKS for char in text)
    for at, char in enumerate(text):
        if char.isascii():
            continue
        form = unicodedata.decomposition(char).partition(" ")[0]
        if form == "<font>" and unicodedata.category(char)[0] in "LN" and ord(char) >= 0x1D400:
            return char
        of_width = form in {"<wide>", "<narrow>"} and _script(char) not in _WITHOUT_BLANKS
        if of_width and (char.isalnum() or not beside_cjk):
            return char
        if form == "<super>" and char.isalnum() and char not in "ªº" and at:
            word = re.search(r"[^\W\d_]*$", text[:at])[0]
            if (unicodedata.category(char) == "Lm" and word) or len(word) > 3:
                return char
    return None


_ALPHABETS = ("LATIN", "CYRILLIC", "GREEK", "DIGIT")


def _loose_mark(text: str) -> str | None:
    """A mark that stands on no letter, or on one of an alphabet without a letter for both."""
    composed = unicodedata.normalize("NFC", text)
    base = ""
    for char in composed:
        category = unicodedata.category(char)
        if category == "Me":
            return char
        if category != "Mn":
            base = char
        elif 0xFE00 <= ord(char) <= 0xFE0F:
            continue
        elif not base or not base.isalpha() or _script(base) in _ALPHABETS:
            return char
    return None


_REPLACED = re.compile(r"[^\W\d_]\?[^\W\d_]|\?{3,}")
# Russian in Windows-1251 read as Windows-1252 ("Êîíúþíêòèâèò"), in DOS-866 read as Windows-1251, and KOI8-R read as it.
_READ_AS_LATIN = re.compile(r"[\u00c0-\u00ff]{4,}")
_SWAPPED_CASE = re.compile(r"(?<![^\W\d_])[а-яё][А-ЯЁ]{3,}(?![^\W\d_])")
_SIGN_IN_WORD = re.compile(r"[^\W\d_][¤¦§¨©«¬®¯±¶·»¼½¾¿¡¢£¥Ў°‚„†‡‰‹›•™€][^\W\d_]")
_DEGREE = re.compile(r"[°·•§±«»™®©][^\W\d_]{1,2}(?![^\W\d_])|[^\W\d_]+[·•«»„™®©±]")
_LINES = re.compile(r"[^\W\d_][\u2500-\u259f]|[\u2500-\u259f][^\W\d_]")  # UTF-8 read as a code page of DOS, or KOI8-R
_UTF8_READ_AS = ("cp1252", "latin-1", "cp1250", "cp1251")


def _damage(text: str) -> str | None:
    if "\ufffd" in text:
        return f"holds {named(chr(0xFFFD))}, which stands for a letter that was lost"
    if match := _REPLACED.search(text):
        return f'holds "{match[0]}", question marks in the place of letters that were lost'
    if text.isascii():
        return None
    garbled = (
        any(_is_utf8_read_as(part, encoding) for part in text.split() for encoding in _UTF8_READ_AS)
        or fix_encoding(text) != text
        or _READ_AS_LATIN.search(text)
        or _SWAPPED_CASE.search(text)
        or _LINES.search(text)
        or any(not _DEGREE.search(match[0]) for match in _SIGN_IN_WORD.finditer(text))
    )
    return "reads like text that was opened in a wrong encoding" if garbled else None


def _is_utf8_read_as(part: str, encoding: str) -> bool:
    if part.isascii():
        return False
    try:
        return part.encode(encoding).decode("utf-8") != part
    except UnicodeError:
        return False


# --- errors and stand-ins ------------------------------------------------------------------------------------

# Excel, LibreOffice and Google Sheets in any language: #REF!, #N/A, #NAME?, #DIV/0!, #¡REF!, #ИМЯ?, #Н/Д, #BEZUG!, Err:502, #####.
_SHEET_ERROR = re.compile(
    r"(?<!\w)#[¡¿]?[^\W\d_]{2,}(?:[/_ ]?[^\W_]{1,12}){0,2}[!?]|(?<!\w)#(?:[nн]/?[aаdдbvв]|nv|yok|getting_data|\#{2,})(?!\w)|"
    r"^\#{2,}$|^(?:err|ошибка|fehler|erreur|error)[: ]\s?5[0-9]{2}$",
    re.IGNORECASE,
)

_ABSENT = frozenset([
    "missing", "n a", "na", "n d", "nd", "n r", "nr", "nk", "n k", "tbd", "tba", "tbc", "null", "nil value", "nan", "nat",
    "blank", "empty", "none given", "not given", "not available", "not applicable", "not done", "not recorded",
    "not reported", "not stated", "not specified", "not entered", "not documented", "unspecified", "no data", "no entry",
    "no answer", "to be determined", "to be defined", "to be done", "pending", "undefined", "not defined", "placeholder",
    "xx", "xxx", "xxxx", "dummy", "test", "unk", "u k", "inf", "infinity", "void", "value missing", "missing value",
    "missing data", "data missing", "see above", "see below", "see notes", "as above", "ditto", "idem", "нет данных",
    "н д", "нд", "н у", "не указано", "не указан", "не указана", "не применимо", "неприменимо", "не заполнено",
    "не определено", "не выполнено", "пропуск", "пропущено", "пусто", "отсутствует", "отсутствуют", "данные отсутствуют",
    "данных нет", "нет сведений", "то же", "там же", "тест", "уточнить", "fehlt", "fehlend", "k a", "keine angabe",
    "keine angaben", "nicht bekannt", "n v", "nicht verfügbar", "manquant", "non disponible", "non renseigné",
    "non applicable", "non précisé", "sin datos", "no disponible", "no consta", "no aplica", "faltante", "s d",
    "mancante", "non noto", "non disponibile", "nessun dato", "brak", "brak danych", "nie dotyczy", "ontbreekt",
    "onbekend", "geen gegevens", "eksik", "yok", "veri yok", "em falta", "sem dados",
])  # fmt: skip
_UNKNOWN = frozenset([
    "unknown", "not known", "unkn", "unclear", "uncertain", "dont know", "неизвестно", "не известно", "неизвестен",
    "неизвестна", "неясно", "unbekannt", "inconnu", "inconnue", "desconocido", "sconosciuto", "nieznane", "desconhecido",
    "bilinmiyor",
])  # fmt: skip
_NOTHING = frozenset([
    "none", "no", "nil", "nothing", "no event", "no events", "no ae", "no aes", "no adverse event", "no adverse events",
    "none reported", "not any", "нет", "не было", "отсутствуют", "нет ня", "без ня", "нежелательных явлений нет",
    "нежелательных явлений не было", "keine", "keins", "aucun", "aucune", "ninguno", "ninguna", "nessuno", "nessuna",
    "żadne", "geen", "nenhum",
])  # fmt: skip
_LEFT_TO_THE_SUITES = re.compile(r"(?i:[+-]?(?:n/?a|#n/a|n\.a\.|nan|nat|null|inf|infinity))")
_MAY_BE_UNKNOWN = frozenset({"prior_systemic_therapy", "discontinuation_reason"})
_MAY_BE_NOTHING = _MAY_BE_UNKNOWN


def _stand_in(text: str, column: str) -> str | None:
    if _LEFT_TO_THE_SUITES.fullmatch(text):
        return None
    letters = " ".join(re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text).casefold().replace("'", "").replace("’", "")))
    written = f'is "{text}"'
    if not letters and not any(unicodedata.category(char) in {"So", "Sc", "Sm"} for char in text):
        return f"{written}, which says nothing; {_REMEDY[column in _MAY_BE_UNKNOWN]}"
    if re.fullmatch(r"[+-]?[0-9]+(?:[.,][0-9]+)?", text):
        return f"{written}, a number and no text; write in words what it stands for"
    if letters in _ABSENT or re.fullmatch(r"(.)\1{2,}|[xх]{1,2}", letters):
        return f"{written}, which stands for a missing value; {_REMEDY[column in _MAY_BE_UNKNOWN]}"
    if letters in _UNKNOWN and column not in _MAY_BE_UNKNOWN:
        return f"{written}, which stands for a missing value; {_REMEDY[False]}"
    if letters in _NOTHING and column not in _MAY_BE_NOTHING:
        return f"{written}, which says that there was nothing; delete what is not so, or write what it is"
    return None


_REMEDY = {False: "write what it is", True: "write what it is, or unknown if nobody knows"}


# --- blanks ---------------------------------------------------------------------------------------------------

# HTML, Word and PDF show one ordinary blank for several; those that do not break a line stay as they are.
_ORDINARY_BLANKS = " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{FIGURE SPACE}"
_SEVERAL_BLANKS = re.compile(r"\s{2,}")
_OTHER_BLANK = re.compile(rf"[^\S{_ORDINARY_BLANKS}]")


def odd_blanks(text: str) -> Odd | None:
    """Blanks on one line of text that a page would not show as they are.

    >>> odd_blanks("Oral  herpes").message
    'holds 2 blanks in a row after "Oral" (character 5); keep one'
    """
    if found := _SEVERAL_BLANKS.search(text):
        before = text[: found.start()].split()[-1:]
        place = f'after "{before[0][:40]}" (character {found.start() + 1})' if before else "at its beginning"
        return Odd("text-blanks", f"holds {len(found[0])} blanks in a row {place}; keep one")
    if found := _OTHER_BLANK.search(text):
        return Odd("text-blanks", f"holds {named(found[0])} (character {found.start() + 1}); type an ordinary blank")
    return None


# --- the rules together --------------------------------------------------------------------------------------


def odd_form(text: str) -> Odd | None:
    """What is wrong with the characters of a text of any kind; None if they are what they look like.

    >>> odd_form("Conjunсtivitis").message
    'holds U+0441 CYRILLIC SMALL LETTER ES in the Latin word "Conjunсtivitis"; type the word again in one alphabet'
    >>> odd_form("IgE и TNFα, 5 µg"), odd_form("Конъюнктивит")
    (None, None)
    """
    if len(text) > LONGEST_TEXT:
        return Odd("text-too-long", f"has {len(text):,} characters; the most are {LONGEST_TEXT:,}; shorten it")
    for match in _SHEET_ERROR.finditer("" if _LEFT_TO_THE_SUITES.fullmatch(text) else text):
        if match[0] == text or match[0].upper() == match[0]:  # "Issue #unknown?" is none
            return Odd("text-spreadsheet-error", f'holds "{match[0]}", an error value of a spreadsheet; correct it there')
    if not text.isascii():
        if found := _invisible(text):
            return Odd("text-invisible", f"holds an invisible character ({named(found)}); remove it")
        if "\ufffd" not in text and (found := _other_form(text)):
            plain = unicodedata.normalize("NFKC", found)
            return Odd("text-look-alike", f"holds {named(found)}, another form of “{plain}”; type it as an ordinary character")
        if found := next((char for char in text if unicodedata.category(char) in {"Co", "Cn"}), None):
            return Odd("text-look-alike", f"holds U+{ord(found):04X}, a character without a meaning of its own; remove it")
        if found := _loose_mark(text):
            return Odd("text-combining", f"holds {named(found)} on a letter that it does not belong to; remove it")
    if what := _damage(text):
        return Odd("text-damaged", f"{what}; export the data again as UTF-8, or type the text again")
    if not text.isascii():
        for word in _words(text):
            if odd := _foreign_in(word):
                char, script = odd
                return Odd(
                    "text-look-alike",
                    f'holds {named(char)} in the {script} word "{word[:40]}"; type the word again in one alphabet',
                )
        if char := _lone_twin(text):
            return Odd(
                "text-look-alike",
                f"holds {named(char)}, which only looks like the Latin letter {TWINS[char]} of the words beside it; type that one",
            )
    return None


def odd_code(text: str) -> Odd | None:
    """What is wrong with an id or one of a few allowed words, which are of ASCII alone.

    >>> odd_code("Р001").message
    'holds U+0420 CYRILLIC CAPITAL LETTER ER, which is not the Latin letter P; type it again'
    """
    if text.isascii():
        return odd_form(text)
    if (odd := odd_form(text)) is not None and odd.rule != "text-look-alike":
        return odd
    char = next(char for char in text if not char.isascii())
    twin = TWINS.get(char)
    what = f"not the Latin letter {twin}" if twin else "neither a Latin letter nor a digit"
    return Odd("text-look-alike", f"holds {named(char)}, which is {what}; type it again")


def odd_text(text: str, column: str) -> Odd | None:
    """What is wrong with a free text of this column: its characters, its blanks, or that it stands for nothing."""
    odd = odd_form(text) or odd_blanks(text)
    if odd is None and (stand_in := _stand_in(text, column)):
        odd = Odd("text-placeholder", stand_in)
    return odd


def odd_paragraph(text: str) -> Odd | None:
    """What is wrong with the characters and blanks of a label or a description; a line break is a blank, with those around it."""
    lines = (line.strip() for line in text.split("\n"))
    return odd_form(text.replace("\n", " ")) or next(filter(None, map(odd_blanks, lines)), None)
