"""Whom the study treats: what patients are called in the text, and what is known of them beside the data.

The report says nothing about patients that stands neither in the data nor here. A fact that is not known is None, and the report
is then silent about it, or says that it was not reported.
"""

from dataclasses import dataclass
from math import inf


@dataclass(frozen=True)
class Called:
    """Words for patients: one, many, and those of either sex; `ages` in completed years, both ends in, for whom they are right."""

    one: str
    many: str
    female: str
    male: str
    ages: tuple[float, float] = (0, inf)

    @property
    def a(self) -> str:
        """One of them, with the article.

        >>> CHILDREN.a, ADULTS.a
        ('a child', 'an adult')
        """
        return f"{'an' if self.one[0] in 'aeiou' else 'a'} {self.one}"

    def count(self, number: int) -> str:
        """The word that follows a number.

        >>> CHILDREN.count(1), CHILDREN.count(27)
        ('child', 'children')
        """
        return self.one if number == 1 else self.many


PATIENTS = Called("patient", "patients", "female patients", "male patients")
ADOLESCENTS = Called("adolescent", "adolescents", "girls", "boys", (12, 17))
CHILDREN = Called("child", "children", "girls", "boys", (0, 18))
ADULTS = Called("adult", "adults", "women", "men", (18, inf))
NAMES = (ADOLESCENTS, CHILDREN, ADULTS)
"""Tried in this order; :data:`PATIENTS` are those whose ages fit none of them."""


def called(youngest: float, oldest: float) -> Called:
    """What patients of these ages, in completed years, are called.

    >>> called(8, 18).many, called(13, 16).many, called(19, 70).female, called(9, 45).many
    ('children', 'adolescents', 'women', 'patients')
    """
    return next((words for words in NAMES if words.ages[0] <= youngest and oldest <= words.ages[1]), PATIENTS)


@dataclass(frozen=True)
class Population:
    """Facts about a cohort that its data do not hold; each is None where it is not known.

    `diagnosis` follows "patients with", `setting` follows "in", `background` is a sentence.
    """

    diagnosis: str
    setting: str | None = None
    background: str | None = None
    selection: str | None = None


POPULATIONS = {
    "reconstructed": Population(
        diagnosis="severe atopic dermatitis",
        background="Topical glucocorticosteroids when needed and emollients twice a day were the background treatment.",
    ),
    "clinical": Population(diagnosis="atopic dermatitis"),
}
"""By the kind of data cut. The reconstructed one has what the paper says of its patients, with its source in `data/published.yml`;
for clinical data these are the facts of the clinic, to be filled in by who knows them."""
KINDS = tuple(POPULATIONS)
