# ruff: noqa: E501  (patterns and lists are easier to compare in long lines)
"""Where a child lives, learns or lies: addresses, postal codes, schools, kindergartens, clinics and wards."""

_STREET_RU = (
    r"(?:ул(?:иц[аыеу])?|пр-?к?т|просп(?:ект)?[ае]?|пер(?:еул(?:ок|ке))?|бульваре?|б-р|бул|шоссе|наб(?:ережн(?:ая|ой))?|площад[ьи]|пл|проезде?|пр-д|мкр?н?|микрорайоне?|"
    r"пос(?:[её]л(?:ок|ке))?|тракт|аллея|линия|тупик|квартал|дер(?:евн[яе])?|снт|жк)"
)
_STREET_AFTER_RU = r"(?:улица|проспект|переулок|бульвар|шоссе|набережная|площадь|проезд|тракт|аллея|ул\.|пр\.|пр-т|пр-кт|пер\.|наб\.|ш\.)"
_STREET_EN = (
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Close|Way|Square|Sq|Place|Pl|Terrace|Crescent|Gardens|Grove|Park|Row|Mews|Highway|Hwy|Parkway|Circle)"
)
_HOUSE = r"[0-9]{1,4}\s?(?:[а-яa-z](?![\w])|/[0-9]{1,3}|-[0-9]{1,4})?"

ADDRESSES = [
    rf"(?<!\w){_STREET_RU}(?:\.\s?|\s)(?:[\w«»\"-]+\.?\s){{0,2}}[\w«»\"-]*[^\W\d_]{{2,}}[\w«»\"-]*\W{{1,3}}(?:(?:д|дом|зд|стр|вл)\.?\s?)?{_HOUSE}",
    rf"(?<!\w)[^\W\d_][\w-]{{3,}}\s{_STREET_AFTER_RU}\W{{1,3}}(?:(?:д|дом)\.?\s?)?{_HOUSE}",
    rf"(?<!\w)(?:пос|с|дер|д|г|пгт|ст-ца|аул)\.\s?[^\W\d_][\w-]+,\s?[^\W\d_][\w-]{{3,}}\W{{1,3}}{_HOUSE}",
    r"(?<!\w)(?:д|дом)\.?\s?[0-9]{1,4}\s?[а-я]?\W{1,4}(?:(?:к|корп|корпус|стр|строение)\.?\s?[0-9]{1,3}\W{1,4})?(?:кв|квартира|оф)\.?\s?[0-9]{1,4}",
    r"(?<!\w)(?:кв|квартира)\.?\s?№?\s?[0-9]{1,4}(?!\s?(?:см|м|mm|cm))(?!\w)",
    r"(?<!\w)(?:адрес\w*|проживает по адресу|прописан\w*|address|adresse|anschrift|dirección|domicilio)\s?[:—-]\s?[^\W_]+",
    rf"(?<![\w.,-])[0-9]{{1,5}}[a-z]?,?\s(?:(?:N|S|E|W|North|South|East|West)\.?\s)?(?-i:(?:[A-Z][\w'’.-]+\s){{1,3}}){_STREET_EN}(?!\w)",
    r"(?<!\w)(?:apt|apartment|flat|suite|unit)\.?\s(?:no\.?\s)?[0-9]{1,4}[a-z]?(?!\w)(?!\s?(?:mg|ml|%))",
    r"(?<!\w)P\.?\s?O\.?\s?Box\s[0-9]+",
    r"(?-i:(?<!\w)[A-ZÄÖÜ][\wäöüß-]+(?:straße|strasse|str\.|weg|platz|gasse|allee|ufer|damm|ring)\s?[0-9]{1,4})",
    r"(?-i:(?<!\w)[A-ZÄÖÜ][\wäöüß-]+(?:\s|er\s|-)(?:Straße|Strasse|Str\.|Weg|Platz|Gasse|Allee|Ring|Damm)\s[0-9]{1,4})",
    r"(?<![\w.,-])[0-9]{1,4}(?:\s?(?:bis|ter))?,?\s(?:rue|avenue|boulevard|bd|chemin|impasse|allée|quai|cours|place)\s(?:de|du|des|d[’']|la|le|[^\W\d_]{3,})",
    r"(?<!\w)(?:calle|c/|avenida|avda|avd|plaza|paseo|carrer|camino|via|viale|piazza|corso|ul\.|ulica|rua|ulitsa|prospekt|pereulok)\.?\s?(?:[^\W\d_][\w'’-]*\.?\s){0,3}[^\W\d_][\w'’-]*,?\s(?:n[º°.o]{0,2}\s?)?[0-9]{1,4}(?!\s?(?:mg|ml))",
    r"(?-i:(?<![\w-])(?:GIR 0AA|[A-PR-UWYZ](?:[0-9]{1,2}|[A-HK-Y][0-9](?:[0-9]|[ABEHMNPRV-Y])?|[0-9][A-HJKPS-UW])\s[0-9][ABD-HJLNP-UW-Z]{2})(?![\w-]))",
    r"(?-i:(?<!\w)(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]),?\s[0-9]{5}(?:-[0-9]{4})?(?!\w))",
    r"(?<!\w)(?:zip|zip code|post(?:al)?\s?code|postcode|plz|code postal|código postal|c\.?p\.|(?:почтовый )?индекс)\W{1,3}(?=[\w ]*[0-9])[a-z0-9]{3,6}(?:\s?[0-9][a-z]{2})?(?!\w)(?!\s?(?:кг|kg|%))",
    r"(?<![\w.,-])[1-6][0-9]{5},?\s(?:(?:г|город|обл|респ|россия)\.?\s?|(?-i:[А-ЯЁ][а-яё]{3,}))",
    r"(?-i:(?<![\w.,-])(?:[DFA]-)?[0-9]{4,5}\s(?:Berlin|Hamburg|München|Köln|Frankfurt|Stuttgart|Leipzig|Dresden|Bonn|Wien|Graz|Zürich|Bern|Basel|Paris|Lyon|Marseille|Toulouse|Nice|"
    r"Lille|Madrid|Barcelona|Valencia|Sevilla|Roma|Milano|Torino|Amsterdam)(?!\w))",
    r"(?<!\w)(?:жив[её]т|проживает|lives|living|resides|resident|wohnhaft|habite|vive)\s(?:at|на|по|in der|au|en)\s[^.;]{0,40}[0-9]{1,4}(?!\s?(?:недел|week|дн|day|мес|month|год|лет|year))",
]
"""An address by which a house, a flat or a post office's round is found. Used without regard to capital letters."""

