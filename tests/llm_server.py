"""A planted chat server that speaks OpenAI's protocol, and one that knows the planted words."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.conftest import TRAITS

SENTENCE = re.compile(r'"The response uses the words of (\w+)"')
BLOCK = re.compile(r"(PROMPT|RESPONSE \w+|VERSION \w+): (.*?)\n</", re.DOTALL)


def knowing(prompt: str) -> str:
    """Answer as somebody who knows the planted words."""
    found = SENTENCE.search(prompt)
    if found is None:
        sides = {"MORE": "", "LESS": ""}
        for kind, text in BLOCK.findall(prompt):
            if kind.split()[-1] in sides:
                sides[kind.split()[-1]] += f" {text}"
        leads = {
            trait: sum(sides["MORE"].split().count(w) - sides["LESS"].split().count(w)
                       for w in words.split())
            for trait, words in TRAITS.items()
        }  # fmt: skip
        trait = max(leads, key=lambda name: leads[name])
        return json.dumps({"sentence": f"uses the words of {trait}", "label": trait})
    words = set(TRAITS[found.group(1)].split())
    texts = [text for kind, text in BLOCK.findall(prompt) if kind != "PROMPT"]
    first, second = (len(words & set(text.split())) for text in texts)
    return "1" if first > second else "2" if second > first else "0"


class _Quiet(ThreadingHTTPServer):
    """Says nothing when a client that lost patience has gone."""

    def handle_error(self, *_: object) -> None:
        pass


def weighed(prompt: str, score: float) -> dict[str, Any]:
    """Return what /completions says of a prompt: a word is a token.

    Every token has the log probability -1, and the last one ``score`` more.
    """
    ends = [0, *(found.end() for found in re.finditer(r"\s+", prompt))]
    told = {"text_offset": ends, "tokens": [""] * len(ends), "top_logprobs": None,
            "token_logprobs": [None, *[-1.0] * (len(ends) - 2), score - 1]}  # fmt: skip
    choice = {"index": 0, "text": prompt, "finish_reason": "length", "logprobs": told}
    return {"id": "1", "object": "text_completion", "created": 1, "model": "m",
            "choices": [choice]}  # fmt: skip


class Server:
    """A chat server; ``behave`` gets a prompt and the number of the call.

    ``usage`` gives what it says it read and wrote; without, it says nothing of it.
    """

    def __init__(
        self, behave: Callable[[str, int], tuple[int, Any]], usage: dict[str, int] | None = None
    ) -> None:
        self.prompts: list[str] = []
        self.bodies: list[dict[str, Any]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                prompt = body["prompt"] if "prompt" in body else body["messages"][0]["content"]
                outer.prompts.append(prompt)
                outer.bodies.append(body)
                status, answer = behave(prompt, len(outer.prompts))
                if isinstance(answer, str) and status == 200:
                    message = {"role": "assistant", "content": answer}
                    answer = {
                        "id": "1", "object": "chat.completion", "created": 1, "model": "m",
                        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                    }  # fmt: skip
                    answer |= {"usage": usage} if usage else {}
                data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.send_header("retry-after-ms", "1")
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                pass

        self._http = _Quiet(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}/v1"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


def serving() -> Iterator[Callable[..., Server]]:
    """Start servers and end them with the test; a fixture of the modules that need it."""
    servers: list[Server] = []

    def start(
        behave: Callable[[str, int], tuple[int, Any]], usage: dict[str, int] | None = None
    ) -> Server:
        servers.append(Server(behave, usage))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def small(server: Server, **changes: Any) -> dict[str, Any]:
    return {
        "model": "knowing", "base_url": server.url, "candidates": 2, "select_pairs": 20,
        "test_pairs": 40,
    } | changes  # fmt: skip
