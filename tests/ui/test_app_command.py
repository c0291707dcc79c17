"""wimhf app: where it serves, what it tells Streamlit, what it refuses."""

import socket
import tomllib
from pathlib import Path

import pytest

from wimhf.errors import ConfigError, RunError
from wimhf.ui.cli import app as command

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "wimhf" / "ui" / "app" / "config.toml"


def test_the_checkout_and_the_installed_app_are_served_alike() -> None:
    theirs = (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    assert tomllib.loads(theirs) == tomllib.loads(CONFIG.read_text(encoding="utf-8"))
    assert 'run_module("wimhf.ui.app.serve.entry")' in (ROOT / "app.py").read_text(encoding="utf-8")


def test_it_is_served_on_loopback_without_statistics_and_with_a_limit() -> None:
    line = command.streamlit_command(8999)
    for flag in (
        "--server.port=8999", "--server.address=127.0.0.1", "--server.headless=true",
        "--browser.gatherUsageStats=false", "--server.maxUploadSize=300",
        "--server.allowedHosts=localhost", "--server.allowedHosts=127.0.0.1",
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
