"""How the source was read: what nobody reads, what was guessed, what may be misread."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from wimhf.data.containers.rows import listed
from wimhf.data.formats.advice import codes_advice, roles_advice
from wimhf.data.formats.encoded import LOOKS_ENCODED
from wimhf.data.formats.templates import LEAKED
from wimhf.data.health.item import SIDES, Checked, Item, Severity, amount, finding

MEDIA = frozenset(("images", "image", "videos", "video", "audios", "audio", "image_url"))
GUESSED, TAKEN, UNKNOWN = "prompt guessed", "role taken for the assistant's", "unknown role"


def check_reading(data: Checked) -> Iterator[Item]:
    """Look at how the pairs were read."""
    yield _unread(data)
    yield _media(data)
    yield _encoded(data)
    yield _leaked(data)
    yield _guessed(data)
    yield _labels(data)
    yield _roles(data)
    yield _handled(data)


def _unread(data: Checked) -> Item:
    names = list(data.notes.unread)
    said = f"columns not read: {listed(names)}" if names else "Every column is read"
    return Item(
        "columns_unread", "Columns", said, "note" if names else "ok",
        advice="name one that belongs to the pairs" if names else "",
        setting=("map", "subset=COLUMN") if names else None, figures={"columns": names},
    )  # fmt: skip


def _media(data: Checked) -> Item:
    names = sorted(MEDIA & set(data.notes.unread))
    said = f"{listed(names)} names what is not text, and is not compared" if names else "None named"
    return Item("media", "Images and sounds", said, "note" if names else "ok",
                figures={"columns": names})  # fmt: skip


def _any(data: Checked, pattern: str, columns: tuple[str, ...]) -> pl.Series:
    any_of = pl.any_horizontal(pl.col(name).str.contains(pattern) for name in columns)
    return data.pairs.select(found=any_of).to_series()


def _encoded(data: Checked) -> Item:
    rows = _any(data, LOOKS_ENCODED, (*SIDES, "prompt")).to_numpy()
    return finding(
        "encoded", "Texts that look like lists of messages", rows, len(data.pairs),
        (0.0, 0.01, 0.05), "have a text that looks like messages and was read as it stands",
        "write the conversation as a list of {role, content}, or as JSON text of one",
    )  # fmt: skip


def _leaked(data: Checked) -> Item:
    rows = _any(data, LEAKED, SIDES).to_numpy()
    return finding(
        "template_marks", "Marks of chat templates", rows, len(data.pairs), (0.0, 0.05, 2.0),
        "have a response with a mark of a chat template in it",
        "strip the template before training, lest a model learns to write it",
    )  # fmt: skip


def _total(counts: Mapping[str, int]) -> int:
    return sum(counts.values())


def _guessed(data: Checked) -> Item:
    counts = data.notes.remarks.get(GUESSED, {})
    n, of = _total(counts), len(data.pairs)
    return Item(
        "prompt_guessed", "Prompts that were guessed",
        f"{amount(n, of)} have no prompt of their own: it was taken from what both texts share, up "
        "to the mark of an answer", "warning" if n else "ok", n, of,
        advice="name the prompt's column, if there is one" if n else "",
        setting=("map", "prompt=COLUMN") if n else None,
    )  # fmt: skip


def _labels(data: Checked) -> Item:
    codes = data.notes.codes
    n = _total(codes)
    grade: Severity = "serious" if n > 0.05 * max(data.n_rows, 1) else "warning" if n else "ok"
    return Item(
        "labels_unknown", "Labels not understood",
        f"{n:,} labels are not understood and their rows left out" if n else "All are understood",
        grade, n, data.n_rows, "rows", codes_advice(codes) if n else "",
        figures={"codes": dict(codes)},
    )  # fmt: skip


def _roles(data: Checked) -> Item:
    taken = data.notes.remarks.get(TAKEN, {})
    unknown = dict(data.notes.remarks.get(UNKNOWN, {})) | dict(data.notes.roles)
    parts = [f"{role!r} was taken for the assistant's in {n:,} pairs" for role, n in taken.items()]
    parts += [f"{role!r} is not known, in {n:,}" for role, n in unknown.items()]
    grade: Severity = "warning" if unknown else "note" if taken else "ok"
    return Item(
        "roles", "Roles", "; ".join(parts[:10]) or "All roles are known", grade,
        advice=roles_advice(unknown) if unknown else "",
        figures={"taken": dict(taken), "unknown": unknown},
    )  # fmt: skip


def _handled(data: Checked) -> Item:
    known = {GUESSED, TAKEN, UNKNOWN}
    parts = [
        f"{kind}: {what}, in {n:,} pairs"
        for kind, counts in data.notes.remarks.items() if kind not in known
        for what, n in counts.items()
    ]  # fmt: skip
    parts = [*data.notes.containers, *parts]
    return Item(
        "reading", "What was done to read it", "; ".join(parts[:10]) or "Nothing out of the way",
        "note" if parts else "ok",
    )  # fmt: skip
