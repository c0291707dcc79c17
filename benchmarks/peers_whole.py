"""Whole jobs beside those of hypothesaes and prefscope: from a file of pairs to named findings.

    python benchmarks/peers_whole.py DATA/hh_rlhf_harmless_test.jsonl.gz --folder peers [--write]

The same pairs, all-MiniLM-L6-v2 on the same cores, m = 32, K = 4, caches empty. All speak to a
server that answers at once and knows nothing: what is measured is each tool's own work, not a
model's. Tools take turns; medians are shown; what was measured is kept in the folder.
``benchmarks/peers.py`` makes the environments.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median

import polars as pl
from peers import PEERS, environment
from scaling import EVERY, memory

from wimhf.base import ReadConfig
from wimhf.data import read_pairs
from wimhf.learn.embed.local import minilm_location

HERE = Path(__file__).resolve().parent
REPORT = HERE.parent / "reports/benchmarks/whole_jobs.md"
READING = "\n## Reading it\n"
M, K = 32, 4
CORPUS = {
    "prompt": "prompt", "completion_a": "response_a", "completion_b": "response_b",
    "human_pref": "label",
}  # fmt: skip
OURS = {"wimhf": [], "wimhf-exchange": ["--template", "exchange"]}
"""Responses alone, and with the prompt before each, as prefscope reads them."""
HYPOTHESES = """
import json, sys
from pathlib import Path
import numpy as np
from hypothesaes.embedding import get_local_embeddings
from hypothesaes.quickstart import generate_hypotheses, train_sae
texts, labels = json.loads(Path("texts.json").read_text())
found = get_local_embeddings(texts, model=sys.argv[1], show_progress=False)
kept = [(text, label) for text, label in zip(texts, labels) if text in found]
vectors = np.stack([found[text] for text, _ in kept])
held = np.random.default_rng(0).random(len(kept)) < .2
sae = train_sae(vectors[~held], 32, 4, val_embeddings=vectors[held], show_progress=False)
table = generate_hypotheses([text for text, _ in kept], [label for _, label in kept], vectors, sae)
table.to_csv("hypotheses.csv")
print(len(table))
"""
"""As its quickstart does: single responses, and whether each was preferred."""


Answer = Callable[[str, int], str]


class Stub:
    """A server of chat completions and responses that answers at once."""

    def __init__(self, answer: Answer) -> None:
        self.calls, outer = 0, self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.calls += 1
                said = answer(json.dumps(body), outer.calls)
                sent = json.dumps(outer.reply(said, chat="messages" in body)).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"

    def reply(self, said: str, *, chat: bool) -> dict:
        """Return an answer as OpenAI's protocol has it."""
        whole = {"id": "1", "model": "m", "created": 1, "created_at": 1}
        if chat:
            message = {"role": "assistant", "content": said}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            return whole | {"object": "chat.completion", "choices": [choice]}
        text = {"type": "output_text", "text": said, "annotations": []}
        message = {"type": "message", "id": "2", "role": "assistant", "status": "completed",
                   "content": [text]}  # fmt: skip
        whole |= {"tools": [], "tool_choice": "auto", "parallel_tool_calls": False}
        return whole | {"object": "response", "status": "completed", "output": [message]}

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()


def ours(prompt: str, number: int) -> str:
    """Answer our prompts: a name, or which response has it."""
    if "label" in prompt:
        return json.dumps({"sentence": "speaks politely", "label": "polite"})
    return "120"[number % 3]


def to_prefscope(prompt: str, number: int) -> str:
    """Answer prefscope's prompts."""
    judged = "Output one of these exact strings" in prompt or "exactly one word" in prompt
    return ("A", "B", "Tie")[number % 3] if judged else '{"concept": "speaks politely"}'


def to_hypothesaes(prompt: str, number: int) -> str:
    """Answer hypothesaes's prompts."""
    return '- "speaks politely"' if "neuron" in prompt else ("yes", "no")[number % 2]


def commands(tool: str, python: str, source: Path, url: str) -> list[list[str]]:
    """Return what a user of a tool types, in its folder."""
    model = minilm_location()
    if tool in OURS:
        return [[python, "-m", "wimhf", "analyze", str(source), "-o", "run", "--encoder", "minilm",
                 "--features", str(M), "--k", str(K), "--llm", "m", "--base-url", url,
                 "--yes", "--quiet", *OURS[tool]]]  # fmt: skip
    if tool == "hypothesaes":
        return [[python, "-c", HYPOTHESES, model]]
    return [
        [python, "-m", "prefscope", "build-lens", "--corpus", "corpus.parquet",
         "--embed-model-id", model, "--device", "cpu", "--input-rep", "difference", "--out", "lens",
         "--m-total", str(M), "--k", str(K), "--max-tokens", "256", "--cache-dir", "cache"],
        [python, "-m", "prefscope", "run", "--config", "run.json"],
    ]  # fmt: skip


ANSWERS: dict[str, Answer] = dict.fromkeys(OURS, ours) | {
    "prefscope": to_prefscope, "hypothesaes": to_hypothesaes,
}  # fmt: skip


