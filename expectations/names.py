"""Whether free text looks like the name of a person. A screen for a warning, not a judgement."""

import re

# Given names that are no words of medicine or of everyday language; a capital letter is required.
_GIVEN = """
Aleksandr Aleksandra Aleksei Aleksey Alexander Alexandra Alexei Alexey Alice Alina Alisa Alyona Amelia Anastasia
Anatoly Andrei Andrew Andrey Angelina Anna Anthony Anton Arina Arthur Artem Artyom Barbara Benjamin Bogdan Boris Brian
Caroline Catherine Charles Charlotte Christopher Daniel Daniil Daria Darya David Deborah Denis Diana Dmitri Dmitriy
Dmitry Edward Egor Ekaterina Elena Elizabeth Emily Emma Eva Evgenia Evgeny Fedor Galina George Gleb Grigory Hannah
Harry Helen Igor Ilya Inna Irina Isabella Ivan Jacob James Jane Jennifer Jessica Joanna John Jonathan Joseph Joshua
Julia Karina Katherine Kevin Kirill Konstantin Ksenia Larisa Laura Lev Linda Lidia Lisa Liza Ludmila Lyudmila Maksim
Margaret Margarita Maria Marina Mary Matthew Matvey Maxim Michael Michelle Mikhail Milana Nadezhda Natalia Natalya
Nicholas Nikita Nikolai Nikolay Nina Oksana Oleg Olga Oliver Olivia Patricia Pavel Peter Petr Polina Pyotr Rebecca
Richard Robert Ruslan Samuel Sarah Semyon Sergei Sergey Sofia Sofya Sophia Stanislav Stephen Steven Susan
Svetlana Tatiana Tatyana Thomas Timofey Timothy Timur Ulyana Vadim Valentina Valeria Varvara Vasily Veronica Veronika
Viktor Viktoria Vitaly Vladimir Vladislav Vyacheslav William Yana Yaroslav Yegor Yulia Yuri Yury Zakhar Zoe
Александр Александра Алексей Алёна Алена Алина Алиса Алла Анастасия Анатолий Ангелина Андрей Анна Антон Арина Артём
Артем Артур Богдан Борис Вадим Валентин Валентина Валерий Валерия Варвара Василий Василиса Вероника Виктор Виктория
Виталий Владимир Владислав Вячеслав Галина Георгий Глеб Григорий Давид Данил Данила Даниил Дарина Дарья Денис Диана
Дмитрий Ева Евгений Евгения Егор Екатерина Елена Елизавета Захар Злата Иван Игорь Илья Инна Ирина Камила Карина Кира
Кирилл Константин Ксения Лариса Лидия Любовь Людмила Макар Максим Маргарита Марина Мария Марк Матвей Мила Милана Мирон
Михаил Надежда Наталия Наталья Никита Николай Нина Оксана Олег Олеся Ольга Павел Пётр Петр Платон Полина Роман Руслан
Савелий Светлана Святослав Семён Семен Сергей София Софья Станислав Степан Таисия Тамара Татьяна Тимофей Тимур Ульяна
Фёдор Федор Эмма Юлия Юрий Яна Ярослав
"""
_NAMES = "|".join(sorted(_GIVEN.split(), key=len, reverse=True))
_CASE = "(?:[аеуыиюя]|ом|ой|ей|ем)?"  # endings of Russian cases, which a given name may add

_CAPITAL = r"[A-ZА-ЯЁ][\w’'-]+"
_SLAVIC = r"(?:ovich|evich|ovna|evna|ович|евич|овна|евна|ична|овича|евича|овны|евны|ичны)"
_SURNAME = (
    r"(?:[A-Z][a-z]{2,}(?:ov|ova|yev|eva|skiy|skaya|enko|chuk)|"
    r"[А-ЯЁ][а-яё]{2,}(?:ов|ова|овой|ев|ева|евой|ёв|ёва|ин|ина|иной|ский|ская|енко|чук))"
)

