"""The command line `study`. Standard output carries the product alone; everything else goes to standard error."""

import contextlib
import json
import os
import signal
import sys
from pathlib import Path

import click

from study import ending
from study.errors import DIFFERENT, INTERRUPTED, INVALID, RenderingFailed, StudyError, UsageError, machine_problem
from study.printing import report_problem, say, show

_MAKERS = ("render", "preview", "add", "pool", "verify", "archive", "figures", "jats", "line-numbers", "restore", "take")
"""Commands that end with 3 where the machine refuses them something."""
DATA = click.option("--data", metavar="DIR", help="Folder of a data cut, anywhere; it is never written to.")


def _speak_utf8() -> None:
    """Paths and texts may hold any letter, whatever the locale: for Pandoc and Quarto; this Python was started so."""
    locale = next((os.environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if os.environ.get(name)), "")
    if os.name == "posix" and "utf" not in locale.lower():
        os.environ["LC_ALL"] = "C.UTF-8"


class Commands(click.Group):
    """Turns the study's own errors into one message and its exit status."""

    def main(self, *arguments, **options):
        """Never returns: what click itself would end with status 1 must not look like invalid data."""
        with ending.orderly():
            try:
                status = super().main(*arguments, **options | {"standalone_mode": False})
            except click.ClickException as problem:
                problem.show()
                status = problem.exit_code
            except (click.Abort, KeyboardInterrupt):
                status = _stopped()
            except OSError as problem:
                status = report_problem(StudyError(machine_problem(problem)))
            sys.exit(status)

    def make_context(self, *arguments, **options) -> click.Context:
        try:
            return super().make_context(*arguments, **options)  # prints the help
        except BrokenPipeError:
            sys.exit(ending.READER_GONE)

    def invoke(self, context: click.Context):
        try:
            signal.signal(signal.SIGINT, signal.default_int_handler)  # until here the start has answered it
            return super().invoke(context)
        except StudyError as problem:
            context.exit(report_problem(problem))
        except KeyboardInterrupt:
            context.exit(_stopped())
        except BrokenPipeError:
            context.exit(ending.READER_GONE)
        except OSError as problem:
            kind = RenderingFailed if context.invoked_subcommand in _MAKERS else StudyError
            context.exit(report_problem(kind(machine_problem(problem))))


def _stopped() -> int:
    say("study: stopped; what was finished before is as it was")
    return ending.status()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="study-report", prog_name="study")
@click.pass_context
def main(context: click.Context) -> None:
    """Validate, compute and typeset the study report.

    A command that is stopped ends with status 130 (Ctrl-C), 143 or 129 (SIGTERM, SIGHUP), and with 141 where its reader is gone.
    """
    _speak_utf8()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    from study import delivered, placing_cuts, scratch
    from study.paths import CUTS

    if placing_cuts.interrupted(CUTS):
        from study.add import bring_back

        bring_back()
    # Rows of patients may lie in what the dead have left.
    for sweep in (lambda: placing_cuts.sweep(CUTS), delivered.sweep, scratch.sweep):
        sweep()
    if delivered.can_restore() and context.invoked_subcommand != "restore":
        say("study: the last quarto render did not finish; bring the report before it back with: study restore")


def _analysed(data: str | Path | None):
    from study import frozen
    from study.analysed import analyse_reported  # pandas takes a second to import, which --help does without

    with frozen.taken(data):
        return analyse_reported(data)


def _compute_beside(data: str | None):
    """Gate and results in a copy of this process, for the shelf, unless they lie there: Great Expectations and scipy take
    200 MB and seconds to import. Meanwhile what sets type is imported here; the module :mod:`study.render`."""
    from study import copied
    from study.analysed import analyse_reported, on_the_shelf

    with contextlib.nullcontext() if on_the_shelf(data) else copied.beside(lambda: analyse_reported(data).earlier):
        from study import render

        return render


