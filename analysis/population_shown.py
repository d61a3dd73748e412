"""The patients as shown: who they are in sentences, their characteristics at baseline, and their flow from visit to visit."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial

from analysis.core.cells import extremes, mean_sd, median_quartiles, n_percent
from analysis.core.design import Tables
from analysis.core.display import interval, named_visit, visit
from analysis.core.drawing import ABSENT, Drawing, on_phones_too, subplots
from analysis.core.markdown import Table, indented, literal
from analysis.core.origin import marked, with_origins
from analysis.core.results import Result, Results
from analysis.core.style import NARROW, PAPER, QUIET
from analysis.core.words import Markdown, Number, Words, capital, listed, who
from analysis.depth import stratum_variable
from protocol import outcomes, scores, treatment

Reasons = Sequence[tuple[str, int]]
"""Why patients stopped treatment, as recorded, and how many of them did so."""
_MOST_REASONS = 8
_NOT_RECORDED = "no reason recorded"
_LONGEST_REASON = 80
"""Characters of a reason within an alternative text."""


def between(low: str, high: str) -> str:
    """Two limits within a sentence; equal ones are one.

    >>> between("8", "18"), between("6", "6")
    ('8 to 18', '6')
    """
    return low if low == high else f"{low} to {high}"


def unseen(words: Words, week: int) -> str | None:
    """Why nobody was seen at a planned week; None if somebody was.

    Where the report has this reason, a response at that week may still be known: who has stopped treatment by then is without it.
    """
    n, due = (words.row(f"population.visit.w{week}.{part}").value for part in ("n", "N"))
    if n:
        return None
    return f"nobody was seen at week {week}" if due else f"no visit at week {week} was due"


def alone(words: Words) -> bool:
    """Whether the cohort is a single patient."""
    return words.results["population.enrolled.n"].value == 1


def ages(words: Words) -> str:
    """The patients' ages in years, for instance "8 to 18"."""
    low, high = (words.number(f"population.age_years.{end}") for end in ("min", "max"))
    return low.marked if low == high else f"{low.marked} to {high.marked}"


def included(age_years: tuple[float, float]) -> str:
    """Ages that the study includes, for instance "8 to 18"."""
    return between(*(f"{age:g}" for age in age_years))


def design_sentence(words: Words, age_years: tuple[float, float], drug: str, reproduces: bool = False) -> Markdown:
    """Who could take part (of a paper that is reproduced, who did: its criteria are not known), where they were treated and when
    they were seen; `words` knows the `cohort`, too.
    """
    cohort = words.cohort
    setting = f" in {cohort.setting}" if cohort.setting else ""
    chosen = f" {cohort.selection}" if cohort.selection else ""
    weeks = [week for week in words.results.weeks("population", "visit") if words.results[f"population.visit.w{week}.n"].value]
    later = [str(week) for week in weeks if week]
    seen = f"at baseline and at week{'s' if len(later) > 1 else ''} {listed(later)}" if later else "at baseline alone"
    enrolled = f"{words.counted('population.enrolled.n')} {'was' if alone(words) else 'were'} enrolled"
    could = "were treated; by which criteria they were chosen is not reported" if reproduces else "could take part"
    return Markdown(
        f"Patients of {included(age_years)} years with {cohort.diagnosis} {could}.{chosen} {enrolled} and started "
        f"{drug}{setting}. {'The visits were' if later else 'The only visit was'} {seen}."
    )


def patients_sentence(words: Words) -> Markdown:
    """How many patients there are, of which sex and age."""
    youngest = words.number("population.age_years.min").marked
    if alone(words):
        by_sex = {"female": words.who.female, "male": words.who.male}
        called = [_one_of(many) for sex, many in by_sex.items() if words.results[f"population.{sex}.n"].value]
        kind = "" if not called else f", a {called[0]} of {youngest} years"
        return Markdown(f"One {words.who.one} was enrolled{kind}.")
    low, high = (words.number(f"population.age_years.{end}") for end in ("min", "max"))
    if low == high:
        years = f"All were {youngest} years old."
    else:
        limits = marked(interval(low, high), [*low.rows, *high.rows])
        median = words.number("population.age_years.median").marked
        years = f"The median age was {median} years (range {limits})."
    return Markdown(f"{words.counted('population.enrolled.n')} were enrolled, {_sexes(words)}. {years}")