_PATTERNS = [
    # A form of address, or a role, before a capital letter.
    r"(?<!\w)(?:Mr|Mrs|Ms|Miss|Dr|Prof|Professor|Doctor|[Гг]-н|[Гг]-жа|[Дд]-р|[Пп]роф|[Дд]октор\w*|[Вв]рач\w*|[Мм]едсестр\w+|"
    rf"[Пп]ациентк?\w?|[Мм]ам\w|[Пп]ап\w)\.?\s+(?:[А-ЯЁA-Z]\.\s?){{0,2}}{_CAPITAL}",
    r"(?<!\w)(?:mother|father|nurse|patient|named)\s+[A-Z][a-z]{2,}(?!\w)",
    rf"(?<!\w)(?:[Фф]амилия|[Фф]\.?\s?[Ии]\.?\s?[Оо]|[Ии]мя|[Оо]тчество|[Nn]ame|[Ss]urname)(?!\w)\W{{1,3}}{_CAPITAL}",
    # A given name, alone or among others, unless it is a saint's or part of a double name.
    rf"(?<![\w-])(?<!St )(?<!St\. )(?:{_NAMES}){_CASE}(?![\w-])(?![’']s?\s+(?:wort|disease|sign))",
    # A patronymic.
    rf"(?<!\w)[A-ZА-ЯЁ][a-zа-яё]+{_SLAVIC}(?!\w)",
    # A word with two initials, or a Slavic family name with one.
    r"(?<!\w)[A-ZА-ЯЁ][a-zа-яё]{2,}\s+[A-ZА-ЯЁ]\.\s?[A-ZА-ЯЁ]\.",
    r"(?<!\w)[A-ZА-ЯЁ]\.\s?[A-ZА-ЯЁ]\.\s?[A-ZА-ЯЁ][a-zа-яё]{2,}",
    rf"(?<!\w){_SURNAME}\s+[A-ZА-ЯЁ]\.",
    rf"(?<!\w)[A-ZА-ЯЁ]\.\s?{_SURNAME}(?!\w)",
    # A Slavic family name in Latin letters; in Cyrillic ones, where many words end so, only after another word.
    r"(?<!\w)[A-Z][a-z]{2,}(?:nov|nova|rov|rova|kov|kova|lov|lova|tov|tova|dov|dova|sov|sova|yev|eva|skiy|skaya|enko)(?!\w)",
    r"(?<=[а-яё,] )[А-ЯЁ][а-яё]{2,}(?:ов|ова|овой|ев|ева|евой|ёв|ёва|енко)(?!\w)",
]
_PERSON = [re.compile(pattern) for pattern in _PATTERNS]

# Diseases, signs and scales carry the names of those who described them: Hodgkin lymphoma, болезнь Крона.
_EPONYM = re.compile(
    r"(?:disease|syndrome|sarcoma|lymphoma|sign|phenomenon|palsy|purpura|arthritis|nodul\w+|criteria|scale|score|reaction|virus|tumou?r|"
    r"an(?:a)?emia|eruption|dermatitis|pityriasis|cyst|line|lines|fold|folds|chorea|thyroiditis|neuralgia|ulcer|"
    r"болезн\w+|синдром\w*|сарком\w+|лимфом\w+|симптом\w*|феномен\w*|паралич\w*|пурпур\w+|артрит\w*|критери\w+|шкал\w+|"
    r"опухол\w+|дерматит\w*|лиша\w+|складк\w+|тиреоидит\w*|реакци\w+|отёк\w*|отек\w*|проб\w+)",
    re.IGNORECASE,
)
_NEAR = 3  # words between the eponym and what it names: Sister Mary Joseph nodule


def is_name_like(text: str) -> bool:
    """Whether some part of `text` looks like a person's name that is no eponym.

    >>> [is_name_like(text) for text in ("moved away with Olga Petrova", "Kaposi sarcoma", "болезнь Крона")]
    [True, False, False]
    """
    return any(
        not _is_eponym(text, match.start(), match.end()) for pattern in _PERSON for match in pattern.finditer(text)
    )


def _is_eponym(text: str, start: int, end: int) -> bool:
    before, after = text[:start].split()[-_NEAR:], text[end:].split()[:_NEAR]
    # What the name belongs to follows it in English and precedes it in Russian; a comma or a full stop parts them.
    after_clause = re.split(r"[,.;:]", " ".join(after))[0]
    before_clause = re.split(r"[,.;:]", " ".join(before))[-1]
    within = text[start:end]
    return any(
        any(_EPONYM.fullmatch(word.strip("()’'")) for word in clause.split())
        for clause in (after_clause, before_clause, within)
    )
