"""wimhf app: the Streamlit app on this machine."""

from __future__ import annotations

import os
import socket
import sys
import tomllib
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

Option = typer.Option
HOST = "127.0.0.1"
PORT, PORTS = 8501, 20
"""Where to serve, and how many ports to try where none is given."""


def app(
    run: Annotated[Path | None, typer.Argument(help="A run folder to open.")] = None,
    port: Annotated[int | None, Option("--port", help="Port to serve on [8501, or free].")] = None,
    runs: Annotated[
        Path | None, Option("--runs", help="Folder of the runs [the run's own, or runs].")
    ] = None,
) -> None:
    """Open the app in a browser: analyze, look at features and pairs, repair, export."""
    from wimhf.errors import ConfigError

    if find_spec("streamlit") is None or find_spec("altair") is None:
        raise ConfigError("the app needs streamlit and altair; install them with 'wimhf[app]'")
    environment, query = places(run, runs)
    serving = free_port(port)
    typer.echo(f"wimhf: serving {environment['WIMHF_RUNS']} at http://{HOST}:{serving}/{query}")
    typer.echo("wimhf: Ctrl-C ends it; analyses under way go on", err=True)
    sys.stdout.flush()
    command = streamlit_command(serving)
    os.execve(command[0], command, {**os.environ, **environment})


def places(run: Path | None, runs: Path | None) -> tuple[dict[str, str], str]:
    """Return the environment that tells the app its runs, and where to begin.

    Raises
    ------
    RunError
        If the run is none, or lies elsewhere than in the runs folder.
    ConfigError
        If the runs folder cannot be made.
    """
    from wimhf.base import expanded
    from wimhf.errors import ConfigError, RunError
    from wimhf.run import open_run

    if run is None:
        folder = expanded(runs or Path("runs")).absolute()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(
                f"{folder} cannot be made ({error.strerror}); give another --runs"
            ) from None
        return {"WIMHF_RUNS": str(folder), "WIMHF_RUN": ""}, ""
    path = expanded(run).resolve()
    open_run(path)
    folder = expanded(runs).resolve() if runs is not None else path.parent
    if path.parent != folder:
        raise RunError(f"{path} does not lie in {folder}; leave --runs out, or give {path.parent}")
    from urllib.parse import urlencode

    query = f"overview?{urlencode({'run': path.name})}"
    return {"WIMHF_RUNS": str(folder), "WIMHF_RUN": path.name}, query


def free_port(port: int | None) -> int:
    """Return the port to serve on: the one asked for, or the first free one.

    Raises
    ------
    ConfigError
        If it is taken.
    """
    from wimhf.errors import ConfigError

    for one in [port] if port is not None else range(PORT, PORT + PORTS):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, one))
            except (OSError, OverflowError):
                continue
            return int(probe.getsockname()[1])
    tried = f"port {port} is" if port is not None else f"ports {PORT} to {PORT + PORTS - 1} are"
    raise ConfigError(f"{tried} taken or not allowed; give another with --port")


def streamlit_command(port: int) -> list[str]:
    """Return the command line that serves the app, wherever wimhf is installed.

    Its flags go before whatever the environment says of Streamlit.
    """
    package = Path(__file__).resolve().parent.parent / "app"
    settings = tomllib.loads((package / "config.toml").read_text(encoding="utf-8"))
    flags = [f"--{name}={value}" for name, value in flat(settings)]
    entry = str(package / "serve" / "entry.py")
    launch = [sys.executable, "-m", "wimhf.ui.app.serve.launch", "run", entry]
    return [*launch, f"--server.port={port}", *flags]


def flat(settings: Mapping[str, object], above: str = "") -> Iterator[tuple[str, str]]:
    """Yield settings of TOML as Streamlit's flags: dotted name and value."""
    for name, value in settings.items():
        if isinstance(value, dict):
            yield from flat(value, f"{above}{name}.")
            continue
        for item in value if isinstance(value, list) else [value]:
            yield above + name, str(item).lower() if isinstance(item, bool) else str(item)
