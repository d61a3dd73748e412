# ruff: noqa: E501  (patterns and lists are easier to compare in long lines)
"""How people write full dates and dates of birth, in figures and in words."""

_MONTHS = (
    r"jan(?:uary|uar|vier)?|feb(?:ruary|ruar)?|f[ée]vr?(?:ier)?|mar(?:ch|s|zo)?|märz|maerz|apr(?:il)?|avr(?:il)?|abril|may|mayo|mai|june?|juni|juin|junio|"
    r"july?|juli|juillet|julio|aug(?:ust)?|août|agosto|sept?(?:ember|embre|iembre)?|oct(?:ober|obre)?|okt(?:ober)?|octubre|nov(?:ember|embre|iembre)?|"
    r"de[cz](?:ember|embre)?|d[ée]cembre|diciembre|enero|febrero|"
    r"январ[ьяе]|феврал[ьяе]|марта?|апрел[ьяе]|ма[йяе]|июн[ьяе]|июл[ьяе]|августа?|сентябр[ьяе]|октябр[ьяе]|ноябр[ьяе]|декабр[ьяе]|"
    r"янв|фев|мар|апр|авг|сент?|окт|нояб?|дек|қаңтар|ақпан|наурыз|сәуір|мамыр|маусым|шілде|тамыз|қыркүйек|қазан|қараша|желтоқсан"
)
MONTH = rf"(?:{_MONTHS})\.?"
_LONG_MONTH = (
    r"(?:January|February|March|April|June|July|August|September|October|November|December|[Яя]нваря|[Фф]евраля|[Мм]арта|[Аа]преля|[Мм]ая|"
    r"[Ии]юня|[Ии]юля|[Аа]вгуста|[Сс]ентября|[Оо]ктября|[Нн]оября|[Дд]екабря)"
)
_DAY, _MONTH_NUMBER, YEAR = "(?:0?[1-9]|[12][0-9]|3[01])", "(?:0?[1-9]|1[0-2])", "(?:19|20)[0-9]{2}"
_TWO_DAY, _TWO_MONTH = "(?:0[1-9]|[12][0-9]|3[01])", "(?:0[1-9]|1[0-2])"
_START, END = r"(?<![0-9])(?<![0-9][./,-])", r"(?![0-9])"
_GAP = r"[\s.,/-]{0,3}"
_ORDINAL = (
    r"(?:(?:twenty|thirty)[\s-])?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|\w{3,6}teenth|twentieth|thirtieth)"
)
_ORDINAL_RU = (
    r"(?:(?:двадцать|тридцать)\s)?(?:перв|втор|трет|четв[её]рт|пят|шест|седьм|восьм|девят|десят|\w{2,9}надцат|двадцат|тридцат)(?:ое|ого|ье|ьего)"
)

# A day and a month in either order. Years of two digits only where nothing else is written so: 12.03.10 is a date, 4-8-16 are weeks.
DATES = [
    *(
        rf"{_START}{first}\s?{mark}\s?{second}\s?{mark}\s?{YEAR}{END}"
        for mark in (r"\.", "/", "-", r"\\", "_")
        for first, second in ((_DAY, _MONTH_NUMBER), (_MONTH_NUMBER, _DAY))
    ),
    *(rf"{_START}{YEAR}\s?{mark}\s?{_MONTH_NUMBER}\s?{mark}\s?{_DAY}{END}" for mark in (r"\.", "/", "-", "_")),
    *(rf"{_START}{first}\s{second}\s{YEAR}{END}" for first, second in ((_TWO_DAY, _TWO_MONTH), (_TWO_MONTH, _TWO_DAY))),
    rf"{_START}{YEAR}\s{_TWO_MONTH}\s{_TWO_DAY}{END}",
    *(
        rf"{_START}{first}{mark}{second}{mark}[0-9]{{2}}(?![0-9])(?![./-][0-9])"
        for mark in (r"\.", "/")
        for first, second in ((_TWO_DAY, _TWO_MONTH), (_TWO_MONTH, _TWO_DAY))
    ),
    rf"{_START}(?=0[0-9]-|[0-9]{{2}}-0){_TWO_DAY}-{_TWO_MONTH}-[0-9]{{2}}(?![0-9])(?![./-][0-9])",
    rf"{_START}{_DAY}\s?[./-]?\s?(?:I|II|III|IV|V|VI|VII|VIII|IX|X|XI|XII)\s?[./-]?\s?{YEAR}{END}",
    rf"(?<![0-9]){_DAY}(?:st|nd|rd|th|er|-?го|-?е|\.)?{_GAP}(?:of\s|de\s)?{MONTH}{_GAP}(?:de\s|del\s)?(?:{YEAR}|['’][0-9]{{2}}|[0-9]{{2}}\s?г\.){END}",
    rf"(?<![0-9]){_DAY}([-/]){MONTH}[-/][0-9]{{2}}{END}",
    rf"(?<![^\W\d]){MONTH}{_GAP}(?:the\s)?{_DAY}(?:st|nd|rd|th)?{_GAP}{YEAR}{END}",
    rf"(?<![0-9]){YEAR}{_GAP}{MONTH}{_GAP}{_DAY}{END}",
    rf"(?<!\w)(?:{_ORDINAL}\s(?:of\s)?{MONTH}|{MONTH}\s(?:the\s)?{_ORDINAL})(?:,?\s(?:of\s)?(?:{YEAR}|two thousand|twenty|nineteen))",
    rf"(?<!\w){_ORDINAL_RU}\s{MONTH}(?!\w)",
    rf"{YEAR}\s?年\s?[0-9]{{1,2}}\s?月\s?[0-9]{{1,2}}\s?日",
]
"""Full dates. They are used without regard to capital letters."""

