"""Ten thousand hostile files, settings, addresses and manifests: one line each, in bounded time."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import resource
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
from toy import Count, made, prepare

SLOW = 5.0
"""Seconds beyond which an answer is a fault."""
SPICE = [
    "\x00", "\x1b[2J", "\u202e", "\ud800", "'", '"', "\\", "{", "}", "[", "]", ",", ":", "=", "\n",
    "\r", "NaN", "-Infinity", "1e999", "9" * 400, "null", "true", "../", "/dev/zero", "~nobody/x",
    "%00", "http://", "https://[::1", "//x@y", "file:///etc/passwd", "\ufeff", "é", "😀", "0", "-1",
    "[" * 3000, '{"a":' * 3000, "a" * 5000, "\t", ";", "#", "(?P<x>", ".*" * 20, "__import__",
]  # fmt: skip
BASES = ["http://localhost:1/v1", "https://u:p@h/v1?k=v", "hf:owner/name:split", "openai:model"]


def mutated(content: bytes, rng: random.Random) -> bytes:
    """Change some places of a content."""
    for _ in range(rng.choice([1, 1, 2, 5, 30])):
        at, length = rng.randrange(len(content) + 1), rng.choice([0, 1, 4, 50])
        kind = rng.randrange(4)
        put = {
            0: rng.choice(SPICE).encode(errors="surrogatepass"),
            1: rng.randbytes(rng.choice([1, 2, 8])),
            2: content[at : at + 200] * rng.choice([1, 3]),
            3: b"",
        }[kind]
        content = content[:at] + put + content[at + length :]
    return content


def sources() -> dict[str, bytes]:
    """Return small whole files of every container."""
    rows = [
        {"prompt": f"p{n}", "chosen": f"good {n}", "rejected": f"bad {n}", "score": n / 2}
        for n in range(12)
    ]
    table = pl.DataFrame(rows)
    parquet, arrow = io.BytesIO(), io.BytesIO()
    table.write_parquet(parquet)
    table.write_ipc(arrow)
    lines = "\n".join(map(json.dumps, rows)).encode()
    turns = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "yes"}]
    talks = [{"chosen": turns, "rejected": [turns[0], turns[1] | {"content": str(n)}]}
             for n in range(6)]  # fmt: skip
    return {
        "a.jsonl": lines, "a.json": json.dumps(rows).encode(), "b.json": json.dumps(
            {"data": rows}).encode(), "a.csv": table.write_csv().encode(),
        "a.tsv": table.write_csv(separator="\t").encode(), "a.parquet": parquet.getvalue(),
        "a.arrow": arrow.getvalue(), "a.jsonl.gz": gzip.compress(lines),
        "c.jsonl": "\n".join(map(json.dumps, talks)).encode(),
    }  # fmt: skip


class Tries:
    """Counts what comes of tries of one kind."""

    def __init__(self, what: str) -> None:
        self.count, self.slowest = Count(what), 0.0

    def __call__(self, work: Callable[[], object], told: object) -> None:
        """Do something that is to end well or with one line."""
        from wimhf.errors import WimhfError

        began = time.monotonic()
        self.count.tries += 1
        try:
            work()
            self.count.note("read")
        except WimhfError as error:
            self.count.note("refused")
            if "\n" in str(error) or any(c in str(error) for c in "\x1b\u202e\x00"):
                self.count.faults.append(f"{told!r}: an error of several lines or escapes")
        except (Exception, pl.exceptions.PanicException) as error:
            self.count.faults.append(f"{str(told)[:300]!r}: {type(error).__name__}: {error}"[:600])
        took = time.monotonic() - began
        self.slowest = max(self.slowest, took)
        if took > SLOW:
            self.count.faults.append(f"{str(told)[:200]!r}: {took:.1f} s")


def files(folder: Path, number: int, rng: random.Random) -> Tries:
    """Read hostile files."""
    from wimhf.base import ReadConfig
    from wimhf.data import read_pairs

    tries, whole = Tries("hostile: files"), sources()
    for _ in range(number):
        name = rng.choice(list(whole))
        content = mutated(whole[name], rng)
        path = folder / name
        path.write_bytes(content)
        tries(lambda: read_pairs(ReadConfig(source=str(path))), (name, content))  # noqa: B023
    return tries


def settings(folder: Path, number: int, rng: random.Random) -> Tries:
    """Read hostile settings, concepts and rules."""
    from wimhf.base import Config
    from wimhf.curate import read_rules

    tries = Tries("hostile: settings")
    whole = (
        b'seed = 0\n[read]\nlimit = 50\nmax_line = 4000\n[read.columns]\nprompt = "q"\n'
        b'[dictionary]\nfeatures = 16\nk = 4\nprefixes = [8]\n[llm]\nmodel = "m"\n'
        b'base_url = "http://localhost:1/v1"\n[embed]\ntemplate = "{prompt} {response}"\n'
    )
    rule = b'[[rule]]\nwhen = { text = "butter", feature = 3 }\nthen = "drop"\nwhy = "none"\n'
    path = folder / "hostile.toml"
    for index in range(number):
        content = mutated(rule if index % 3 == 0 else whole, rng)
        path.write_bytes(content)
        if index % 3 == 0:
            tries(lambda: read_rules(path), content)
        else:
            tries(lambda: Config.from_toml(path), content)
        del content
    tries(lambda: Config.from_dict({"dictionary": {"features": 1e9}}), "features = 1e9")
    return tries


def addresses(folder: Path, number: int, rng: random.Random) -> Tries:
    """Take hostile addresses of servers, data sets and the app."""
    from wimhf.base import server_address, without_secrets
    from wimhf.data import parts_of
    from wimhf.ui.app.serve.door import Door

    tries = Tries("hostile: addresses")
    (folder / "deep" / "er").mkdir(parents=True)
    os.chdir(folder / "deep" / "er")  # so that ../ is no large tree
    door = Door("t" * 20, frozenset({"localhost"}))
    for _ in range(number):
        text = mutated(rng.choice(BASES).encode(), rng).decode(errors="replace")
        tries(lambda: server_address(text), text)  # noqa: B023
        tries(lambda: without_secrets(text), text)  # noqa: B023
        tries(lambda: door.refuses([text], [text]), text)  # noqa: B023
        if not text.startswith("hf:"):
            tries(lambda: parts_of((text,), None), text)  # noqa: B023
    return tries


def manifests(run: Path, number: int, rng: random.Random) -> Tries:
    """Open runs with hostile manifests, logs and anchors."""
    from wimhf.run import open_run, verify_run
    from wimhf.run.manifest import MANIFEST, check_of

    tries = Tries("hostile: manifests and logs")
    wholes = {name: (run / name).read_bytes() for name in (MANIFEST, "health.json")}
    for index in range(number):
        name = MANIFEST if index % 4 else "health.json"
        content = mutated(wholes[name], rng)
        if index % 4 == 1:  # as somebody would who can write the folder
            try:
                value = json.loads(content)
                value["check"] = check_of(value)
                content = json.dumps(value).encode()
            except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
                pass
        (run / name).write_bytes(content)
        tries(lambda: (verify_run if index % 2 else open_run)(run), content)  # noqa: B023
        (run / name).write_bytes(wholes[name])
    return tries


def counted(folder: Path, share: float) -> list[Count]:
    """Try ten thousand hostile inputs, or a share of them."""
    rng = random.Random(0)
    each = max(20, round(2500 * share))
    run = made(folder, prepare(folder))  # what it takes to load the libraries counts for nothing
    here = Path.cwd()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    done = [
        files(folder, each, rng), settings(folder, each, rng),
        addresses(folder, each // 4 + 1, rng), manifests(run, each, rng),
    ]  # fmt: skip
    os.chdir(here)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    for tries in done:
        tries.count.measured.append(f"the slowest {tries.slowest:.1f} s")
    done[-1].count.measured.append(f"memory at the peak of all four +{grown} MB")
    if grown > 500:
        done[-1].count.faults.append(f"{grown} MB more")
    return [tries.count for tries in done]
