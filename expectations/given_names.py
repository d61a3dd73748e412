# ruff: noqa: E501  (patterns and lists are easier to compare in long lines)
"""Given names as people write them, in Latin and Cyrillic letters, with the endings of Russian cases.

Public facts in a compact form, in three degrees, because many names are also words: `SURE` names are no words of
medicine or of everyday language however they are written; `CAPITALISED` ones need a capital letter; `BESIDE` ones (Rose,
Вера, Mark) need a family name, an initial or a role beside them.
"""

import unicodedata

_SURE = """
aleksandr aleksandra aleksei aleksey alexander alexandra alexei alexey alina alisa alyona amelia anastasia anastasiya anatoly
andrei andrew andrey angelina anna annie anthony arina arthur artem artyom arseny barbara benjamin bogdan boris brian
caroline catherine charlotte christopher christina christine daniel daniil daria darya deborah denis dmitri dmitriy
dmitry eduard edward egor ekaterina elena elizabeth emily evgenia evgeny evgeniy evgeniya fedor fyodor galina georgy gleb
grigory hannah igor ilya inna irina isabella ivan jacob jennifer jessica joanna jonathan joseph joshua julia juliana karina
katherine kathryn kevin kirill konstantin ksenia kseniya larisa lidia ludmila lyudmila maksim margarita margaret maria mariya
marina matthew matvey michael michelle mikhail milana nadezhda natalia natalya nataliya natasha nicholas nicole nikita nikolai
nikolay oksana oleg olga oliver olivia pavel polina pyotr rebecca ruslan samantha semyon sergei sergey sergej sofya
stanislav stephanie svetlana tatiana tatyana tatjana timofey timothy timur ulyana vadim valentina varvara vasily vasiliy veronika
viktor viktoria viktoriya vitaly vladimir vladislav vyacheslav yaroslav yegor yulia yuliya yuri yury zakhar zinaida nadia
masha sasha dasha katya katia kolya vanya petya vasya misha grisha tanya nastya ksyusha alyosha lyosha seryozha serezha volodya
vova zhenya natalie emilie amelie chloe antoine francois etienne mathieu guillaume jacques pierre thierry benoit celine
aurelie juergen jurgen wolfgang guenther gunther heike sabine katharina johannes matthias sebastian stefan steffen andreas
juan jose miguel javier alejandro pablo lucia sofia fernando francisco manuel guadalupe joaquin gonzalo rodrigo ignacio
giovanni giuseppe francesca alessandro matteo lorenzo chiara giulia luca marco katarzyna agnieszka malgorzata krzysztof
heinz anneliese liselotte gerhard dieter horst manfred ruediger rudiger detlef hildegard gisela renate monika birgit anke silke
brigitte helmut guenter gunter joachim rainer reiner annette anja antje friedrich wilhelm ludwig mireille sylvie veronique dominique
philippe laurent-marie frederic cedric romain margaux ines beatriz pilar concepcion montserrat esperanza xavier jorge enrique rafael
zbigniew tomasz pawel wojciech oleksandr oleksiy mykola volodymyr yevhen andriy iryna nataliia svitlana oksana
aigul aigerim aizhan gulnara guzel ildar rustam aidar ainur rinat renat albina nursultan dinara aliya azat marat farid
zulfiya leila madina yerlan bauyrzhan serik asel saule nurlan dauren aruzhan alikhan damir kamila zarina jamshid gulnaz
mohammed muhammad mohamed mohammad ahmed ahmad fatima aisha hassan hussein ibrahim mustafa mehmet ayse emre yusuf omar khadija
priya rahul rajesh sanjay anjali deepak sunita yuki hiroshi takashi kenji yoko haruto sakura xiaoming xiaohong xiaoyan
jimmy johnny tommy billy bobby katie lizzie jenny becky debbie susan stephen steven kimberly ashley brittany heather megan
lauren rachel sarah laura helen william thomas charles george harry henry jeffrey gregory kenneth ronald donald gary
nancy betty dorothy ruth sharon kathleen pamela cynthia brenda janet judith cheryl jacqueline theresa diane frances evelyn
julie joyce joan lily-rose zachary dylan ethan logan mason noah liam aiden caleb sophia mia abigail madison sophie freya
hamza ananya rohan priyanka arjun aditya ishaan kavya saanvi vihaan aarush zainab maryam bilal tariq nadia-noor yousef youssef layla khalid zaid oluwaseun
chinonso chidi ngozi adaeze thabo sipho tigist abebe minh-anh xiaoling meiling xiaoyu weiming jiahao yuxuan haruki kenta rohit sneha pooja vikram lakshmi
isla poppy alfie archie finley imogen phoebe
александр александра алексей алёна алена алина алиса анастасия анатолий ангелина андрей анна арина артём артем артур арсений
арсен аркадий афанасий агата аделина ангелина анжела анжелика богдан борис вадим валентин валентина валерий варвара василий
василиса вероника виктор виктория виталий виталик владимир владислав владислава всеволод вячеслав галина георгий герасим глеб
григорий давид данил данила даниил дарья демид демьян денис дмитрий евгений евгения евдокия егор екатерина елена
елизавета ефим захар зинаида иван игнат игорь илья инга инна ирина карина кирилл клавдия клим константин кристина ксения
лариса леонид лидия людмила макар максим маргарита марина мария мариям марьяна матвей мирослав мирослава митрофан михаил
моисей наталия наталья никита николай оксана олег олеся ольга павел пелагея пётр петр платон полина прасковья прохор раиса
родион ростислав руслан савелий светлана святослав семён семен серафима сергей снежана софия софья станислав степан стефания
таисия тамара тарас татьяна тимофей тимур тихон ульяна федот федор фёдор филипп эдуард эльвира эмилия юлиана юлия юрий яков
ярослав ярослава сашенька машенька катенька ванечка дашенька настенька анечка оленька алёшка алешка ванька
маша саша паша даша наташа аркаша кеша катя катюша катька оля коля ваня петя вася серёжа сережа миша мишка гриша юля юлька
таня танюша аня анюта ирочка леночка светик настя настюша ксюша алёнка алеша алёша лёша леша дима димка митя вова вовка
володя женя вика лиля лида рита надя люба любаша валера витя виталя толик славик стасик ярик егорка илюша илюха кирюша антоша
андрюша серёга серега лёха санёк федя сеня гоша жора костик никитка тимоша даня данька маруся марусенька сонечка софа
лёлик лёля лёня ленчик маринка танечка наденька верочка любочка галка галочка томочка ниночка зиночка васёк васек колян
полинка улька варя варенька василиска алиска ариша кристинка карина милана эмилия ева-мария
айгуль айгерим айжан гульнара гузель ильдар рустам айдар айнур ринат ренат альбина нурсултан динара алия азат марат
фарид фарида зульфия лейла мадина ерлан бауыржан серик асель сауле нурлан даурен аружан алихан дамир камила камилла зарина
гульназ гульшат айсылу ильнур ильгиз ильназ алсу ляйсан рамиль рамил шамиль фарит резеда амир амира амина айша ясмина самир
эльдар эльнар эльмира магомед мухаммад ахмед ахмад фатима хадижа ибрагим мустафа юсуф расул ислам-бек анзор зураб гиви нино
тигран армен ашот гаяне карен-арам арам наринэ сурен вахтанг тенгиз олександр микола володимир оксана тарас богдана остап
джамшид фарух бахтияр дилшод гульчехра нигора шахноза улугбек санжар даниэль жансая жанель айару ерасыл бекзат нурай әлия айзере
абылай нурбек нұрбек нурлыбек ержан ерболат бауржан айбек бекарыс аяла томирис дамели кымбат мөлдір гүлсім динмухамед султанбек азамат дияр тамерлан
даулет айдана аружан жібек сабина сабир фируза шахло зебо нилуфар севара шерзод жасур бобур дилноза малика парвина фирдавс сухроб тахмина зухра ойгуль
эдик лерочка лерка светка ленка ирка танька юлька надька женька димон ромка алик дениска владик ринатик тёмка темка мариша анютка нюша лизонька лизка
яночка верунчик любаня даниэла милаша лёвушка антошка гошка стёпка степка федька петька колька васька мишаня серёжка сережка пашка сашка
"""