DAYS = [
    rf"(?<![\d.,-]){_DAY}(?:st|nd|rd|th|-?го)?\s(?:of\s)?{_LONG_MONTH}(?!\w)",
    rf"(?<!\w){_LONG_MONTH}\s(?:the\s)?(?:0?[1-9]|[12][0-9]|3[01])(?:st|nd|rd|th)?(?![\w%.,/-]?\d)(?!\s?(?:mg|g|ml|IU|mcg|days|weeks|%))(?!\w)",
    rf"(?<!\w)May\s{_DAY}(?:st|nd|rd|th)(?!\w)|(?<![\d.,-]){_DAY}(?:st|nd|rd|th)?\s(?:of\s)?May(?!\w)",
]
"""A day of the year without its year; capital letters matter."""

LONG_NAMES = (
    r"january|february|march|april|may|june|july|august|september|october|november|december|января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря|"
    r"januar|februar|märz|mai|juni|juli|oktober|dezember|janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre|"
    r"enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|stycznia|lutego|marca|kwietnia|maja|czerwca|lipca|sierpnia|września|października|listopada|grudnia|"
    r"gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|dicembre|ocak|şubat|mart|nisan|mayıs|haziran|temmuz|ağustos|eylül|ekim|kasım|aralık"
)
_POLISH_MONTH = r"stycznia|lutego|marca|kwietnia|maja|czerwca|lipca|sierpnia|września|października|listopada|grudnia|ocak|şubat|nisan|mayıs|haziran|temmuz|ağustos|eylül|ekim|kasım|aralık"
_BORN = r"(?:born|родил(?:ся|ась)|рожд[её]н\w*|geb(?:oren|\.)?|né+e?|nacid[oa]|нар\.)"
BIRTHS = [
    rf"(?<!\w)(?:(?:d\.?\s?o\.?\s?b\.?|birth\s?-?(?:date|day)|date of birth|b-?day|born|(?:день|дата|дня) рожд\w+|родил\w{{2,3}}|рожд[её]н\w*|geb(?:oren|\.)?(?:\sam)?|geburtstag|nées?|naissance|nacid[oa]|urodzon[ya]|ur\.|nat[oa])\W{{0,3}})"
    rf"(?:[^\W\d_]{{2,14}}\W{{1,2}}){{0,3}}(?:{LONG_NAMES})(?!\w)",
    r"(?<!\w)(?:nacid[oa]|urodzon[ya]|ur\.|nat[oa] il|doğum\w*(?:\starihi)?|туған\s?күні|туылған|туган|тугъан|b\.)\W{0,4}(?:el\s|il\s)?[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2,4}",
    rf"(?<![0-9]){YEAR}\s?(?:жылы\s(?:туған|туылған)|елның|йил\w*\sтуғилган|doğumlu|gp(?!\w)|гр(?!\w))",
    rf"(?<!\w){_DAY}\s(?:{_POLISH_MONTH})\s{YEAR}",
    r"[一二两三四五六七八九十〇零○]{4}年[一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}日",
    rf"(?<!\w)(?:turn(?:ed|s|ing)|(?:will|would) be|исполн\w+|wird|wurde)\W{{1,2}}[0-9]{{1,2}}\s(?:years\s|лет\s|год\w?\s)?(?:on\s|am\s)?(?:{MONTH}\s{_DAY}|{_DAY}(?:st|nd|rd|th|\.)?\s(?:of\s)?{MONTH})(?!\w)",
    r"(?<!\w)(?:d\.?\s?o\.?\s?b\.?|(?:date|day) of birth|birth\s?-?(?:date|day)|b-?day|дат[аыеу] рожд\w*|д(?:ень|ня|нь) рожд\w*|geburts(?:datum|tag)|"
    r"date de naissance|fecha de nacimiento|(?<!т\.)д\.\s?р\.|д/р|др:)(?!\w)\W{0,6}(?:(?:is|was|on|пациента|ребёнка|ребенка|am|le)\W{0,3}){0,2}"
    rf"(?:[0-9][0-9./-]*|{MONTH}\W{{1,3}}[0-9])",
    rf"(?<!\w){_BORN}\W{{1,3}}(?:(?:in|on|в|am|im|le|el|en)\s)?(?:the\s)?(?:{_DAY}(?:st|nd|rd|th|\.)?\W{{1,3}}(?:of\s|de\s)?)?(?:{MONTH}\W{{1,3}}(?:de\s)?)?{YEAR}{END}",
    rf"(?<!\w){_BORN}\W{{1,3}}(?:(?:on|в|am|le|el)\s)?(?:{'|'.join(DATES).replace('([-/])', '(?:[-/])')})",
    rf"(?<!\w){_BORN}\W{{1,3}}(?:(?:on|в|am|le|el)\s)?(?:the\s)?{_DAY}(?:st|nd|rd|th|\.)?\s(?:of\s)?{MONTH}(?!\w)",
    rf"(?<![0-9]){YEAR}\s?(?:г\.?\s?р(?!\w)|г\.?\s?рожд|года?\s+рожд)",
    rf"(?<!\w)(?:г\.\s?р\.?|рожд\.|г/р|год рожд\w*|year of birth|yob)\W{{0,4}}{YEAR}{END}",
]
"""Dates of birth, a year alone among them."""
