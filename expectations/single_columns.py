"""The suites' rules on single columns, as they follow from :mod:`protocol.columns`: given, of the right form, within its limits.

Rules on several columns or files are written by hand, below these in the same JSON files. `python -m expectations.single_columns`
writes the files anew; a test holds them to what it would write.
"""

import json
from pathlib import Path
from typing import Any

from expectations.checkpoint import SUITES
from expectations.derived import AS_WRITTEN
from expectations.reading import NUMBER, WHOLE
from protocol.columns import PATIENT_ID, SITE, TABLES, Column

_PLACEHOLDER = r"^(?i:[+-]?(?:n/?a|#n/a|n\.a\.|nan|nat|null|inf|infinity))$"
_FORMS = {
    "number": (NUMBER.pattern, "a plain decimal number", "a plain number with a point as decimal mark, such as 12.5"),
    "whole": (WHOLE.pattern, "a whole number", "a whole number, such as 4"),
    "flag": (r"[01](?:\.0+)?", "0 (no) or 1 (yes)", "0 (no) or 1 (yes)"),
}
"""Of the numeric kinds: the pattern, and the form in the rule's sentence and in its message."""
_IF_MISSING = "; leave the cell empty if the value is missing"


def rules(table: str, column: Column) -> list[dict[str, Any]]:
    """The expectations on one column, as the suite's JSON has them."""
    name, written = column.name, column.name + (AS_WRITTEN if column.numeric else "")
    found = []

    def rule(end: str, kind: str, kwargs: dict[str, Any], sentence: str, message: str) -> None:
        found.append(
            {
                "type": f"expect_column_values_{kind}",
                "kwargs": kwargs,
                "severity": "critical",
                "description": sentence,
                "meta": {
                    "rule": f"{table}-{name}-{end}".replace("_", "-"),
                    "message": message,
                    "columns": {table: [name]},
                },
            }
        )

    if not column.may_be_empty:
        advice = column.if_none or "fill it in"
        rule("present", "to_not_be_null", {"column": written}, f"{column.called} is always given.", f"{name} is empty; {advice}")
    if column.kind == "id":
        rule(
            "format", "to_match_regex", {"column": name, "regex": f"^{PATIENT_ID.pattern}$"},
            f"{column.called} is a P and at least three digits.",
            f'{name} is "{{{name}}}"; an id is a P and at least three digits, such as P007',
        )  # fmt: skip
    elif column.kind == "site":
        rule(
            "format", "to_match_regex", {"column": name, "regex": f"^{SITE.pattern}$"},
            f"{column.called} is a code of capital letters, digits and single hyphens, or empty.",
            f'{name} is "{{{name}}}"; a site is a code of capital letters, digits and single hyphens, 20 at most, as CLINIC-2',
        )  # fmt: skip
    elif column.kind == "text":
        advice = "leave the cell empty" if column.may_be_empty else column.if_none or "write what it is"
        rule(
            "placeholder", "to_not_match_regex", {"column": name, "regex": _PLACEHOLDER},
            f"{column.called} is a text, not a stand-in such as NA.",
            f'{name} is "{{{name}}}", which stands for a missing value; {advice}',
        )  # fmt: skip
    elif column.kind == "choice":
        choices = _one_of(column.choices)
        rule(
            "choice", "to_be_in_set", {"column": name, "value_set": list(column.choices)},
            f"{column.called} is {choices}{', or empty' if column.may_be_empty else ''}.",
            f'{name} is "{{{name}}}"; it must be {choices}{", or empty for an ordinary value" if column.may_be_empty else ""}',
        )  # fmt: skip
    else:
        pattern, form, wanted = _FORMS[column.kind]
        rule(
            column.kind, "to_match_regex", {"column": written, "regex": f"^{pattern}$"}, f"{column.called} is {form}.",
            f'{name} is "{{{name}}}"; it must be {wanted}{_IF_MISSING if column.may_be_empty else ""}',
        )  # fmt: skip
    if column.limits is not None:
        limits = column.limits
        bounds = {"min_value": limits.lowest, "max_value": limits.highest}
        given = {key: value for key, value in bounds.items() if value is not None}
        kwargs = {key: {"$PARAMETER": value} if isinstance(value, str) else value for key, value in given.items()}
        kwargs |= {"strict_min": True} if limits.above else {}
        rule("range", "to_be_between", {"column": name} | kwargs, limits.rule, f"{name} is {{{name}}}; {limits.because}")
    if column.no_zero:
        rule(
            "not-zero", "to_not_be_in_set", {"column": name, "value_set": [0]},
            "There is no study day 0: day 1 is the day of the first dose, day −1 the day before.",
            f"{name} is {{{name}}}, but there is no day 0; the day of the first dose is day 1, the day before it day -1",
        )  # fmt: skip
    return found


def _one_of(choices: tuple[str, ...]) -> str:
    """For instance "mild, moderate or severe"."""
    *first, last = choices
    return f"{', '.join(first)} or {last}" if first else last


def suite(table: str, former: dict[str, Any]) -> dict[str, Any]:
    """The suite of a table: the rules on single columns in the order of the columns, then those of `former` written by hand."""
    followed = [rule for column in TABLES[table] for rule in rules(table, column)]
    ends = ("present", "format", "placeholder", "choice", "number", "whole", "flag", "range", "not-zero")
    single = {f"{table}-{column.name}-{end}".replace("_", "-") for column in TABLES[table] for end in ends}
    by_hand = [rule for rule in former["expectations"] if rule["meta"]["rule"] not in single]
    return former | {"expectations": [*followed, *by_hand]}


def as_text(suite: dict[str, Any]) -> str:
    return json.dumps(suite, indent=2, ensure_ascii=False) + "\n"


def write(folder: Path = SUITES) -> None:
    """Write the suites' files anew."""
    for table in TABLES:
        path = folder / f"{table}.json"
        path.write_text(as_text(suite(table, json.loads(path.read_text("utf-8")))), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write()
