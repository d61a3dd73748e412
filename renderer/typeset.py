"""How Typst is called: with the project's fonts and nothing else of the machine."""

from pathlib import Path
from typing import Any


def own_settings(fonts: Path, work: Path) -> dict[str, Any]:
    """Arguments of `typst.compile` for files in the folder `work`: fonts of the folder `fonts` if there is one, no others.

    Packages of the user's (`@local`, or kept ones of `@preview`) would be other ones elsewhere, so they are looked for in `work`.
    """
    packages = str(work / ".packages")
    return {
        "root": str(work),
        "font_paths": [str(fonts)] if fonts.is_dir() else [],
        "ignore_system_fonts": True,  # every machine must give the same pages
        "package_path": packages,
        "package_cache_path": packages,
    }
