"""Encodings of text files, and what a wrong one leaves behind in the decoded text.

A file does not say how it is encoded, and most encodings of one byte a letter decode anything. What gives a wrong one away is text
that nobody writes: words of Latin and Cyrillic letters, control characters, marks of drawn boxes inside words, UTF-8 in pieces. Such
a text is refused, and the encodings that leave none of it are named with what they make of the first odd word.
"""

import codecs
import itertools
import re
import unicodedata

# Name in a mapping, and Python's codec. Western ones first: where several read a file without anything odd, the first are named.
_CODECS = {
    "utf-8": "utf-8-sig",
    "utf-16": "utf-16",
    "windows-1252": "cp1252",
    "windows-1251": "cp1251",
    "windows-1250": "cp1250",
    "windows-1253": "cp1253",
    "windows-1254": "cp1254",
    "windows-1257": "cp1257",
    "iso-8859-1": "latin-1",
    "iso-8859-2": "iso8859-2",
    "iso-8859-5": "iso8859-5",
    "iso-8859-15": "iso8859-15",
    "koi8-r": "koi8-r",
    "koi8-u": "koi8-u",
    "ibm850": "cp850",
    "ibm852": "cp852",
    "ibm866": "cp866",
    "macintosh": "mac-roman",
    "mac-centraleurope": "mac-latin2",
    "mac-cyrillic": "mac-cyrillic",
}
ENCODINGS = tuple(_CODECS)
_BY_CODEC = {codecs.lookup(codec).name: name for name, codec in _CODECS.items()} | {"utf-8": "utf-8"}
_MARKS = {"utf-8": (codecs.BOM_UTF8,), "utf-16": (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)}
_UNICODE = ("utf-8", "utf-16")

_WORD = re.compile(r"[^\W\d_]+")
_SERBIAN, _RUSSIAN = set("ЂЃЉЊЌЋЏђѓљњќћџЅѕЈј"), set("ЁЙЩЪЫЬЭЮЯёйщъыьэюя")
# Beside a letter, these are letters of another encoding. (Quotation marks, ®, ™, °, µ and † do stand beside letters.)
_STRANGERS = r"¤¦¬¶¨¸¯¢¥‰‡√∆∂∑∏∫◊ªº¹¼½¾\u2500-\u25ff\ue000-\uf8ff"
_BETWEEN = "ˇ˘˙˛˝£†‹›×÷²³≤≥≈≠·§" + _STRANGERS
_LETTER = r"[^\W\d_]"
_STRANGE = re.compile(
    rf"{_LETTER}*(?:[^\W\d_a-zA-Z][{_STRANGERS}]|[{_STRANGERS}][^\W\d_a-zA-Z]|{_LETTER}[{_BETWEEN}]{_LETTER}"
    rf"|[\u2500-\u25ff]{_LETTER}|№[a-zA-Z]{{2}}|†{_LETTER}{{2}}|‹{_LETTER}+(?!\S*›))[^\s,;]*"
)
_UNITS = re.compile("[A-Za-z]*[α-ωΔ]|μ[A-Za-z]+")  # TNFα, μg
_RUN = re.compile(r"[^\x00-\x7f\s“”„]{2,}")


def encoding_called(written: str) -> str | None:
    """The encoding in a mapping's own words: cp1252, latin-1 and the like are names, too.

    >>> encoding_called("CP1252"), encoding_called("latin1"), encoding_called("klingon")
    ('windows-1252', 'iso-8859-1', None)
    """
    try:
        return _BY_CODEC.get(codecs.lookup(written).name)
    except (LookupError, ValueError):
        return None


def decode(content: bytes, encoding: str) -> str:
    """The text.

    Raises ValueError, whose message begins with ": " or " line n: ", when it is not in `encoding`, or reads as if it were not.
    """
    for found, beginnings in _MARKS.items():
        if found != encoding and content.startswith(beginnings):
            raise ValueError(
                f" line 1: the file begins like {found}, the mapping says {encoding}; correct encoding there"
            )
    if encoding == "utf-16" and not content.startswith(_MARKS["utf-16"]) and b"\0" not in content:
        raise ValueError(f": the file is not utf-16{_advice(content, encoding, 0)}")
    if encoding != "utf-16" and b"\0" in content:
        if content.count(b"\0") > len(content) // 4:
            raise ValueError(
                f": the file looks like utf-16, the mapping says {encoding}; correct encoding there (encoding: utf-16)"
            )
        line = 1 + content[: content.index(b"\0")].count(b"\n")
        raise ValueError(f" line {line}: the file holds a NUL byte; it is no text, or was damaged; export it again")
    if encoding not in _UNICODE and not content.isascii() and _decoded(content, "utf-8") is not None:
        raise ValueError(f": the file is UTF-8, the mapping says {encoding}; correct encoding there")
    try:
        text = content.decode(_CODECS[encoding])
    except UnicodeDecodeError as problem:
        line = 1 + content[: problem.start].count(b"\n")
        raise ValueError(
            f" line {line}: byte {problem.start + 1} of the file is not {encoding}{_advice(content, encoding, problem.start)}"
        ) from None
    if text.isascii():
        return text
    odd = _first_odd(text, encoding)
    if odd is None:
        return text
    at, what = odd
    line = 1 + text.count("\n", 0, at)
    start = len(text[:at].encode(_CODECS[encoding]))
    if encoding in _UNICODE:
        raise ValueError(
            f" line {line}: {what}; the text was decoded wrongly before this file was written; export it again from where it is "
            "still right"
        )
    typed = "; correct the word, if it was typed so" if "mixes" in what else ""
    raise ValueError(
        f" line {line}: {what}, so the file is hardly {encoding}{typed}{_advice(content, encoding, start)}"
    )


