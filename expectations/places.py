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
    r"(?<![\w.,-])[0-9]{1,5}[a-z]?,?\s(?:[a-z'’-]{3,}\s){1,2}(?:avenue|street|road|lane|crescent|drive|boulevard|gardens|terrace)(?!\w)",
    r"(?-i:(?<!\w)(?:Avda|Av|Avenida|Calle|C/|Plaza)\.?\s(?:[\wáéíóúñ]+\s){1,4})s/n",
    r"(?<!\w)[^\W\d_]{4,}(?:straße|strasse|str\.|gasse|allee|platz|weg)\s[0-9]{1,3}\s?[a-z]?(?!\w)(?!\s?(?:mg|ml|tage|wochen))",
    r"(?-i:(?<!\w)(?:Am|An der|Im|In der|Auf dem|Zum|Zur)\s(?:[A-ZÄÖÜ][a-zäöüß]+\s){1,2}[0-9]{1,3}\s?[a-z]?(?!\w)(?!\s?(?:[^\W\d_]|%)))",
    r"(?-i:(?<![\w.,-])[0-9]{5}\s(?!Patient|Punkt|Einheit|Unit|Cell|Euro|Dollar|IU)[A-ZÄÖÜÉ][a-zäöüéèß]{3,}(?:[\s-][A-ZÄÖÜ][a-zäöüß]+)*(?!\w))",
    r"(?-i:(?<![\w.,-])[0-9]{2}-[0-9]{3}\s[A-ZŁŚŻ][a-ząćęłńóśźż]{3,})",
    r"(?<!\w)(?:os|al|pl)\.\s[^\W\d_]{3,}\s(?:[^\W\d_]{3,}\s)?[0-9]{1,3}(?:/[0-9]{1,3})?(?!\w)",
    r"(?-i:(?<!\w)[A-ZÇĞİÖŞÜ]\w+\s(?:Mah|Cad|Sok|Bulvarı|Caddesi|Sokak|Mahallesi)\.?(?:\s|,))",
    r"(?-i:(?<![\w.,-])[0-9]{1,4}[A-Z]?,?\s(?:[A-Z]\w+\s){1,2}(?:Nagar|Marg|Colony|Vihar|Enclave|Sector|Layout|Puram)(?!\w))",
    r"(?-i:(?<!\w)[A-Z][a-z]+\s[1-9][0-9]{5}(?!\w))",
    r"(?<!\w)(?:rr|rural route)\s[0-9]{1,2},?\sbox\s[0-9]+",
    r"(?<!\w)(?:house|lodge|cottage|vicarage|rectory|farm|manor),\s[^\W\d_]{3,}\s(?:lane|road|street|hill|green|close|way)(?!\w)",
    r"(?<![\w-])[a-pr-uwyz][a-hk-y]?[0-9][0-9a-z]?\s[0-9](?!ug|hr|gr|ds|wk|dr|th|st|nd|rd)[abd-hjlnp-uw-z]{2}(?![\w-])",
    rf"(?<!\w){_STREET_RU}(?:\.\s?|\s)(?:[\w«»\"-]+\.?\s){{0,2}}[\w«»\"-]*[^\W\d_]{{2,}}[\w«»\"-]*\W{{1,3}}(?:(?:д|дом|зд|стр|вл)\.?\s?)?{_HOUSE}",
    rf"(?<![\w-])[^\W\d_][\w-]{{3,}}+\s{_STREET_AFTER_RU}\W{{1,3}}(?:(?:д|дом)\.?\s?)?{_HOUSE}",
    rf"(?<!\w)(?:пос|с|дер|д|г|пгт|ст-ца|аул)\.\s?[^\W\d_][\w-]+,\s?[^\W\d_][\w-]{{3,}}\W{{1,3}}{_HOUSE}",
    r"(?<!\w)(?:д|дом)\.?\s?[0-9]{1,4}\s?[а-я]?\W{1,4}(?:(?:к|корп|корпус|стр|строение)\.?\s?[0-9]{1,3}\W{1,4})?(?:кв|квартира|оф)\.?\s?[0-9]{1,4}",
    r"(?<!\w)(?:кв|квартира)\.?\s?№?\s?[0-9]{1,4}(?!\s?(?:см|м|mm|cm))(?!\w)",
    r"(?<!\w)(?:адрес\w*|проживает по адресу|прописан\w*|address|adresse|anschrift|dirección|domicilio)\s?[:—-]\s?[^\W_]+",
    rf"(?<![\w.,-])[0-9]{{1,5}}[a-z]?,?\s(?:(?:N|S|E|W|North|South|East|West)\.?\s)?(?-i:(?:[A-Z][\w'’.-]+\s){{1,3}}){_STREET_EN}(?!\w)",
    r"(?<!\w)(?:apt|apartment|flat|suite|unit)\.?\s(?:no\.?\s)?[0-9]{1,4}[a-z]?(?!\w)(?!\s?(?:mg|ml|%))",
    r"(?<!\w)P\.?\s?O\.?\s?Box\s[0-9]+",
    r"(?-i:(?<![\w-])[A-ZÄÖÜ][\wäöüß-]+(?:straße|strasse|str\.|weg|platz|gasse|allee|ufer|damm|ring)\s?[0-9]{1,4})",
    r"(?-i:(?<![\w-])[A-ZÄÖÜ][\wäöüß-]+(?:\s|er\s|-)(?:Straße|Strasse|Str\.|Weg|Platz|Gasse|Allee|Ring|Damm)\s[0-9]{1,4})",
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

