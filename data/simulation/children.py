"""The children: who they are before the first dose, and what course each is going to take."""

from dataclasses import dataclass

from .chance import Stream, within

COHORT_SIZE = 27
YOUNGEST, OLDEST = 8, 18

# How often each completed year of age is drawn. Clinics see few 17-year-olds: they move on to adult care.
_AGES = (8, 8, 9, 9, 9, 10, 10, 10, 11, 11, 12, 12, 12, 13, 13, 14, 14, 14, 15, 15, 16, 16, 17)

# Median weight in kg at each birthday from 8 to 18, rounded, after the CDC growth charts of 2000.
_MEDIAN_WEIGHT = {
    "M": (25.7, 28.7, 32.1, 36.1, 40.7, 45.8, 51.2, 56.5, 61.1, 64.7, 67.3),
    "F": (25.7, 29.1, 33.0, 37.2, 41.7, 45.9, 49.4, 52.0, 53.9, 55.2, 56.6),
}

_PRIOR_THERAPY = (
    "none",
    "none",
    "none",
    "systemic glucocorticosteroids",
    "systemic glucocorticosteroids",
    "systemic glucocorticosteroids",
    "systemic glucocorticosteroids",
    "ciclosporin",
    "ciclosporin",
    "ciclosporin",
    "ciclosporin, systemic glucocorticosteroids",
    "ciclosporin, systemic glucocorticosteroids",
    "methotrexate",
    "ciclosporin, methotrexate",
)


@dataclass(frozen=True)
class Child:
    """One child.

    `severity` is a latent score (sd about 1) behind the baseline; `responds` marks the paper's 26 responders.
    `last_contact_day` is the study day on which follow-up ends so far, `discontinued_day` the one from which
    there is no more dupilumab.
    """

    number: int
    sex: str
    age_years: int
    weight_hectograms: int
    ad_duration_tenths: int
    asthma: bool
    allergic_rhinitis: bool
    food_allergy: bool
    prior_systemic_therapy: str
    last_contact_day: int
    severity: float
    responds: bool
    discontinued_day: int | None = None
    discontinuation_reason: str | None = None

    @property
    def patient_id(self) -> str:
        return f"P{self.number:03d}"

    @property
    def weight_kg(self) -> float:
        return self.weight_hectograms / 10


def cohort() -> list[Child]:
    """The 27 children, P001 to P027, followed to week 26; one is 8 and one is 18, nobody is younger or older."""
    numbers = range(1, COHORT_SIZE + 1)
    non_responder, oldest, youngest = Stream("roles").sample(numbers, 3)
    ages = {youngest: YOUNGEST, oldest: OLDEST}
    return [_child(number, ages.get(number), number != non_responder) for number in numbers]


def _child(number: int, age: int | None, responds: bool) -> Child:
    stream = Stream("child", number)
    sex = "F" if stream.happens(0.45) else "M"
    drawn_age = stream.choice(_AGES)
    age = drawn_age if age is None else age
    atopy = stream.normal()  # raises or lowers the odds of all the allergic diseases together
    rhinitis = stream.happens(0.55 + 0.12 * atopy)
    asthma = stream.happens((0.60 if rhinitis else 0.30) + 0.08 * atopy)
    food_allergy = stream.happens(0.45 + 0.12 * atopy)
    return Child(
        number=number,
        sex=sex,
        age_years=age,
        weight_hectograms=_weight(stream, sex, age),
        ad_duration_tenths=_duration(stream, age),
        asthma=asthma,
        allergic_rhinitis=rhinitis,
        food_allergy=food_allergy,
        prior_systemic_therapy=stream.choice(_PRIOR_THERAPY),
        last_contact_day=183 + stream.choice((0, 0, 0, 0, 1, 1, 2, 2, 3, 4, 5, 7)),  # day 183 is week 26
        severity=within(-1.7, stream.normal(), 2.2),
        responds=responds,
    )


def _weight(stream: Stream, sex: str, age: int) -> int:
    """Weight in tenths of a kg. Age is in completed years, so the birthday was up to a year ago."""
    medians = _MEDIAN_WEIGHT[sex]
    year = age - YOUNGEST
    growth = medians[min(year + 1, len(medians) - 1)] - medians[year]
    deviation = within(-1.8, stream.normal(), 2.2)
    typical = medians[year] + growth * stream.uniform()
    return int(10 * typical * (1 + 0.15 * deviation + 0.02 * deviation * deviation))


def _duration(stream: Stream, age: int) -> int:
    """Duration of the disease in tenths of a year: since infancy in most, later in about one in five."""
    onset = stream.whole(2, 15) if stream.happens(0.8) else stream.whole(20, 65)
    return 10 * age - onset
