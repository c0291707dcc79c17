"""What stages record about themselves in the manifest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict


class ReadFacts(TypedDict, total=False):
    """How the source was read: see ``data.Source``."""

    format: str
    parts: dict[str, str]
    headers: dict[str, dict[str, Any]]
    layouts: dict[str, dict[str, Any]]
    drawn_parts: Sequence[str]
    container: str
    polarity: str
    sides_drawn: bool
    source_sha256: str
    n_rows: int
    n_pairs: int
    n_rejects: int
    notes: dict[str, Any]
    rejects: dict[str, int]
    n_components: int
    split: dict[str, int]
    split_note: str | None


class EmbedFacts(TypedDict, total=False):
    """Which encoder made the vectors, why it was chosen, and how many texts it cut."""

    encoder: str
    chosen: str
    revision: str
    template: str
    max_tokens: int | None
    n_texts: int
    n_cut: int
    dimensions: int


class DictionaryFacts(TypedDict, total=False):
    """Shape of the codes (pairs, features), and how they were learned."""

    shape: tuple[int, int]
    device: str
    k: int


class NameFacts(TypedDict, total=False):
    """How many features are understood, and by whom they were described."""

    n_understood: int
    mean_fidelity: float | None
    median_fidelity: float | None
    authors: dict[str, int]


class ModelFacts(TypedDict, total=False):
    """Which model scored or described; None where none did, and why it failed where it did."""

    model: str | None
    server: str
    failed: object
    proposals: int
    allowed: dict[str, Any]
    scores: list[str]
    calls: int
    dollars: float


class SuspectFacts(TypedDict, total=False):
    """How many labels were judged, and how many of them are doubted."""

    n_judged: int
    n_suspects: int