def _doubt_title(patients) -> None:
    from study.title import doubt

    if doubtful := doubt(patients):
        say(f"study: {doubtful}")


@main.command()
@click.argument("place", required=False)
@DATA
@click.option("--json", "as_json", is_flag=True, help="Print the findings as a JSON list.")
@click.option("--engine", type=click.Choice(["pandas", "spark"]), default="pandas", show_default=True, help="What runs the suites.")
@click.option("--draw", type=click.Path(path_type=Path), metavar="DIR", help="With spark: write what passes as the tables of a cut.")
@click.pass_context
def validate(context: click.Context, place: str | None, data: str | None, as_json: bool, engine: str, draw: Path | None) -> None:
    """Check a data cut against the expectations. Exit status 0 valid, 1 invalid, 2 usage, or the machine refused something.

    With --engine spark, PLACE is a folder or an address of tables that Spark reads. The rules that Spark cannot check are named, and 0
    then means that none failed of the others.
    """
    if engine == "spark":
        if place is None or data is not None:
            raise UsageError("with --engine spark, name the place of the tables: study validate --engine spark PLACE")
        _validate_on_spark(context, place, as_json, draw)
    elif place is not None or draw is not None:
        raise UsageError("PLACE and --draw go with --engine spark; a data cut is named by --data")
    from expectations.gate import read_table
    from study.cuts import reported_cut
    from study.errors import InvalidData
    from study.receipt import validate as gate
    from study.settings import load_settings

    settings = load_settings()
    cut = reported_cut(settings, data)
    try:
        findings, status = gate(cut, settings).warnings, 0
    except InvalidData as problem:
        findings, status = problem.findings, INVALID
        if not findings:
            raise
    if as_json:
        click.echo(json.dumps([finding.as_dict() for finding in findings], ensure_ascii=False, indent=1))
    else:
        show(findings, "; --json lists all of them")
    if status == 0:
        _doubt_title(read_table(cut.folder, "patients"))
    say(f"study: {cut.label}: {'valid' if status == 0 else 'not valid'}")
    context.exit(status)


def _validate_on_spark(context: click.Context, place: str, as_json: bool, draw: Path | None) -> None:
    from study import lake
    from study.settings import load_settings

    found = lake.validate(place, load_settings(), draw)
    if as_json:
        click.echo(json.dumps([finding.as_dict() for finding in found.findings], ensure_ascii=False, indent=1))
    else:
        show(found.findings, "; --json lists all of them")
    for line in lake.told(found, place, draw):
        say(f"study: {line}")
    context.exit(0 if found.valid else INVALID)


@main.command()
@DATA
@click.option("--format", "form", type=click.Choice(["csv", "json"]), default="csv", show_default=True)
def results(data: str | None, form: str) -> None:
    """Print the results table of a data cut. Exit status as validate."""
    table = _analysed(data).results
    click.echo(table.to_csv() if form == "csv" else table.to_json(), nl=False)


def _formats(context: click.Context, parameter: click.Parameter, value: str | None) -> list[str]:
    if value is None:
        return []
    from study.engines import FORMATS

    wanted = [name.strip() for name in value.split(",")]
    unknown = [name for name in wanted if name not in FORMATS]
    if unknown:
        raise click.BadParameter(f"{', '.join(unknown)!r}; the formats are {', '.join(FORMATS)}")
    return [name for name in FORMATS if name in wanted]


