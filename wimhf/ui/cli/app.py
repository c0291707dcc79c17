"""wimhf app: the Streamlit app on this machine."""

from __future__ import annotations

import ipaddress
import os
import re
import secrets
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


OPEN = (
    "wimhf: {host} can be reached by others: whoever has the address with its token reads and "
    "edits the runs, and it travels unencrypted; a proxy with TLS before 127.0.0.1 is safer"
)
NO_TOKEN = "wimhf: no token is asked for; every user of this machine can read and edit the runs"


def app(
    run: Annotated[Path | None, typer.Argument(help="A run folder to open.")] = None,
    port: Annotated[int | None, Option("--port", help="Port to serve on [8501, or free].")] = None,
    runs: Annotated[
        Path | None, Option("--runs", help="Folder of the runs [the run's own, or runs].")
    ] = None,
    save_in: Annotated[
        Path | None,
        Option("--save-in", help="Folder below which pages may save exports [RUNS/exports]."),
    ] = None,
    host: Annotated[str, Option("--host", help="Address of this machine to listen on.")] = HOST,
    proxy: Annotated[
        str | None, Option("--proxy", help="Address of a proxy before it, https://NAME.")
    ] = None,
    no_token: Annotated[
        bool, Option("--no-token", help="Ask for no token: where a proxy asks who it is.")
    ] = False,
    no_browser: Annotated[
        bool, Option("--no-browser", help="Print the address and open nothing.")
    ] = False,
) -> None:
    """Open the app in a browser: analyze, look at features and pairs, repair, export."""
    from wimhf.errors import ConfigError
    from wimhf.pipeline import sweep_runs

    if find_spec("streamlit") is None or find_spec("altair") is None:
        raise ConfigError("the app needs streamlit and altair; install them with 'wimhf[app]'")
    environment, query = places(run, runs, save_in)
    sweep_runs(Path(environment["WIMHF_RUNS"]))
    serving = free_port(port, host)
    door = admission(host, proxy, no_token=no_token)
    address = shown_address(host, serving, query, door["WIMHF_TOKEN"])
    typer.echo(f"wimhf: serving {environment['WIMHF_RUNS']} at {address}")
    if warning := NO_TOKEN if no_token else "" if is_loopback(host) else OPEN.format(host=host):
        typer.echo(warning, err=True)
    typer.echo("wimhf: Ctrl-C ends it; analyses under way go on", err=True)
    sys.stdout.flush()
    opening = "" if no_browser or not sys.stdout.isatty() else address
    command = streamlit_command(serving, host, door)
    os.execve(command[0], command, {**os.environ, **environment, **door, "WIMHF_OPEN": opening})


def admission(host: str, proxy: str | None, *, no_token: bool) -> dict[str, str]:
    """Return the environment that says who is let in: see ``wimhf/ui/app/serve/door.py``.

    Raises
    ------
    ConfigError
        If others can reach the app and no token is asked for, or the proxy's address is none.
    """
    from urllib.parse import urlsplit

    from wimhf.errors import ConfigError

    if no_token and not is_loopback(host):
        raise ConfigError(f"--no-token needs --host {HOST}; others can reach {host}")
    token = os.environ.get("WIMHF_TOKEN", "").strip()
    if token and re.fullmatch(r"[\w-]{16,}", token, re.ASCII) is None:
        raise ConfigError("WIMHF_TOKEN needs 16 characters or more, of A-Z a-z 0-9 - _")
    hosts = names_of(host)
    if proxy is not None:
        there = urlsplit(proxy.rstrip("/"))
        if there.scheme not in ("http", "https") or not there.hostname or there.path:
            raise ConfigError(f"--proxy {proxy} is not an address such as https://wimhf.example")
        hosts.append(there.hostname)
    return {
        "WIMHF_TOKEN": "" if no_token else token or secrets.token_urlsafe(24),
        "WIMHF_HOSTS": " ".join(hosts),
        "WIMHF_ORIGINS": "" if proxy is None else f"{there.scheme}://{there.netloc.lower()}",
    }