def prepare(folder: Path, pairs: pl.DataFrame, url: str) -> None:
    """Write the pairs as each tool reads them."""
    numbers = pl.int_range(pl.len()).cast(pl.String)
    corpus = pairs.select(
        battle_id=numbers, instruction_id=numbers, language=pl.lit("en"), model_a=pl.lit("a"),
        model_b=pl.lit("b"), source=pl.lit("file"), **{to: pl.col(of) for to, of in CORPUS.items()},
    )  # fmt: skip
    corpus.write_parquet(folder / "corpus.parquet")
    sides = [("response_a", pairs["label"]), ("response_b", 1 - pairs["label"])]
    texts = [text for side, _ in sides for text in pairs[side]]
    labels = [int(value > 0.5) for _, won in sides for value in won]
    (folder / "texts.json").write_text(json.dumps([texts, labels]))
    llm = {"backend": "openai", "model": "m", "api_base": url, "api_key_env": "OPENAI_KEY_SAE"}
    settings = {"lens_dir": "lens", "corpus": "corpus.parquet", "out_dir": "out", "llm": llm}
    (folder / "run.json").write_text(json.dumps(settings))


def measured(tool: str, python: str, source: Path, pairs: pl.DataFrame, folder: Path) -> dict:
    """Do a tool's whole job; return seconds, memory, and how often it asked the server."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    server = Stub(ANSWERS[tool])
    prepare(folder, pairs, server.url)
    space = os.environ | {
        "WIMHF_CACHE": str(folder / "cache"), "EMB_CACHE_DIR": str(folder / "cache"),
        "OPENAI_BASE_URL": server.url, "OPENAI_KEY_SAE": "none", "OPENAI_API_KEY": "none",
    }  # fmt: skip
    space |= {"PYTHONPATH": str(HERE.parent) if tool in OURS else ""}
    began, peak, used = time.monotonic(), 0.0, sum(os.times()[2:4])
    for words in commands(tool, python, source, server.url):
        with (folder / "log").open("ab") as log, subprocess.Popen(
            words, cwd=folder, env=space, stdout=log, stderr=log, start_new_session=True
        ) as process:  # fmt: skip
            while process.poll() is None:
                peak = max(peak, memory(process.pid))
                time.sleep(EVERY / 5)
        if process.returncode:
            sys.exit(f"{tool}: {(folder / 'log').read_text()[-2000:]}")
    seconds = time.monotonic() - began
    server.close()
    processor = sum(os.times()[2:4]) - used
    return {"tool": tool, "seconds": seconds, "processor": processor, "memory": peak,
            "calls": server.calls}  # fmt: skip


def kept(place: Path, tool: str, python: str, source: Path, pairs: pl.DataFrame) -> dict:
    """Return what was measured before, or measure it."""
    if not place.exists():
        row = measured(tool, python, source, pairs, place.parent / f"whole-{tool}")
        place.write_text(json.dumps(row))
    return dict(json.loads(place.read_text()))


def main() -> None:
    """Print a table, or write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    folder, source = given.folder.resolve(), given.source.resolve()
    pythons = dict.fromkeys(OURS, sys.executable) | {
        name: environment(folder / name, needs) for name, needs in PEERS.items()
    }
    pairs = read_pairs(ReadConfig(source=str(source)), lambda _: None).pairs
    rows = [
        kept(folder / f"whole-{source.stem}-{tool}-{number}.json", tool, python, source, pairs)
        for number in range(given.rounds) for tool, python in pythons.items()
    ]  # fmt: skip
    lines = [
        "| tool | s | processor, s | GB | calls of the server |",
        "| --- | --- | --- | --- | --- |",
    ]
    for tool in pythons:
        own = [row for row in rows if row["tool"] == tool]
        mid = {name: median(row[name] for row in own) for name in own[0] if name != "tool"}
        lines.append(f"| {tool} | {mid['seconds']:.0f} | {mid['processor']:.0f} | "
                     f"{mid['memory']:.1f} | {mid['calls']:,.0f} |")  # fmt: skip
    print("\n".join(lines))
    if given.write:
        before = REPORT.read_text(encoding="utf-8") if REPORT.exists() else ""
        reading = "".join(before.partition(READING)[1:])
        versions = ", ".join(need for needs in PEERS.values() for need in needs)
        text = (
            f"# Whole jobs beside those of others\n\n`python benchmarks/peers_whole.py "
            f"DATA/{source.name} --folder FOLDER --write`, {time.strftime('%Y-%m-%d')}; "
            f"{os.cpu_count()} cores, {platform.machine()}, nothing else running; {versions}; "
            f"{len(pairs):,} pairs, all-MiniLM-L6-v2, m = {M}, K = {K}, medians of "
            f"{given.rounds}, tools in turn, caches empty. The server answers at once and knows "
            "nothing.\n\n" + "\n".join(lines) + "\n"
        )
        REPORT.write_text(text + reading, encoding="utf-8")


if __name__ == "__main__":
    main()