def _sexes(words: Words) -> str:
    female, male, everyone = (words.results[f"population.{key}.n"].value for key in ("female", "male", "enrolled"))
    for number, called in ((female, words.who.female), (male, words.who.male)):
        if number == everyone:
            return f"all of them {called}"
    if female == 0:
        return f"none of them {words.who.female}"
    percent = words.percent("population.female").marked
    if female == 1:
        return f"of whom {words.number('population.female.n').marked} ({percent}) was a {_one_of(words.who.female)}"
    return f"of whom {words.number('population.female.n').marked} ({percent}) were {words.who.female}"


def _one_of(many: str) -> str:
    """The singular of a word for patients of one sex.

    >>> _one_of("girls"), _one_of("women"), _one_of("female patients")
    ('girl', 'woman', 'female patient')
    """
    return f"{many.removesuffix('men')}man" if many.endswith("men") else many.removesuffix("s")


def severity_sentence(words: Words) -> Markdown:
    """How severe the disease was before the first dose: EASI and SCORAD, how many patients were in which stratum of EASI (Leshem
    2015), and how many had which grade of IGA. The disease is called severe in those alone who are in such a stratum.
    """
    of = "" if alone(words) else "mean "
    measured = [
        f"{of}{name} was {words.number(f'efficacy.{score}.w0.observed.mean').marked} points"
        for score, name in (("easi", "EASI"), ("scorad", "SCORAD"))
        if words.known(f"efficacy.{score}.w0.observed.mean")
    ]
    strata = _shared_out(
        words, [(name, f"efficacy.{stratum_variable(number)}.w0.observed") for number, name in enumerate(scores.EASI_STRATA)]
    )
    grades = _shared_out(
        words, [(str(grade), f"efficacy.iga_grade_{grade}.w0.observed") for grade in range(len(scores.IGA_LABELS))]
    )
    said = [f"At baseline, {listed(measured)}."] if measured else []
    if strata:
        said.append(f"By the strata of EASI [@leshem2015], the disease was {strata}.")
    if grades:
        said.append(f"IGA was {grades}.")
    return Markdown(" ".join(said) or "Nobody was assessed at baseline.")


def _shared_out(words: Words, groups: Iterable[tuple[str, str]]) -> str:
    """How many patients are in which of the groups (name, prefix of the results): "moderate in 12 and severe in 52 of 64 children"."""
    there = [(name, words.row(f"{prefix}.n"), words.row(f"{prefix}.N")) for name, prefix in groups]
    there = [(name, n, everyone) for name, n, everyone in there if n.value]
    if not there:
        return ""
    if len(there) == 1:
        [(name, _, everyone)] = there
        return name if everyone.value == 1 else f"{name} in all {_shown(everyone)} {words.who.many}"
    everyone = there[0][2]
    parts = [f"{name} in {_shown(n)}" for name, n, _ in there]
    return f"{listed(parts)} of {_shown(everyone)} {words.who.many}"


def _shown(row: Result) -> str:
    return marked(row.display, [row])


def seen_sentence(words: Words, week: int) -> Markdown:
    """How many of those whose visit was due at a planned week were seen then."""
    n, due = (words.row(f"population.visit.w{week}.{part}") for part in ("n", "N"))
    if not due.value:
        return Markdown(f"No visit at week {week} was due.")
    if due.value == 1:
        return Markdown(f"At week {week}, the only {words.who.one} whose visit was due was {'seen' if n.value else 'not seen'}.")
    if n.value == due.value:
        return Markdown(f"At week {week}, all {_shown(due)} {words.who.many} whose visit was due were seen.")
    if not n.value:
        return Markdown(f"At week {week}, none of the {_shown(due)} {words.who.many} whose visit was due was seen.")
    was = "was" if n.value == 1 else "were"
    return Markdown(f"At week {week}, {words.of(f'population.visit.w{week}').marked} {words.who.many} whose visit was due {was} seen.")


