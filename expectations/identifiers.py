# ruff: noqa: E501  (patterns and lists are easier to compare in long lines)
"""Numbers that an authority, an insurance or a hospital gave a person: by their words, by their form, or by their check digit.

A form that laboratory values or doses could have as well counts only with a right check digit, which nine of ten (or 96 of 97)
numbers at random have not. python-stdnum knows most of these numbers.
"""

import re
from collections.abc import Iterator

from stdnum import iban, luhn
from stdnum.cn import ric
from stdnum.de import idnr
from stdnum.es import dni, nie
from stdnum.fr import nir
from stdnum.gb import nhs
from stdnum.it import codicefiscale
from stdnum.pl import pesel
from stdnum.ru import inn

_SIGN = r"(?:no|nr|num|number|id|code|номер|№|n|#)(?!\w)"
_NUMBER = r"[a-z]{0,2}-?[0-9][0-9\s/-]{2,}"
RECORDS = [
    # A word that means other things, too (a fall, a group), needs a sign before the number.
    rf"(?<!\w)(?:hosp(?:ital)?|pat(?:ient)?|chart|group|member|subscriber|ins(?:urance)?|policy|dl|driver'?s?\slicen[sc]e|fall|patienten|akten|dossier|karta|cartella(?: clinica)?|protokol|dosya|chi|ni|nir|ipp|upi|tc)"
    rf"[\s.-]{{0,2}}(?:{_SIGN}|nummer|numer|numéro|número|numero|[:#])[\s.:#=-]{{0,4}}(?=[a-z0-9 -]{{0,12}}[0-9]{{3}}|[a-z]{{2}}\s?[0-9]{{2}}\s[0-9]{{2}})[a-z]{{0,6}}[\s-]?[0-9](?:[\s/-]?[0-9a-z]){{3,}}(?!\s?(?:mg|мг|ml|weeks|days|patients))",
    rf"(?<!\w)(?:fallnummer|patientennummer|versicherten(?:nummer|nr)|personalausweis|ausweis|reisepass|kvnr|steuer-?id|passeport|passaporto|pasaporte|paszport|dowód(?: osobisty)?|pasport|sécu(?:rité sociale)?|n(?:uméro|°) de sécu\w*|nss|nuss|"
    rf"codice fiscale|tessera(?: sanitaria)?|nr karty|nr historii|(?:tc )?kimlik|aadhaar|emirates id|iqama|tarjeta(?: sanitaria)?|ssn|medicaid|medicare|member id|subscriber id)"
    rf"[\s.-]{{0,2}}(?:{_SIGN}|nummer|numer|numéro|número|numero|ending|nr)?[\s.:#=-]{{0,4}}[a-z]{{0,6}}[\s-]?[0-9](?:[\s/-]?[0-9a-z]){{3,}}",
    r"(?<!\w)(?:licen[sc]e\splates?|number\splate|plate|(?:car|vehicle)\s(?:reg(?:istration)?|plate|no)|kennzeichen|immatricul\w+|plaque|matr[ií]cula|targa|nr rej(?:estracyjny)?|plaka|"
    r"номер\s(?:авто|машины|автомобиля|а/м)|гос\.?\s?номер|госномер)\.?\s?[:№-]?\s?(?=[\w -]{0,7}[0-9]{2})(?=[0-9 -]{0,6}[^\W\d_])(?!\w{0,3}\s?(?:mm|cm|wells|мм))[^\W_]{1,8}[\s-]?[^\W_]{1,5}",
    r"(?<!\w)reg\.?:?\s[a-z]{2}[0-9]{2}\s?[a-z]{3}(?!\w)",
    r"(?<!\w)[авекмнорстухabekmhopctyx]\s?[0-9]{3}\s?[авекмнорстухabekmhopctyx]{2}\s?[0-9]{2,3}(?!\w)",
    r"(?-i:(?<![\w-])(?!UV|HLA|IL|CD|Ig|PD)[A-ZÄÖÜ]{1,3}-[A-Z]{1,2}\s[0-9]{3,4}(?!\w)(?!\s?(?:nm|mg|ml|IU)))",
    r"(?<!\w)(?:mrn|nhs|ssn|snils|nino|ehic|medicare|medicaid|medical record|social security|national insurance|ni (?:no|number))(?![a-z])[^0-9]{0,12}[a-z]{0,2}\s?[0-9][0-9\s/-]{2,}",
    rf"(?<!\w)(?:hospital|chart|patient|case|file|record|insurance|policy|passport|admission|identity|health|student|pupil)(?: card)?\s?{_SIGN}[^0-9]{{0,6}}{_NUMBER}",
    r"(?<!\w)passport\W{0,3}[a-z]{0,2}\s?[0-9][0-9\s]{4,}",
    r"(?<!\w)(?:id|ид)\W{1,3}[0-9]{4}\s[0-9]{3,}",
    r"(?<!\w)(?:krankenversicherung\w*|versicherten?n\w*|aktenzeichen|patienten-?(?:nr|id)|dossier|historia clínica|nhc|ipp)\W{0,4}(?:nr|n°|nº)?\W{0,3}[a-z]?[0-9][0-9\s/-]{3,}",
    r"истори\w{1,3} болезни\W{0,3}(?:номер|n)?\W{0,3}[0-9][0-9\s/-]{2,}",
    r"(?<!\w)(?:и/б|иб|и\.\s?б\.?|(?:мед|амб)\w*\.?\s?карт\w{1,2}|карт[аы]\s?№|карт[аы]\s[0-9]{4}|номер карты|снилс|полис(?:а|у|ом|е)?|страховк\w+|иин|огрн|"
    r"омс|дмс|(?:загран)?паспорт(?:а|у|ом|е)?|инн|свид\w*\s?о\s?рожд\w*|св-во)(?!\w)\W{0,4}(?:(?:омс|дмс|номер|n|№|серия|сер|рф|выдан)\W{0,4}){0,3}(?:[ivxlcу]{1,5}-[а-я]{2}\W{0,4})?[0-9][0-9\s/№-]{2,}",
    r"(?<!\w)серия\W{0,2}[0-9]{2}\s?[0-9]{2}\W{1,4}(?:номер|№|n)\W{0,3}[0-9]{6}",
    r"№\s?[0-9]{4,}",
    r"(?<![\w-])[0-9]{3}-[0-9]{3}-[0-9]{3}[\s-][0-9]{2}(?![0-9])",
    r"(?<![\w-])[0-9]{3}-[0-9]{2}-[0-9]{4}(?![0-9])",
    r"(?<![\w.,-])[0-9]{2}\s?[0-9]{2}\s(?:№\s?)?[0-9]{6}(?![0-9])",
    r"(?<![\w.,-])[0-9]{4}(?:[\s-][0-9]{4}){3,}(?![0-9])",
    r"(?<!\w)[ivxlcу1]{1,6}\s?-?\s?[а-яё]{2}\s?(?:№|n)?\s?[0-9]{6}(?![0-9])",
    r"(?<!\w)[a-ceghj-prstw-z][a-ceghj-nprstw-z]\s?[0-9]{2}\s?[0-9]{2}\s?[0-9]{2}\s?[a-d](?!\w)",
]  # fmt: skip
"""With the word before them, or in a form that nothing else has. Used without regard to capital letters."""