_CAPITALISED = """
alice diana emma eva helen inna jane james john john-paul lev linda lisa liza mary nina peter petr richard robert samuel semen
sofia stephen thomas vera-anna veronica yana zoe david anton david mike bob tom tim jim joe sam ben dan nick alex andy tony kate
lucy ella ava leo max-emil oscar jack charlie george harry paul simon philip adam aaron adrian alan albert
anne claire clara louise louis alfred bernard emil ernst felix finn hans heinrich helga ingrid jan jens jonas julian karl
kurt lars lena leon lukas lutz markus moritz nils otto ralf rolf sven thorsten torsten ulrike ursula ute uwe werner camille carlos ana
elisa hugo jules lea leonie lina luis manon marcel mateo nathalie noel olivier pedro rosa-maria sergio theo yves yvonne igor karen
molly nora norah patrick patricia ralph roger russell scott sean shane shaun terry todd tracy victoria vincent walter wayne wendy
ethel agnes amy audrey beth bruce carl craig dana denise doris doug eric erica erik eugene evan fiona gail gavin glen
graham gwen holly ian irene isaac ivy-rose janice jason jeremy jerry jill joel judy karl katy keith kelly kim kurt kyle larry
leah leonard leslie lloyd luke lynn marcus maria maureen megan melissa melanie nathan neil oleg owen peggy phil
sonya tanja lyuba nadya vika lera zina gena kostya pasha tolya yulya anya olya ira roma slava dima toma fedya tyoma lyova styopa
ira tolya zhanna rosa ilona ella ida alma inga irma
алла ада ася аля анфиса антон ева зоя зина злата ия ира кира лада лев лена лера лиза лиана лиля люся майя мила мая
мирон мира ника нина нюра нелли нонна оля поля рая римма рома рина роза соня сева стас стёпа степа тася тёма тима тоня толя
уля фаина эля элла эмма эмиль эрик юра яна яша антонина марк марьям серик тая варя света влад вовчик глаша гриша дина жанна
динар ильяс ислам алан аслан залина заира патимат самира саида салим тагир хасан хусейн муса иса омар осман али мурат
диана карен эдгар рубен лаура анаит ануш мариам роберт герман генрих вильгельм
"""