_DRUG_RU = r"[А-Яа-яё]+(?:ексат|спорин|олон|маб|тиниб|лимус|мицин|циллин|азол|тизон|метазон|прин|дин|зин|ферон|глобулин|фен|мид|тек|пат|икс|ант|ком|дел|пик)[ауеом]{0,2}\s"
_COUNTRIES = (
    r"(?:Germany|France|Spain|Italy|Poland|Russia|Ukraine|Belarus|Kazakhstan|Uzbekistan|Georgia|Armenia|Turkey|Israel|China|India|Japan|Canada|Australia|England|Scotland|Wales|Ireland|Britain|America|Europe|Asia|Africa|Switzerland|Austria|"
    r"Netherlands|Belgium|Sweden|Norway|Finland|Denmark|Portugal|Greece|Egypt|Dubai|UK|US|USA|UAE|EU|Deutschland|Österreich|Russland|Frankreich|Spanien|Italien|Polen|Türkei|Ausland|Allemagne|Espagne|Suisse|Belgique|Italie|"
    r"Dupilumab|Dupixent|Upadacitinib|Rinvoq|Baricitinib|Olumiant|Adtralza|Tralokinumab|Methotrexate|Cyclosporine?|Ciclosporin|Adbry|Cibinqo|Abrocitinib|Elidel|Protopic|Xolair|Omalizumab|JAK|Adult\w*|Pediatric\w*|Paediatric\w*|Dermatolog\w*|Allerg\w*|Hospital|Clinic|Another|Other|Week|Grade|Arm|Group|Study|Commercial|Local|"
    r"Герман\w+|Росси\w+|Украин\w+|Белорусси\w+|Беларус\w+|Казахстан\w*|Узбекистан\w*|Грузи\w+|Армени\w+|Турци\w+|Израил\w+|Кита\w+|Канад\w+|США|Европ\w+|Финлянди\w+|Польш\w+|Итали\w+|Испани\w+|Франци\w+|Англи\w+|Серби\w+|Эстони\w+|Латви\w+|Литв\w+|"
    r"Ранвэк|Дупиксент\w*|Упадацитиниб|Олумиант\w*|Метотрексат|Циклоспорин|ОАЭ|ЕС|СНГ|АСИТ|НИИ|ГКС|УФ\w*|Элидел|Протопик)"
)
_MOVED = (
    r"(?:mov(?:ed|ing|es)|relocat(?:ed|ing|es)|emigrated|went|returned|transferred|moved back|back)\s(?:\w+\s){0,2}?(?:to|near)\s|"
    r"(?:перее\w+|переезд\w*|уех\w+|уезж\w+|вернул\w+|выбыл\w*|живут|живёт|живет|проживает|проживают|родом|приехал\w*)\s(?:\w+\s){0,1}?(?:во?|на|из)\s|"
    r"(?:umzug|verzogen|umgezogen|zieht|ziehen|rückkehr)\s(?:\w+\s)?(?:nach)\s|wohn(?:t|en|haft)\s(?:in|bei)\s(?:[0-9]{5}\s)?|(?:déménag\w+|parti[es]?|retour|habite)\s(?:à|au|aux|en|pour)\s|(?:mud[ao]\w*|mudanza|traslad\w+|vive|se muda)\s(?:\w+\s){0,3}?(?:an?|en)\s|"
    r"(?:przeprow\w+|wyjazd|wyjech\w+|mieszka)\s(?:do|w|we)\s|(?:trasfer\w+|abita)\s(?:an?|ad|in)\s|taşın\w*\s"
)
_KIND_RU = (
    r"(?:школ[аеуыой]{1,2}|шк\.|гимнази\w{1,2}|лице[йяюе]\w?|(?:детск\w+|дет\.)\s?сад\w{0,2}|детсад\w{0,2}|садик\w{0,2}|д/с|доу|мб?д?оу|мб?доу|гбдоу|мкоу|гбоу|сош|поликлиник\w{1,2}|больниц\w{1,2}|"
    r"гкб|дгкб|дгб|дгп|црб|гп|диспансер\w{0,2}|госпитал\w{1,2}|роддом\w{0,2}|интернат\w{0,2}|колледж\w{0,2}|ясл[ияей]{1,2}|училищ\w{1,2}|санатори\w{1,2}|клиник\w{1,2})"
)
_GENERAL_EN = (
    r"(?:Dermatology|Allergy|Eye|Emergency|Children|Childrens|Children's|Local|Outpatient|Day|University|The|At|In|To|From|Missed|Paediatric|Pediatric|Asthma|Eczema|Atopy|Immunology|Not|No|"
    r"Primary|Elementary|High|Middle|Secondary|Special|Skin|General|District|City|Private|Public|Regional|Study|Summer|Hospital|School|Boarding|Old|New|Nursing|After|Before|During|Medical|Academic)"
)
INSTITUTIONS = [
    r"^\s*[А-ЯЁ][а-яё]{2,}(?:ский|ская|цкий|цкая)\s[0-9]{1,3}(?:[-/][0-9]{1,4})?\s*$",
    rf"(?i:(?<!\w)(?:{_MOVED}))(?:the\s|г\.\s?|город\s)?(?!{_COUNTRIES}(?!\w))[^\W\d_a-zа-яё][^\W\d_]*[a-zа-яё]",
    r"(?i:(?<!\w)(?:сел[оаеу]|дер(?:евн\w+|\.)|д\.|аул\w{0,2}|кишлак\w{0,2}|станиц\w+|ст-ц\w+|хутор\w{0,2}|пос\.|пос[её]л\w+|пгт|улус\w{0,2}|с\.|авыл\w*|ауыл\w*|г\.|мкр\.?))\s?[А-ЯЁӘҒҚҢӨҰҮІ][а-яёәғқңөұүһі-]{2,}",
    r"(?i:(?<!\w)(?:village|hamlet|town|city|dorf|gemeinde|pueblo|hameau|wieś|köyü)\sof\s)[A-Z]\w+",
    rf"(?<!\w)(?:на|по)\s(?:[А-ЯЁ][а-яё]+\s){{0,1}}(?!{_DRUG_RU})[А-ЯЁ][а-яё]{{3,}}\s[0-9]{{1,3}}(?:-[0-9]{{1,4}}|[,/]\s?[0-9]+)?(?!\w)(?!\s?(?:мг|мл|дн|нед|мес|раз|лет|%|балл|кг|г/))",
    rf"(?<![\w.])(?!{_DRUG_RU})[А-ЯЁ][а-яё]{{3,}}(?:а|я|ого|ой|их|ых|ина|ова|ева)\s[0-9]{{1,3}}\s?-\s?[0-9]{{1,4}}(?!\w)(?!\s?(?:мг|мл|дн|нед|мес|раз|лет|год|%|балл))",
    r"(?i:(?<!\w)(?:учится|ходит|учёба|учеба|перевед[её]н\w?)\s(?:в|во)\s[0-9]{1,4}(?:-?\w{1,2})?\s(?:школ|сад|гимнази|лице|класс))|(?i:(?<!\w)[0-9]{1,4}(?:-?(?:я|й|ая|ой|ую))?\s(?:школ[аеуы]|гимнази[яюи]|лице[йяе]|палат[аеуы]|больниц[аеуы]|поликлиник[аеуы])(?!\w))",
    r"(?i:(?<!\w)(?:детск\w+|дет\.)\s?сад\w{0,2}|(?<!\w)(?:школ\w-?интернат\w*|садик\w?|д/с|мектеп|балабақша|бала бақша|мәктәп\w*))\s[«\"„]?(?:№\s?[0-9]+|[А-ЯЁӘҒҚҢӨҰҮІ][а-яёәғқңөұүһі]{2,})",
    r"(?<!\w)(?i:лице[йяе]|гимнази[яию]|школ[аеуы]|больниц[аеуы]|клиник[аеуы])\s№\s?[0-9]+",
    r"(?i:(?<!\w)(?:zimmer|zi\.|station|bett|chambre|ch\.|lit|habitación|habitacion|cama|sala|pokój|łóżko|stanza|letto|oda|yatak|rm|suite|unit|палата|кабинет|каб\.|бокс|этаж)\s(?:nr\.?\s?|n[°º]\s?|№\s?)?[0-9]{1,4}\s?[a-zа-я]?(?!\w)(?!\s?(?:mg|мг|ml|мл|days|%|tage|wochen|jours|días|dni|дня|дней|месяц|недел|не\s)))",
    r"(?<!\w)(?i:grundschule|realschule|waldorfschule|gesamtschule|hauptschule|gymnasium|kindergarten|kita|tagesmutter|école(?:\s(?:maternelle|primaire|élémentaire))?|ecole|crèche|collège|lycée|colegio|escuela|instituto|guardería|ceip|ies|szkoła(?:\s\w+)?|przedszkole|żłobek|liceum|scuola|asilo|okulu|ilkokulu|lisesi)"
    r"(?:\s(?:am|an|im|der|in|de|du|la|le|les|des|del|di|nr\.?|n°))*\s[«\"„“']?(?:[0-9]{1,3}|[A-ZÉÀŁŚÖÜÄ][\wéèà'’-]{2,})|(?<!\w)[A-ZÇĞİÖŞÜ]\w+\s(?:İlkokulu|Ortaokulu|Lisesi|Okulu|Hastanesi|Anaokulu)",
    r"(?<!\w)(?:CHU|CHRU|CHR|CH|Uniklinik|Universitätsklinikum|UKE|Klinikum|Klinik|Krankenhaus|Hôpital|hôpital|Hospital|hospital|Ospedale|ospedale|Policlinico|szpital|Szpital|Kinderspital|Inselspital|Spital|Clínica|clínica|Hosp)\s(?:(?:[Dd]e|[Dd]u|des|[Ll]a|[Ll]e|[Dd]el|[Dd]i|na|w|rechts|am|im|St\.?|San|Santa)\s){0,3}(?!(?:Admission|Refus|Visit|Stay|Emergency|Anxiety|Discharge|Treatment|Clinic|Pharmacy)\w*)[A-ZÀÉŁŚ][\wéèàłśż'’-]{2,}",
    r"(?<!\w)[A-Z][\w'’]+(?:\s[A-Z][\w'’]+){0,2}\s(?:Hosp|Children['’]?s|Infirmary|Medical\sCent(?:er|re)|Spital|Kinderspital|Surgery|Practice|Comp|Grammar|Juniors?|Infants?|[Pp]rimary(?:\s[Ss]chool)?|[Ee]lementary|High)(?!\w)(?!\s(?:[Cc]are|[Ii]mmun|[Cc]omplication|[Ff]ever|[Ee]nuresis|[Hh]ypertension|[Ii]nfection|[Tt]uberculosis|[Pp]rocedure))",
    r"(?i:(?<!\w)(?:attends?|pupil\sat|student\sat|goes\sto|enrolled\s(?:at|in)|class\sat|year\s[0-9]{1,2}\s(?:at|in)|reception\s(?:class\s)?(?:at|in)|transferred\sto|followed\s(?:at|up\sat)|treated\sat|admitted\sto|seen\sat))\s(?!A\s|An\s|The\s(?:Clinic|Hospital|Emergency)|Adult|Another|Dermatolog|Allerg|ICU|ER|ED|A&E|PICU|Paediatr|Pediatr|Hospital|Emergency|Week|School)(?:the\s)?[A-Z][\w'’.-]+",
    r"(?<!\w)P\.?S\.?\s[0-9]{1,3}(?!\w)(?!\s?mg)|(?<!\w)(?i:(?:kl|klasse|grade|class)\.?\s[0-9]{1,2}\s?[a-f])(?!\w)",
    r"(?i:(?<![\w'’-])[a-z'’-]{4,}+\s(?:avenue|street|road|lane|close|crescent|drive|boulevard|gardens|terrace))(?=,|$)",
    r"(?:省|市|区|县|镇)[\u4e00-\u9fff]{1,8}(?:路|街|巷|村|号)|[\u4e00-\u9fff]{2,6}(?:路|街)\s?[0-9]{1,4}\s?号",
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
    rf"(?<![\w'’.-])(?!{_GENERAL_EN}\s)[A-Z][\w'’.-]*[a-z.](?:\s(?:[A-Z][\w'’.-]+|of|the|and)){{0,4}}?\s(?:School|Kindergarten|Academy|Hospital|College|Lyceum|Gymnasium|Infirmary|Nursery|Preschool|Polyclinic|Clinic|Elementary|Daycare)(?!\w)(?!\s(?:refusal|absence|phobia|visit))",
    r"(?<!\w)[A-ZÄÖÜ][\wäöüß]+(?:-|\s)?(?:[Gg]rundschule|[Gg]ymnasium|[Rr]ealschule|[Gg]esamtschule|[Kk]indergarten|[Kk]rankenhaus|[Kk]linikum|Kita)(?!\w)",
    r"(?<!\w)(?:[ÉEée]cole|[Ll]ycée|[Cc]ollège|[Cc]olegio|[Ee]scuela|[Ii]nstituto|[Hh]ôpital|[Hh]ospital|[Cc]línica|Kita|Klinikum|Krankenhaus|Universitätsklinik\w*)\s(?:(?:de|du|la|le|del|of|d[’'])\s?)*[A-ZÉÈÑ][\wéèñ'’-]{2,}",
    r"(?i:(?<!\w)(?:на\s)?(?:ул(?:иц[аыеу])?|просп(?:ект)?[ае]?|пер(?:еул(?:ок|ке)))(?:\.\s?|\s))[А-ЯЁ][а-яё-]{2,}",
    r"(?<![\w'’-])(?:[A-Z][\w'’-]++\s){1,2}(?:Street|Road|Avenue|Lane|Boulevard|Crescent)(?!\w)",
]
"""A place that many people share, or a street without its house: looks identifying, which somebody has to judge."""
