"""Every command and every line of Python in README and docs/ does what it says it does."""

from __future__ import annotations

import csv
import gzip
import json
import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from tests.llm_server import Server, knowing
from wimhf.data.demo import demo_folder
from wimhf.ui.cli.main import app

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"(<!-- not run: [^>]+ -->\n)?```(\w+)\n(.*?)```", re.DOTALL)
ROWS = 160
DIM = 8


def blocks(page: Path, kind: str) -> list[str]:
    """Return a page's blocks of a language, those left out that say why they are not run."""
    found = BLOCK.findall(page.read_text(encoding="utf-8"))
    return [body for skipped, language, body in found if language == kind and not skipped]


def commands(page: Path) -> list[list[str]]:
    """Return the wimhf commands of a page, in their order."""
    lines = [line for block in blocks(page, "sh") for line in block.splitlines()]
    words = [shlex.split(line, comments=True) for line in lines]
    return [line[1:] for line in words if line and line[0] == "wimhf"]


def demo_rows() -> list[dict[str, Any]]:
    with gzip.open(demo_folder() / "demo.jsonl.gz", "rt", encoding="utf-8") as stream:
        return [json.loads(line) for line, _ in zip(stream, range(2 * ROWS), strict=False)]


def battle(n: int, row: dict[str, Any]) -> dict[str, Any]:
    """Return a row whose label is a code."""
    texts = {name: row[name] for name in ("prompt", "response_a", "response_b")}
    return texts | {"label": ("A>>B", "B>>A", "A=B")[n % 3]}


def chat(n: int, row: dict[str, Any]) -> dict[str, Any]:
    """Return a row whose speakers have names."""
    asked = {"role": "Kim", "content": row["prompt"]}
    sides = zip(("chosen", "rejected"), ("response_a", "response_b"), strict=True)
    return {to: [asked, {"role": "Nova", "content": row[name]}] for to, name in sides}


def ranked(n: int, row: dict[str, Any]) -> dict[str, Any]:
    """Return a row with several answers."""
    texts = [row["response_a"], row["response_b"], "I do not know."]
    answers = [{"answer": text, "rank": rank} for rank, text in enumerate(texts, start=1)]
    return {"prompt": row["prompt"], "answers": answers}


def fill(folder: Path) -> None:
    """Write the files that the pages speak of."""
    rows = demo_rows()
    for name, part in (("pairs.jsonl", rows[:ROWS]), ("held_out.jsonl", rows[ROWS:])):
        (folder / name).write_text("".join(json.dumps(row) + "\n" for row in part))
    with (folder / "other.csv").open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream)
        table.writerow(["question", "left", "right", "won"])
        for row in rows[ROWS : ROWS + 60]:
            table.writerow([row["prompt"], row["response_a"], row["response_b"], row["label"]])
    for name, make in (("battles", battle), ("chats", chat), ("ranked", ranked)):
        lines = (json.dumps(make(n, row)) + "\n" for n, row in enumerate(rows[:60]))
        (folder / f"{name}.jsonl").write_text("".join(lines))
    pair = {name: rows[0][name] for name in ("prompt", "response_a", "response_b")}
    (folder / "pair.json").write_text(json.dumps(pair))
    vectors = np.random.default_rng(0).standard_normal((ROWS, 2, DIM)).astype(np.float32)
    np.save(folder / "vectors.npy", vectors)
    for page in PAGES:
        for block in blocks(page, "toml"):
            name = block.split(":")[0].removeprefix("# ")
            (folder / name).write_text(block)


def mark(folder: Path) -> None:
    """Write marks that say which response of some pairs is longer."""
    import wimhf

    rows = wimhf.open_run("runs/mine").pairs(limit=120).to_dicts()
    with (folder / "marks.jsonl").open("w") as stream:
        for row in rows:
            lead = len(row["response_a"]) - len(row["response_b"])
            more = "A" if lead > 40 else "B" if lead < -40 else "neither"
            stream.write(json.dumps({"pair_id": row["pair_id"], "more": more}) + "\n")


def call(words: list[str]) -> str:
    """Run a command as the terminal would; return what it prints."""
    done = CliRunner().invoke(app, words, catch_exceptions=False)
    assert done.exit_code == 0, f"wimhf {shlex.join(words)}\n{done.output}"
    return done.output


@pytest.fixture(scope="module")
def _filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs")
    fill(folder)
    return folder


@pytest.fixture
def place(_filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with the files and, once one was made, the run that the pages speak of."""
    made = _filled / "runs" / "mine"
    if not made.exists():
        monkeypatch.chdir(_filled)
        call(["analyze", "pairs.jsonl", "-o", "runs/mine", "-q"])
        mark(_filled)
    folder = shutil.copytree(_filled, tmp_path / "work")
    monkeypatch.chdir(folder)
    return folder


def spoken(words: list[str], server: str) -> list[str]:
    """Put what is there in place of what a page can only name."""
    if "PAIR_ID" in words:
        listed = json.loads(call(["curate", "suspects", "runs/mine", "--count", "1", "--json"]))
        pair_id = re.findall(r'"pair_id": "(\w+)"', json.dumps(listed))
        row = pair_id[0] if pair_id else first_pair()
        words = [row if word == "PAIR_ID" else word for word in words]
    return [server if word == "http://localhost:8000/v1" else word for word in words]


def first_pair() -> str:
    import wimhf

    return str(wimhf.open_run("runs/mine").pairs()["pair_id"][0])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_commands_of_a_page_work(page: Path, place: Path) -> None:
    server = Server(lambda prompt, _: (200, knowing(prompt)))
    try:
        for words in commands(page):
            call(spoken(words, server.url))
    finally:
        server.close()
    for code in blocks(page, "python"):
        exec(compile(code, str(page), "exec"), {})


def test_every_command_has_a_page() -> None:
    said = {words[0] for page in PAGES for words in commands(page)} | {"app", "demo"}
    known = {one.name or getattr(one.callback, "__name__", "") for one in app.registered_commands}
    known |= {str(group.name) for group in app.registered_groups}
    assert known <= said


def test_links_lead_somewhere() -> None:
    for page in [*PAGES, ROOT / "CONTRIBUTING.md"]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 130