def named(char: str) -> str:
    """A character as a message names it.

    >>> named("\\u00a0")
    'U+00A0 NO-BREAK SPACE'
    """
    return f"U+{ord(char):04X} {unicodedata.name(char, 'CONTROL CHARACTER')}"


def _decoded(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(_CODECS[encoding])
    except UnicodeDecodeError:
        return None


def _advice(content: bytes, encoding: str, start: int) -> str:
    """What to do: the encodings that leave nothing odd, each with what it makes of the word at byte `start`."""
    fits: dict[str, list[str]] = {}
    for name in ENCODINGS:
        text = None if name in (encoding, "utf-16") else _decoded(content, name)
        if text is None or _first_odd(text, name) is not None:
            continue
        before = len(content[:start].decode(_CODECS[name], "ignore"))
        fits.setdefault(_word_at(text, before), []).append(name)
    if not fits:
        return "; correct encoding in the mapping, or export the file again as UTF-8"
    read = [f'{names[0]} reads "{word}"' if word else names[0] for word, names in list(fits.items())[:3]]
    return f"; correct encoding in the mapping ({', '.join(read)}), or export the file again as UTF-8"


def _word_at(text: str, at: int) -> str:
    for word in _WORD.finditer(text, max(0, at - 60), at + 60):
        if word.start() <= at < word.end() or word.start() >= at:
            return word[0][:40]
    return ""


def _first_odd(text: str, encoding: str) -> tuple[int, str] | None:
    """Where the text first reads as decoded wrongly, and how."""
    for char in re.finditer(r"[\x80-\x9f\ufffd]", text):
        if char[0] == "\ufffd":
            return char.start(), f"a letter was lost ({named(char[0])})"
        if char[0] != "\x85" or encoding not in _UNICODE:  # a line end of mainframes
            return char.start(), f"there is a control character (U+{ord(char[0]):04X}) in the place of a letter"
    broken = _in_pieces(text)
    if broken is not None or encoding in _UNICODE:
        return broken
    strange = _STRANGE.search(text)
    if strange:
        char = next(each for each in strange[0] if re.match(f"[{_BETWEEN}№]", each))
        return strange.start(), f'"{strange[0][:40]}" holds {named(char)} where a letter should be'
    words = [word for word in _WORD.finditer(text) if not word[0].isascii()]
    for word in words:
        what = _mixed(word[0])
        if what is not None:
            return word.start(), f'"{word[0][:40]}" {what}'
    return _unlikely(words)


def _in_pieces(text: str) -> tuple[int, str] | None:
    """UTF-8 that was read as an encoding of one byte a letter, as in Ã© for é."""
    for run in _RUN.finditer(text):
        for codec in ("cp1252", "cp1251", "cp1250", "cp1254", "mac-roman"):
            try:
                meant = run[0].encode(codec).decode("utf-8")
            except UnicodeError:
                continue
            # Two Cyrillic letters may be the bytes of one, as in "Её"; of two others they never are.
            if codec != "cp1251" or len(meant) > 1:
                return run.start(), f'"{run[0][:40]}" is UTF-8 read in another encoding; it should be "{meant[:40]}"'
    return None


def _mixed(word: str) -> str | None:
    of: dict[str, str] = {}
    for char in word:
        of.setdefault(unicodedata.name(char, "?").split()[0], char)
    scripts = [script for script in ("LATIN", "CYRILLIC", "GREEK") if script in of]
    if len(scripts) > 1 and not _UNITS.fullmatch(word):
        which = "; ".join(f"{of[script]} is {named(of[script])}" for script in scripts)
        return f"mixes {' and '.join(script.capitalize() for script in scripts)} letters ({which})"
    letters = set(word)
    if letters & _SERBIAN and letters & _RUSSIAN:
        return "mixes Cyrillic letters of languages that share no word"
    return None


def _unlikely(words: list[re.Match]) -> tuple[int, str] | None:
    """Capitals inside words, or words of accented letters alone: one may be meant, a third of all words is not."""
    long = {word[0]: word for word in reversed(words) if len(word[0]) > 3}
    odd = [word for text, word in long.items() if _odd_case(text) or _all_accents(text)]
    inverted = [word for text, word in long.items() if len(text) > 4 and text[0].islower() and text[1:].isupper()]
    if inverted or 3 * len(odd) < len(long):
        odd = inverted
    if not odd:
        return None
    first = min(odd, key=lambda word: word.start())
    return first.start(), f'"{first[0][:40]}" is no word of any language'


def _odd_case(word: str) -> bool:
    return any(
        before.islower() and after.isupper() and not after.isascii() for before, after in itertools.pairwise(word)
    )


def _all_accents(word: str) -> bool:
    accented = sum(not char.isascii() for char in word)
    return "LATIN" in unicodedata.name(word[0], "") and accented >= 4 and accented >= 0.75 * len(word)
