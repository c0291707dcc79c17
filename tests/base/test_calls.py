"""A server that drips, floods or sends elsewhere holds nobody up and learns nothing."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from wimhf.base import LlmConfig, RedirectError, bounded_client, calls
from wimhf.describe import ChatServer
from wimhf.describe.llm.questions import Question
from wimhf.errors import ServerError

Start = Callable[[Callable[[socket.socket], None]], str]


@pytest.fixture
def listening() -> Iterator[Start]:
    """Start servers that treat every connection in their own way."""
    doors: list[socket.socket] = []

    def start(behave: Callable[[socket.socket], None]) -> str:
        door = socket.create_server(("127.0.0.1", 0))
        doors.append(door)

        def serve() -> None:
            while True:
                try:
                    caller, _ = door.accept()
                except OSError:
                    return
                threading.Thread(target=polite, args=(caller,), daemon=True).start()

        def polite(caller: socket.socket) -> None:
            try:
                with caller:
                    behave(caller)
            except OSError:
                pass

        threading.Thread(target=serve, daemon=True).start()
        return f"http://127.0.0.1:{door.getsockname()[1]}/v1"

    yield start
    for door in doors:
        door.shutdown(socket.SHUT_RDWR)
        door.close()


def dripping(caller: socket.socket, whole: bytes) -> None:
    caller.recv(65536)
    for at in range(len(whole)):
        caller.sendall(whole[at : at + 1])
        time.sleep(0.05)


BODY = b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + b" " * 9999
HEADERS = b"HTTP/1.1 200 OK\r\n" + b"X-Never: ends\r\n" * 999


@pytest.mark.parametrize("whole", [BODY, HEADERS])
def test_a_server_that_drips_is_given_up_after_the_time_of_a_call(
    listening: Start, whole: bytes
) -> None:
    url = listening(lambda caller: dripping(caller, whole))
    began = time.monotonic()
    with (
        bounded_client(0.5) as client,
        pytest.raises(Exception, match=r"took too long|timed out") as caught,
    ):
        client.post(url, json={})
    assert time.monotonic() - began < 1.5
    assert "ReadTimeout" in type(caught.value).__name__


def test_a_server_that_floods_is_given_up(
    listening: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "MOST_BYTES", 2**20)

    def flood(caller: socket.socket) -> None:
        caller.recv(65536)
        caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n")
        while True:
            caller.sendall(b" " * 65536)

    with bounded_client(20) as client, pytest.raises(Exception, match="longer than"):
        client.post(listening(flood), json={})


def test_a_redirect_elsewhere_is_told_and_nothing_is_sent_there(
    listening: Start, tmp_path: object
) -> None:
    heard: list[bytes] = []
    away = listening(lambda caller: heard.append(caller.recv(65536)))

    def send_away(caller: socket.socket) -> None:
        caller.recv(65536)
        caller.sendall(
            f"HTTP/1.1 307 Go\r\nLocation: {away}?x=1\r\nContent-Length: 0\r\n\r\n".encode()
        )

    here = listening(send_away)
    with bounded_client(5) as client, pytest.raises(RedirectError, match="nothing was sent"):
        client.post(here, json={"prompt": "private"})
    server = ChatServer(LlmConfig(model="m", base_url=here, concurrency=1), tmp_path)  # type: ignore[arg-type]
    with pytest.raises(ServerError, match="redirects to http://127"), server:
        server.ask([Question(f"private {n}", 5, 0.0, 0) for n in range(3)])
    assert not heard


def test_a_redirect_on_the_same_server_is_followed(listening: Start) -> None:
    def move(caller: socket.socket) -> None:
        moved = b"/there" in caller.recv(65536).split(b"\r\n")[0]
        answer = b"200 OK\r\n" if moved else b"307 Go\r\nLocation: /there\r\n"
        caller.sendall(b"HTTP/1.1 " + answer + b"Connection: close\r\nContent-Length: 0\r\n\r\n")

    with bounded_client(5) as client:
        assert client.post(listening(move), json={}).status_code == 200
