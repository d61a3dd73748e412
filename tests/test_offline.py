"""After set-up nothing needs a network, and nothing asks for one."""

import ctypes
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from copies import LEFT_OUT

_NEW_NETWORK, _SET_FLAGS, _UP_AND_RUNNING = 0x40000000, 0x8914, 0x41


def cut_off() -> None:
    """Give this process a network of its own that has nothing but itself (kernels talk over the loopback)."""
    if ctypes.CDLL(None, use_errno=True).unshare(_NEW_NETWORK):
        raise OSError(ctypes.get_errno(), "no network namespace")
    import fcntl

    with socket.socket() as one:
        fcntl.ioctl(one, _SET_FLAGS, struct.pack("16sh14x", b"lo", _UP_AND_RUNNING))


def can_be_cut_off() -> bool:
    if sys.platform != "linux":
        return False
    try:
        return subprocess.run([sys.executable, "-c", "pass"], preexec_fn=cut_off).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False


ATTEMPTS = """
import re, sys
def attempts():
    found = 0
    for path, name in (("/proc/net/snmp", "OutNoRoutes"), ("/proc/net/snmp6", "Ip6OutNoRoutes")):
        lines = open(path).read().splitlines()
        if path.endswith("6"):
            found += sum(int(line.split()[1]) for line in lines if line.split()[0] == name)
        else:
            names, values = (line.split() for line in lines if line.startswith("Ip: "))
            found += int(values[names.index(name)])
    return found
"""
"""Linux counts what it was asked to send where no way leads: of every process in the namespace, Pandoc and Typst too."""


def run(repository: Path, *arguments: str) -> tuple[subprocess.CompletedProcess, int]:
    """A command of the study without a network; how often something tried to reach one."""
    code = (
        f"{ATTEMPTS}\nimport subprocess\n"
        "done = subprocess.run(sys.argv[1:], capture_output=True, text=True, errors='replace')\n"
        "sys.stderr.write(done.stdout + done.stderr)\nprint('attempts', attempts())\nsys.exit(done.returncode)"
    )
    command = [sys.executable, "-c", code, sys.executable, "-m", "study.cli", *arguments]
    environment = os.environ | {"PYTHONPATH": str(repository)}
    done = subprocess.run(command, cwd=repository, env=environment, capture_output=True, text=True, preexec_fn=cut_off)
    return done, int(re.search(r"attempts (\d+)", done.stdout)[1])


@pytest.mark.slow
def test_validate_render_verify_and_archive_need_no_network_and_ask_for_none(tmp_path):
    if not can_be_cut_off():
        pytest.skip("this machine gives no network namespace (Linux as root)")
    probe = f"{ATTEMPTS}\nimport socket\nsocket.socket().connect_ex(('192.0.2.1', 80))\nprint(attempts())"
    counted = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, preexec_fn=cut_off)
    assert int(counted.stdout) > 0, "the count has to notice an attempt"
    repository = shutil.copytree(ROOT, tmp_path / "repository", ignore=LEFT_OUT)
    for arguments in (
        ("validate",), ("render", "--engine", "builtin"), ("archive", "--output", str(tmp_path / "report.zip")),
        ("verify", "--archive", str(tmp_path / "report.zip")),
    ):  # fmt: skip
        done, attempts = run(repository, *arguments)
        assert done.returncode == 0, (arguments, done.stderr[-3000:])
        assert attempts == 0, (arguments, done.stderr[-3000:])
    assert "same" in done.stderr.splitlines()
