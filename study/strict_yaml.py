"""YAML as settings and descriptions of cuts need it: plain values that every reader of YAML takes for the same thing.

YAML 1.1 reads 010 as eight, 1:30 as ninety, `no` as false, and takes the second of two equal keys without a word. All that is
refused with its key and line, and so are anchors, tags, and what is too large or too deep to be settings.
"""

import datetime
import re
import stat
from pathlib import Path
from typing import Any

import yaml

LARGEST = 256 * 1024
"""Bytes of a YAML file."""
_DEEPEST = 20
_MOST_NODES = 20_000
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,18}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TAG = "tag:yaml.org,2002:"


class Unreadable(Exception):
    """Why a file is no YAML of this kind; the message begins with its line where there is one."""


def read(path: Path) -> tuple[Any, dict[str, int]]:
    """What the file holds, and the line of each key, those of keys within a key as "outer.inner"; raises :class:`Unreadable`."""
    text = _text(path)
    try:
        _check_events(text)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        place = f" line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        if isinstance(problem, yaml.reader.ReaderError):
            place = f" line {text[: problem.position].count(chr(10)) + 1}"
            raise Unreadable(f"{place}: the character U+{problem.character:04X} has no place in a text; remove it") from None
        raise Unreadable(f"{place}: not valid YAML: {getattr(problem, 'problem', None) or 'it cannot be read'}") from None
    value = None if root is None else _value(root, "")  # before lines, for it refuses keys that are no words
    return value, _lines(root) if isinstance(root, yaml.MappingNode) else {}


def _lines(node: yaml.MappingNode) -> dict[str, int]:
    inner = {
        f"{outer.value}.{key}": line
        for outer, value in node.value if isinstance(value, yaml.MappingNode) for key, line in _lines(value).items()
    }  # fmt: skip
    return inner | {str(key.value): key.start_mark.line + 1 for key, _ in node.value}


def _text(path: Path) -> str:
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            what = "a folder" if stat.S_ISDIR(found.st_mode) else "a device, a pipe or a socket"
            raise Unreadable(f" is {what}; it must be a file")
        with path.open("rb") as stream:
            content = stream.read(LARGEST + 1)
    except FileNotFoundError:
        raise Unreadable(" does not exist") from None
    except (OSError, RuntimeError) as problem:
        raise Unreadable(f" cannot be read: {getattr(problem, 'strerror', None) or 'a link leads to itself'}") from None
    if len(content) > LARGEST:
        raise Unreadable(f" is larger than {LARGEST // 1024} kB; is it the right file?")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content[: problem.start].count(b"\n") + 1
        raise Unreadable(f" line {line}: byte {problem.start + 1} of the file is not UTF-8; save it as UTF-8") from None


def _check_events(text: str) -> None:
    """Depth, number and kind of what the file holds, before anything is built of it."""
    depth = 0
    for number, event in enumerate(yaml.parse(text, Loader=yaml.SafeLoader)):
        line = event.start_mark.line + 1
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _DEEPEST:
            raise Unreadable(f" line {line}: lists and keys are nested more than {_DEEPEST} deep; is a bracket left open?")
        if number > _MOST_NODES:
            raise Unreadable(f" line {line}: the file holds more than {_MOST_NODES:,} values; is it the right file?")
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise Unreadable(f" line {line}: anchors (&) and aliases (*) are not used here; write the value itself, or quote the text")
        if getattr(event, "tag", None):
            raise Unreadable(f" line {line}: tags such as {event.tag[:40]} are not used here; write the value alone")


def _value(node: yaml.Node, place: str) -> Any:
    if isinstance(node, yaml.SequenceNode):
        return [_value(each, f"{place}[{number}]") for number, each in enumerate(node.value, 1)]
    if isinstance(node, yaml.MappingNode):
        found: dict[Any, Any] = {}
        lines: dict[Any, int] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise Unreadable(f" line {line}: a key is a list; it must be one word")
            key = key_node.value if _kind(key_node) not in {"int"} else _scalar(key_node, "a key")
            if key in found:
                raise Unreadable(f" line {line}: {shown_key(key)} is there already on line {lines[key]}; keep one")
            lines[key] = line
            found[key] = _value(value_node, f"{place}.{key}".lstrip("."))
        return found
    return _scalar(node, place)


def shown_key(key: Any) -> str:
    """A key as messages show it."""
    return ascii(str(key))[1:-1][:60]


def _kind(node: yaml.ScalarNode) -> str:
    return node.tag.removeprefix(_TAG)


def _scalar(node: yaml.ScalarNode, place: str) -> Any:
    kind, text = _kind(node), node.value

    def wrong(what: str) -> Unreadable:
        where = f"{shown_key(place)} is {shown_key(text)}" if place else f"the value is {shown_key(text)}"
        return Unreadable(f" line {node.start_mark.line + 1}: {where}; {what}")

    if kind == "str":
        return text
    if kind == "null":
        return None
    if kind == "bool":
        if text not in {"true", "false"}:
            raise wrong("write true or false, or quote it if a text is meant")
        return text == "true"
    if kind in {"int", "float"}:
        if _WHOLE.fullmatch(text):
            return int(text)
        if _DECIMAL.fullmatch(text):
            return float(text)
        raise wrong("write a number in ordinary digits, such as 8 or 0.1, or quote it if a text is meant")
    if kind == "timestamp" and _DATE.fullmatch(text):
        try:
            return datetime.date.fromisoformat(text)
        except ValueError:
            raise wrong("there is no such day; write a date such as 2022-06-06") from None
    if kind == "timestamp":
        raise wrong("write a date such as 2022-06-06, without a time, or quote it if a text is meant")
    raise wrong("quote it if a text is meant")
