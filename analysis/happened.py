"""What was given and what happened to all patients together, in words for whoever cannot see a picture of it."""

from analysis.core.words import Words


def doses_and_events(words: Words) -> str:
    """Doses given and missed, adverse events, and how many of them were conjunctivitis."""
    given, missed = (words.row(f"exposure.doses.{each}.n").display for each in ("given", "missed"))
    return f"{_several(given, 'dose')} given, {missed if missed != '0' else 'none'} missed; {_events(words)}"


def _events(words: Words) -> str:
    events, having, eyes = (words.row(f"safety.{each}") for each in ("any_event.events", "any_event.n", "conjunctivitis.events"))
    if not events.value:
        return "no adverse event"
    told = f"{_several(events.display, 'adverse event')} in {having.display} {words.who.count(having.value)}"
    if events.value == 1:
        return f"{told}, {'' if eyes.value else 'no '}conjunctivitis"
    return f"{told}, {eyes.display if eyes.value else 'none'} of them conjunctivitis"


def _several(number: str, thing: str) -> str:
    """A number with its noun.

    >>> [_several(number, "dose") for number in ("0", "1", "2")]
    ['no dose', '1 dose', '2 doses']
    """
    return f"{'no' if number == '0' else number} {thing}{'' if number in ('0', '1') else 's'}"
