"""Prints how long set-up, gate, results and render take on this machine: python benchmarks/run.py (nothing is asserted).

Works in a copy of the repository, so that caches of the working copy neither help nor suffer.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = shutil.ignore_patterns(".venv", ".git", ".study", "_book*", "__pycache__", ".quarto", ".hypothesis")


def timed(name: str, command: list, folder: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    started = time.perf_counter()
    finished = subprocess.run(
        [str(part) for part in command], cwd=folder, env=environment, capture_output=True, text=True
    )
    seconds = time.perf_counter() - started
    note = "" if finished.returncode == 0 else f"   exit status {finished.returncode}: {finished.stderr.strip()[-200:]}"
    print(f"{name:34}{seconds:8.1f} s{note}", flush=True)


def peak_memory() -> str:
    try:
        import resource
    except ImportError:
        return "not measured on this platform"
    # The largest single process: the kernels and the typesetters are children of the commands above.
    return f"{resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f} MB"


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="study-benchmark-") as folder:
        copy = Path(folder) / "report"
        shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
        bootstrap = [sys.executable, copy / "bootstrap.py"]
        study = copy / ".venv" / ("Scripts/study.exe" if os.name == "nt" else "bin/study")
        render = [study, "render", "--engine", "builtin"]
        timed("set-up, cold", [*bootstrap, "setup"], copy)
        timed("set-up, nothing changed", [*bootstrap, "setup"], copy)
        timed("gate, cold", [study, "validate"], copy)
        timed("gate, receipt fresh", [study, "validate"], copy)
        timed("results, cold", [study, "results"], copy)
        timed("results, on the shelf", [study, "results"], copy)
        shutil.rmtree(copy / ".study")
        timed("render, cold (gate included)", render, copy)
        timed("render, nothing changed", render, copy)
        chapter = copy / "chapters" / "safety.qmd"
        chapter.write_text(chapter.read_text("utf-8") + "\nOne more sentence.\n", encoding="utf-8", newline="\n")
        timed("render, one chapter changed", render, copy)
        print(f"{'peak memory of one process':34}{peak_memory():>10}")


if __name__ == "__main__":
    main()
