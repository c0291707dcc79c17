"""Keys and passwords in every dress, servers that fail in every way; every artefact is searched.

A secret counts as leaked where it stands raw, or in any form it was sent back in.
"""

from __future__ import annotations

import base64
import html
import io
import json
import logging
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from toy import Count, made, prepare
from typer.testing import CliRunner

KEYS = {
    "plain": "sk-Secret0123456789abcdef", "quoted": 'sk-Sec"ret\\012/345+67=89',
    "spaced": "sk Sec ret 01",
    "marked": "sk-<Secret>&0123%41?x#y", "hexadecimal": "deadbeefcafe0123456789ab",
}  # fmt: skip
ENDS = {"": "", "CR LF": "\r\n", "LF": "\n", "spaces": "  ", "tab": "\t"}
FORMS: dict[str, Callable[[str], str]] = {
    "raw": str, "json": json.dumps, "json twice": lambda key: json.dumps(json.dumps(key)),
    "url": lambda key: quote(key, safe=""), "html": html.escape,
    "base64": lambda key: base64.b64encode(key.encode()).decode(),
    "hex": lambda key: key.encode().hex(), "repr": repr,
    "escapes": lambda key: "".join(f"\\u{ord(c):04x}" for c in key),
}  # fmt: skip
FAILURES = ("401", "400", "429", "500", "200", "redirect", "cut", "closed", "refused")
"""How a server fails; those with a number send the key back in a form."""
ADDRESSES = {"header": "{scheme}://{netloc}/v1", "address": "{scheme}://me:{word}@{netloc}/v1",
             "query": "{scheme}://{netloc}/v1?key={word}"}  # fmt: skip
WORD = "pass-Word0123456789"


@contextmanager
def failing(failure: str, form: str, *secrets: str) -> Iterator[str]:
    """Serve an API that fails, and says what it was sent."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = " and ".join(FORMS[form](secret) for secret in secrets)
            if failure == "closed":
                return
            told = f'{{"error": {{"message": {json.dumps(body)}}}}}' if form != "raw" else body
            data = told.encode()
            self.send_response({"redirect": 302, "cut": 200}.get(failure) or int(failure))
            if failure == "redirect":
                self.send_header("Location", f"http://elsewhere.invalid/?key={quote(body)}")
            self.send_header("x-said", quote(body))
            self.send_header("Content-Length", str(len(data) + 50 * (failure == "cut")))
            self.send_header("retry-after-ms", "1")
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_address[1]}"
    if failure == "refused":
        server.shutdown()
        server.server_close()
    try:
        yield address
    finally:
        if failure != "refused":
            server.shutdown()
            server.server_close()


@contextmanager
def logged() -> Iterator[io.StringIO]:
    """Collect what every library says, however quietly."""
    stream = io.StringIO()
    handler, root = logging.StreamHandler(stream), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    logging.disable(logging.NOTSET)
    root.setLevel(logging.WARNING)
    try:
        yield stream
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
        logging.disable(logging.WARNING)


def leaks(said: dict[str, bytes], secrets: tuple[str, ...]) -> list[str]:
    """Return where a secret stands, in any form."""
    found = []
    for secret in secrets:
        forms = {name: make(secret).strip("\"'").encode() for name, make in FORMS.items()}
        for where, content in said.items():
            found += [f"{where} ({name})" for name, form in forms.items() if form in content]
    return found


def everything(*folders: Path) -> dict[str, bytes]:
    """Return every file of some folders."""
    return {
        str(path): path.read_bytes()
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file()
    }


def command(words: list[str]) -> tuple[str, dict[str, bytes]]:
    """Run a command; return how it ended, and what it said."""
    from wimhf.errors import WimhfError
    from wimhf.ui.cli.main import app

    with logged() as log:
        result = CliRunner().invoke(app, words)
    error = result.exception
    known = error is None or isinstance(error, (WimhfError, SystemExit))
    said = {"output": result.output.encode(), "error": str(error).encode(),
            "log": log.getvalue().encode()}  # fmt: skip
    return ("whole" if result.exit_code == 0 else "refused") if known else "traceback", said


def tried(count: Count, run: Path, case: tuple[str, str, str, str, str]) -> None:
    """Describe a run with a server that fails, and look for the key everywhere."""
    dress, end, failure, form, place = case
    key = KEYS[dress]
    os.environ["OPENAI_API_KEY"] = key + ENDS[end]
    copy = shutil.copytree(run, run.parent / "copy")
    secrets = (key, WORD) if place != "header" else (key,)
    with failing(failure, form, *secrets) as server:
        parts = urlsplit(server)
        address = ADDRESSES[place].format(scheme=parts.scheme, netloc=parts.netloc, word=WORD)
        words = ["describe", str(copy), "--llm", "m", "--base-url", address, "-y", "--quiet"]
        ending, said = command(words)
    said |= everything(copy, Path(os.environ["WIMHF_CACHE"]))
    count.tries += 1
    count.note(ending)
    if found := leaks(said, secrets):
        count.faults.append(f"{case}: {', '.join(found)}")
    if ending == "traceback":
        count.faults.append(f"{case}: {said['error'][:300]!r}")
    shutil.rmtree(copy)


def counted(folder: Path, share: float) -> list[Count]:
    """Try every dress with every failure; forms and places in turn."""
    run = made(folder, prepare(folder))
    count = Count("keys: dress x failure x form x place")
    cases: list[Any] = []
    for number, (dress, end, failure) in enumerate(
        (dress, end, failure) for dress in KEYS for end in ENDS for failure in FAILURES
    ):
        forms, places = list(FORMS), list(ADDRESSES)
        cases.append(
            (dress, end, failure, forms[(number + number // 9) % len(forms)], places[number % 3])
        )
        cases.append(
            (dress, end, failure, forms[(number * 7 + 3 + number // 4) % len(forms)], places[0])
        )
    step = max(1, round(1 / share))
    for case in cases[::step]:
        tried(count, run, case)
    del os.environ["OPENAI_API_KEY"]
    return [count]
