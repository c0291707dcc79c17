"""The texts: languages, lengths, refusals, broken ends, and what should not be there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import polars as pl

from wimhf.base import Floats32, Mask, Stream, processors, stream
from wimhf.concepts import (
    UNSPACED,
    language_name,
    language_of,
    load_concepts,
    measure_concepts,
)
from wimhf.data.health.item import SIDES, Checked, Item, Severity, amount, at_least, finding

REFUSING = "refuses_request"
"""The concept by which a response refuses."""
PRIVATE = {
    "e-mail addresses": r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}",
    "telephone numbers":
        r"(?:^|[^\w.])(?:\+\d{1,3}[ .-]?)?(?:\(\d{3}\)[ .-]?|\d{3}[.-])\d{3}[.-]\d{4}(?:\W|$)",
    "card numbers": r"(?:^|[^\d ]) *[3-6]\d{3}(?:[ -]\d{4}){3}(?:\D|$)",
    "social security numbers": r"(?:^|\D)\d{3}-\d{2}-\d{4}(?:\D|$)",
    "IBANs": r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b",
    "keys and tokens":
        r"\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|sk-[A-Za-z0-9_-]{20,}|"
        r"xox[abpr]-[A-Za-z0-9-]{10,}|eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]+)",
    "private keys": r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY(?: BLOCK)?-----",
}  # fmt: skip
UNCLEAR, NO_LETTERS = "too short or not known", "no letters"
BROKEN_WORDS = 40
"""Words from which a response without an end looks cut off."""
LANGUAGE_SAMPLE = 20_000
TOGETHER = 50_000
"""Texts that are searched at once, by each processor."""


def check_texts(data: Checked) -> Iterator[Item]:
    """Look at the texts."""
    yield _empty_prompts(data)
    yield _lengths(data)
    yield _languages(data)
    yield _refusals(data)
    yield _broken(data)
    yield _private(data)


def _empty_prompts(data: Checked) -> Item:
    empty = (data.pairs["prompt"].str.strip_chars() == "").to_numpy()
    return finding(
        "empty_prompts", "Empty prompts", empty, len(data.pairs), (0.0, 0.05, 0.9),
        "have no prompt", "if a column holds the prompt, name it", ("map", "prompt=COLUMN"),
    )  # fmt: skip


def _lengths(data: Checked) -> Item:
    count = [pl.col(SIDES).str.count_matches(one) for one in (r"\S+", UNSPACED.pattern)]
    words = pl.concat(data.pairs.select(count[0] + count[1]).get_columns())
    shares = (0.05, 0.25, 0.5, 0.75, 0.95)
    quantiles = [int(words.quantile(share, "nearest") or 0) for share in shares]
    low, _, middle, _, high = quantiles
    return Item(
        "lengths", "Length of responses",
        f"Half of the responses have {middle:,} words or fewer; nine in ten have {low:,} to "
        f"{high:,}, the longest {int(str(words.max() or 0)):,}",
        figures={"words": dict(zip(map(str, shares), quantiles, strict=True))},
    )  # fmt: skip


def _languages(data: Checked) -> Item:
    rows = np.arange(len(data.pairs))
    if len(rows) > LANGUAGE_SAMPLE:
        rng = stream(data.seed, Stream.HEALTH_TEXTS)
        rows = np.sort(rng.choice(len(rows), LANGUAGE_SAMPLE, replace=False))
    texts = pl.concat([data.pairs[side].gather(rows) for side in SIDES])
    kinds = Counter(_kind(text) for text in texts)
    mix = dict(sorted(kinds.items(), key=lambda kind: (-kind[1], kind[0])))
    n = len(texts)
    shares = [f"{name} {100 * count / n:.0f} %" for name, count in mix.items() if count >= n / 100]
    real = [m for m, count in mix.items() if m not in (UNCLEAR, NO_LETTERS) and count > n / 50]
    severity: Severity = "note" if len(real) > 1 else "ok"
    return Item(
        "languages", "Languages", f"Responses: {', '.join(shares)}", severity,
        advice="compare effects by language, where a column says it, and take an encoder that "
        "knows them all" if severity != "ok" else "", figures={"mix": mix},
    )  # fmt: skip


def _kind(text: str) -> str:
    code = language_of(text)
    if code is not None:
        return language_name(code)
    return UNCLEAR if any(map(str.isalpha, text)) else NO_LETTERS


def _refusals(data: Checked) -> Item:
    a, b = _refusing(data)
    label, one = data.label, a != b
    decided = one & ~np.isnan(label) & (label != 0.5)
    won = float(np.where(a, label, 1 - label)[decided].mean()) if decided.any() else None
    item = finding(
        "refusals", "Refusals", one, len(data.pairs), (0.02, 2.0, 2.0),
        "have one response that refuses, by its words",
        "look at the effect of refusing: it decides what a model learns about harm",
        both=int((a & b).sum()), refusing_wins=won,
    )  # fmt: skip
    more = f"; it wins {100 * won:.0f} % of {int(decided.sum()):,}" if won is not None else ""
    return replace(item, said=item.said + more)


def _refusing(data: Checked) -> tuple[Mask, Mask]:
    """Say of either response whether it refuses; a text is looked at once."""
    concept = [one for one in load_concepts() if one.id == REFUSING]
    both = pl.concat([data.pairs[side] for side in SIDES])
    texts = both.unique(maintain_order=True)

    def found_in(start: int) -> Floats32:
        own = texts.slice(start, TOGETHER).to_list()
        found: Floats32 = measure_concepts(concept, own).toarray()[:, 0]
        return found

    with ThreadPoolExecutor(processors()) as pool:  # expressions are matched outside of Python
        found = list(pool.map(found_in, range(0, len(texts), TOGETHER)))
    known = pl.DataFrame({"text": texts, "found": np.concatenate([*found, np.zeros(0)]) > 0})
    mask = both.to_frame("text").join(known, on="text", how="left", maintain_order="left")
    a, b = np.split(mask["found"].to_numpy(), 2)
    return a, b


def _broken(data: Checked) -> Item:
    """Find responses that stop in the middle of a sentence."""
    ends = rf"(?s)^(?:\S+\s+){{{BROKEN_WORDS},}}.*[\pL\pN,]\s*$"
    prose = r"(?s)(?:\n\s*(?:[-*•|]|\d+[.)])[^\n]*|```[^`]*)\s*$"
    unspaced = r"[\p{Han}\p{Thai}\p{Hiragana}]\s*$"
    text = pl.col(SIDES).str
    hits = text.contains(ends) & ~text.contains(prose) & ~text.contains(unspaced)
    a, b = (hit.to_numpy() for hit in data.pairs.select(hits))
    return finding(
        "broken", "Broken ends", a | b, len(data.pairs), (0.02, 0.1, 0.5),
        "have a response that stops in mid-sentence",
        "check the limit on new tokens with which the responses were made",
    )  # fmt: skip


def _private(data: Checked) -> Item:
    everything = [*SIDES, "prompt"]
    anywhere = {
        kind: pl.any_horizontal(pl.col(everything).str.contains(pattern))
        for kind, pattern in PRIVATE.items()
    }
    hits: dict[str, Mask] = {
        kind: mask.to_numpy() for kind, mask in data.pairs.select(**anywhere).to_dict().items()
    }
    counts = {kind: int(mask.sum()) for kind, mask in hits.items() if mask.any()}
    touched = np.logical_or.reduce(list(hits.values()))
    secret = hits["keys and tokens"] | hits["private keys"]
    item = finding(
        "private", "Personal data and secrets", touched, len(data.pairs), (0.0, 0.02, 0.5),
        "hold what looks like personal data or secrets",
        "look at them before the data or a model leaves the house", kinds=counts,
    )  # fmt: skip
    kinds = ", ".join(f"{kind} in {amount(n, len(data.pairs))}" for kind, n in counts.items())
    severity = at_least(item.severity, "serious" if secret.any() else "ok")
    return replace(item, severity=severity, said=item.said + (f": {kinds}" if kinds else ""))