_KIND_RU = (
    r"(?:школ[аеуыой]{1,2}|шк\.|гимнази\w{1,2}|лице[йяюе]\w?|(?:детск\w+|дет\.)\s?сад\w{0,2}|детсад\w{0,2}|садик\w{0,2}|д/с|доу|мб?д?оу|мб?доу|гбдоу|мкоу|гбоу|сош|поликлиник\w{1,2}|больниц\w{1,2}|"
    r"гкб|дгкб|дгб|дгп|црб|гп|диспансер\w{0,2}|госпитал\w{1,2}|роддом\w{0,2}|интернат\w{0,2}|колледж\w{0,2}|ясл[ияей]{1,2}|училищ\w{1,2}|санатори\w{1,2}|клиник\w{1,2})"
)
_GENERAL_EN = (
    r"(?:Dermatology|Allergy|Eye|Emergency|Children|Childrens|Children's|Local|Outpatient|Day|University|The|At|In|To|From|Missed|Paediatric|Pediatric|Asthma|Eczema|Atopy|Immunology|Not|No|"
    r"Primary|Elementary|High|Middle|Secondary|Special|Skin|General|District|City|Private|Public|Regional|Study|Summer|Hospital|School|Boarding|Old|New|Nursing|After|Before|During|Medical|Academic)"
)
INSTITUTIONS = [
    rf"(?i:(?<!\w){_KIND_RU}\s?(?:№|N|No|номер|им\.|имени|#)?\s?[0-9]{{1,4}}(?!\s?(?:дн|нед|мес|раз|лет|час|мг|%|\w)))",
    rf"(?i:(?<!\w){_KIND_RU})\s(?:им\.?|имени)?\s?[«\"„“'][^\W\d_]",
    rf"(?i:(?<!\w){_KIND_RU})\s(?:им\.|имени)\s[А-ЯЁ]",
    r"(?<!\w)(?:[А-ЯЁ][а-яё]+(?:ская|ский|ской|ском|цкая))\s(?i:(?:детская\s|областная\s|городская\s|районная\s|средняя\s){0,2}(?:школ|больниц|поликлиник|гимнази|клиник|црб|лице)\w*)",
    r"(?i:(?<!\w)(?:[1-9]|1[01])\s?-?\s?(?:й\s)?[«\"„“'(]?[абвгдежз][»\"”“')]?\s?класс\w{0,2}(?!\w))|(?i:(?<!\w)класс\w{0,2}\s?[1-9][01]?\s?-?[«\"]?[абвгд](?!\w))",
    r"(?i:(?<!\w)(?:учени(?:к|ца|цы|ку)|учится в|школьни(?:к|ца))\s(?:в\s)?[1-9][01]?\s?-?[«\"]?[а-е](?!\w))",
    r"(?i:(?<!\w)палат[аеыу]\s?(?:№|N|номер)?\s?[0-9]{1,4})|(?i:(?<!\w)койк[аеи]\s?(?:№)?\s?[0-9]{1,3})",
    r"(?i:(?<!\w)(?:ward|room|bed|bay)\s(?:no\.?\s|number\s|#\s?)?[0-9]{1,4}[a-z]?(?!\s?(?:days|weeks|nights|°|degrees|mg)|\w))",
    r"(?i:(?<!\w)(?:school|kindergarten|nursery|lyceum|gymnasium|hospital|clinic|polyclinic|lycée|colegio|schule|kita)\s(?:no\.?|number|nr\.?|n[º°]|#|№)\s?[0-9]{1,4})",
    r"(?i:(?<!\w)(?:pupil|student)\s(?:of|in|at)\s(?:class\s|form\s|grade\s)?[1-9][0-2]?\s?[a-f](?!\w))|(?i:(?<!\w)(?:class|form|klasse)\s[1-9][0-2]?\s?[a-f](?!\w))",
    rf"(?<!\w)(?!{_GENERAL_EN}\s)[A-Z][\w'’.-]*[a-z.](?:\s(?:[A-Z][\w'’.-]+|of|the|and)){{0,4}}?\s(?:School|Kindergarten|Academy|Hospital|College|Lyceum|Gymnasium|Infirmary|Nursery|Preschool|Polyclinic|Clinic|Elementary|Daycare)(?!\w)(?!\s(?:refusal|absence|phobia|visit))",
    r"(?<!\w)[A-ZÄÖÜ][\wäöüß]+(?:-|\s)?(?:[Gg]rundschule|[Gg]ymnasium|[Rr]ealschule|[Gg]esamtschule|[Kk]indergarten|[Kk]rankenhaus|[Kk]linikum|Kita)(?!\w)",
    r"(?<!\w)(?:[ÉEée]cole|[Ll]ycée|[Cc]ollège|[Cc]olegio|[Ee]scuela|[Ii]nstituto|[Hh]ôpital|[Hh]ospital|[Cc]línica|Kita|Klinikum|Krankenhaus|Universitätsklinik\w*)\s(?:(?:de|du|la|le|del|of|d[’'])\s?)*[A-ZÉÈÑ][\wéèñ'’-]{2,}",
    r"(?i:(?<!\w)(?:на\s)?(?:ул(?:иц[аыеу])?|просп(?:ект)?[ае]?|пер(?:еул(?:ок|ке)))(?:\.\s?|\s))[А-ЯЁ][а-яё-]{2,}",
    r"(?<![\w])(?:[A-Z][\w'’-]+\s){1,2}(?:Street|Road|Avenue|Lane|Boulevard|Crescent)(?!\w)",
]
"""A place that many people share, or a street without its house: looks identifying, which somebody has to judge."""
