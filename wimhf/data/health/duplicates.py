"""Pairs that are there more than once, and pairs that tell nothing apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import polars as pl

from wimhf.base import Ints, Mask
from wimhf.data.asked import first_turns
from wimhf.data.health.item import SIDES, Checked, Item, amount, finding, graded
from wimhf.data.health.minhash import near_duplicates
from wimhf.data.pairs import UNIT
from wimhf.data.splits import normalised

NEAR_CHARACTERS = 120_000_000
"""Characters of texts looked through for near-duplicates, so that it takes seconds."""
PREFIX = 200
"""Characters that two texts must share before they can be equal to an encoder."""


def check_duplicates(data: Checked) -> Iterator[Item]:
    """Look for repeated, contradictory and empty comparisons."""
    table = _winners(data)
    yield _exact(data, table)
    yield _near(data)
    yield _contradictory(data, table)
    yield _turned(data, table)
    yield _identical(data)
    yield _identical_after_cut(data)
    yield _prompts(data)
    yield _first_turns(data)


def _winners(data: Checked) -> pl.DataFrame:
    """Return per pair what it compares, who judged, which text won, and which was listed first."""
    pairs = data.pairs
    first = pl.when("swapped").then("response_b").otherwise("response_a")
    winner = (
        pl.when(pl.col("label") > 0.5).then("response_a")
        .when(pl.col("label") < 0.5).then("response_b")
    )  # fmt: skip
    judge = pl.col("annotator") if "annotator" in pairs.columns else pl.lit(None, pl.String)
    return pairs.select(
        row=pl.int_range(pl.len()),
        content=pl.col("pair_id").str.head(UNIT),
        judge=judge.fill_null(""),
        winner=winner.hash(),
        decided=pl.col("label").is_not_null() & (pl.col("label") != 0.5),
        first=first.hash(),
    )


def _exact(data: Checked, table: pl.DataFrame) -> Item:
    again = table.filter(pl.struct("content", "judge").is_first_distinct().not_())
    return finding(
        "duplicates", "Exact repeats", again["row"].to_numpy(), len(data.pairs),
        (0.0, 0.01, 0.1), "repeat an earlier one (same prompt, responses and annotator)",
        "drop the repeats, or weight them down, unless repeats are meant",
    )  # fmt: skip


def _near(data: Checked) -> Item:
    pairs = data.pairs.with_row_index("row").unique(
        pl.col("pair_id").str.head(UNIT), keep="first", maintain_order=True
    )
    sizes = pairs.select(pl.sum_horizontal(pl.col("prompt", *SIDES).str.len_bytes())).to_series()
    kept = int((sizes.cum_sum() <= NEAR_CHARACTERS).sum())
    looked = f" (of the first {kept:,})" if kept < len(pairs) else ""
    pairs = pairs.head(kept)
    ordered = pl.min_horizontal(SIDES), pl.max_horizontal(SIDES)
    answers = pairs.select(pl.concat_str(ordered, separator="\n\n")).to_series()
    whole = near_duplicates(pairs["prompt"] + "\n\n" + answers, data.seed)
    # a long prompt makes no repeat of two pairs whose responses are not near each other too
    near = np.flatnonzero(np.bincount(whole)[whole] > 1)
    groups = pl.DataFrame([whole[near], near_duplicates(answers.gather(near), data.seed)])
    again = ~groups.select(pl.struct(pl.all()).is_first_distinct()).to_series().to_numpy()
    return finding(
        "near_duplicates", "Near repeats", pairs["row"].to_numpy()[near[again]], len(pairs),
        (0.0, 0.05, 0.3), f"nearly repeat an earlier one{looked}",
        "keep one of each group if they come from one template; effects count them all",
    )  # fmt: skip


def _contradictory(data: Checked, table: pl.DataFrame) -> Item:
    """Find twins with opposite labels; of different annotators they are a difference of opinion."""
    decided = table.filter("decided")
    anyone = _with_two_winners(decided, "content")
    alone = _with_two_winners(decided, "content", "judge")
    item = finding(
        "contradictions", "Contradictory labels", anyone, len(data.pairs), (0.0, 2.0, 2.0),
        "have a twin (same prompt and responses) with the opposite label",
        "annotators differ on them: a tie or a majority is nearer the truth than either label",
        same_annotator=len(alone),
    )  # fmt: skip
    if not len(alone):
        return item
    severity = graded(len(alone) / len(data.pairs), 0.0, 0.002, 0.02)
    named = "annotator" in data.pairs.columns
    more = f", {len(alone):,} of them by the same annotator" if named else ""
    advice = "look at them and keep one label, or make them ties"
    return replace(item, severity=severity, said=item.said + more, advice=advice)


def _with_two_winners(decided: pl.DataFrame, *same: str) -> Ints:
    groups = decided.group_by(same).agg(pl.col("winner").n_unique(), pl.col("row"))
    rows = groups.filter(pl.col("winner") > 1)["row"].explode(empty_as_null=False)
    return np.sort(rows.to_numpy().astype(np.int64))


def _turned(data: Checked, table: pl.DataFrame) -> Item:
    """Find pairs that are there in both orders, with the same winner or with the same side."""
    title = "Swapped twins"
    if data.sides_drawn:
        return Item("swapped", title, "Not looked at: the source's order of responses is the label")
    groups = (
        table.filter("decided").group_by("content", "judge")
        .agg(pl.col("first").n_unique(), pl.col("winner").n_unique(), pl.col("row"))
        .filter(pl.col("first") > 1)
    )  # fmt: skip
    opposite = groups.filter(pl.col("winner") > 1)["row"].explode(empty_as_null=False).to_numpy()
    same = groups.filter(pl.col("winner") == 1)["row"].explode(empty_as_null=False).to_numpy()
    item = finding(
        "swapped", title, np.sort(opposite), len(data.pairs), (0.0, 0.002, 0.02),
        "have a twin with the responses exchanged and the label on the same side",
        "the label may have been written by position: check how the file was made",
    )  # fmt: skip
    sentence = f"{item.said}; {amount(len(same), len(data.pairs))} have one that agrees"
    return replace(item, said=sentence, figures={"agreeing": len(same)})


def _identical(data: Checked) -> Item:
    return finding(
        "identical", "Identical responses", _same_words(data.pairs), len(data.pairs),
        (0.0, 0.005, 0.05), "compare a response with itself, but for case and spaces",
        "drop them: neither response can be better",
    )  # fmt: skip


def _same_words(pairs: pl.DataFrame) -> Mask:
    """Say of every pair whether its responses are the same but for case and spaces."""
    begun = [pl.col(side).str.extract(r"(\S+)").str.to_lowercase() for side in SIDES]
    alike: Mask = pairs.select(begun[0].eq_missing(begun[1])).to_series().to_numpy().copy()
    clean = [
        pl.col(side).str.to_lowercase().str.replace_all(r"\s+", " ").str.strip_chars()
        for side in SIDES
    ]
    whole = pairs.lazy().select(SIDES).filter(alike).select(clean[0] == clean[1]).collect()
    alike[alike] = whole.to_series().to_numpy()
    return alike


def _identical_after_cut(data: Checked) -> Item:
    title = "Identical to the encoder"
    if data.cut is None or data.cut.limit is None:
        why = "no encoder was named" if data.cut is None else f"{data.cut.encoder} reads all"
        return Item("identical_after_cut", title, f"Not looked at: {why}")
    pairs = data.pairs
    begun = [pl.col(side).str.head(PREFIX) for side in SIDES]
    near = pairs.select(begun[0] == begun[1]).to_series().to_numpy() & ~_same_words(pairs)
    rows = np.flatnonzero(near)
    rows = rows[data.cut.same(rows)] if len(rows) else rows
    return finding(
        "identical_after_cut", title, rows, len(pairs), (0.0, 0.01, 0.1),
        f"look the same to {data.cut.encoder}, which reads {data.cut.limit} tokens",
        "take an encoder that reads more, such as fast, or these pairs measure nothing",
    )  # fmt: skip


def _prompts(data: Checked) -> Item:
    asked = data.pairs.filter(pl.col("prompt").str.strip_chars() != "")["prompt"]
    counts = asked.value_counts()["count"].to_numpy()
    shared = int(counts[counts > 1].sum()) if len(counts) else 0
    sentence = (
        f"{len(counts):,} different prompts; {amount(shared, len(data.pairs))} share theirs "
        f"with another, at most {int(counts.max(initial=0)):,} one prompt"
    )
    return Item(
        "prompts", "Prompts", sentence, "note" if shared else "ok", shared, len(data.pairs),
        figures={"unique": len(counts), "largest": int(counts.max(initial=0))},
    )  # fmt: skip


def _first_turns(data: Checked) -> Item:
    """Count pairs that share what the user says first with one they do not hang together with."""
    first = [normalised(text) for text in first_turns(data.pairs)]
    table = pl.DataFrame({"first": first, "component": data.component})
    apart = table.filter(pl.col("first") != "").filter(
        pl.col("component").n_unique().over("first") > 1
    )
    sentence = (
        f"{amount(len(apart), len(data.pairs))} share the user's first turn with a pair "
        "that counts as independent of them"
    )
    advice = "hold them together; intervals get a little wider"
    return Item(
        "first_turns", "First turns", sentence, "note" if len(apart) else "ok", len(apart),
        len(data.pairs), advice=advice if len(apart) else "",
        setting=("group", "first-turn") if len(apart) else None,
    )  # fmt: skip
