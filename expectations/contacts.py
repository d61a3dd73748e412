# ruff: noqa: E501  (patterns and lists are easier to compare in long lines)

"""How people write e-mail addresses, accounts of messengers, and telephone numbers; also so that a machine should not see it."""

_AT = r"(?:\s?[@＠]\s?|\s?[(\[{<]\s?(?:at|собака|@|arroba|arobase|małpa|malpa|ät|klammeraffe|chiocciola|эт|айт)\s?[)\]}>]\s?|\s(?:собака|сабака|соба|arroba|arobase|małpa|malpa|ät|klammeraffe|chiocciola)\s)"
_DOT = r"(?:\s?\.\s?|\s?[(\[{<]\s?(?:dot|точка|тчк|punkt|point|punto|kropka|nokta|\.)\s?[)\]}>]\s?|\s(?:dot|точка|тчк|punto|punkt|point|kropka|nokta)\s)"
_ZONE = r"(?:com|org|net|edu|info|ru|su|by|kz|ua|uk|de|at|ch|fr|es|it|pl|cn|eu|me|рф|бел)(?!\w)"
_SOCIAL_HOST = (
    r"(?:t\.me|telegram\.(?:me|org)|wa\.me|vk\.(?:com|me|ru)|m\.vk\.com|ok\.ru|instagram\.com|instagr\.am|(?:m\.)?(?:fb|facebook)\.(?:com|me)|m\.me|twitter\.com|x\.com|"
    r"tiktok\.com|youtube\.com|youtu\.be|linkedin\.com|snapchat\.com|discord\.(?:gg|com)|max\.ru|my\.mail\.ru|dzen\.ru|threads\.net|line\.me|viber\.com|signal\.me|weibo\.com)"
)
_SERVICE = (
    r"(?:telegramm?|телеграмм?\w{0,2}|телега|insta(?:gram)?|инста(?:грам\w{0,2})?|whats\s?app|ва(?:тс|тц)\s?ап\w{0,2}|вотсап\w{0,2}|вк|vk|вконтакте|skype|скайп|"
    r"viber|вайбер|wechat|weixin|discord|дискорд|snap(?:chat)?|tik\s?tok|тикток|facebook|fb|twitter|одноклассники)"
)
_SHORT = r"(?:тг|tg|wa|ok|line|имо|imo|signal)"
"""Services whose names mean something else in a clinic (TG is triglycerides, a first line of treatment is no account)."""

MAILS = [
    r"(?<![\w.+-])[\w.+-]++\s?@\s?[\w-]{1,63}(?:\.[\w-]{2,63})+",
    rf"(?<![\w.+-])[\w.+-]++{_AT}[\w-]{{1,63}}(?:{_DOT}[\w-]{{1,63}}){{0,3}}{_DOT}[^\W\d_]{{2,}}",
    rf"(?<![\w.+-])[\w.+-]{{2,}}+\s(?:at|аt|эт)\s[\w-]{{2,63}}(?:\sdot\s|\s?[(\[]dot[)\]]\s?|\.){_ZONE}",
    r"(?<![\w@.+-])[\w.+-]{2,}+@[^\W\d_][\w-]{2,63}",
    r"(?<![\w@])@[^\W\d]\w{2,}",
    r"(?<![\w.+-])[\w.+-]{2,}+\s?@\s?[a-z][a-z0-9-]{1,30}\s(?:com|ru|kz|de|org|net|uk|fr|es|pl|ua|by)(?!\w)",
    rf"(?<!\w){_SERVICE}\s(?:мамы|папы|матери|отца|бабушки|мама|of\s(?:the\s)?(?:mother|mum|mom|father)|mother|mum|mom|dad|father|mamy|der mutter)\s?[:=-]?\s?@?[\w.]{{3,}}",
    r"(?:微信|微博|QQ)\s?[:：号]?\s?[A-Za-z0-9_-]{5,}",
    r"(?<!\w)(?:venmo|paypal|cash\s?app|zelle|kakao(?:talk)?|zalo|ig)(?:\s?[:=@]\s?|\s)@?[a-z][\w.]{3,}[\d_.][\w.]*",
    rf"(?<![\w.]){_SOCIAL_HOST}/\s?[\w.@+-]+",
    rf"(?<!\w){_SERVICE}\s?(?:id|nick(?:name)?|handle|account|user(?:name)?|ник|аккаунт|логин)?\s?(?::|=|—|-|–|@)\s?@?(?=[\w.]*[^\W\d])[\w.]{{3,}}",
    rf"(?<!\w){_SERVICE}\s(?:id\d+|(?=[\w.]*[^\W\d])[\w.]*[_.]\w+|[a-z]+\d{{2,}})",
    rf"(?<!\w){_SHORT}\s?[:=—–-]?\s?(?:@\w{{3,}}|id\d+|[a-z]\w*_\w+)",
    r"(?<!\w)(?:id|ид)\d{5,}(?!\w)",
]
LINKS = [r"https?://\S+", r"(?<!\w)www\.\S+", rf"(?<![\w.@-])[\w-]{{2,}}+\.{_ZONE}/\S+"]