LONG_NUMBERS = [r"(?<!meddra )(?<!snomed )(?<!snomed ct )(?<!sct )(?<!loinc )(?<![0-9])(?<![0-9][.,])[0-9]{7,}", r"(?<![\w.,-])[0-9]{3}[\s-][0-9]{3}[\s-][0-9]{4}(?![0-9])"]

_GROUPS = re.compile(r"(?<![\w.,])[A-Z]{0,6}[0-9](?:[\s-]?[0-9A-Z]){6,33}(?![\w])", re.IGNORECASE)


def snils_is_valid(number: str) -> bool:
    """Whether eleven digits are a number of the Russian pension insurance, by their check digits.

    >>> snils_is_valid("11223344595"), snils_is_valid("11223344596")
    (True, False)
    """
    total = sum(int(digit) * weight for digit, weight in zip(number, range(9, 0, -1), strict=False))
    return len(number) == 11 and number.isdecimal() and total % 101 % 100 == int(number[9:])


def iin_is_valid(number: str) -> bool:
    """Whether twelve digits are an individual number of Kazakhstan: a date of birth and a check digit.

    >>> iin_is_valid("920515300120"), iin_is_valid("920515300121")
    (True, False)
    """
    if len(number) != 12 or not number.isdecimal() or not ("01" <= number[2:4] <= "12" and "01" <= number[4:6] <= "31"):
        return False
    for first in (1, 3):
        total = sum(int(digit) * ((place + first - 1) % 11 + 1) for place, digit in enumerate(number[:11])) % 11
        if total < 10:
            return total == int(number[11])
    return False


def _checked(number: str) -> bool:
    if number.isdecimal():
        length = len(number)
        if length == 10:
            return nhs.is_valid(number) or inn.is_valid(number)
        if length == 11:
            return snils_is_valid(number) or idnr.is_valid(number) or pesel.is_valid(number)
        if length == 12:
            return inn.is_valid(number) or iin_is_valid(number)
        if length == 15:
            return nir.is_valid(number) or luhn.is_valid(number)
        return (length in (16, 19) and luhn.is_valid(number)) or (length == 18 and ric.is_valid(number))
    return (
        iban.is_valid(number)
        or (len(number) == 9 and (dni.is_valid(number) or nie.is_valid(number)))
        or (len(number) == 16 and codicefiscale.is_valid(number))
        or (len(number) == 15 and nir.is_valid(number))
        or (len(number) == 18 and ric.is_valid(number))
    )


def checked_numbers(text: str) -> Iterator[tuple[int, int]]:
    """Beginning and end of every number in `text` whose check digit is right."""
    for match in _GROUPS.finditer(text):
        groups = list(re.finditer(r"[0-9A-Za-z]+", match[0]))
        # The number may have a neighbour: any run of groups counts.
        for first in range(min(len(groups), 9)):
            for last in range(first, min(len(groups), first + 9)):
                number = "".join(group[0] for group in groups[first : last + 1]).upper()
                if len(number) > 34:
                    break
                if len(number) >= 9 and sum(map(str.isdecimal, number)) >= 8 and _checked(number):
                    yield match.start() + groups[first].start(), match.start() + groups[last].end()
                    return
