"""How long each child is followed beyond week 26, and who stops."""

from dataclasses import replace

from .chance import Stream
from .children import Child

WEEK_52_DAY = 365

MOVED_AWAY = "family moved to another city"


def followed_to_week_52(children: list[Child]) -> list[Child]:
    """The same children, seen or called on or within a week after week 52.

    All but one: a responder whose family moves away. The last injections and the last call lie between the visits
    of weeks 39 and 52, so the latter was never due; no adverse event has to do with it.
    """
    stream = Stream("follow-up")
    leaves = stream.choice([child.number for child in children if child.responds])
    stopped = stream.whole(283, 304)
    called = stopped + stream.whole(5, 14)
    followed = []
    for child in children:
        last = WEEK_52_DAY + stream.choice((0, 0, 0, 1, 1, 2, 3, 4, 5, 7))
        if child.number == leaves:
            child = replace(child, last_contact_day=called, discontinued_day=stopped, discontinuation_reason=MOVED_AWAY)
        else:
            child = replace(child, last_contact_day=last)
        followed.append(child)
    return followed