def is_loopback(host: str) -> bool:
    """Say whether only this machine reaches an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def names_of(host: str) -> list[str]:
    """Return the names under which a server on an address is called."""
    names = ["localhost", "127.0.0.1", "::1"]
    if is_loopback(host):
        return [*names, host.lower()] if host not in names else names
    if host not in ("0.0.0.0", "::"):
        return [*names, host.lower()]
    import psutil

    inet = (socket.AF_INET, socket.AF_INET6)
    numbers = [
        one.address.partition("%")[0]
        for card in psutil.net_if_addrs().values()
        for one in card
        if one.family in inet
    ]
    return list(dict.fromkeys([*names, socket.gethostname().lower(), *numbers]))


def shown_address(host: str, port: int, query: str, token: str) -> str:
    """Return the address to open, with the token."""
    anywhere = {"0.0.0.0": socket.gethostname(), "::": socket.gethostname()}
    name = anywhere.get(host, f"[{host}]" if ":" in host else host)
    mark = "&" if "?" in query else "?"
    return f"http://{name}:{port}/{query}" + (f"{mark}token={token}" if token else "")


def places(
    run: Path | None, runs: Path | None, save_in: Path | None = None
) -> tuple[dict[str, str], str]:
    """Return the environment that tells the app its folders, and where to begin.

    Raises
    ------
    RunError
        If the run is none, or lies elsewhere than in the runs folder.
    ConfigError
        If a folder cannot be made.
    """
    from wimhf.base import expanded
    from wimhf.errors import RunError
    from wimhf.run import open_run

    saving = {} if save_in is None else {"WIMHF_SAVE_IN": str(made(save_in, "--save-in"))}
    if run is None:
        folder = made(runs or Path("runs"), "--runs")
        return {"WIMHF_RUNS": str(folder), "WIMHF_RUN": "", **saving}, ""
    path = expanded(run).resolve()
    open_run(path)
    folder = expanded(runs).resolve() if runs is not None else path.parent
    if path.parent != folder:
        raise RunError(f"{path} does not lie in {folder}; leave --runs out, or give {path.parent}")
    from urllib.parse import urlencode

    query = f"overview?{urlencode({'run': path.name})}"
    return {"WIMHF_RUNS": str(folder), "WIMHF_RUN": path.name, **saving}, query


def made(folder: Path, option: str) -> Path:
    """Make a folder where it is not there yet."""
    from wimhf.base import expanded
    from wimhf.errors import ConfigError

    place = expanded(folder).absolute()
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"{place} cannot be made ({error.strerror}); give another {option}"
        ) from None
    return place


def free_port(port: int | None, host: str = HOST) -> int:
    """Return the port to serve on: the one asked for, or the first free one.

    Raises
    ------
    ConfigError
        If it is taken.
    """
    from wimhf.errors import ConfigError

    try:
        family, *_, where = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError):
        raise ConfigError(f"--host {host} is no address of this machine") from None
    for one in [port] if port is not None else range(PORT, PORT + PORTS):
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((where[0], one))
            except (OSError, OverflowError):
                continue
            return int(probe.getsockname()[1])
    tried = f"port {port} is" if port is not None else f"ports {PORT} to {PORT + PORTS - 1} are"
    raise ConfigError(f"{tried} taken or not allowed; give another with --port")


def streamlit_command(port: int, host: str, door: Mapping[str, str]) -> list[str]:
    """Return the command line that serves the app, wherever wimhf is installed.

    Its flags go before whatever the environment says of Streamlit.
    """
    package = Path(__file__).resolve().parent.parent / "app"
    settings = tomllib.loads((package / "config.toml").read_text(encoding="utf-8"))
    settings["server"] |= {
        "address": host, "port": port, "allowedHosts": door["WIMHF_HOSTS"].split(),
        "corsAllowedOrigins": door["WIMHF_ORIGINS"] or "http://localhost",
    }  # fmt: skip
    settings["logger"] = {"hideWelcomeMessage": True}
    flags = [f"--{name}={value}" for name, value in flat(settings)]
    served = str(package / "serve" / "served.py")
    return [sys.executable, "-m", "wimhf.ui.app.serve.launch", "run", served, *flags]


def flat(settings: Mapping[str, object], above: str = "") -> Iterator[tuple[str, str]]:
    """Yield settings of TOML as Streamlit's flags: dotted name and value."""
    for name, value in settings.items():
        if isinstance(value, dict):
            yield from flat(value, f"{above}{name}.")
            continue
        for item in value if isinstance(value, list) else [value]:
            yield above + name, str(item).lower() if isinstance(item, bool) else str(item)
