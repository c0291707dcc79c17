"""Which OpenAI-compatible server is meant, and what may be said of it without giving a key away."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

from wimhf.errors import ConfigError
from wimhf.redaction import ADDRESSES, redacted, secrets_of

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
        return " ".join(self.hidden(str(words)).split())[:most]

    def hidden(self, text: str) -> str:
        """Return a text of the server's without the key, however it is written in it."""
        return redacted(text, self.key, *secrets_of(self.url))


def server_address(given: str | None = None) -> Address:
    """Return the server that is meant: the one given, else OPENAI_BASE_URL, else OpenAI's own.

    The key is OPENAI_API_KEY. A user and password of OPENAI_BASE_URL are also those of the same
    address given without them.

    Raises
    ------
    ConfigError
        If the key holds what no key holds, or the server is another machine and WIMHF_OFFLINE is
        set.
    """
    known = [os.environ.get(name, "").strip() for name in ADDRESSES]
    url = (given or known[0] or DEFAULT_URL).strip()
    whole = [one for one in known if one and url == without_secrets(one)]
    address = Address(whole[0] if whole else url, _key())
    if os.environ.get("WIMHF_OFFLINE", "") not in ("", "0") and not _is_here(url):
        raise ConfigError(f"WIMHF_OFFLINE is set, and {address.shown} is another machine; unset it")
    return address


def _is_here(url: str) -> bool:
    """Say whether an address is this machine's own, by what it says alone."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _key() -> str | None:
    """Return the key without the line break that a file of settings may have left on it."""
    key = os.environ.get("OPENAI_API_KEY", "").strip()
    if not key.isascii() or not key.isprintable():
        raise ConfigError(
            "OPENAI_API_KEY holds a line break, another control character or a letter that no key "
            "has; set it again, as the server's owner gave it"
        )
    return key or None


def without_secrets(url: str) -> str:
    """Return an address without the parts that may hold a password or a key."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "(an address that cannot be read)"
    netloc = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=netloc, query="", fragment=""))
