"""Known vulnerabilities of requirements.lock, and docs/licences.md; called by `python bootstrap.py audit` with .venv's Python.

Exit status 0 none known, 1 some, 4 the database could not be asked, so that nothing is known.
"""

import importlib.metadata
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent
LOCK = ROOT / "requirements.lock"
LICENCES = ROOT / "docs" / "licences.md"
PIP_AUDIT = "pip-audit==2.10.1"
CANARY = "pyyaml==5.3"
"""A version with known vulnerabilities: where it passes, the database has not been asked."""
UNKNOWN = 4
_NOT_HERE = "not installed here (another platform)"


def locked() -> list[tuple[str, str]]:
    """Name and version of every locked package; two versions for two platforms are two."""
    return re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", LOCK.read_text("utf-8"), re.M)


def judged(report: dict, canary: dict) -> tuple[int, list[str]]:
    """Exit status and lines for two reports of pip-audit: of the locked set and of the version known to be vulnerable."""
    skipped = [each["name"] for each in report["dependencies"] if "skip_reason" in each]
    found = [
        f"{each['name']} {each['version']}: {flaw['id']} ({', '.join(flaw['aliases']) or 'no other names'}); "
        f"repaired in {', '.join(flaw['fix_versions']) or 'no version yet'}"
        for each in report["dependencies"]
        for flaw in each.get("vulns", ())
    ]
    if found:
        return 1, found
    if not any(each.get("vulns") for each in canary["dependencies"]):
        return UNKNOWN, [f"nothing is known: the database has no word on {CANARY}, which is vulnerable, so it could not be asked"]
    if skipped:
        return UNKNOWN, [f"nothing is known of {len(skipped)} packages: {', '.join(skipped)}"]
    return 0, [f"no known vulnerabilities in {len(report['dependencies'])} packages"]


def _asked(requirements: Path, folder: Path, *options: str) -> dict | None:
    """pip-audit's report, None where it could not make one; uv runs it in an environment of its own."""
    uv = Path(sys.executable).with_name("uv.exe" if os.name == "nt" else "uv")
    answer = folder / "answer.json"
    answer.unlink(missing_ok=True)
    command = [uv, "tool", "run", "--quiet", "--from", PIP_AUDIT, "pip-audit", "--requirement", requirements, "--disable-pip"]
    command += ["--progress-spinner", "off", "--format", "json", "--output", answer, *options]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, encoding="utf-8", errors="replace")
    try:
        return json.loads(answer.read_text("utf-8"))
    except (OSError, ValueError):
        print("\n".join(done.stderr.splitlines()[-3:]), file=sys.stderr)
        return None


def vulnerabilities() -> int:
    """Print what is known; the exit status."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "canary.txt").write_text(CANARY + "\n", encoding="utf-8")
        report = _asked(LOCK, folder, "--require-hashes")
        canary = None if report is None else _asked(folder / "canary.txt", folder, "--no-deps")
    if report is None or canary is None:
        status, lines = UNKNOWN, ["nothing is known: pip-audit could not be run, or could not reach its database"]
    else:
        status, lines = judged(report, canary)
    for line in lines:
        print(f"audit: {line}", file=sys.stderr if status == UNKNOWN else sys.stdout)
    return status


def licence(name: str) -> str:
    """The licence that an installed package declares."""
    try:
        about = importlib.metadata.metadata(name)
    except importlib.metadata.PackageNotFoundError:
        return _NOT_HERE
    classes = [each.rpartition(" :: ")[2] for each in about.get_all("Classifier") or [] if each.startswith("License ::")]
    words = (about.get("License") or "").strip().splitlines()
    short = words[0] if len(words) == 1 and words[0] != "UNKNOWN" else ""
    return about.get("License-Expression") or short or ", ".join(classes) or " ".join(words[:1]) or "not declared; see the package"


def licences() -> str:
    """The list of licences as Markdown."""
    names = sorted({name for name, _ in locked()})
    rows = "".join(f"| {name} | {licence(name).replace('|', '/')} |\n" for name in names)
    return (
        f"# Licences of the locked packages\n\nWhat the {len(names)} packages of `requirements.lock` declare, the tests' own among "
        f"them. Made by `make audit`; do not edit.\n\n| Package | Licence |\n|---|---|\n{rows}"
    )


if __name__ == "__main__":
    LICENCES.write_text(licences(), encoding="utf-8", newline="\n")
    sys.exit(vulnerabilities())
