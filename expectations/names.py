# ruff: noqa: E501  (patterns and lists are easier to compare in long lines)
"""Whether free text looks like the name of a person. A screen, not a judgement.

A word counts by what it is (a given name, a patronymic, a family name by its ending), by its capital letter, and by its
neighbours (initials, a form of address, a role); what belongs to a disease, a sign or a scale is an eponym.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from expectations.given_names import BESIDE, CAPITALISED, SURE, SURNAMES, SURNAMES_CHINESE, folded
from expectations.known_names import FAMILY, GIVEN, GIVEN_BESIDE

_WORD = re.compile(r"[^\W\d_]++(?:[’'-][^\W\d_]++)*+(?!-\d)")  # Diane-35 is a drug

_PATRONYMIC = re.compile(
    r"[а-яё]{2,}(?:ович|евич|ьич|алыч|аныч|геич|сеич|леич|саныч)(?:а|у|ем|е)?|[а-яё]{2,}(?:овн|евн)(?:а|ы|е|у|ой)|(?:ильи|лу[кч]и|фоми|кузьми|никити|савви)ни?чн(?:а|ы|е|у|ой)|"
    r"[a-z]{2,}(?:ovich|evich|yevich|ovna|evna|yevna)|(?:il|nikit|luk|fom|kuz'?m)inichna|ильич[ауе]?|ilyich|"
    r"[а-яәғқңөұүһі]{3,}(?:ұлы|улы|қызы|кызы|оглы|оглу|uly|kyzy)"
)
_NO_PATRONYMIC = re.compile(
    r"(?:.{0,3}основн|(?:без)?условн|духовн|церковн|(?:бес|мало|полно|хладно)?кровн|(?:еже|по|полу)?дневн|деревн|(?:не|по|у|за)?ровн|(?:.{0,4})душевн|плачевн|верховн|греховн)[аыеуо]й?"
)
_SURNAME_LATIN = re.compile(
    r"[a-z'-]{2,}[a-z](?:ov|ova|ev|eva|enko|enka|shvili|adze|idze|skiy|skaya|skii|chuk|shchuk|utdinov|ullin|bayev|bekov|oglu|[rskzn]yan|ovic|evic|ovski|owski|owska|ewski|ewska)"
)
_SKY = re.compile(r"[a-z]{3,}(?:vsky|nsky|tsky|rsky|lsky|insky)")
_NO_SURNAME_LATIN = frozenset(["nova", "abbrev", "geneva", "moscow", "kiev", "kyiv", "supernova", "bossanova", "casanova", "molnupirev", "ventilev", "brev", "kalinov"])
_SURNAME_CYRILLIC = re.compile(
    r"[а-яёәғқңөұүһіҳўҷ-]{2,}[а-яёәғқңөұүһіҳўҷ](?:(?:ов|ев|ёв)(?:а|у|ым|е|ой|ы|ых)?|енко|швили|адзе|идзе|(?:вск|нск|цк)(?:ий|ая|ого|ому|им|ой|ую)|чук[ау]?|"
    r"(?:с|з|н|р|к|л)ян(?:а|у)?|(?:ул|ут|дин)лин(?:а|у|ой)?|уллин(?:а|у|ой)?)"
)
"""Most such words are adjectives or plurals, so this ending alone says nothing."""
_SURNAME_IN = re.compile(r"[а-яё-]{3,}ин(?:а|у|ым|е|ой)?|[a-z]{3,}in(?:a)?")
_FEMININE = re.compile(r"[а-яёәғқңөұүһі]{3,}(?:ова|ева|ёва)")
_NO_FEMININE = frozenset(
    ["остров", "покров", "здоров", "готов", "суров", "улов", "клёв", "нездоров", "голова", "корова", "основа", "здорова", "готова", "листова", "слова", "снова", "какова", "такова", "пищева", "дерева", "слева", "чрева", "зева", "тёртова", "подкова", "половая", "полова", "нездорова", "сурова", "клинева", "обнова"]
)
_VIETNAMESE = frozenset(["nguyen", "tran", "pham", "hoang", "huynh", "phan"])
_HAN_NAME = re.compile(r"(?<![\u4e00-\u9fff])[王李张張刘劉陈陳杨楊赵趙吴吳周徐孙孫朱郭林][\u4e00-\u9fff]{1,2}(?![\u4e00-\u9fff])")
_PINYIN = re.compile(
    r"(?:(?:[bpmfdtnlgkhjqxryw]|zh?|ch?|sh?)?(?:iang|iong|hi|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|an|ao|ei|en|er|ia|ie|in|iu|ou|ua|ue|ui|un|uo|a|e|i|o|u)){1,3}"
)

_ROLE = re.compile(
    r"(?:mother|father|mom|mum|mama|dad|nurse|patient|child|boy|girl|named|called|sister|brother|twin|aunt|auntie|aunty|uncle|grandmother|grandma|grandfather|grandpa|grand-?dad|granny|gran|nan|nana|nanny|"
    r"teacher|headteacher|principal|coach|tutor|interpreter|translator|worker|visitor|coordinator|carer|caregiver|godmother|stepmother|stepfather|stepmom|stepdad|step-?m[ou]m|step-?dad|step-?father|step-?mother|"
    r"cousin|neighbou?r|friend|midwife|gp|pcp|np|pa|rn|psychologist|allergist|dietitian|pharmacist|priest|rabbi|imam|"
    r"тренер\w{0,2}|дерматолог\w{0,2}|аллерголог\w{0,2}|педиатр\w{0,2}|невролог\w{0,2}|окулист\w{0,2}|терапевт\w{0,2}|куратор\w{0,2}|ординатор\w{0,2}|сосед\w{1,3}|опекун\w{0,2}|отчим\w{0,2}|мачех\w|крёстн\w+|крестн\w+|нян[яиюе]|психолог\w{0,2}|педагог\w{0,2}|директор\w{0,2}|завуч\w{0,2}|апа|ата|әжесі|әже|эже|опа|әни|әти|әнкәсе|"
    r"maman|papa|tante|oncle|infirmier|infirmiere|sœur|frere|soeur|grand-mere|grand-pere|mere|pere|abuel[oa]|abuelita|ti[oa]|enfermer[oa]|herman[oa]|hij[oa]|nonn[oa]|zi[oa]|infermier[ae]|fratello|sorella|"
    r"babcia|babci|dziadek|tata|ojciec|matka|mamy|taty|pani|pan|lek|ciocia|wujek|siostra|brat|piel[eę]gniarka|anne|anneanne|babaanne|baba|teyze|amca|ogretmen|hemsire|b-n(?:ой|ая)|пац|больн(?:ой|ая)|"
    r"guardian|parent|parents|physician|doctor|paediatrician|pediatrician|dermatologist|investigator|signed|family|surname|name|"
    r"мам[аыеуойию]+|мать|матер[иью]+|пап[аыеуой]+|от[еёц]ц?[ауом]*|врач\w{0,2}|доктор\w{0,2}|медсестр\w+|пациентк?\w{0,2}|бабушк\w+|дедушк\w+|сестр\w{1,2}|"
    r"брат\w{0,2}|реб[её]н\w+|мальчик\w{0,2}|девочк\w+|д[ое]ч\w+|сын\w{0,2}|т[её]т\w|дяд\w|фамилия|имя|отчество|фио|законн\w+|представител\w+|учительниц\w+|воспитател\w+|"
    r"семь\w{1,2}|слов|зовут|опекун\w{0,2}|мать-?одиночка|frau|herr|kind|mutter|vater|monsieur|madame|mme|señora?|senora?|sra|sr|mère|père|madre|padre|enfant|niñ[oa])"
)
_TITLE = re.compile(
    r"(?:Mr|Mrs|Ms|Miss|Dr|Prof|Professor|Doctor|DR|MRS|PROF|dr|mrs|prof|Herr|Frau|Monsieur|Madame|Mme|Mlle|Señora?|Senora?|Sra|Sr|Don|Doña|Dott|Mother|Father|Nurse|Sister|"
    r"[Гг]-н[ау]?|[Гг]-ж[аеиу]|[Гг]осподин\w*|[Гг]оспож\w+|[Дд]-р[ау]?|[Пп]роф|[Пп]рофессор\w*|[Дд]октор\w{0,2}|[Вв]рач\w{0,2}|[Мм]едсестр\w+|[Тт][её]т[яи]|[Дд]яд[яи]|ВРАЧ|ДОКТОР|[Дд]оц|[Зз]ав)"
)
_LABEL = re.compile(r"(?:фамилия|имя|отчество|ф\.?\s?и\.?\s?о\.?|full name|first name|last name|surname|name|nombre|nom|фио)\s*[:=—-]\s*[^\W\d_]{2,}", re.IGNORECASE)
_CLINICAL = re.compile(
    r".*(?:itis|osis|oses|iasis|emia|aemia|oma|pathy|algia|uria|pnea|noea|ectomy|otomy|plasty|scopy|gram|graphy|logy|logist|mab|nib|kinra|cept|"
    r"ine|ole|one|cillin|mycin|statin|pril|sartan|olol|azine|amide|ate|ide|ium|tion|sion|ment|ness|ism|ity|ency|ance|ence|ing|ed|ous|ic|al|ive|able|"
    r"ит|оз|ома|ия|ия[им]|ость|ание|ение|ция|ций|зин|мицин|циллин|маб|тиниб|олон|азол|ный|ная|ное|ого|ых|ать|ить|ся|ась)",
)
_ORDINARY = frozenset(
    ["type", "doktor", "arzt", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "may", "june", "july", "april", "march", "august", "january", "february", "витилиго", "псориаз", "доктор", "the", "and", "for", "with", "from", "not", "was", "has", "had", "is", "no", "yes", "none", "other", "unknown", "data", "week", "day", "visit", "asthma", "atopic", "skin", "eye", "dermatology", "allergy", "clinic", "hospital", "refused", "refusal", "withdrew", "moved", "declined", "choice", "decision", "request", "wish", "family", "school", "lost", "stopped", "asked", "reported", "felt", "global", "assessment", "diary", "study", "drug", "dose", "rash", "eczema", "food", "house", "consent", "own", "age", "ages", "who", "global", "well", "asthma", "отказ", "отказалась", "отказался", "нет", "да", "неизвестно", "решение", "переезд", "другой", "прочее", "ребёнка", "ребенка", "мама", "мать", "отец", "семья", "семьи", "врач", "врача", "нет", "астма", "экзема", "бцж"]
)
_BLOCKED_BEFORE = re.compile(
    r"(?:vitamins?|type|types|hepatitis|group|grade|class|stage|grup|part|arm|cohort|phase|factor|protein|immunoglobulin|influenza|coenzyme|витамин\w*|тип\w?|гепатит\w?|"
    r"групп\w|степен\w|класс\w?|стади\w|фактор\w?|протеин\w?|грипп\w?|иммуноглобулин\w?|anti|criteria)",
    re.IGNORECASE,
)

# Diseases, signs and scales carry the names of those who described them: Hodgkin lymphoma, болезнь Крона.
_EPONYM = re.compile(
    r"(?:diseases?|syndromes?|sarcomas?|lymphomas?|signs?|phenomen\w+|pals(?:y|ies)|purpuras?|arthritis|nodul\w+|criteria|criterion|scales?|score|scores|reactions?|"
    r"virus|viruses|tumou?rs?|an(?:a)?emia|eruptions?|dermatitis|dermatosis|pityriasis|cysts?|lines?|folds?|chorea|thyroiditis|neuralgia|ulcers?|oedema|edema|"
    r"fractures?|antibod\w+|antigens?|test|tests|stain|method|formula|equation|classification|index|operation|procedure|reflex|nodes?|spots?|bodies|cells?|"
    r"contracture|triad|law|solution|paste|lotion|cream|ointment|wort|hernia|diverticul\w+|oesophagus|esophagus|encephalopathy|nevus|naevus|pox|fever|"
    r"psychosis|dystrophy|ataxia|murmur|respiration|breathing|position|manoeuvre|maneuver|catheter|agglutination|phototype|infection|infections|lesions?|disorder|amyotrophy|carcinoma|"
    r"melanoma|anomaly|malformation|deformity|lichen|prurigo|questionnaire|inventory|dressing|naevi|granulomatosis|vasculitis|"
    r"болезн\w+|синдром\w*|сарком\w+|лимфом\w+|симптом\w*|феномен\w*|паралич\w*|пурпур\w+|артрит\w*|критери\w+|шкал\w+|экзем\w+|"
    r"опухол\w+|дерматит\w*|лиша\w+|складк\w+|тиреоидит\w*|реакци\w+|отёк\w*|отек\w*|проб\w+|тест\w*|индекс\w*|перелом\w*|анеми\w+|невралги\w+|"
    r"кист\w+|лини\w+|узел\w*|узл\w+|формул\w+|классификаци\w+|мет[оа]д\w*|вирус\w*|хоре\w+|дистрофи\w+|невус\w*|пят[ен]\w+|мазь|мази|паст\w+|раствор\w*|жидкост\w+|"
    r"извилин\w+|ткан\w+|бугор\w*|дивертикул\w*|грыж\w+|контрактур\w+|триад\w+|рефлекс\w*|болезней|язв\w+|васкулит\w*|энцефалопати\w+|гранул[её]м\w+|волчанк\w+|деформаци\w+)",
    re.IGNORECASE,
)
_NEAR = 3  # words between the eponym and what it names: Sister Mary Joseph nodule
_PUBLICATION = re.compile(r"\s*(?:et\s+al\b|и\s+(?:др|соавт)\b|(?:and|&|и)\s+[^\W\d_]+,?\s+\(?(?:19|20)\d\d\b|\(?(?:19|20)\d\d\))", re.IGNORECASE)


@dataclass(frozen=True)
class _Token:
    text: str
    low: str
    start: int
    end: int
    capital: bool  # begins with a capital letter, and not only because everything does
    first: bool  # of the text or of a sentence, where a capital letter says nothing


_ROLE_GERMAN = re.compile(
    r"(?:mutter|vater|mama|papa|oma|opa|tante|onkel|bruder|(?:studien|kranken)?schwester|zwilling|familie|betreuer(?:in)?|lehrer(?:in)?|erzieher(?:in)?|pfarrer|cousine?|hr|fr|herrn?|frau|kinder(?:arzt|ärztin)|(?:haus|haut)(?:arzt|ärztin)|eltern)"
)
_ROLE_GERMAN_SURE = re.compile(r"frau|herrn?|familie|pfarrer")
"""German writes every noun with a capital letter: what follows counts as a name only where it is a known one."""
_SIGNED = re.compile(r"(?<!\w)(?:[Ss]igned|[Pp]er|[Bb]y|gez\.)(?:\sby)?:?\s(?:[A-ZА-Я]\.\s?|[A-Z]{2}\s){1,3}[A-ZА-Я][\w'’-]{2,}")
_ROLE_AFTER = re.compile(r"(?:апа|ата|әже|эже|опа|ака|уулу|кызы|қызы|улы|ұлы|әни|әти|opa|apa|aka|eje|ona|hanım|bey|abla|teyze)")
_WHOSE = re.compile(
    r"(?<!\w)(?-i:(?!(?:Patient|Child|Parent|Mother|Father|Mum|Mom|Dad|Physician|Doctor|Investigator|Sponsor|Family|Subject|Participant|Guardian|Caregiver|Carer|Sister|Brother|Nurse|Boy|Girl|Pupil|Grandmother|Clinician|Dermatologist|GP|School|Hospital|Insurer|Company|It|His|Her|Client|Twin|Grandfather|Aunt|Uncle|Teacher)['’])"
    r"[A-Z][\w-]+)['’]s\s(?:mothers?|fathers?|m[ou]m|mummy|mommy|dad|daddy|parents?|gran(?:dmother|dfather|dma|dpa|ny)?|nan|aunt|uncle|sister|brother|twin|choice|decision|wish|request|family|teacher|guardian|carer|clinic|surgery|office|practice|class|house|place)(?!\w)",
    re.IGNORECASE,
)
_PARTICLE = r"(?:(?:[Dd]e|[Dd]el|[Dd]ella|[Dd]i|[Dd]a|[Dd]o|[Dd]os|[Vv]an|[Vv]on|[Dd]er|[Dd]en|[Tt]er|[Tt]en|[Zz]u|[Ee]l|[Aa]l|[Ll]e|[Ll]a|[Bb]in|[Ii]bn|[Bb]en|[Aa]bu)[\s-]){0,2}(?:El-|Al-|O['’]|D['’]|Mc|Mac|St\.?\s)?"
_ADDRESSED = re.compile(
    rf"(?<!\w)(?:(?:Dr|DR|dr|Dra|Drs|Prof|Pr|Mrs|Mr|Ms|Mx|Mme|Mlle|Hr|Hrn|Fr|Sig\.?ra|sig\.?ra|Sig|Sra|Srta|Sr|lek|dott|dott\.?ssa|Dott\.?ssa|Ing|mgr|Mgr|Uz|Op|GP|Supt|Rev|Fr|Frau|Herrn?|Familie|[Pp]ani)\.?\s|D[’']r\.?\s)"
    rf"(?:(?:[Dd]oktor|[Dd]r|med|n\.\s?med|hab|Dr|dr|Univ|Prof)\.?\s){{0,3}}(?:[^\W\d_]\.\s?|[A-ZÄÖÜ]\s){{0,3}}{_PARTICLE}[^\W\d_][\w’'-]+"
)
"""A form of address, initials and particles, and a word with a capital letter (looked at by `_is_addressed`)."""
_NO_ADDRESSEE = re.compile(
    r"(?:visit|consult\w*|advi[cs]e\w*|decision|decided|said|stopped|said|told|recommend\w*|appointment|unknown|order\w*|note|request|the|and|or|has|was|is|did|not|refused|letter|office)", re.IGNORECASE
)
_FAMILY_OF = re.compile(
    r"(?<!\w)(?:[Tt]he\s)(?!Netherlands|States|Philippines|Americas|Alps|Emirates|Balkans|Andes|Hebrides)[A-Z][a-z]{3,}s\s(?:moved|left|refused?d?|declined?d?|asked|withdrew|want\w*|went|are|were|have)(?!\w)"
)
_SCRIPTS = re.compile(r"[\u0370-\u03ff\u0531-\u058f\u0590-\u05ff\u0600-\u06ff\u10a0-\u10ff]{3,}")
_ROLES_ELSEWHERE = re.compile(
    r"(?:妈妈|媽媽|爸爸|母亲|父亲|奶奶|爷爷|外婆|患儿|患者)[王李张張刘劉陈陳杨楊赵趙吴吳周徐孙孫朱郭林黄黃何高罗羅郑鄭梁谢謝宋唐许許韩韓冯馮邓鄧曹彭曾][\u4e00-\u9fff]{1,2}|(?<![\u4e00-\u9fff])(?:欧阳|歐陽|司马|上官|诸葛|司徒)[\u4e00-\u9fff]{1,2}|"
    r"[王李张張刘劉陈陳杨楊赵趙吴吳周徐孙孫朱郭林黄黃何高罗羅郑鄭梁谢謝宋唐许許韩韓冯馮邓鄧曹彭曾](?:医生|醫生|大夫|护士|老师|主任|教授|女士|先生|阿姨)|"
    r"(?:الدكتور[ةه]?|دكتور[ةه]?|السيد[ةه]?|أم|أبو|والد[ةه]?|د\.)\s?[\u0600-\u06ff]{3,}|(?:ד[\"״]ר|אמא של|אבא של|גב['׳]|מר)\s[\u0590-\u05ff]{2,}|(?:μητέρα|πατέρας|κ\.|γιαγιά|δρ\.?)\s[\u0391-\u03a9][\u0370-\u03ff]{2,}|"
    r"[가-힣]{2,4}\s?(?:선생님|씨|엄마|아빠|어머니|아버지)"
)
_DIMINUTIVE = re.compile(r"(?P<stem>[а-яё]{4,}?)(?:оч|еч|юш|уш|ень|онь|ыш|ик|уш|юх|ух)?(?:к(?:а|и|е|у|ой)|к?ин(?:а|о|ы|ой|у|ого|ому)?|чик(?:а|у|ом)?|ик(?:а|у|ом)?)")


def is_name_like(text: str) -> bool:
    """Whether some part of `text` looks like a person's name that is no eponym.

    >>> [is_name_like(text) for text in ("moved away with Olga Petrova", "Kaposi sarcoma", "болезнь Крона")]
    [True, False, False]
    """
    return any(
        not _is_eponym(text, start, end) and not _PUBLICATION.match(text, end) for start, end in _candidates(text)
    )


def _candidates(text: str) -> Iterator[tuple[int, int]]:
    """Beginning and end of everything that could be a name."""
    yield from (match.span() for match in _LABEL.finditer(text))
    for pattern in (_HAN_NAME, _WHOSE, _SIGNED, _FAMILY_OF, _ROLES_ELSEWHERE):
        yield from (match.span() for match in pattern.finditer(text))
    yield from (match.span() for match in _ADDRESSED.finditer(text) if _is_addressed(match[0]))
    tokens = _tokens(text)
    if _is_all_a_name(text, tokens):
        yield 0, len(text)
    for place, token in enumerate(tokens):
        before = tokens[place - 1] if place else None
        after = tokens[place + 1] if place + 1 < len(tokens) else None
        if _by_itself(token):
            yield token.start, token.end
        for left, right in ((before, token), (token, after)):
            if left and right and (token.low in BESIDE or token.low in CAPITALISED) and _adjacent(text, left, right):
                other = right if left is token else left
                if _like_surname(other, strict=token.low in BESIDE) or (other.low in SURE):
                    yield left.start, right.end
            if left and right and _given_and_family(left, right) and _adjacent(text, left, right):
                yield left.start, right.end
        if after and _adjacent(text, token, after) and _together(token, after):
            yield token.start, after.end
        yield from _with_initials(text, tokens, place)


def _together(token: _Token, after: _Token) -> bool:
    """Whether a form of address, a role or a family name makes a name of the word after it."""
    capitals = token.text[0].isupper() and after.text[0].isupper() and len(after.low) > 1
    if token.low.startswith(("тет", "тёт", "дяд")):
        return _may_name(after, capital=True)
    if _TITLE.fullmatch(token.text):
        return _may_name(after, capital=token.text[0].isupper() or after.text[0].isupper())
    if _ROLE_GERMAN_SURE.fullmatch(token.low) and token.text[0].isupper() and _may_name(after, capital=True):
        return True
    if _ROLE_GERMAN.fullmatch(token.low) and _known(after, capital=True):
        return True
    if _ROLE.fullmatch(token.low):
        return _may_name(after, capital=True) or (after.low in GIVEN and len(after.low) > 4)
    if _ROLE_AFTER.fullmatch(after.low) and token.text[0].isupper() and _may_name(token, capital=True):
        return True
    if token.capital and after.capital and _SURNAME_CYRILLIC.fullmatch(token.low) and not token.low.endswith(_ADJECTIVES) and _may_name(after, capital=True):
        return token.low not in _NO_FEMININE and (token.low, after.low) not in _ORDINARY
    if capitals and (token.low in SURNAMES_CHINESE or token.low in _VIETNAMESE) and after.low not in _ORDINARY:
        return _PINYIN.fullmatch(after.low) is not None
    if _POSSESSIVE.fullmatch(token.low) and token.text[0].isupper() and (_ROLE.fullmatch(after.low) or _KIN.fullmatch(after.low)):
        return any(_POSSESSIVE.fullmatch(token.low)[1] + ending in SURE for ending in "ая")
    for one, other in ((token, after), (after, token)):
        if capitals and other.low in SURNAMES_CHINESE and _KOREAN.fullmatch(one.low):
            return True
    return capitals and token.low in SURNAMES and after.low in SURNAMES


def _tokens(text: str) -> list[_Token]:
    shouted = text.isupper()
    found = []
    for match in _WORD.finditer(text):
        word = match[0]
        first = not text[: match.start()].strip(" \"'«(“") or bool(re.search(r"[.!?;:]\s*$", text[max(0, match.start() - 4) : match.start()]))
        found.append(_Token(word, folded(word), *match.span(), word[0].isupper() and not shouted, first))
    return found


def _adjacent(text: str, left: _Token, right: _Token) -> bool:
    return text[left.end : right.start].strip() in ("", ".", ",", ":", "(", "-", "–", "—") and right.start - left.end <= 3


def _is_given(low: str) -> bool:
    return low in GIVEN or low in SURE or low in CAPITALISED


_POSSESSIVE = re.compile(r"([а-яё]{3,})ин(?:а|о|ы|ой|у|ого|ому)?")
_KIN = re.compile(r"(?:семь[яи]|школа|уч[её]ба|квартира|группа|класс|родител\w+|родные)")
_KOREAN = re.compile(r"[a-z]{2,5}-[a-z]{2,5}")
_ADJECTIVES = ("ский", "ская", "ского", "скому", "ским", "ской", "скую", "цкий", "цкая", "овой", "евой")


def _known(token: _Token, capital: bool) -> bool:
    """Whether a word is in one of the lists of names."""
    low = re.sub(r"['’]s$", "", token.low)
    known = low in SURE or low in CAPITALISED or low in BESIDE or low in SURNAMES or low in GIVEN or low in GIVEN_BESIDE or low in FAMILY
    return known and len(low) > 2 and low not in _ORDINARY and (token.text[0].isupper() or not capital)


def _given_and_family(left: _Token, right: _Token) -> bool:
    """Whether one word is a known given name and the other a known family name."""
    for given, family in ((left, right), (right, left)):
        sure = _is_given(given.low)
        if not (sure or given.low in GIVEN_BESIDE) or not (family.low in FAMILY or family.low in SURNAMES or (sure and family.low in GIVEN)):
            continue
        if given.low in _ORDINARY or family.low in _ORDINARY or min(len(given.low), len(family.low)) < 3:
            continue
        capitals = given.text[0].isupper() and family.text[0].isupper()
        if capitals or (sure and min(len(given.low), len(family.low)) > 3):
            return True
    return False


def _is_all_a_name(text: str, tokens: list[_Token]) -> bool:
    """Whether a short text is nothing but a name: a known one and words that nothing else explains, in any case of letters."""
    if not 1 <= len(tokens) <= 4 or not re.fullmatch(r"[^\W\d_]+(?:[\s,.'’-]{1,3}[^\W\d_]+)*\.?", text.strip()):
        return False
    if any(token.low in _ORDINARY or _EPONYM.fullmatch(token.low) for token in tokens):
        return False
    if len(tokens) == 1:
        return tokens[0].text[0].isupper() and bool(_ALONE_CYRILLIC.fullmatch(tokens[0].low)) and tokens[0].low not in _NO_FEMININE
    unexplained = all(_known(token, capital=False) or not _CLINICAL.fullmatch(token.low) for token in tokens)
    given = any(token.low in GIVEN and len(token.low) > 4 for token in tokens) or (
        len(tokens) == 2 and tokens[0].capital and tokens[0].low in GIVEN_BESIDE and len(tokens[1].low) == 1 and tokens[1].text.isupper()
    )
    family = (text.isupper() or any(len(token.low) == 1 for token in tokens)) and any(_ALONE_CYRILLIC.fullmatch(token.low) and token.low not in _NO_FEMININE for token in tokens)
    named = all(token.capital and len(token.low) > 2 for token in tokens) and any(
        (token.low in FAMILY and len(token.low) > 3) or _SURNAME_LATIN.fullmatch(token.low) for token in tokens
    )
    return unexplained and (given or family or named)


_ALONE_CYRILLIC = re.compile(r"[а-яёәғқңөұүһі]{2,}(?:ников|[бвгдзклмнпрстфчшщй]ов|[бвгдзклмнпрсчшщ]ев|[бвгдзклмнпрстфчшщ]ова|[бвгдзклмнпрсчшщ]ева|енко|швили|адзе|идзе|уллин|уллина)")


def _is_addressed(match: str) -> bool:
    word = match.split()[-1]
    return word[0].isupper() and not word.isupper() and not _NO_ADDRESSEE.fullmatch(word) and folded(word) not in _ORDINARY and not re.search(r"(?:tion|ment|log(?:y|ist)|itis|tric|tics)$", word)


def _is_diminutive(low: str) -> bool:
    """Whether a word is made of a Russian given name by a diminutive or possessive ending: Дарьюшка, Артёмка, Наташкин."""
    match = _DIMINUTIVE.fullmatch(low)
    if match is None:
        return False
    stem = match["stem"]
    return any(stem + ending in SURE for ending in ("", "а", "я", "й", "ь", "ия", "ий")) or (stem[-1] == "ь" and stem[:-1] + "ья" in SURE)


def _by_itself(token: _Token) -> bool:
    """Whether a word is a name with nothing beside it."""
    low, parts = token.low, token.low.split("-")
    low = re.sub(r"'s?$", "", low)
    if len(parts) > 1:
        # Double names; Stevens-Johnson and Charcot-Marie-Tooth are eponyms of two families.
        if token.capital and len(parts) == 2 and _is_given(parts[0]) and (_is_given(parts[1]) or parts[1] in GIVEN_BESIDE):
            return True
        return all(part in SURE for part in parts) or (parts[-1] not in _NO_SURNAME_LATIN and all(_strong_surname(part) for part in parts))
    if low in SURE or (low in CAPITALISED and token.capital) or (low in GIVEN and (token.capital or _SCRIPTS.fullmatch(low))):
        return True
    if token.text[0].isupper() and _is_diminutive(low):
        return True
    if _PATRONYMIC.fullmatch(low) and not _NO_PATRONYMIC.fullmatch(low):
        return True
    if _strong_surname(low) and (low not in _LATIN_SURNAMES or (token.capital and not token.first)):
        return True
    if low in _NO_SURNAME_LATIN or low in _NO_FEMININE:
        return False
    if _SURNAME_LATIN.fullmatch(low) and len(low) > 5:
        return token.text[0].isupper() or not low.endswith(("yan", "chuk"))
    if token.capital and _SKY.fullmatch(low):
        return True
    if token.capital and _FEMININE.fullmatch(low):
        return True
    return token.capital and not token.first and bool(_SURNAME_CYRILLIC.fullmatch(low)) and not low.endswith(
        _ADJECTIVES
    )


_LATIN_SURNAMES = frozenset(name for name in SURNAMES if "a" <= name[0] <= "z")
_COMMON = frozenset(
    # Family names that are also words, drugs or places.
    ["white", "green", "hall", "wood", "clark", "klein", "wolf", "lange", "braun", "schwarz", "blanc", "bonnet", "simon", "king", "hill", "young", "stone", "baker", "cooper", "cox", "ward", "price", "bell", "brooks", "butler", "foster", "parker", "walker", "turner", "cook", "gray", "bauer", "koch", "weber", "romano", "marino", "greco", "silva", "ali", "scott", "roy", "leroy", "reyes", "flores", "rivera", "torres", "romero", "perry", "singh", "khan", "diaz", "russell", "harris", "howard", "allen", "murphy", "hamilton", "carter", "taylor", "parkinson", "collins", "phillips", "watson", "stewart", "nelson", "thompson", "wagner", "mitchell", "richter", "fontaine", "kato", "sato", "wright", "addison", "morris", "lewis", "evans", "martin", "durand", "jackson", "adams", "титов", "котов", "белых", "белы", "белым", "белой", "белов", "попы", "краснов", "зимин", "чернов", "чернова", "левин", "лапин", "носков", "баранов", "комаров", "волков", "левина", "зимина", "быков", "быкова", "орлова", "карпов", "котова", "зайцев", "голубев", "цветков", "цветкова", "зуев", "малышев", "малыш", "шубин", "мухин", "мухина", "котом", "калинин", "малышева", "ершов", "ершова", "рябов", "рябова", "ушаков", "краснова", "гусев", "гусева", "белова", "жуков", "грачев", "соболев", "воронов", "соловьев", "соловьёв", "титова", "воробьев", "петушков", "уткин", "виноградов", "виноградова", "левиной", "хохлов", "путин"]
)


def _strong_surname(low: str) -> bool:
    return low in SURNAMES and low not in _COMMON


def _like_surname(token: _Token, strict: bool) -> bool:
    """Whether a word beside a given name may be a family name."""
    low = token.low
    if low in _ORDINARY or low in _NO_FEMININE or len(low) < 3 or not (token.text[0].isupper() or _strong_surname(low)):
        return False
    shaped = low in SURNAMES or any(p.fullmatch(low) for p in (_SURNAME_LATIN, _SKY, _SURNAME_CYRILLIC, _SURNAME_IN, _PATRONYMIC))
    shaped = shaped and not (_CLINICAL.fullmatch(low) and low not in SURNAMES)
    return shaped if strict else shaped or (token.capital and token.text[1:].islower() and not _CLINICAL.fullmatch(low))


def _may_name(token: _Token, capital: bool) -> bool:
    """Whether the word after a role or a form of address can be a name."""
    low = token.low
    if len(low) < 3 or low in _ORDINARY or (capital and not token.text[0].isupper()):
        return False
    if token.text[1:].isupper() and not _strong_surname(low) and low not in SURE and len(low) < 5:
        return False  # an abbreviation
    if not token.text[1:].islower() and not token.text.isupper() and "'" not in low and "-" not in low and not low.startswith("mc"):
        return False  # IgE
    return low in SURNAMES or low in BESIDE or low in FAMILY or low in GIVEN or not _CLINICAL.fullmatch(low)


_SUBSTANCE = re.compile(r".*(?:глобин|глобулин|протеин|лейкин|витамин|токсин|зин|мицин|циллин|спорин|фибрин|альбумин|инсулин|гепарин|аспирин|ферин|лектин|тропин|стрептолизин|причина|половина|величина|рутина|ангина|картина|щетина|спина)")
_INITIAL = r"[A-ZА-ЯЁÄÖÜÉ]"
_TWO_AFTER = re.compile(rf",?\s{{0,2}}{_INITIAL}\.\s?-?{_INITIAL}(?![^\W\d_])\.?|,?\s{{1,2}}{_INITIAL}{{2}}(?![^\W\d_])|,?\s[а-яё]\.\s?[а-яё]\.(?!\s?[а-яё]\.)")
_ONE_AFTER = re.compile(rf",?\s{{1,2}}{_INITIAL}\.?(?![\w-])")
_TWO_BEFORE = re.compile(rf"(?<![^\W\d_]){_INITIAL}\.\s?-?{_INITIAL}\.\s?$|(?<![^\W\d_.])[а-яё]\.\s?[а-яё]\.\s?$")
_ONE_BEFORE = re.compile(rf"(?<![^\W\d_.])(?<!\d\s){_INITIAL}\.\s?$")


def _with_initials(text: str, tokens: list[_Token], place: int) -> Iterator[tuple[int, int]]:
    token = tokens[place]
    low = token.low
    if len(low) < 3 or low in _ORDINARY:
        return
    shaped = low in SURNAMES or low in FAMILY or low in GIVEN or any(p.fullmatch(low) for p in (_SURNAME_LATIN, _SKY, _SURNAME_CYRILLIC))
    capital = token.text[0].isupper()
    word = capital and not _CLINICAL.fullmatch(low) and (token.text[1:].islower() or "-" in token.text or "'" in token.text or (text.isupper() and shaped))
    after = _TWO_AFTER.match(text, token.end)
    if after and (shaped or _SURNAME_IN.fullmatch(low) or word):
        # Two capitals with no full stop are more often an abbreviation: only after what is shaped like a family name.
        if "." in after[0] and (capital or shaped) and (after[0].strip(" ,")[0].isupper() or shaped or capital):
            yield token.start, after.end()
            return
        if "." not in after[0] and shaped and capital:
            yield token.start, after.end()
            return
    head = text[max(0, token.start - 8) : token.start]
    before = _TWO_BEFORE.search(head)
    if before and (word or (capital and (shaped or _SURNAME_IN.fullmatch(low))) or shaped):
        yield token.start - len(before[0]), token.end
        return
    if place and _BLOCKED_BEFORE.fullmatch(tokens[place - 1].text):
        return
    blocked = place > 1 and _BLOCKED_BEFORE.fullmatch(tokens[place - 2].text)
    of_two = bool(re.fullmatch(r"[а-яё]{2,}[бвгджклмнпрстфхчшщюяья]ина?", low)) and not _CLINICAL.fullmatch(low) and not _SUBSTANCE.fullmatch(low)
    if (one := _ONE_BEFORE.search(head)) and capital and (shaped or of_two) and not blocked:
        yield token.start - len(one[0]), token.end
    elif (one := _ONE_AFTER.match(text, token.end)) and capital and (
        (one[0].endswith(".") and of_two and not blocked) or
        (shaped and low not in _COMMON) or (low in SURE) or (low in SURNAMES and one[0].endswith("."))
    ):
        yield token.start, one.end()


def _is_eponym(text: str, start: int, end: int) -> bool:
    before, after = text[:start].split()[-_NEAR:], text[end:].split()[:_NEAR]
    # What the name belongs to follows it in English and precedes it in Russian; a comma or a full stop parts them.
    after_clause = re.split(r"[,.;:]", " ".join(after))[0]
    before_clause = re.split(r"[,.;:]", " ".join(before))[-1]
    russian = bool(re.search("[а-яё]", text[start:end], re.IGNORECASE))
    clauses = (before_clause, text[start:end]) if russian else (after_clause, text[start:end])
    return any(
        any(_EPONYM.fullmatch(part) for part in (word.strip("()’'"), *word.strip("()’'").split("-")))
        for clause in clauses
        for word in clause.split()
    )