_NUMBER_WORD = (
    r"(?:zero|oh|nought|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|double|treble|triple|hundred|thousand|"
    r"ноль|нуль|один|одна|два|две|три|четыре|пять|шесть|семь|восемь|девять|десять|\w{3,8}надцать|двадцать|тридцать|сорок|\w{3,6}десят|девяносто|сто|двести|триста|четыреста|\w{4,6}сот|"
    r"null|eins|zwei|zwo|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|"
    r"zéro|un|deux|trois|quatre|cinq|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|vingt|trente|quarante|cinquante|soixante|"
    r"cero|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|jeden|dwa|trzy|cztery|pięć|sześć|siedem|osiem|dziewięć|sıfır|bir|iki|üç|dört|beş|altı|yedi|sekiz|dokuz|нөл|бір|екі|үш|төрт|бес|алты|жеті|сегіз|тоғыз)"
)
_DIGITS = r"[0-9](?:[\s().·-]{0,3}[0-9])"
PHONES = [
    rf"(?<!\w){_NUMBER_WORD}(?:[\s,-]{{1,2}}{_NUMBER_WORD}){{3}}(?=(?:[\s,-]{{1,2}}{_NUMBER_WORD}){{1,}})",
    r"(?<![\w.,-])0[0-9]{3}[\s.-][0-9]{3}[\s.-][0-9]{2}[\s.-][0-9]{2}(?![0-9])",
    r"(?<![\w.,-])[4-9][0-9]{2}([\s.-])[0-9]{3}\1[0-9]{3}(?![0-9-])(?!\s?(?:mg|мг|IU|ME|МЕ|ml|мл|units|cells|/))",
    r"(?<![\w.,-])(?:тел|т|tel|ph|phone)\.?\s?[0-9]{1,3}(?:-[0-9]{2}){1,2}-[0-9]{2,4}(?![0-9])",
    rf"(?<!\w)(?:tel|(?:tele|cell\s?)?phone|mobile|fax|whats\s?app|viber|telegram|handy|telefon|tél|móvil|тел|телефон\w*|моб|мобильн\w+|сот|сотов\w+|факс|вайбер|ватсап)(?!\w)"
    rf"[^0-9]{{0,12}}{_DIGITS}{{4,14}}",
    rf"(?<![\w-])cell(?:\s(?:no|nr|number))?[\s.:#]{{1,3}}\+?{_DIGITS}{{5,14}}",  # a cell of the body has no number behind it
    rf"(?<!\w)(?:call|ring|text|reach|contact|звон\w+|позвон\w+|перезвон\w+|связ\w+|набрать)(?!\w)[^0-9]{{0,20}}{_DIGITS}{{5,14}}(?!\s?(?:mg|мг))",
    r"(?<![\w+])\+\s?[0-9](?:[\s().-]{0,3}[0-9]){8,13}(?![0-9])",
    r"(?<![\w.,-])00[1-9][0-9]?(?:[\s().-]{1,3}[0-9]{2,4}){3,5}(?![0-9])",
    r"(?<![\w.,-])[78][\s.-]{0,2}\(?(?:[0-9]{3}\)?[\s.-]{0,2}[0-9]{3}|[0-9]{4}\)?[\s.-]{0,2}[0-9]{2}|[0-9]{5}\)?[\s.-]{0,2}[0-9])[\s.-]?[0-9]{2}[\s.-]?[0-9]{2}(?![0-9])",
    r"(?<![\w.,-])\(?9[0-9]{2}\)?[\s.-][0-9]{3}[\s.-]?[0-9]{2}[\s.-]?[0-9]{2}(?![0-9])",
    r"(?<![\w.,-])(?:\([0-9]{3}\)\s?|[0-9]{3}[-.])[0-9]{3}[-.\s][0-9]{4}(?![0-9])",
    r"(?<![\w.,-])\([0-9]{3,5}\)\s?[0-9]{1,3}[\s.-]?[0-9]{2}[\s.-]?[0-9]{2}(?![0-9])",
    r"(?<![\w.,-])\(?0[0-9]{2,4}\)?\s?[\s/.-]\s?[0-9]{3,4}[\s.-]?[0-9]{3,5}(?![0-9])",
    r"(?<![\w.,-])0[1-9](?:[\s.-][0-9]{2}){4}(?![0-9])",
    r"(?<![\w.,-])[67][0-9]{2}(?:[\s.-][0-9]{2}){3}(?![0-9])",
    r"(?<![\w.,-])[0-9]{3}-[0-9]{2}-[0-9]{2}(?![0-9-])",
]
