"""Taking a source in: uploads kept by content, names for runs."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from wimhf.base import write_atomically
from wimhf.errors import InputError

UPLOADS = ".uploads"
DEMO = "demo"
COLUMNS = (
    "prompt", "response_a", "response_b", "label", "chosen", "rejected", "annotator", "subset",
    "weight", "model_a", "model_b", "system", "history",
)  # fmt: skip
"""What a column of a source can be said to hold."""
_TOKEN = re.compile(r"[0-9a-f]{16}")


def save_upload(runs: Path, name: str, content: bytes | memoryview) -> str:
    """Keep an uploaded file under the runs folder; return the token that names it in the URL.

    Raises
    ------
    InputError
        If it is empty.
    RunError
        If the folder cannot be written.
    """
    if not len(content):
        raise InputError(f"{name[:80]} is empty; expected rows with a prompt and two responses")
    token = hashlib.sha256(content).hexdigest()[:16]
    folder = runs / UPLOADS / token
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"{runs} cannot be written ({error.strerror}); choose another --runs"
        ) from None
    for known in folder.iterdir():  # the same content under another name
        known.unlink()
    write_atomically(folder / clean_name(name), lambda stream: stream.write(content))
    return token


def source_path(runs: Path, token: str) -> Path:
    """Return the file that a token of the URL names: an upload, or the demo data.

    Raises
    ------
    InputError
        If there is no such upload.
    """
    if token == DEMO:
        from wimhf.data import demo_folder

        return demo_folder() / "demo.jsonl.gz"
    folder = runs / UPLOADS / token
    if _TOKEN.fullmatch(token) and folder.is_dir():
        for path in folder.iterdir():
            if path.is_file() and not path.name.startswith("."):
                return path
    raise InputError("that upload is not here any more; upload the file again")


def clean_name(name: str) -> str:
    """Return a file name that is safe on every system and keeps its endings."""
    clean = re.sub(r"[^\w.\-]+", "_", Path(name.replace("\\", "/")).name).lstrip(".")
    return clean[-100:] or "upload"


def free_name(runs: Path, source: Path) -> str:
    """Return a name for a run of a source that no folder has yet."""
    stem = re.sub(r"[^\w\-]+", "_", source.name.split(".")[0])[:60] or "run"
    names = [stem, *(f"{stem}-{count}" for count in range(2, 1000))]
    return next(name for name in names if not (runs / name).exists())


def check_name(runs: Path, name: str) -> Path:
    """Return the folder of a new run by its name.

    Raises
    ------
    InputError
        If the name cannot be a folder's, or a folder has it already.
    """
    if not re.fullmatch(r"\w[\w\- ]{0,79}", name):
        raise InputError(
            f"a run cannot be called {name[:80]!r}; use letters, digits, hyphens and underscores"
        )
    if (runs / name).exists():
        raise InputError(f"there is a run {name} already; give another name")
    return runs / name
