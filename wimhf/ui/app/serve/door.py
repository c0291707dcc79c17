"""Who is let in: callers of the address that is served, who know its token.

A layer before the whole app, its pages, uploads, downloads and connections, which no setting of
Streamlit's switches off. The token comes once in the address, as Jupyter's does, and stays in a
cookie.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

TOKEN, HOSTS, ORIGINS = "WIMHF_TOKEN", "WIMHF_HOSTS", "WIMHF_ORIGINS"
"""Environment of the process that serves: the token, empty for none; names and addresses."""
HEALTH = "/_stcore/health"
"""Says only that something is served, so that a proxy can ask."""
LOCKED = (
    "This page needs the token of the app: open the whole address that `wimhf app` printed, with "
    "what stands behind `token=`."
)
HEADERS = [
    (b"x-frame-options", b"SAMEORIGIN"), (b"referrer-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
]  # fmt: skip
Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


@dataclass(frozen=True)
class Door:
    """What a caller is asked for.

    Attributes
    ----------
    token
        What it must know; empty where anybody may come.
    hosts
        The names and numbers under which it may call the app, in lower case, without ports.
    origins
        Addresses of pages that may call it besides the app's own: those of a proxy.
    """

    token: str
    hosts: frozenset[str]
    origins: frozenset[str] = frozenset()

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Door:
        """Read what ``wimhf app`` wrote into the environment; without it nothing is served."""
        hosts, origins = (environment[name].split() for name in (HOSTS, ORIGINS))
        return cls(environment[TOKEN], frozenset(hosts), frozenset(origins))

    def refuses(self, hosts: list[str], origins: list[str]) -> str:
        """Say why a caller is not let in that calls so, and from there; empty where it is."""
        if len(hosts) != 1 or name_of(hosts[0]) not in self.hosts:
            return "This app is not served under that name; open the address that it printed."
        for origin in origins:
            scheme, _, there = origin.partition("://")
            own = name_of(there) in self.hosts and port_of(there) == port_of(hosts[0])
            if origin not in self.origins and not (scheme in ("http", "https") and own):
                return "Pages of other addresses may not call this app."
        return ""

    def knows(self, said: Iterable[str]) -> bool:
        """Say whether one of some texts is the token."""
        return any(hmac.compare_digest(one.encode(), self.token.encode()) for one in said)


class Doorkeeper:
    """Lets callers through to an app, or tells them what is missing."""

    def __init__(self, app: App, door: Door) -> None:
        self.app, self.door = app, door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a call."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = _Headers(scope)
        if why := self.door.refuses(headers.all("host"), headers.all("origin")):
            await _refuse(scope, send, 403, why)
            return
        cookie = f"wimhf-token-{port_of(headers.all('host')[0]) or 'default'}"
        if (
            not self.door.token
            or scope["path"] == HEALTH
            or self.door.knows(cookies(headers.all("cookie"), cookie))
        ):
            await self._through(scope, receive, send)
        elif scope["type"] == "http" and self.door.knows(_asked(scope)):
            await self._welcome(scope, send, cookie)
        else:
            await _refuse(scope, send, 403, LOCKED)

    async def _through(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _asked(scope):  # it is not to stay in the address
            await _redirect(scope, send, [])
            return

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *HEADERS]
            await send(message)

        await self.app(scope, receive, answer)

    async def _welcome(self, scope: Scope, send: Send, cookie: str) -> None:
        secure = "; Secure" if scope.get("scheme") == "https" else ""
        value = f"{cookie}={self.door.token}; Path=/; HttpOnly; SameSite=Lax{secure}"
        await _redirect(scope, send, [(b"set-cookie", value.encode("latin-1"))])


class _Headers:
    def __init__(self, scope: Scope) -> None:
        self._pairs = [(name.lower(), value) for name, value in scope["headers"]]

    def all(self, name: str) -> list[str]:
        """Return the values of every header of a name."""
        return [value.decode("latin-1") for key, value in self._pairs if key == name.encode()]


def name_of(host: str) -> str:
    """Return the name in a Host header, without its port; of ``[::1]:80`` it is ``::1``."""
    try:
        parts = urlsplit(f"//{host}")
        plain = parts.port != 0 and parts.netloc == host and "@" not in host
        return (parts.hostname or "").rstrip(".") if plain else ""
    except ValueError:
        return ""


def port_of(host: str) -> int | None:
    """Return the port in a Host header, if any."""
    try:
        return urlsplit(f"//{host}").port
    except ValueError:
        return None


def cookies(headers: Iterable[str], name: str) -> list[str]:
    """Return the values of a cookie."""
    found = []
    for header in headers:
        for part in header.split(";"):
            try:
                known = SimpleCookie(part.strip())
            except CookieError:
                continue
            found += [known[name].value] if name in known else []
    return found


def _asked(scope: Scope) -> list[str]:
    """Return what stands behind ``token=`` in the address."""
    return [value for name, value in _query(scope) if name == "token"]


def _query(scope: Scope) -> list[tuple[str, str]]:
    text = scope.get("query_string", b"").decode("latin-1")
    try:
        return parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=1000)
    except ValueError:
        return []


async def _redirect(scope: Scope, send: Send, headers: list[tuple[bytes, bytes]]) -> None:
    """Send a browser to the same address without the token."""
    rest = urlencode([(name, value) for name, value in _query(scope) if name != "token"])
    raw = scope.get("raw_path") or scope["path"].encode()
    # one slash: two would name another host
    path = "/" + raw.decode("latin-1").lstrip("/\\") + (f"?{rest}" if rest else "")
    headers = [*headers, (b"location", path.encode("latin-1", "replace"))]
    await _answer(send, 303, headers, b"")


async def _refuse(scope: Scope, send: Send, status: int, why: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": ""})
        return
    plain = [(b"content-type", b"text/plain; charset=utf-8")]
    await _answer(send, status, plain, f"{why}\n".encode())


async def _answer(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    rest = [(b"content-length", str(len(body)).encode()), (b"cache-control", b"no-store"), *HEADERS]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *rest]})
    await send({"type": "http.response.body", "body": body})
