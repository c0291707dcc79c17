"""Who is let into the app."""

import asyncio
from typing import Any

import pytest

from wimhf.ui.app.serve.door import HOSTS, ORIGINS, TOKEN, Door, Doorkeeper

SECRET = "a-token-of-this-test"
HERE = "127.0.0.1:8501"


def asked(door: Door, path: str = "/", kind: str = "http", **headers: str) -> dict[str, Any]:
    """Return the first message of an answer."""
    path, _, query = path.partition("?")
    given = {"host": HERE} | headers
    scope = {
        "type": kind, "path": path, "raw_path": path.encode(), "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
    }  # fmt: skip
    sent: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive() -> Any:
        return {}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(Doorkeeper(app, door)(scope, receive, send))
    first: dict[str, Any] = sent[0]
    return first


def location(answer: dict[str, Any]) -> str:
    return dict(answer["headers"])[b"location"].decode()


@pytest.fixture
def door() -> Door:
    return Door(SECRET, frozenset({"127.0.0.1", "localhost", "::1"}))


def test_the_token_opens_once_and_then_leaves_the_address(door: Door) -> None:
    first = asked(door, f"/feature?run=a%20b&token={SECRET}&n=1")
    assert first["status"] == 303
    assert location(first) == "/feature?run=a+b&n=1"
    cookie = dict(first["headers"])[b"set-cookie"].decode()
    assert "HttpOnly" in cookie
    assert "SameSite" in cookie
    known = cookie.partition(";")[0]
    assert asked(door, "/feature", cookie=f"x=1; {known}")["status"] == 200
    assert location(asked(door, f"/?token={SECRET}", cookie=known)) == "/"
    assert location(asked(door, f"//evil.example/?token={SECRET}")) == "/evil.example/"
    assert location(asked(door, f"/\\evil.example/?token={SECRET}")) == "/evil.example/"


@pytest.mark.parametrize("cookie", ["", "wimhf-token-8501=x", f"other={SECRET}", "=;;\x7f", "é=é"])
def test_without_it_nothing_is_answered(door: Door, cookie: str) -> None:
    for path in ("/", "/?token=", "/?token=é", "/media/x", "/_stcore/upload_file/a", "/?token"):
        assert asked(door, path, cookie=cookie)["status"] == 403
    assert asked(door, "/_stcore/stream", "websocket", cookie=cookie)["type"] == "websocket.close"
    assert asked(door, f"/_stcore/stream?token={SECRET}", "websocket")["type"] == "websocket.close"
    assert asked(door, "/_stcore/health", cookie=cookie)["status"] == 200


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        (HERE, f"http://{HERE}", 200), (HERE, "http://localhost:8501", 200),
        ("LOCALHOST:9000", "http://LOCALHOST:9000", 200), ("[::1]:8501", "http://[::1]:8501", 200),
        (HERE, "http://127.0.0.1:1", 403), (HERE, "null", 403), (HERE, "", 403),
        (HERE, "http://evil.example", 403), (HERE, "http://127.0.0.1.evil.example:8501", 403),
        ("evil.example", "http://evil.example", 403), ("", "http://x", 403), ("[", "[", 403),
        (HERE, "https://pairs.example", 200), ("pairs.example", "https://pairs.example", 200),
        ("127.0.0.1:x", "http://127.0.0.1:x", 403), (HERE, "http://[", 403),
        (HERE, f"http://{HERE}/x", 403), (HERE, f"http://a@{HERE}", 403),
    ],
)  # fmt: skip
def test_names_and_pages_are_those_of_the_address_served(
    host: str, origin: str, status: int
) -> None:
    names = "127.0.0.1 localhost ::1 pairs.example"
    door = Door.of({TOKEN: "", HOSTS: names, ORIGINS: "https://pairs.example"})
    assert asked(door, host=host, origin=origin)["status"] == status


def test_without_a_word_on_the_token_nothing_is_served() -> None:
    with pytest.raises(KeyError):
        Door.of({HOSTS: "localhost", ORIGINS: ""})