@main.command()
@DATA
@click.option("--engine", type=click.Choice(["auto", "quarto", "builtin"]), default="auto", show_default=True)
@click.option("--to", "formats", default="html,pdf,docx", show_default=True, callback=_formats, metavar="FORMATS")
@click.option(
    "--output", type=click.Path(path_type=Path), metavar="DIR", help="Where the report goes; _book if not given."
)
def render(data: str | None, engine: str, formats: list[str], output: Path | None) -> None:
    """Check the data, compute every number and typeset the report. Exit status 0, 1 data, 2 usage, 3 rendering failed."""
    from study import delivered, frozen, unchanged
    from study.engines import choose_engine
    from study.paths import BOOK, shown

    output = BOOK if output is None else output.absolute()
    engine = choose_engine(engine)
    made = False
    if (told := unchanged.report_there(output, engine, formats, data)) is not None:
        show(told.findings)
        for text in told.warnings:
            say(f"study: {text}")
    else:
        with frozen.taken(data) as state:
            rendering = _compute_beside(data)
            analysed = _analysed(data)
            show(analysed.receipt.warnings)
            _doubt_title(analysed.tables.patients)
            made = rendering.render(
                analysed, state, engine, formats, output, lambda text: say(f"study: {text}"), given=data is not None
            )
    for path in delivered.products(output, formats):
        say(f"study: {shown(path)}: {'rendered' if made else 'nothing changed since the last render'}")


@main.command()
@DATA
@click.option("--port", type=click.IntRange(1, 65535), help="The port on 127.0.0.1; a free one if not given.")
@click.option("--no-browser", is_flag=True, help="Open no browser.")
@click.option(
    "--to", "formats", callback=_formats, metavar="FORMATS",
    help="Render the report in these formats (html,pdf,docx) into _book at the end, as render does.",
)
@click.pass_context
def preview(context: click.Context, data: str | None, port: int | None, no_browser: bool, formats: list[str]) -> None:
    """Show the report in the browser and follow every change until Ctrl-C. Exit status 130, 1 data, 2 usage, 3 rendering failed.

    Only this machine can see it. The built-in renderer makes its pages; the PDF and the Word file are made when a page asks for them.
    """
    from study.preview.run import preview as follow

    try:
        follow(data, port or 0, not no_browser, lambda text: say(f"study: {text}"))
    except KeyboardInterrupt:
        if not formats or ending.status() != INTERRUPTED:  # SIGTERM leaves no time for more
            raise
    context.invoke(render, data=data, engine="auto", formats=formats, output=None)


@main.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--mapping", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
    help="How a workbook, CSV files or a REDCap export correspond to the tables; see data/mappings.",
)
@click.option("--cut", "name", help="Name of the new cut; the folder's or file's own name if not given.")
@click.option("--replace", is_flag=True, help="The cut exists: keep the old one under its name and date.")
@click.option("--label", help="Label of the cut in the report, before the mapping's.")
@click.option(
    "--extracted", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE",
    help="When the data were taken from the clinic's system, as in 2022-12-19, before the mapping's.",
)
@click.option("--allow-vanished", is_flag=True, help="Patients or visits of the previous cut may be missing.")
def add(
    path: Path, mapping: Path | None, name: str | None, replace: bool, label: str | None, extracted, allow_vanished: bool
) -> None:  # fmt: skip
    """Take in the data in PATH after validating them; the report then shows them. Exit status as validate, 3 they cannot be written.

    PATH is a folder in the form of a data cut or, with --mapping, a workbook or a folder as a clinic sends it.
    """
    from study.add import add as take_in
    from study.paths import shown
    from study.settings import load_settings

    own_name = path.resolve().stem if path.is_file() else path.resolve().name
    day = None if extracted is None else extracted.date()
    added = take_in(path, name or own_name, load_settings(), mapping, replace, label, day, allow_vanished)
    show(added.warnings)
    for note in added.notes:
        say(f"study: {note}")
    say(f"study: {shown(added.cut.folder)} is in and study.yml reports it; run study render")