def stopping_reasons(tables: Tables) -> Reasons:
    """The reasons recorded of those who stopped treatment, the most frequent first; together they are all who stopped. Spellings that
    differ by capitals or blanks alone are one reason; above eight, the others are one line.
    """
    patients = tables.patients
    stopped = patients[patients["discontinued_week"].notna()]
    texts = [" ".join(str(text).split()) for text in stopped["discontinuation_reason"].fillna("")]
    spelled: dict[str, str] = {}
    for text in texts:
        spelled.setdefault(text.casefold(), text)
    counts = Counter(text.casefold() for text in texts)
    found = [(spelled[text] or _NOT_RECORDED, n) for text, n in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]
    if len(found) <= _MOST_REASONS:
        return found
    return [*found[: _MOST_REASONS - 1], ("other reasons", sum(n for _, n in found[_MOST_REASONS - 1 :]))]


def stopped_sentence(words: Words, reasons: Reasons) -> Markdown:
    """How many stopped treatment, and for which reasons."""
    n, everyone = (words.row(f"population.discontinued.{part}") for part in ("n", "N"))
    if not n.value:
        return Markdown("Nobody stopped treatment.")
    why = _told([(literal(reason), count) for reason, count in reasons])
    if everyone.value == 1:
        return Markdown(f"Treatment was stopped: {why}.")
    who_stopped = f"all {_shown(n)} {words.who.many}" if n.value == everyone.value else words.of("population.discontinued").marked
    return Markdown(f"{capital(who_stopped)} stopped treatment: {why}.")


def _told(reasons: Reasons) -> str:
    if len(reasons) == 1:
        return reasons[0][0]
    return listed(f"{reason} ({count})" for reason, count in reasons)


def _coarse(words: Words, result_id: str) -> Number:
    """A whole number without its decimals."""
    return words.number(result_id, decimals=0 if words.row(result_id).value % 1 == 0 else None)


def background_sentence(words: Words) -> Markdown:
    """The background treatment: the fact of the protocol, or else what was recorded at baseline."""
    if words.cohort.background:
        return Markdown(words.cohort.background)
    steroids, emollients = "exposure.tcs_use.w0.observed", "population.emollient_per_day.w0.observed"
    said = []
    asked = words.row(f"{steroids}.N").value
    if asked:
        using = words.row(f"{steroids}.n")
        if asked == 1:
            who_used = f"the {words.who.one} used" if using.value else f"the {words.who.one} did not use"
        elif not using.value:
            who_used = f"none of {_shown(words.row(f'{steroids}.N'))} {words.who.many} used"
        else:
            who_used = f"{words.of(steroids).marked} {words.who.many} used"
        said.append(f"{who_used} topical glucocorticosteroids")
    if words.known(f"{emollients}.median"):
        middle, low, high = (_coarse(words, f"{emollients}.{part}") for part in ("median", "min", "max"))
        median = f"{marked('once', middle.rows) if middle == '1' else f'{middle.marked} times'} a day"
        spread = "" if low == high else f" in the median (range {marked(interval(low, high), [*low.rows, *high.rows])})"
        said.append(f"emollients were applied {median}{spread}")
    if not said:
        return Markdown("Background treatment was not recorded.")
    return Markdown(f"At baseline, {listed(said)}.")


@with_origins
def baseline_table(results: Results) -> Table:
    """Who was treated: characteristics and scores before the first dose."""
    called = who(results)
    sex, variable = (called.female, "female") if results["population.female.n"].value else (called.male, "male")

    def measured(name: str, prefix: str) -> list[str]:
        return [name, mean_sd(results, prefix), median_quartiles(results, prefix), extremes(results, prefix)]

    def counted(name: str, variable: str) -> list[str]:
        return [name, n_percent(results, f"population.{variable}"), "", ""]

    regimens = {f"regimen_{id}": words for id, words in sorted(treatment.MAINTENANCE.items())}
    dosing = [counted(indented(words), name) for name, words in regimens.items() if f"population.{name}.n" in results]
    rows = [
        measured("Age, years", "population.age_years"),
        counted(f"{capital(sex)}, n (%)", variable),
        measured("Weight, kg", "population.weight_kg"),
        measured("Duration of disease, years", "population.ad_duration_years"),
        counted("Asthma, n (%)", "asthma"),
        counted("Allergic rhinitis, n (%)", "allergic_rhinitis"),
        counted("Food allergy, n (%)", "food_allergy"),
        counted("Systemic therapy before, n (%)", "prior_systemic_therapy"),
        *(measured(score.with_range, f"efficacy.{score.id}.w0.observed") for score in outcomes.DESCRIBED),
        ["IGA 4 (severe), n (%)", n_percent(results, "efficacy.iga_grade_4.w0.observed"), "", ""],
        [
            "Total IgE, kU/L",
            mean_sd(results, "biomarker.total_ige.w0.observed"),
            median_quartiles(results, "biomarker.total_ige.w0.observed"),
            "",
        ],
        ["Maintenance dose by label, n (%)", "", "", ""],
        *dosing,
    ]
    size = results["population.enrolled.n"].display
    header = [f"All {called.many}, N = {size}", "Mean (SD) or n (%)", "Median (quartiles)", "Range"]
    return Table(header, "lrrr", rows)


