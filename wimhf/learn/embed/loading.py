"""What loading any local model needs: the hub's answer, a folder's hash, silence."""

from __future__ import annotations

import hashlib
import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path


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