@main.command()
@click.argument("cuts", nargs=-1, required=True)
@click.option("--cut", "name", help="Name of the new cut; pooled if not given.")
@click.option("--site", "sites", multiple=True, metavar="CODE", help="Code of a clinic, once for each cut; else the folders' names.")
@click.option("--label", help="Label of the cut in the report.")
@click.option("--previous", metavar="CUT", help="The pooled cut that this one follows.")
@click.option("--replace", is_flag=True, help="The cut exists: keep the old one under its name and date.")
@click.option("--results", "of_results", is_flag=True, help="CUTS are tables of results, of clinics that share no rows: print theirs.")
@click.option("--format", "form", type=click.Choice(["csv", "json"]), help="Form of the table with --results; csv if not given.")
def pool(
    cuts: tuple[str, ...], name: str | None, sites: tuple[str, ...], label: str | None, previous: str | None, replace: bool,
    of_results: bool, form: str | None,
) -> None:  # fmt: skip
    """Make one cut from the CUTS of several clinics; the report shows it. Exit status as validate, 3 it cannot be written.

    With --results, CUTS are files as study results prints them. Counts, proportions, rates, means and standard deviations are pooled;
    what does not follow from the parts is null with its reason.
    """
    if of_results:
        if name or sites or label or previous or replace:
            raise UsageError("--results makes no cut, so --cut, --site, --label, --previous and --replace do not go with it")
        from study.pool_results import pool_results

        table = pool_results([Path(each) for each in cuts])
        click.echo(table.to_json() if form == "json" else table.to_csv(), nl=False)
        known = sum(row.value is not None for row in table.values())
        say(f"study: {known:,} of {len(table):,} results are pooled; the others are null with their reason")
        return
    if form is not None:
        raise UsageError("--format goes with --results")
    from study.paths import shown
    from study.pool import pool as put_together
    from study.settings import load_settings

    added = put_together(cuts, name or "pooled", load_settings(), sites, replace, label, previous)
    show(added.warnings)
    for note in added.notes:
        say(f"study: {note}")
    say(f"study: {shown(added.cut.folder)} is in and study.yml reports it; run study render")


@main.command()
@click.argument("old")
@click.argument("new")
@click.option("--json", "as_json", is_flag=True, help="Print the changes as JSON.")
@click.pass_context
def compare(context: click.Context, old: str, new: str, as_json: bool) -> None:
    """Say what changed between two data cuts. Exit status 0 same, 1 different or invalid data, 2 as validate."""
    from study.compare import compare as difference
    from study.compare import to_json, to_text

    found = difference(_analysed(old), _analysed(new))
    click.echo(to_json(found) if as_json else to_text(found), nl=False)
    context.exit(0 if found.none else DIFFERENT)


@main.command()
@click.argument("result_id")
@DATA
def explain(result_id: str, data: str | None) -> None:
    """Say how a number came about: method, source, rows. Exit status as validate; 2 also for an unknown id."""
    from analysis.core.results import UnknownResult
    from study.explain import explain as origin

    try:
        click.echo(origin(_analysed(data), result_id), nl=False)
    except UnknownResult as problem:
        raise UsageError(str(problem)) from None


@main.command()
@DATA
@click.option(
    "--archive", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
    help="Verify this archive instead, by the code that is here; --data then names the tables that it leaves out.",
)
@click.option("--run-archived-code", "own_code", is_flag=True, help="Run the archive's own code, which may do anything, instead.")
@click.pass_context
def verify(context: click.Context, data: str | None, archive: Path | None, own_code: bool) -> None:
    """Make the report again from scratch and compare. Exit status 0 same, 1 different, 2 usage, 3 rendering failed."""
    from study.paths import BOOK

    if own_code and archive is None:
        raise UsageError("--run-archived-code goes with --archive")
    if archive is not None:
        from study.unpacked import verify_archive

        folder = None if data is None else Path(data).absolute()
        context.exit(verify_archive(archive, folder, lambda text: say(f"study: {text}"), click.echo, own_code))
    from study import locks
    from study.verify import verify as compared

    with locks.report("study verify"):
        found = compared(lambda text: say(f"study: {text}"), BOOK, data)
    for line in found.differences:
        click.echo(line)
    click.echo(found.words)
    context.exit(DIFFERENT if found.differences else 0)


