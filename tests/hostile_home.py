"""A home folder, a `.venv` and a checkout whose settings would each leave a mark on a report that read them."""

from pathlib import Path

RED = "figure.facecolor: red\naxes.facecolor: red\nsavefig.facecolor: red\nlines.linewidth: 9\nfont.size: 20\nsvg.fonttype: none\n"
MARK = "raise SystemExit('HOSTILE')\n"
RUN = "HOSTILE = 1\n"
CONFIG = "c.InteractiveShellApp.exec_lines = ['HOSTILE = 1']\nc.InteractiveShell.ast_node_interactivity = 'all'\n"
FILES = {
    "matplotlibrc": RED,
    ".config/matplotlib/matplotlibrc": RED,
    ".matplotlib/matplotlibrc": RED,
    ".config/matplotlib/stylelib/report.mplstyle": RED,
    ".ipython/profile_default/startup/00.py": RUN,
    ".ipython/profile_default/ipython_config.py": CONFIG,
    ".ipython/profile_default/ipython_kernel_config.py": CONFIG,
    ".config/ipython/profile_default/startup/00.py": RUN,
    ".jupyter/jupyter_config.py": MARK,
    ".jupyter/jupyter_nbconvert_config.py": MARK,
    ".local/share/jupyter/kernels/python3/kernel.json": '{"argv": ["false"], "display_name": "HOSTILE", "language": "python"}',
    ".config/pandoc/defaults.yaml": "to: plain\n",
    ".local/share/pandoc/init.lua": "error('HOSTILE')\n",
    ".local/share/pandoc/templates/default.html5": "HOSTILE",
    ".local/share/pandoc/templates/default.typst": "HOSTILE",
    ".local/share/pandoc/defaults/default.yaml": "to: plain\n",
    ".local/share/typst/packages/local/mark/1.0.0/typst.toml": '[package]\nname = "mark"\nversion = "1.0.0"\nentrypoint = "a.typ"\n',
    ".local/share/typst/packages/local/mark/1.0.0/a.typ": "#let mark = [HOSTILE]\n",
    ".config/fontconfig/fonts.conf": '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><alias>'
    "<family>IBM Plex Sans</family><prefer><family>DejaVu Serif</family></prefer></alias></fontconfig>",
    ".gitconfig": "[core]\n\tautocrlf = true\n\tpager = false\n[diff]\n\texternal = false\n[color]\n\tui = always\n",
    ".great_expectations/great_expectations.conf": "[anonymous_usage_statistics]\nenabled = True\n",
    ".config/pip/pip.conf": "[global]\nindex-url = http://localhost:1/\n",
    ".pythonrc": MARK,
    ".pdbrc": MARK,
}
IN_VENV = {
    "etc/ipython/ipython_config.py": CONFIG,
    "etc/ipython/ipython_kernel_config.py": CONFIG,
    "etc/ipython/startup/00.py": RUN,
    "etc/jupyter/jupyter_config.py": MARK,
    "share/jupyter/kernels/python3/kernel.json": FILES[".local/share/jupyter/kernels/python3/kernel.json"],
}


def put(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def home(folder: Path) -> dict[str, str]:
    """Make a hostile home of this folder; the variables of somebody who lives in it and has set what can be set."""
    put(folder, FILES)
    inside = {
        "HOME": "", "USERPROFILE": "", "XDG_CONFIG_HOME": ".config", "XDG_DATA_HOME": ".local/share", "MPLCONFIGDIR": ".matplotlib",
        "MATPLOTLIBRC": "", "IPYTHONDIR": ".ipython", "JUPYTER_CONFIG_DIR": ".jupyter", "JUPYTER_CONFIG_PATH": ".jupyter",
        "JUPYTER_PATH": ".local/share/jupyter", "PYTHONSTARTUP": ".pythonrc", "TYPST_PACKAGE_PATH": ".local/share/typst/packages",
        "FONTCONFIG_FILE": ".config/fontconfig/fonts.conf",
    }  # fmt: skip
    return {name: str(folder / place) for name, place in inside.items()} | {
        "MPLBACKEND": "pdf", "SOURCE_DATE_EPOCH": "1", "PYTHONOPTIMIZE": "2", "PYTHONWARNINGS": "error", "PYTHONHASHSEED": "7",
        "LUA_INIT": "error('HOSTILE')", "GIT_EXTERNAL_DIFF": "false", "TYPST_FONT_PATHS": "/usr/share/fonts", "COLUMNS": "20",
    }  # fmt: skip
