"""Damage every file of a run in four ways, and ask every command that reads it."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

from toy import STATE, Count, made, prepare
from typer.testing import CliRunner

COMMANDS: dict[str, list[str]] = {
    "audit": ["audit", "RUN", "--json"],
    "annotators": ["annotators", "RUN", "--json"],
    "history": ["curate", "history", "RUN", "--json"],
    "preview": ["curate", "preview", "RUN", "OUT/../rule.toml", "--json"],
    "suspects": ["curate", "suspects", "RUN", "--json"],
    "export": ["export", "RUN", "--to", "native", "-o", "OUT/o.jsonl", "--quiet"],
    "export source": ["export", "RUN", "--to", "source", "-o", "OUT/s.jsonl", "--quiet"],
    "report": ["report", "RUN", "-o", "OUT/r.html"],
    "report md": ["report", "RUN", "-o", "OUT/r.md"],
    "compare": ["compare", "RUN", "OTHER", "--json"],
    "verify": ["verify", "RUN", "--json"],
}


def flipped(path: Path, rng: random.Random) -> None:
    """Change one bit somewhere."""
    content = bytearray(path.read_bytes())
    content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    path.write_bytes(content)


HARM: dict[str, Callable[[Path, random.Random], object]] = {
    "truncate": lambda path, rng: os.truncate(path, rng.randrange(path.stat().st_size)),
    "flip": flipped,
    "delete": lambda path, rng: path.unlink(),
    "empty": lambda path, rng: os.truncate(path, 0),
}


def said(command: list[str], run: Path, other: Path, out: Path) -> tuple[str, str]:
    """Run a command; return how it ended, and all that it wrote."""
    from wimhf.errors import WimhfError
    from wimhf.ui.cli.main import app

    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    names = {"RUN": str(run), "OTHER": str(other)}
    words = [names.get(word, word.replace("OUT", str(out))) for word in command]
    result = CliRunner().invoke(app, words)
    if isinstance(result.exception, WimhfError):
        line = str(result.exception)
        return ("refused" if "\n" not in line else "several lines"), line
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        return "traceback", repr(result.exception)
    files = [f"{p.name}:{p.read_text()}" for p in sorted(out.iterdir()) if p.is_file()]
    ending = "whole" if result.exit_code == 0 else "refused"
    return ending, result.output + "".join(files)


def counted(folder: Path, share: float) -> list[Count]:
    """Damage a run in every way."""
    import wimhf

    settings = prepare(folder)
    run = made(folder, settings)
    c = wimhf.open_curation(run, who="kim")
    for number in range(3):
        c.edit(c.pairs["pair_id"].to_list()[number], "flip", f"edit {number}")
    other = shutil.copytree(run, folder / "other")
    rng = random.Random(0)
    out = folder / "out"
    (folder / "rule.toml").write_text('[[rule]]\nwhen = { text = "butter" }\nthen = "drop"\n')
    expected = {name: said(command, run, other, out) for name, command in COMMANDS.items()}
    counts = {how: Count(f"damage: {how}") for how in HARM}
    for name, (ending, words) in expected.items():
        if ending != "whole":
            raise SystemExit(f"{name} does not work on a whole run: {words[:300]}")
    names = [path.name for path in sorted(run.iterdir()) if path.name not in STATE]
    rng.shuffle(names)
    for name in names[: max(1, round(len(names) * share))]:
        whole = (run / name).read_bytes()
        for how, harm in HARM.items():
            if not whole:
                continue
            harm(run / name, rng)
            for command, words in COMMANDS.items():
                ending, told = said(words, run, other, out)
                counts[how].tries += 1
                counts[how].note(ending)
                silent = ending == "whole" and told != expected[command][1]
                if ending not in ("whole", "refused") or silent:
                    counts[how].faults.append(f"{name} {how}, {command}: {ending}, {told[:200]}")
                if command == "verify" and ending == "whole":
                    counts[how].faults.append(f"{name} {how}: verify finds nothing")
            (run / name).write_bytes(whole)
    return list(counts.values())
