"""Prints what renders cost on this machine, beside the figures recorded last: python benchmarks/run.py [--record] [--times N]

Each line is a render through the command line, all formats by the built-in renderer: cold, with nothing changed, and after one more
sentence, a changed cell, a changed style of the figures and a changed value in a CSV file. It says seconds on the clock, seconds of
processor time with all child processes, and the most memory that the processes had together (proportional set size, Linux alone), and
how they compare with `recorded.json`, which --record writes anew. With --times the least of N runs counts. Nothing is asserted.
Works in a copy of the repository with links to the packages of `.venv`, so that nothing that was kept helps.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RECORDED = Path(__file__).with_name("recorded.json")
LEFT_OUT = shutil.ignore_patterns(".venv", ".git", ".study", "_book*", "__pycache__", ".quarto", ".hypothesis")
BETWEEN = 0.05
"""Seconds between two looks at the memory."""
FIGURES = {"wall": "s on the clock", "cpu": "s of processor", "memory": "MB"}


def measured(command: list[str], folder: Path) -> dict[str, float]:
    """Wall time and processor time in seconds and memory in MB of a command and its children; raises when it fails."""
    environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    before, started = os.times(), time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    most = [0.0]
    watcher = threading.Thread(target=_watch, args=(process, most), daemon=True)
    watcher.start()
    said = process.stderr.read()
    if process.wait():
        raise SystemExit(f"{' '.join(command)}: exit status {process.returncode}\n{said.decode('utf-8', 'replace')[-2000:]}")
    wall, after = time.perf_counter() - started, os.times()
    watcher.join()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return {"wall": round(wall, 2), "cpu": round(cpu, 2), "memory": round(most[0] / 1024)}


def _watch(process: subprocess.Popen, most: list[float]) -> None:
    while process.poll() is None:
        most[0] = max(most[0], sum(_proportional_set_size(pid) for pid in _family(process.pid)))
        time.sleep(BETWEEN)


def _family(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = task.read_text().split()
        except OSError:
            continue
        for child in children:
            yield from _family(int(child))


def _proportional_set_size(pid: int) -> int:
    """In kB; 0 where the system does not tell or the process has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def _cold(copy: Path) -> None:
    for name in (".study", "_book"):
        shutil.rmtree(copy / name, ignore_errors=True)


def _changed(name: str, change: Callable[[str], str]) -> Callable[[Path], None]:
    def edit(copy: Path) -> None:
        path = copy / name
        before = path.read_text("utf-8")
        if (after := change(before)) == before:
            raise SystemExit(f"{name} does not hold what this benchmark changes")
        path.write_text(after, encoding="utf-8", newline="\n")

    return edit


def _one_value(table: str) -> str:
    """The EASI of the last visit, a tenth more."""
    lines = table.rstrip("\n").split("\n")
    place, cells = lines[0].split(",").index("easi"), lines[-1].split(",")
    cells[place] = f"{float(cells[place]) + 0.1:.1f}"
    return "\n".join([*lines[:-1], ",".join(cells)]) + "\n"


EDITS: dict[str, Callable[[Path], None]] = {
    "cold": _cold,
    "nothing changed": lambda copy: None,
    "one more sentence": _changed("chapters/safety.qmd", lambda text: text + "\nOne more sentence.\n"),
    "a changed cell": _changed("chapters/safety.qmd", lambda text: text.replace("= open_report()\n", "= open_report()\n\n", 1)),
    "a changed style": _changed("analysis/core/report.mplstyle", lambda text: text + "axes.labelpad: 4.5\n"),
    "a changed value": _changed("data/cuts/week-26/visits.csv", _one_value),
}  # fmt: skip


def benchmark(folder: Path) -> dict[str, dict[str, float]]:
    """The figures of each kind of render, one after the other in one copy of the repository."""
    copy = folder / "report"
    shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
    shutil.copytree(ROOT / ".venv", copy / ".venv", symlinks=True, copy_function=_linked)
    study = str(copy / ".venv" / ("Scripts/study.exe" if os.name == "nt" else "bin/study"))
    measured([study, "--help"], copy)  # Python keeps what it has compiled
    found = {"study --help": measured([study, "--help"], copy)}
    for name, edit in EDITS.items():
        edit(copy)
        found[name] = measured([study, "render", "--engine", "builtin"], copy)
        print(f"  {name}: {found[name]}", file=sys.stderr, flush=True)
    return found


def _linked(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another disk
        shutil.copy2(source, target)


def machine() -> str:
    """What the figures were taken on."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    load = f", load {os.getloadavg()[0]:.1f} before" if hasattr(os, "getloadavg") else ""
    python = f"Python {platform.python_version()}"
    return f"{os.cpu_count()} cores ({next(named, platform.processor())}), {platform.system()} {platform.release()}, {python}{load}"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--record", action="store_true", help="write recorded.json anew")
    options.add_argument("--times", type=int, default=1, help="runs of which the least counts")
    given, where = options.parse_args(), machine()
    last = json.loads(RECORDED.read_text("utf-8")) if RECORDED.exists() else {"machine": "none", "renders": {}}
    runs = []
    for _ in range(given.times):
        with tempfile.TemporaryDirectory(prefix="study-benchmark-", dir=ROOT.parent) as folder:
            runs.append(benchmark(Path(folder)))
    least = {name: {figure: min(run[name][figure] for run in runs) for figure in FIGURES} for name in runs[0]}
    print(f"this machine: {where}\nrecorded on:  {last['machine']}\n")
    print(f"{'':20}" + "".join(f"{unit:>16}{'ratio':>8}" for unit in FIGURES.values()))
    for name, figures in least.items():
        then = last["renders"].get(name, {})
        ratios = [f"{figures[key] / then[key]:.2f}" if then.get(key) else "" for key in FIGURES]
        print(f"{name:20}" + "".join(f"{figures[key]:>16}{ratio:>8}" for key, ratio in zip(FIGURES, ratios, strict=True)))
    if given.record:
        RECORDED.write_text(json.dumps({"machine": where, "renders": least}, indent=1) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
