"""Given and family names of some sixty countries, as `folded` writes them (`known_names.json`, made from Faker's lists).

`GIVEN` names are no words of the dictionaries of eight languages and no words of the clinical texts in `tests/`, so that a capital
letter makes a name of them; `GIVEN_BESIDE` ones are words, too (Will, Summer), and need a family name beside them; a family name
alone says nothing, for diseases have them.
"""

import json
from pathlib import Path

_LISTS = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))

GIVEN = frozenset(" ".join(_LISTS["given"]).split())
GIVEN_BESIDE = frozenset(" ".join(_LISTS["given_beside"]).split())
FAMILY = frozenset(" ".join(_LISTS["family"]).split())
