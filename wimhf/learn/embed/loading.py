"""What loading any local model needs: the hub's answer, a folder's hash, silence."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

from wimhf.errors import EncoderError


def hub_answers(model: str) -> bool:
    """Ask the hub once, since loading would try for a minute before it gives up."""
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    try:
        HfApi().model_info(model, timeout=10)
    except (HfHubHTTPError, HFValidationError):
        return True  # it answered, and loading says what is wrong
    except Exception:  # every HTTP library has its own
        return False
    return True


def first_line(error: Exception) -> str:
    """Return what an error says first."""
    message = str(error).strip()
    return message.splitlines()[0][:160] if message else repr(error)


def own_code(folder: Path) -> str | None:
    """Return what of a model's folder names code that would run; None where nothing does."""
    for path in sorted(folder.rglob("*.json")):
        try:
            value = json.loads(path.read_bytes())
        except (OSError, ValueError, RecursionError):
            continue  # whoever loads the model says what is wrong
        if isinstance(value, dict) and value.get("auto_map"):
            return f"{path.name} has an auto_map"
        modules = value if path.name == "modules.json" and isinstance(value, list) else []
        for one in modules:
            kind = str(one.get("type")) if isinstance(one, dict) else ""
            if not kind.startswith("sentence_transformers."):
                return f"modules.json names {kind or 'no type'}"
    return None


def refuse_own_code(kind: str, name: str, location: str) -> None:
    """Refuse a folder whose model would run code of its own.

    Parameters
    ----------
    kind
        What the model is called in the message.
    name
        As it was given, and would be trusted.

    Raises
    ------
    EncoderError
        If it would.
    """
    found = own_code(Path(location)) if Path(location).is_dir() else None
    if found is not None:
        raise EncoderError(
            f"{kind} {name!r} would run code of its own on this machine ({found}); read it, and "
            f"allow it with --trust-remote-code {name}"
        )


def refused_code(error: Exception, name: str) -> str:
    """Return what a library says first, and how its model's code is allowed where it has any."""
    if "trust_remote_code" in str(error):
        return (
            "it would run code of its own on this machine: read it, and allow it with "
            f"--trust-remote-code {name}"
        )
    return first_line(error)


def folder_hash(folder: Path) -> str:
    """Hash everything in a model's folder that can change its vectors."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".safetensors", ".bin", ".json", ".txt", ".model"}:
            digest.update(path.relative_to(folder).as_posix().encode())
            with path.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()[:12]


@contextmanager
def quiet() -> Iterator[None]:
    """Keep the model libraries' bars, reports and warnings off the user's terminal."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    loggers = [logging.getLogger(n) for n in ("transformers", "sentence_transformers", "model2vec")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    with (
        open(os.devnull, "w") as nowhere,
        warnings.catch_warnings(),
        redirect_stdout(nowhere),
        redirect_stderr(nowhere),
    ):
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)