@main.command()
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="The archive; study-report-CUT.zip if not given.")
@click.option("--with-data", is_flag=True, help="Put the rows of a clinical cut in, too, and not only their checksums.")
@click.option("--with-wheels", is_flag=True, help="Put the locked packages in, for a machine like this one without a network.")
def archive(output: Path | None, with_data: bool, with_wheels: bool) -> None:
    """Pack source, data, report and provenance into one file (an RO-Crate). Exit status as render."""
    from study import frozen, locks
    from study.archive import withheld, write_archive

    with locks.report("study archive"), frozen.taken() as state:
        analysed = _analysed(None)
        output = output or Path(f"study-report-{analysed.cut.name}.zip")
        write_archive(
            analysed, output.absolute(), with_data, with_wheels, lambda text: say(f"study: {text}"),
            check=lambda: state.check([analysed.cut.folder]),
        )  # fmt: skip
    if withheld(analysed.cut, with_data):
        say("study: the rows of the clinical cut are not in it, only their checksums; --with-data puts them in")
    say(f"study: {output}: archived")


@main.command()
@DATA
@click.option("--output", type=click.Path(path_type=Path), default="figures", show_default=True, metavar="DIR")
def figures(data: str | None, output: Path) -> None:
    """Write every figure as vector PDF and as PNG with 300 dots an inch, for a journal. Exit status as render."""
    from study import frozen
    from study.journal import write_figures

    with frozen.taken(data) as state:
        made = write_figures(_analysed(data), state, output.absolute(), data is not None, lambda text: say(f"study: {text}"))
    say(f"study: {output}: {len(made)} files")


@main.command()
@DATA
@click.option("--output", type=click.Path(path_type=Path), default="jats", show_default=True, metavar="DIR")
def jats(data: str | None, output: Path) -> None:
    """Write the report as JATS XML with its figures, for a journal. Exit status as render."""
    from study import frozen
    from study.journal import write_jats

    with frozen.taken(data) as state:
        made = write_jats(_analysed(data), state, output.absolute(), data is not None, lambda text: say(f"study: {text}"))
    say(f"study: {output / made.name}: written")


@main.command()
@click.argument("notebook", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_context
def take(context: click.Context, notebook: Path) -> None:
    """Take an edited notebook of the report back into its chapter.

    NOTEBOOK is one of _book/notebooks, opened and changed in JupyterLab or elsewhere. Text and code that were changed, added, taken
    out or moved go into the .qmd; divisions, options and expressions stay, and so does what was changed in the chapter meanwhile.
    What cannot be taken over is listed, and then nothing is written. Prints what has changed.

    Exit status 0, 1 a conflict, 2 usage, 3 it cannot be written.
    """
    from study.take import take as taken

    changes, conflicts = taken(notebook, lambda text: say(f"study: {text}"))
    for line in conflicts:
        say(f"study: {line}")
    if conflicts:
        say(f"study: nothing was taken from {notebook}")
        context.exit(DIFFERENT)
    if not changes:
        say(f"study: {notebook} has no changes")
    click.echo(changes, nl=False)


@main.command("line-numbers")
@click.argument("output", type=click.Path(path_type=Path, dir_okay=False))
def line_numbers(output: Path) -> None:
    """Copy the report's Word file to OUTPUT with numbered lines. Exit status 0, 2 no Word file, 3 it cannot be written."""
    from study.journal import number_lines

    number_lines(output.absolute())
    say(f"study: {output}: written")


@main.command()
def restore() -> None:
    """Put back the last good report after a bare quarto render that did not finish. Exit status 0, 2 none is kept, 3 it cannot be."""
    from study import delivery
    from study.paths import BOOK, shown

    delivery.restore()
    say(f"study: {shown(BOOK)} is the last good report again")


if __name__ == "__main__":
    from study.isolation import command_line

    command_line()