_BESIDE = """
mark rose lily hope faith joy april may june iris grace ray max art frank victor drew bill dale gene dawn chase grant miles sage
olive ruby jasmine violet ivy hazel heather carol penny paris angel carmen jean marie marin dean pat sue luz lee li sol will
rich rob don ron roman valeria carter taylor jordan dallas austin chris rosa vera amber crystal daisy basil ginger reed
robin martin florence summer autumn margo ali reza anh nam ming hong jing ying wei na jun hui fang yan ping
роман вера любовь надежда слава лилия лука марта макс тема гена костя мир агния платина стелла вероника регина виола
"""

_SURNAMES_LATIN = """
smith jones taylor brown williams wilson johnson davies robinson wright thompson evans walker white roberts green hall wood
jackson clarke clark miller davis garcia rodriguez martinez hernandez lopez gonzalez perez sanchez ramirez torres flores rivera
gomez diaz reyes morales ortiz gutierrez fernandez ruiz alvarez romero navarro dominguez vazquez muller mueller schmidt schneider
fischer weber meyer wagner becker schulz hoffmann schaefer koch bauer richter klein wolf schroeder neumann schwarz zimmermann
braun hofmann krueger hartmann lange schmitt krause meier lehmann dupont durand dubois moreau laurent simon lefebvre leroy
roux fournier girard bonnet lambert fontaine rousseau blanc guerin boyer garnier chevalier rossi russo ferrari esposito bianchi
romano colombo ricci marino greco kowalski nowak wisniewski wojcik kaminski lewandowski zielinski szymanski kowalska nowakowska
nguyen tran pham hoang huynh phan tanaka suzuki sato takahashi watanabe yamamoto nakamura kobayashi kato yoshida
patel singh kumar sharma gupta khan hussain ahmed ali begum adams baker campbell carter collins cooper cox edwards foster
gray harris hill hughes kelly king lewis martin mitchell moore morgan morris murphy murray nelson parker phillips price
richardson rogers russell scott shaw stewart stone turner ward watson young allen anderson andrews armstrong barnes bennett
o'brien o'connor o'neill macdonald mcdonald mackenzie jenkins perry powell hamilton sullivan bailey brooks butler bell howard
svensson johansson andersson nilsson hansen olsen larsen jensen nielsen virtanen korhonen silva santos oliveira souza
"""
SURNAMES_CHINESE = frozenset(
    ["wang", "li", "zhang", "liu", "chen", "yang", "huang", "zhao", "wu", "zhou", "xu", "sun", "ma", "zhu", "hu", "guo", "he", "lin", "gao", "luo", "zheng", "liang", "xie", "tang", "song", "deng", "han", "feng", "cao", "peng", "zeng", "xiao", "tian", "dong", "pan", "yuan", "cai", "jiang", "yu", "du", "ye", "cheng", "wei", "su", "lu", "ding", "ren", "shen", "kim", "lee", "park", "choi", "jung", "kang", "cho", "yoon", "jang", "lim"]
)

