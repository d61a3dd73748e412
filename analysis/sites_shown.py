"""Sites as shown: who was treated where, responders of each site, and how far the sites differ."""

from collections.abc import Mapping, Sequence

from analysis.core.cells import interval_of, n_of
from analysis.core.markdown import Table, indented, lettered, literal
from analysis.core.origin import with_origins
from analysis.core.results import WITHHELD, Results
from analysis.core.words import Markdown, Words, listed
from analysis.sites import ENROLLED, NUMBER, code_of
from protocol import outcomes


def several(results: Results) -> bool:
    """Whether there is more than one site, and so anything to say of them."""
    return NUMBER in results


def kept_back(results: Results) -> bool:
    """Whether a small count keeps back what is said of single sites."""
    return any(row.section == "sites" and row.reason == WITHHELD for row in results.values())


def shown(results: Results) -> bool:
    """Whether the sites are shown one by one."""
    return several(results) and not kept_back(results)


def _codes(results: Results) -> list[str]:
    """The part of the ids that belongs to each site."""
    variables = dict.fromkeys(row.variable for row in results.values() if row.section == "sites")
    return [each.removeprefix(ENROLLED) for each in variables if each.startswith(ENROLLED)]


def enrolled_sentence(words: Words) -> Markdown:
    """How many patients come from how many sites, each by name; nothing where there is one site or none."""
    if not several(words.results):
        return Markdown("")
    number, who = words.number(NUMBER), words.who
    if kept_back(words.results):
        return Markdown(
            f"The {who.many} come from {number.marked} sites. A count of 1 to 4 of a site is not shown, and neither is what else is "
            "known of single sites, which would give it away."
        )
    each = [
        f"{words.number(f'sites.{ENROLLED}{part}.n').marked} from {literal(code_of(part))}" for part in _codes(words.results)
    ]
    return Markdown(f"The {who.many} come from {number.marked} sites: {listed(each)}.")


def pooled_sentence(pooled: Sequence[Mapping]) -> Markdown:
    """Which cuts this one was put together from, by the entries of `pooled` in its `cut.yml`; nothing where it was not."""
    if not pooled:
        return Markdown("")
    each = [
        f"“{literal(entry['label'])}” of {listed(map(literal, entry['sites']))} (ids from {entry['ids']}; extracted "
        f"{entry['extracted'].isoformat()}; SHA-256 `{entry['sha256'][:12]}`)"
        for entry in pooled
    ]
    return Markdown(f"The data cut was put together from {listed(each)}.")


def spread_sentences(words: Words, week: int) -> Markdown:
    """How far the sites lie apart in each primary response, and whether by more than chance."""
    if not shown(words.results):
        return Markdown("")
    return Markdown(" ".join(_spread(words, outcome, f"sites.{outcome.id}.w{week}") for outcome in outcomes.PRIMARY))


def _spread(words: Words, outcome, prefix: str) -> str:
    lowest = words.row(f"{prefix}.nri.lowest")
    if lowest.value is None:
        return f"{outcome.name} cannot be given by site: {literal(lowest.reason)}."
    low, high = (words.number(f"{prefix}.nri.{end}").marked for end in ("lowest", "highest"))
    same = words.number(f"{prefix}.nri.lowest") == words.number(f"{prefix}.nri.highest")
    share, site = (low, "each site") if same else (f"{low} to {high}", "a site")
    said = f"{outcome.name} was reached by {share} % of the {words.who.many} of {site}"
    for method, name in (("fisher_freeman_halton", "exact test of Fisher, Freeman and Halton"), ("pearson", "chi-squared test")):
        if words.known(f"{prefix}.{method}.p"):
            said += f" ({name} of one share for all sites: {words.number(f'{prefix}.{method}.p').marked})"
            break
    else:
        said += f" (not tested: {literal(words.row(f'{prefix}.fisher_freeman_halton.p').reason)})"
    between = words.row(f"{prefix}.beta_binomial.sd")
    if between.value is None:
        return f"{said}. A standard deviation between sites is not estimated: {literal(between.reason)}."
    limits = words.within(f"{prefix}.beta_binomial")
    spread = words.number(between.id).marked
    return f"{said}. Beyond chance, the sites’ true percentages have a standard deviation of {spread} points{limits}."


@with_origins
def sites_table(results: Results, week: int) -> Table:
    """Responders of every site at the primary week."""
    rows = []
    for outcome in outcomes.PRIMARY:
        rows.append([f"**{outcome.name}**", "", "", ""])
        for part in _codes(results):
            prefix = f"sites.{outcome.id}_{part}.w{week}.nri"
            percent = results[f"{prefix}.percent"].display
            rows.append([indented(literal(code_of(part))), n_of(results, prefix), percent, interval_of(results, prefix)])
    return Table([f"Week {week}", "n/N", "%", "95 % CI^a^"], "lrrr", rows, [lettered("Exact (Clopper-Pearson).")])
