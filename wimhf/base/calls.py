"""Calls to a server that end: a time and a size for each as a whole, and no redirect elsewhere."""

from __future__ import annotations

import importlib
import math
import threading
import time
from collections.abc import Iterable
from functools import partial
from importlib.metadata import PackageNotFoundError, requires
from typing import Any

MOST_BYTES = 256 * 2**20
"""An answer that is longer is none."""
REDIRECTS = 3


class RedirectError(Exception):
    """A server sends the caller to another one, which was not asked for and is told nothing."""


class _Call(threading.local):
    """The call that a thread makes."""

    until: float = math.inf
    left: int = MOST_BYTES


class _Stream:
    """A connection that is read from no longer, and no more, than its call may."""

    def __init__(self, stream: Any, call: _Call, errors: Any) -> None:
        self._stream, self._call, self._errors = stream, call, errors

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data: bytes = self._stream.read(max_bytes, self._within(timeout, self._errors.ReadTimeout))
        self._call.left -= len(data)
        if self._call.left < 0:
            raise self._errors.ReadError(f"the answer is longer than {MOST_BYTES >> 20} MiB")
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._within(timeout, self._errors.WriteTimeout))

    def _within(self, timeout: float | None, late: type[Exception]) -> float:
        left = self._call.until - time.monotonic()
        if left <= 0:
            raise late("the whole call took too long")
        return left if timeout is None else min(left, timeout)

    def start_tls(self, *given: Any, **named: Any) -> _Stream:
        return _Stream(self._stream.start_tls(*given, **named), self._call, self._errors)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class _Backend:
    """A network whose connections know the call that is made over them."""

    def __init__(self, backend: Any, call: _Call, errors: Any) -> None:
        self._backend, self._call, self._errors = backend, call, errors

    def connect_tcp(self, *given: Any, **named: Any) -> _Stream:
        return _Stream(self._backend.connect_tcp(*given, **named), self._call, self._errors)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backend, name)


def bounded_client(seconds: float) -> Any:
    """Return a client for ``openai``, which threads may share.

    Its calls each take at most these seconds, whatever the server does in them. A redirect is
    followed on the same origin only; to another one nothing is sent.
    """
    number = _version()
    httpx = importlib.import_module(f"httpx{number}")
    call = _Call()
    # of httpx's own kind too, since that is what openai expects of a call
    refused = type("Redirected", (RedirectError, httpx.RequestError), {})

    def begin(_: object) -> None:
        call.until, call.left = time.monotonic() + seconds, MOST_BYTES

    client = httpx.Client(
        timeout=seconds, follow_redirects=True, max_redirects=REDIRECTS,
        event_hooks={"request": [begin], "response": [partial(_stay, refused)]},
    )  # fmt: skip
    errors = importlib.import_module(f"httpcore{number}")
    # httpx has no door to the network below it, proxies of the environment included
    transports: Iterable[Any] = (client._transport, *client._mounts.values())
    for transport in transports:
        pool = getattr(transport, "_pool", None)
        if pool is not None:
            pool._network_backend = _Backend(pool._network_backend, call, errors)
    return client


def _version() -> str:
    """Return what is behind the name of the httpx that the installed ``openai`` takes."""
    try:
        needed = requires("openai") or []
    except PackageNotFoundError:
        needed = []
    return "2" if any(one.startswith("httpx2") for one in needed) else ""


def _stay(refused: type[Exception], response: Any) -> None:
    """Refuse a redirect to another origin."""
    if not response.has_redirect_location:
        return
    here, there = response.url, response.url.join(response.headers["location"])
    if (there.scheme, there.host, there.port) != (here.scheme, here.host, here.port):
        raise refused(
            f"it redirects to {there.copy_with(query=None, username='', password='')}, to which "
            "nothing was sent; give that address if you trust it"
        )