_SURNAMES_RUSSIAN = """
иванов смирнов кузнецов попов васильев петров соколов михайлов новиков фёдоров федоров морозов волков алексеев лебедев семёнов
семенов егоров павлов козлов степанов николаев орлов андреев макаров захаров зайцев соловьёв соловьев борисов яковлев
григорьев романов воробьёв воробьев сергеев фролов александров дмитриев королёв королев гусев киселёв киселев максимов поляков
виноградов ковалёв ковалев белов медведев антонов тарасов жуков баранов филиппов комаров давыдов беляев герасимов богданов
осипов сидоров матвеев титов миронов крылов куликов карпов власов мельников денисов гаврилов тихонов казаков афанасьев данилов
савельев тимофеев фомичёв чернов абрамов мартынов ефимов федотов щербаков назаров калашников исаев чернышёв быков маслов родионов
коновалов лазарев воронин климов филатов пономарёв голубев кудрявцев прохоров наумов потапов журавлёв овчинников трофимов леонов
соболев ермаков колесников гончаров емельянов никифоров грачёв котов гришин ефремов архипов громов кириллов малышев панов моисеев
румянцев акимов кондратьев бирюков горбунов анисимов еремин тихомиров галкин лукьянов михеев скворцов юдин белоусов нестеров
симонов прокофьев харитонов князев цветков левин митрофанов воронов аксёнов софронов мальцев логинов горшков савин краснов майоров
демидов елисеев рыбаков сафонов плотников хохлов фадеев молчанов игнатов литвинов ершов ушаков дементьев рябов мухин калинин никитин
сорокин ильин алёхин фомин кузьмин пушкин путин лапин шубин зимин носков зуев ситников галиев хасанов каримов ахметов сафин гайнутдинов
юсупов магомедов алиев мамедов гасанов рахимов ибрагимов абдуллаев исмаилов султанов хабибуллин закиров валиев нуриев хакимов садыков
"""


def folded(text: str) -> str:
    """`text` in small letters without accents, as the lists write it; й and ё stay what they are.

    >>> folded("Chloé MÜLLER"), folded("АЛЕКСЕЙ")
    ('chloe muller', 'алексей')
    """
    parts = (char if "а" <= char <= "ё" else unicodedata.normalize("NFD", char)[0] for char in text.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part)).replace("’", "'")


def _with_cases(name: str) -> set[str]:
    """The name with the endings of Russian cases, and of the possessive (Машин)."""
    if not "а" <= name[0] <= "ё":
        return {name}
    stem, last = name[:-1], name[-1]
    if name.endswith("ия"):
        endings = ("я", "и", "ю", "ей", "е")
    elif last == "а":
        endings = ("а", "ы", "и", "е", "у", "ой", "ою")
    elif last == "я":
        endings = ("я", "и", "е", "ю", "ей", "ёй")
    elif last == "й":
        endings = ("й", "я", "ю", "ем", "е", "и")
    elif last == "ь":
        endings = ("ь", "я", "ю", "ем", "и", "ью")
    elif name in {"павел", "лев"}:
        stem, endings = name[:-2] + ("ь" if name == "лев" else ""), (name[-1] + "а", name[-1] + "у", name[-1] + "ом", name[-1] + "е")
        return {name, *(stem + ending for ending in endings)}
    elif last in "еиоуыэюё":
        return {name}
    else:
        return {name + ending for ending in ("", "а", "у", "ом", "е")}
    return {stem + ending for ending in endings}


def _feminine(surname: str) -> set[str]:
    """A Russian family name, masculine and feminine, in all cases."""
    return {surname + ending for ending in ("", "а", "у", "ым", "е", "ы", "ых", "ой", "ою", "ыми")}


def _all(text: str) -> frozenset[str]:
    return frozenset(form for name in text.split() for form in _with_cases(name))


_WORDS = frozenset(
    # Words and drugs that are also a form of a name.
    ["ане", "але", "ани", "мире", "мира", "мир", "диане", "лада", "лады", "иса", "ие", "или", "алин", "роза", "розы", "розе", "розой", "кире", "поле", "поля", "полей", "поли", "мая", "маем", "мае", "света", "свете", "свету", "светы", "миле", "мила", "мили", "рома", "роме", "рая", "рай", "римме", "тоне", "тони", "толь", "тема", "теме", "темы", "теми", "лена", "лене", "лени", "лин", "стас", "ника", "нике", "паше", "кеше", "тиме", "илом", "серике", "семене", "семена", "семени", "семян", "дине", "дины", "карине", "марине", "марату", "вике", "лиле", "оле", "мише", "митя", "лиды", "риту", "юре", "али", "ada", "иве", "таня-таня", "уля", "любы", "любе", "маша-маша", "сурен", "марки", "марке", "марка", "марк", "платоне", "макаре", "лея", "вити", "вите", "вась", "леонтиаз", "анализ", "саше", "толике", "жор", "дима-т", "чтобы", "липы", "анне-т", "арами", "армена", "азату", "амира"]
)

BESIDE = _all(_BESIDE)
SURE = _all(_SURE) - _WORDS - BESIDE
CAPITALISED = (_all(_CAPITALISED) | _all(_SURE)) - BESIDE - SURE

SURNAMES = frozenset(_SURNAMES_LATIN.split()) | frozenset(
    form for name in _SURNAMES_RUSSIAN.split() for form in _feminine(name)
)
