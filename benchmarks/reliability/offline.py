"""The whole demo where there is no network: a namespace without routes, `unshare -rn`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from toy import Count

PROGRAM = "import sys; from wimhf.ui.cli.main import run_cli; sys.argv[0] = 'wimhf'; run_cli()"
REACHED = "import socket; socket.create_connection(('192.0.2.1', 80), 3)"


def counted(folder: Path, share: float) -> list[Count]:
    """Run what a newcomer runs, without a network."""
    count = Count("offline: demo, audit, report, export")
    alone = ["unshare", "-rn"]
    if shutil.which("unshare") is None or subprocess.run([*alone, "true"], check=False).returncode:
        count.notes["not allowed on this machine"] = 1
        return [count]
    environment = {
        **os.environ, "WIMHF_OFFLINE": "1", "WIMHF_CACHE": str(folder / "cache"),
        "HF_HOME": str(folder / "hub"), "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
    }  # fmt: skip
    run = str(folder / "demo")
    commands = [
        ["demo", "-o", run], ["audit", run], ["report", run, "-o", str(folder / "r.html")],
        ["export", run, "--to", "trl", "-o", str(folder / "o.jsonl"), "--drop-weights"],
        ["verify", run],
    ]  # fmt: skip
    reached = subprocess.run(
        [*alone, sys.executable, "-c", REACHED], capture_output=True, check=False
    )
    if b"unreachable" not in reached.stderr:
        count.faults.append("the namespace has a way out")
    for words in commands:
        done = subprocess.run(
            [*alone, sys.executable, "-c", PROGRAM, *words], env=environment, cwd=folder,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        count.tries += 1
        count.note("whole" if done.returncode == 0 else "failed")
        if done.returncode:
            count.faults.append(f"{words[0]}: {done.stderr[-600:]}")
    return [count]
