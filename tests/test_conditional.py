"""Divisions that stand in the report only where something holds: `::: {.`{python} report.where(...)`}`."""

import json

import pytest

from renderer.execute import Executed
from renderer.markdown import chapter_markdown
from renderer.notebook import notebook
from renderer.references import read_mentions
from renderer.source import parse_source
from study.report import Report

CHAPTER = """# A chapter

Before.

::::: {.`{python} report.where(claims)`}
## Claims {#sec-claims}

Of the paper.

::: {#tbl-claims}
```{python}
table
```

A caption.
:::
:::::

After.
"""


def executed(holds) -> Executed:
    source = parse_source(CHAPTER, "chapter.qmd")
    table = {"output_type": "execute_result", "data": {"text/markdown": "| a |\n| - |\n| 1 |\n"}, "metadata": {}}
    before, _, after = source.items
    assert len(before.inlines) == 1 and not after.inlines
    return Executed(source, ([str(Report.where(holds))], [table], []))


@pytest.mark.parametrize("holds", [True, False, [], ["a claim"], 0, None])
def test_notebooks_leave_out_what_does_not_stand_in_the_report(holds):
    made = notebook(executed(holds), {})
    text = "".join("".join(cell["source"]) for cell in json.loads(made)["cells"])
    assert "Before." in text and "After." in text
    assert [part in text for part in ("Claims", "Of the paper.", "table", "A caption.")] == [bool(holds)] * 4


@pytest.mark.parametrize("holds", [True, False])
def test_the_class_is_one_that_both_engines_know(holds):
    text = chapter_markdown(executed(holds), "html", {}).text
    assert f"::::: {{.content-{'visible' if holds else 'hidden'}}}" in text


def test_labels_in_such_divisions_are_known_before_any_cell_runs(tmp_path):
    (found,), problems = read_mentions([parse_source(CHAPTER, "chapter.qmd")], ["html"], tmp_path)
    assert not problems and {"sec-claims", "tbl-claims"} <= found.labels
