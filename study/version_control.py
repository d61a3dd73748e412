"""Whether a folder is under version control, where patients' rows would end in a history that others may read.

Git itself is not needed for this. The ignore files are read simply: a rule that would need git to understand counts as absent, so the
warning comes once too often rather than once too seldom.
"""

from pathlib import Path


def exposed(folder: Path) -> Path | None:
    """The root of the git checkout that would record what is in `folder`, or None: there is none, or it ignores the folder."""
    folder = folder.resolve()
    root = next((parent for parent in folder.parents if (parent / ".git").exists()), None)
    if root is None:
        return None
    ignored = any(
        _ignores(line, folder.relative_to(base).parts)
        for base, file in _ignore_files(root, folder)
        for line in _lines(file)
    )
    again = any(line.startswith("!") for _, file in _ignore_files(root, folder) for line in _lines(file))
    return None if ignored and not again else root


def _ignore_files(root: Path, folder: Path) -> list[tuple[Path, Path]]:
    between = [parent for parent in folder.parents if parent.is_relative_to(root)]
    return [(root, root / ".git" / "info" / "exclude"), *((base, base / ".gitignore") for base in between)]


def _lines(file: Path) -> list[str]:
    try:
        lines = file.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def _ignores(pattern: str, parts: tuple[str, ...]) -> bool:
    """Whether the line of an ignore file names a folder of the path `parts`: `cuts/` any such, `/data/cuts` this very one.

    `/*` and `/**` at the end mean everything below the folder.
    """
    if pattern.startswith("!"):
        return False
    anchored = "/" in pattern.rstrip("/").removesuffix("/*").removesuffix("/**")
    wanted = tuple(pattern.strip("/").removesuffix("/**").removesuffix("/*").split("/"))
    if not anchored and "/" not in pattern.strip("/"):
        return wanted[0] in parts or (wanted == ("*",))
    return parts[: len(wanted)] == wanted
