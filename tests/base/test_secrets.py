"""Keys and passwords: whatever they look like, nothing that is shown or kept holds them."""

from __future__ import annotations

import base64
import html
import json
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from wimhf.base.config import Config
from wimhf.base.servers import server_address
from wimhf.errors import ConfigError, ServerError
from wimhf.redaction import isolated, redacted, visible
from wimhf.ui.report.command import command_of

KEY = 'sk-pläin"quo\\te/+&<x>'
ASCII = 'sk-plain"quo\\te/+&<x>'
DRESSES = {
    "raw": str,
    "json": lambda key: json.dumps({"error": key}),
    "json in json": lambda key: json.dumps({"body": json.dumps({"error": key})}),
    "every letter escaped": lambda key: "".join(f"\\u{ord(c):04X}" for c in key),
    "slashes escaped": lambda key: json.dumps(key).replace("/", "\\/"),
    "repr": lambda key: repr(f"Bearer {key}\r\n".encode("latin-1")),
    "address": lambda key: quote(key, safe=""),
    "form": quote_plus,
    "html": html.escape,
    "basic": lambda key: base64.b64encode(f"user:{key}".encode()).decode(),
    "one off": lambda key: base64.b64encode(f"us:{key}".encode()).decode(),
    "two off": lambda key: base64.urlsafe_b64encode(f"u:{key}!".encode()).decode(),
    "hex": lambda key: key.encode().hex().upper(),
}


@pytest.mark.parametrize("key", ["sk-secret-0123456789", ASCII])
@pytest.mark.parametrize("dress", DRESSES)
@pytest.mark.parametrize("end", ["", "\r\n", " ", "\n"])
def test_an_error_never_holds_a_key(
    key: str, dress: str, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key + end)
    assert server_address().key == key
    told = str(ServerError(f"the server said: {DRESSES[dress](key)}; mend it"))
    assert "[key]" in told
    assert DRESSES[dress](key) not in told
    assert "secret" not in told
    assert "quo" not in told
    assert told.startswith("the server said")
    assert told.endswith("mend it")


@pytest.mark.parametrize("key", ["sk-two\nlines-of-it", "sk-esc\x1b[2Jape", KEY])
def test_a_key_with_what_no_key_has_is_refused_unsaid(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with pytest.raises(ConfigError, match="OPENAI_API_KEY holds") as caught:
        server_address()
    assert "sk-" not in str(caught.value)


@pytest.mark.parametrize("word", ["none", "EMPTY", "abc"])
def test_a_placeholder_is_no_secret(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", word)
    assert redacted(f"there is {word} of it") == f"there is {word} of it"


def test_the_user_of_an_address_stays_in_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = "https://me:pass-word@host:1/v1?key=query-secret"
    config = Config.from_dict({"llm": {"model": "m", "base_url": whole}})
    written = json.dumps(config.to_dict()) + json.dumps(command_of(config))
    told = str(ServerError(f"{whole} cannot be reached"))
    for secret in ("me:", "pass-word", "query-secret"):
        assert secret not in written
    assert "pass-word" not in told
    assert config.to_dict(secrets=True)["llm"]["base_url"] == whole
    monkeypatch.setenv("WIMHF_SERVER", whole)
    assert server_address("https://host:1/v1").url == whole
    assert server_address("https://other/v1").url == "https://other/v1"
    assert "query-secret" not in redacted("said query-secret")


@pytest.mark.parametrize("sent", ["\x1b[2J", "\x9b2J", "\x07", "\u202e", "\u2066", "\r", "\x7f"])
def test_what_a_terminal_obeys_is_shown(sent: str) -> None:
    assert visible(f"a{sent}b").isprintable()
    assert sent not in str(ConfigError(f"column {sent} is unknown"))
    assert visible("née 漢字 👩‍👩‍👧\n\tfar") == "née 漢字 👩‍👩‍👧\n\tfar"


def test_a_folder_named_like_nothing(tmp_path: Path) -> None:
    assert str(ConfigError(f"{tmp_path}/a\x1b]0;owned\x07.csv")).count("\\x") == 2


def test_words_from_right_to_left_turn_nothing_around_them() -> None:
    shown = isolated("a שלום, עולם (12) b")
    assert shown == "a \u2068שלום, עולם\u2069 (12) b"
    assert isolated(shown) == isolated(isolated(shown)) == shown
    assert isolated("plain née 漢字") == "plain née 漢字"
    for alone in ("\u2068x", "x\u2069", "\u2068שלום", "\u200fx\u061c", "\u2068x\u2069"):
        said = isolated(alone)
        assert said.count("\u2068") == said.count("\u2069")
        assert "\\u" in said


def test_offline_no_other_machine_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIMHF_OFFLINE", "1")
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    for away in (None, "https://me:secret@host/v1", "http://127.0.0.1.example/v1", "http://[::1"):
        with pytest.raises(ConfigError, match="WIMHF_OFFLINE") as caught:
            server_address(away)
        assert "secret" not in str(caught.value)
    for here in ("http://localhost:8000/v1", "http://127.0.0.1/v1", "http://[::1]:80/v1"):
        assert server_address(here).url == here
    monkeypatch.setenv("WIMHF_OFFLINE", "0")
    assert server_address("https://host/v1").url == "https://host/v1"
