"""Names of encoders -> encoders."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from importlib.util import find_spec

from wimhf.base import EmbedConfig, Event, Progress, server_address, silent
from wimhf.errors import EncoderError
from wimhf.learn.embed.elsewhere import EncoderElsewhere
from wimhf.learn.embed.encoder import Encoder, user_path
from wimhf.learn.embed.loading import hub_answers
from wimhf.learn.embed.local import SentenceEncoder, StaticEncoder, minilm_location
from wimhf.learn.embed.remote import RemoteEncoder

AUTO_TEXTS = 3000
"""Up to this many unique texts `auto` takes the better encoder, above it the faster one."""


def choose_encoder(
    config: EmbedConfig,
    n_texts: int,
    device: str,
    progress: Progress = silent,
    *,
    elsewhere: bool = False,
) -> Encoder:
    """Return the encoder a config names, loaded.

    Parameters
    ----------
    n_texts
        Unique texts to embed, which decides what ``auto`` means.
    device
        The resolved torch device.
    elsewhere
        Whether it is that of other processes, which encode.

    Raises
    ------
    EncoderError
        If the name is unknown or the model cannot be loaded.
    """
    name = config.encoder
    if name == "auto":
        name, why = auto_encoder(n_texts, device)
        progress(Event("embed", message=f"encoder {name}: {why} (--encoder chooses another)"))
    if name.startswith("openai:"):
        return RemoteEncoder(name.removeprefix("openai:"), config.max_tokens)
    if name == "fast":
        if config.max_tokens is not None:
            message = "the encoder fast takes texts of any length; --max-tokens is not used"
            progress(Event("embed", message=message, level="warning"))
        return StaticEncoder(progress)
    if name == "minilm":
        return _sentence_encoder(config, name, minilm_location(), device, elsewhere)
    folder = user_path(name)
    if not name or ("/" not in name and not folder.is_dir()):
        raise EncoderError(
            f"encoder {name!r} is unknown; known: auto, minilm, fast, openai:MODEL, "
            "owner/model on the hub, or a model's folder"
        )
    location = str(folder) if folder.is_dir() else name
    if not folder.is_dir() and (name.startswith(("/", ".", "~"))):
        raise EncoderError(f"encoder folder {name} does not exist; check the path")
    return _sentence_encoder(config, name, location, device, elsewhere)


def _sentence_encoder(
    config: EmbedConfig, name: str, location: str, device: str, elsewhere: bool
) -> Encoder:
    own = SentenceEncoder(
        name, location, "cpu" if elsewhere else device, config.max_tokens, config.batch_size,
        trusted=name != "minilm" and name in config.trusted,
    )  # fmt: skip
    if not elsewhere:
        return own
    load = partial(choose_encoder, replace(config, encoder=name), 0, device)
    return EncoderElsewhere(own, load, device)


def auto_encoder(n_texts: int, device: str) -> tuple[str, str]:
    """Return which encoder ``auto`` is, and why; arguments as of ``choose_encoder``."""
    if device.startswith("cuda"):
        return "minilm", "a GPU is there"
    if n_texts <= AUTO_TEXTS:
        return "minilm", f"{n_texts:,} texts are few enough for the better one"
    return "fast", f"{n_texts:,} texts are many without a GPU"


def missing_for(config: EmbedConfig) -> str | None:
    """Return what an encoder needs and this machine lacks, in words; None where nothing is.

    Asks the hub, where a model is neither in a folder nor kept from before.
    """
    name = config.encoder
    if config.embeddings is not None:
        return None
    if name.startswith("openai:"):
        return missing_for_server(None)
    if "/" not in name or user_path(name).is_dir() or _is_kept(name) or hub_answers(name):
        return None
    return f"{name} from the Hugging Face hub, which does not answer (--encoder FOLDER: a copy)"


def missing_for_server(base_url: str | None) -> str | None:
    """Return what an OpenAI-compatible server needs and this machine lacks; None if nothing."""
    if find_spec("openai") is None:
        return "the openai package (pip install 'wimhf[llm]')"
    if server_address(base_url).lacks_key:
        return "OPENAI_API_KEY, or OPENAI_BASE_URL of a server of your own"
    return None


def _is_kept(name: str) -> bool:
    """Say whether a model of the hub was loaded before."""
    from huggingface_hub import try_to_load_from_cache

    return isinstance(try_to_load_from_cache(name, "config.json"), str)
