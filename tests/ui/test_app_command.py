"""wimhf app: where it serves, what it tells Streamlit, what it refuses."""

import os
import socket
import subprocess
import time
import tomllib
from pathlib import Path

import pytest

from wimhf.errors import ConfigError, RunError
from wimhf.ui.cli import app as command

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "wimhf" / "ui" / "app" / "config.toml"
OPEN = {"WIMHF_TOKEN": "", "WIMHF_HOSTS": "localhost 127.0.0.1", "WIMHF_ORIGINS": ""}
TOKEN = "a-token-of-this-test"


def test_the_checkout_and_the_installed_app_are_served_alike() -> None:
    theirs = (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    assert tomllib.loads(theirs) == tomllib.loads(CONFIG.read_text(encoding="utf-8"))
    assert 'run_module("wimhf.ui.app.serve.entry")' in (ROOT / "app.py").read_text(encoding="utf-8")


def test_it_is_served_on_loopback_without_statistics_and_with_a_limit() -> None:
    line = command.streamlit_command(8999, command.HOST, OPEN)
    for flag in (
        "--server.port=8999", "--server.address=127.0.0.1", "--server.headless=true",
        "--browser.gatherUsageStats=false", "--server.maxUploadSize=300",
        "--server.allowedHosts=localhost", "--server.allowedHosts=127.0.0.1",
        "--server.enableXsrfProtection=true", "--server.enableCORS=true",
        "--server.corsAllowedOrigins=http://localhost",
    ):  # fmt: skip
        assert flag in line
    assert Path(line[4]).is_file()


def test_a_run_opens_in_its_own_folder(tmp_path: Path) -> None:
    run = tmp_path / "my run"
    run.mkdir()
    (run / "manifest.json").write_text('{"schema_version": 1, "config": {}, "stages": {}}')
    environment, query = command.places(run, None)
    assert environment == {"WIMHF_RUNS": str(tmp_path), "WIMHF_RUN": "my run"}
    assert query == "overview?run=my+run"
    with pytest.raises(RunError, match="leave --runs out"):
        command.places(run, tmp_path / "others")
    with pytest.raises(RunError, match="holds no run"):
        command.places(tmp_path / "none", None)


def test_the_runs_folder_is_made(tmp_path: Path) -> None:
    environment, query = command.places(None, tmp_path / "new" / "runs")
    assert Path(environment["WIMHF_RUNS"]).is_dir()
    assert query == ""
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="cannot be made"):
        command.places(None, tmp_path / "file" / "runs")


def test_a_port_that_is_taken_is_refused_or_passed_over() -> None:
    with socket.socket() as taken:
        taken.bind((command.HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match="--port"):
            command.free_port(port)
    with pytest.raises(ConfigError, match="--port"):
        command.free_port(10**6)
    assert command.PORT <= command.free_port(None) < command.PORT + command.PORTS


def test_no_environment_opens_the_app_to_other_pages(tmp_path: Path) -> None:
    """Without its token, or from a page of another site, nothing but its health is answered."""
    port = command.free_port(None)
    switches = {"XSRF_PROTECTION": "STREAMLIT_SERVER_ENABLE_XSRF_PROTECTION",
                "CORS": "STREAMLIT_SERVER_ENABLE_CORS"}  # fmt: skip
    opened = {name: "false" for name in switches.values()}
    place = {"WIMHF_RUNS": str(tmp_path), "WIMHF_RUN": "", "STREAMLIT_SERVER_ADDRESS": "0.0.0.0"}
    door = OPEN | {"WIMHF_TOKEN": TOKEN}
    served = subprocess.Popen(
        command.streamlit_command(port, command.HOST, door),
        env={**os.environ, **opened, **place, **door, "WIMHF_OPEN": ""},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        assert _answer(port, "/_stcore/health", {}, patience=60) == 200
        known = {"Cookie": f"other=1; wimhf-token-{port}={TOKEN}"}
        for path in ("/", "/overview?token=x", "/_stcore/host-config", "/media/x", "/static/x"):
            assert _answer(port, path, {}) == 403, path
            assert _answer(port, path, {"Cookie": f"wimhf-token-{port}=x"}) == 403, path
        assert _answer(port, f"/features?token={TOKEN}", {}) == 303
        assert _answer(port, "/", known) == 200
        call = known | {
            "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
        }  # fmt: skip
        began = time.monotonic()
        here = {"Origin": f"http://localhost:{port}"}
        assert _answer(port, "/_stcore/stream", call | here) == 101
        assert _answer(port, "/_stcore/stream", call | here | {"Cookie": "none=1"}) == 403
        for away in ("http://evil.example", f"http://evil.example:{port}", "null",
                     "http://localhost:1", f"ftp://localhost:{port}"):  # fmt: skip
            assert _answer(port, "/_stcore/stream", call | {"Origin": away}) == 403, away
        assert time.monotonic() - began < 3
        rebound = {"Host": "evil.example", "Origin": "http://evil.example"}
        assert _answer(port, "/_stcore/stream", call | rebound) in (400, 403)
        assert _answer(port, "/", known | rebound) == 403
    finally:
        served.terminate()
        served.wait()


def test_a_token_is_made_unless_nobody_else_can_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WIMHF_TOKEN", raising=False)
    first, second = (command.admission("127.0.0.1", None, no_token=False) for _ in range(2))
    assert len(first["WIMHF_TOKEN"]) >= 32
    assert first != second
    assert command.admission("::1", None, no_token=True)["WIMHF_TOKEN"] == ""
    with pytest.raises(ConfigError, match="others can reach"):
        command.admission("0.0.0.0", None, no_token=True)
    assert "0.0.0.0" not in command.admission("0.0.0.0", None, no_token=False)["WIMHF_HOSTS"]
    monkeypatch.setenv("WIMHF_TOKEN", "short")
    with pytest.raises(ConfigError, match="16 characters"):
        command.admission("127.0.0.1", None, no_token=False)
    monkeypatch.setenv("WIMHF_TOKEN", TOKEN)
    behind = command.admission("127.0.0.1", "https://Pairs.example/", no_token=False)
    assert behind["WIMHF_ORIGINS"] == "https://pairs.example"
    assert "pairs.example" in behind["WIMHF_HOSTS"].split()
    assert (
        command.shown_address("::1", 80, "a?b=1", TOKEN) == f"http://[::1]:80/a?b=1&token={TOKEN}"
    )
    for wrong in ("pairs.example", "ftp://x", "https://x/path"):
        with pytest.raises(ConfigError, match="--proxy"):
            command.admission("127.0.0.1", wrong, no_token=False)


def _answer(port: int, path: str, headers: dict[str, str], patience: float = 1) -> int:
    """Return the status of an answer, to headers that no client library would send."""
    given = {"Host": f"127.0.0.1:{port}"} | headers
    lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in given.items())]
    until = time.monotonic() + patience
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=10) as caller:
                caller.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
                return int(caller.recv(4096).split()[1])
        except ConnectionError:
            if time.monotonic() > until:
                raise
            time.sleep(0.3)
