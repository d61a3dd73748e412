"""What the pictures of residuals have in common, whether they show single patients or many."""

from collections.abc import Iterable, Iterator

from matplotlib.axes import Axes

from analysis.core.statistics import NotEstimable
from analysis.core.style import INK, QUIET
from analysis.residuals import Residuals
from protocol.outcomes import Score


def panels_with_a_model(
    panels: Iterable[tuple[Axes, Axes]], found: Iterable[tuple[Score, Residuals | NotEstimable]]
) -> Iterator[tuple[Axes, Axes, str, Residuals]]:
    """Both panels of each score that has a model, with its name and residuals; in the others' stands why there is none."""
    for (spread, quantiles), (score, own) in zip(panels, found, strict=True):
        if isinstance(own, Residuals):
            yield spread, quantiles, score.name, own
            continue
        for axes in (spread, quantiles):
            axes.set_axis_off()
            axes.text(0.5, 0.5, f"{score.name}: no model\n({own})", ha="center", va="center", wrap=True)


def framed(spread: Axes, quantiles: Axes, name: str, weeks: list[int]) -> None:
    """Axes, and the lines on which the residuals would lie."""
    spread.axhline(0, color=QUIET, linewidth=0.6)
    spread.set_xticks(weeks)
    spread.set(title=name, xlabel="Week", ylabel="Residual (points)")
    quantiles.axline((0, 0), slope=1, color=INK, linewidth=0.6, linestyle=(0, (3, 3)))
    quantiles.set(title=name, xlabel="Normal quantile", ylabel="Scaled residual, sorted")
