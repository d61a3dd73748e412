"""What the commands and Quarto's hooks say on standard error: messages, findings, problems."""

import click

from study.errors import StudyError

SHOWN_PER_FILE = 20


def say(text: str) -> None:
    click.echo(text, err=True)


def show(findings, all_of_them: str = "") -> None:
    """Findings grouped by file, the critical ones first, each file capped with a count (and where to see `all_of_them`)."""
    for level, heading in (("critical", "Errors"), ("warning", "Warnings")):
        selected = [finding for finding in findings if finding.level == level]
        if not selected:
            continue
        say(f"{heading} ({_number(selected):,}):")
        for file in dict.fromkeys(finding.file for finding in selected):
            of_file = [finding for finding in selected if finding.file == file]
            for finding in of_file[:SHOWN_PER_FILE]:
                say(f"  {finding.message}")
            if len(of_file) > SHOWN_PER_FILE:
                say(f"  ... and {_number(of_file) - _number(of_file[:SHOWN_PER_FILE]):,} more in {file}{all_of_them}")


def _number(findings) -> int:
    """Of findings, with those that are counted and not listed."""
    return sum(1 + finding.more for finding in findings)


def report_problem(problem: StudyError) -> int:
    """Tell the user what stopped a command; the command's exit status."""
    show(getattr(problem, "findings", ()))
    say(f"study: {problem}")
    return problem.status


def plain(text: object) -> str:
    """A name or text of a stranger for a terminal: what would steer it, or cannot be seen, as its code.

    >>> plain("a\x1b[2Jb")
    'a<U+001B>[2Jb'
    """
    return "".join(c if c.isprintable() else f"<U+{ord(c):04X}>" for c in str(text))
