"""How a number is printed. Rounding happens here, once, and nowhere else."""

from decimal import ROUND_HALF_UP, Decimal

MINUS = "\N{MINUS SIGN}"


def number(value: float, decimals: int) -> str:
    """`value` with `decimals` places, halves rounded away from zero, with a true minus sign.

    Sums of one-decimal scores carry binary noise in the 16th digit; it is removed first (12 significant digits), so
    that a mean of exactly 3.25 prints as 3.3 whatever the order of the summation was.

    >>> number(-65.1, 1), number(3.2499999999999996, 1), number(-0.04, 1)
    ('−65.1', '3.3', '0.0')
    """
    exact = Decimal(f"{value:.12g}").quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    text = f"{abs(exact):f}"
    return MINUS + text if exact < 0 else text


def visit(week: int) -> str:
    """A visit as a label: "Baseline" or "Week 4"."""
    return "Baseline" if week == 0 else f"Week {week}"


def named_visit(week: int) -> str:
    """A visit inside a sentence: "baseline" or "week 4"."""
    return "baseline" if week == 0 else f"week {week}"


def interval(low: str, high: str) -> str:
    """Two limits as printed, on one line.

    >>> interval("81.0", "99.9").replace("\N{NO-BREAK SPACE}", "~")
    '81.0~to~99.9'
    """
    return f"{low}\N{NO-BREAK SPACE}to\N{NO-BREAK SPACE}{high}"


def p_value(value: float) -> str:
    """A p value as the report prints it.

    >>> p_value(0.00012), p_value(0.0314)
    ('p < 0.001', 'p = 0.031')
    """
    return "p < 0.001" if value < 0.001 else f"p = {number(value, 3)}"
