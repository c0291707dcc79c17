"""Which OpenAI-compatible server is meant, and what may be said of it without giving a key away."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

DEFAULT_URL = "https://api.openai.com/v1"


@dataclass(frozen=True)
class Address:
    """A server's address and key.

    Attributes
    ----------
    url
        As it is called; it may hold a user and a password.
    key
        None where none was given.
    """

    url: str = field(repr=False)
    key: str | None = field(repr=False)

    @property
    def shown(self) -> str:
        """The address without user, password and query, since it is written into the run."""
        return without_secrets(self.url)

    @property
    def lacks_key(self) -> bool:
        """Whether it is OpenAI's own server, which refuses whoever has no key."""
        return not self.key and self.url == DEFAULT_URL

    def redacted(self, words: object, most: int = 300) -> str:
        """Return what a server or a client said, in one line, cut, and without the key."""
        line = " ".join(str(words).split())
        for secret in (self.key, _password(self.url)):
            if secret and len(secret) > 3:  # a shorter one is a placeholder and part of words
                line = line.replace(secret, "[key]")
        return line[:most]


def server_address(given: str | None = None) -> Address:
    """Return the server that is meant: the one given, else OPENAI_BASE_URL, else OpenAI's own.

    The key is OPENAI_API_KEY.
    """
    url = given or os.environ.get("OPENAI_BASE_URL") or DEFAULT_URL
    return Address(url.strip(), os.environ.get("OPENAI_API_KEY") or None)


def without_secrets(url: str) -> str:
    """Return an address without the parts that may hold a password or a key."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "(an address that cannot be read)"
    netloc = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=netloc, query="", fragment=""))


def _password(url: str) -> str | None:
    try:
        return urlsplit(url).password
    except ValueError:
        return None
