"""Streamlit's own command line, without the question to a web site for this machine's address."""

import atexit
import html
import os
import socket
import sys
import tempfile
import threading
import time
import webbrowser
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from streamlit import net_util
from streamlit.web import cli

from wimhf.ui.app.serve import warming

PATIENCE = 60.0
"""Seconds that a browser waits for the app, and that its page lies on the disk."""


def open_browser(address: str) -> None:
    """Open an address once it answers, by a page that only this user can read.

    On a browser's command line every user of the machine would see the token.
    """
    there = urlsplit(address)
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with suppress(OSError):
            socket.create_connection((there.hostname or "", there.port or 80), timeout=1).close()
            break
        time.sleep(0.2)
    else:
        return
    descriptor, name = tempfile.mkstemp(prefix="wimhf-open-", suffix=".html")
    page = Path(name)
    atexit.register(page.unlink, missing_ok=True)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            to = html.escape(address)
            stream.write(
                f'<meta charset="utf-8"><meta http-equiv="refresh" content="0; url={to}">'
                f'<a href="{to}">Open the app</a>'
            )
        webbrowser.open(page.as_uri())
        time.sleep(PATIENCE)
    finally:
        page.unlink(missing_ok=True)


def has_screen() -> bool:
    """Say whether a browser has a window to open in."""
    return os.name == "nt" or sys.platform == "darwin" or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )  # fmt: skip


if __name__ == "__main__":
    # asked for where a stranger's page calls the app, to compare that page's address with it
    net_util.get_external_ip = lambda: None
    warming.begin()
    address = os.environ.pop("WIMHF_OPEN", "")
    if address and has_screen():
        threading.Thread(target=open_browser, args=(address,), daemon=True).start()
    cli.main()