def patient_flow(results: Results, reasons: Reasons) -> Drawing:
    """Patients enrolled, seen and not seen at each visit, and those who stopped treatment, as a row of boxes; the reasons stand in its
    data."""
    return on_phones_too(partial(_patient_flow, results, reasons))


def _patient_flow(results: Results, reasons: Reasons, width: float) -> Drawing:
    weeks = results.weeks("population", "visit")
    count = {key: results[f"population.{key}.n"].value for key in ("enrolled", "discontinued")}
    boxes = [("Enrolled", f"{count['enrolled']}", "")]
    for week in weeks:
        seen, due = (results[f"population.visit.w{week}.{part}"].value or 0 for part in ("n", "N"))
        boxes.append((visit(week), f"{seen}", f"{due - seen} not seen" if due > seen else "" if due else "none due"))
    boxes.append(("Stopped\ntreatment", f"{count['discontinued']}", ""))
    phone = width <= NARROW
    figure, axes = subplots(figsize=(width, 0.48 * len(boxes) if phone else 1.5))
    axes.set_axis_off()
    box = {"boxstyle": "round,pad=0.5", "facecolor": PAPER, "edgecolor": QUIET, "linewidth": 0.8}
    arrow = {"arrowstyle": "-|>", "color": QUIET, "linewidth": 0.8, "shrinkA": 0, "shrinkB": 0}
    for i, (name, number, note) in enumerate(boxes):
        place = (0.5, i) if phone else (i, 0.5)
        axes.text(*place, number, ha="center", va="center", fontsize=11, fontweight="bold", bbox=box)
        if phone:  # one below the other, with name and note to either side
            axes.text(0.1, i, name.replace("\n", " "), ha="right", va="center")
            axes.text(0.9, i, note, va="center")
        else:
            axes.text(i, 0.86, name, ha="center", va="bottom", linespacing=1.1)
            axes.text(i, 0.12, note, ha="center", va="top")
        if 0 < i < len(boxes) - 1:
            start, end = ((0.5, at) if phone else (at, 0.5) for at in (i - 0.7, i - 0.3))
            axes.annotate("", xy=end, xytext=start, arrowprops=arrow)
    axes.set(xlim=(-0.9, 2.0), ylim=(len(boxes) - 0.5, -0.5)) if phone else axes.set(xlim=(-0.5, len(boxes) - 0.5), ylim=(-0.15, 1.3))
    rows = [[name.replace("\n", " "), number, note or ABSENT] for name, number, note in boxes]
    rows += [[indented(literal(reason)), f"{number}", ABSENT] for reason, number in reasons]
    return Drawing(figure, Table(["Step", who(results).many.capitalize(), "Of those due"], "lrr", rows))


def alt_patient_flow(results: Results, reasons: Reasons) -> str:
    weeks = results.weeks("population", "visit")
    due = [week for week in weeks if results[f"population.visit.w{week}.N"].value]
    seen = ", ".join(f"{results[f'population.visit.w{week}.n'].value or 'nobody'} at {named_visit(week)}" for week in due)
    nobody = "".join(f"; nobody was due at week {week}" for week in weeks if week not in due)
    enrolled, stopped = (results[f"population.{key}.n"] for key in ("enrolled", "discontinued"))
    ended = "nobody stopped treatment"
    if stopped.value:
        ended = f"{stopped.display} stopped treatment: {_told([(_plain(reason), count) for reason, count in reasons])}"
    return f"Flow of patients: {enrolled.display} enrolled; seen {seen}{nobody}; {ended}."


def _plain(text: str) -> str:
    """A text of the data without what an attribute could take for its end or for markup."""
    return " ".join(re.sub(r"[^\w ,.()/-]|_", " ", text).split())[:_LONGEST_REASON]
