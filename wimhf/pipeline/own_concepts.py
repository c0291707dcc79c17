"""Adding own concepts to a finished run: by words, by examples, by a question to a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from scipy import sparse

from wimhf.base import (
    Floats,
    Floats32,
    Ints,
    LlmConfig,
    Progress,
    Stream,
    cache_folder,
    silent,
    stream,
)
from wimhf.concepts import Concept
from wimhf.describe import (
    ChatServer,
    Direction,
    Texts,
    as_active,
    ask_in_both_orders,
    comparing,
    leakage,
    learn_direction,
    marks_of,
    question_allowance,
)
from wimhf.errors import ConfigError
from wimhf.pipeline.analysis import count_again
from wimhf.run import (
    Run,
    differences,
    forget_concept,
    keep_learned,
    keep_written,
    own_ids,
    somebody,
)
from wimhf.stats import spread_rows

SAMPLE = 200
"""Pairs a model is asked about, each in both orders."""
SIDES = {"A": 1.0, "B": 0.0, "neither": 0.5}
Confirm = Callable[[str], bool]


@dataclass(frozen=True)
class Named:
    """What an own concept is called: see ``concepts.Concept``."""

    id: str
    more: str
    less: str
    title: str = ""


def add_written(
    run: Run,
    named: Named,
    words: Sequence[str] = (),
    patterns: Sequence[str] = (),
    progress: Progress = silent,
    confirm: Confirm = lambda question: False,
    *,
    force: bool = False,
) -> Run:
    """Add a concept that words or patterns give away, and redo what depends on it.

    Parameters
    ----------
    words, patterns
        Whole words or phrases, and Rust regular expressions; either counts.
    force
        Take the place of an own concept of that id.

    Raises
    ------
    ConfigError
        If the id is taken, or it is not well formed.
    """
    _check_id(run, named.id, force)
    concept = Concept(
        **asdict(named), words=tuple(words), patterns=tuple(patterns), source="the new concept"
    )
    concept.check_patterns()
    names = ("id", "more", "less", "title", "words", "patterns")
    row = {name: getattr(concept, name) for name in names if getattr(concept, name)}
    return count_again(run, lambda: keep_written(run, row), progress, confirm)


def add_by_examples(
    run: Run,
    named: Named,
    marks: Mapping[str, str],
    who: str | None = None,
    progress: Progress = silent,
    confirm: Confirm = lambda question: False,
    *,
    force: bool = False,
) -> Run:
    """Add a concept that is learned from marked pairs, and redo what depends on it.

    Parameters
    ----------
    marks
        By pair id which response has more: A, B or neither.

    Raises
    ------
    ConfigError
        If the id is taken, or a mark is none or of no pair of the run.
    EstimationError
        If there are too few marks, or held-out agreement with them is too low.
    """
    _check_id(run, named.id, force)
    concept = _checked(named)
    learned = learned_from(run, marks)
    record = _record(concept, "examples", who, learned) | {
        "answers": dict(marks), "direction": learned.weights.tolist(),
    }  # fmt: skip
    said = differences(run) @ learned.weights.astype(np.float32)
    found = as_active(said, learned.bound)
    return count_again(run, lambda: keep_learned(run, named.id, record, found), progress, confirm)


def learned_from(run: Run, marks: Mapping[str, str]) -> Direction:
    """Learn from marked pairs which way responses differ; nothing is kept.

    Parameters
    ----------
    marks
        By pair id which response has more: A, B or neither.

    Raises
    ------
    ConfigError
        If a mark is none or of no pair of the run.
    EstimationError
        If there are too few marks, or held-out agreement with them is too low.
    """
    places = {pair_id: row for row, pair_id in enumerate(run.pair_table["pair_id"].to_list())}
    for pair_id, mark in marks.items():
        if pair_id not in places:
            raise ConfigError(f"{run.path} has no pair {pair_id!r}")
        if mark not in SIDES:
            raise ConfigError(f"pair {pair_id}: more is {mark!r}; write {', '.join(SIDES)}")
    rows = np.array([places[pair_id] for pair_id in marks], dtype=np.int64)
    values = np.array([SIDES[mark] for mark in marks.values()])
    component = run.pair_table["component"].to_numpy()
    rng = stream(run.config.seed, Stream.OWN_CONCEPTS)
    return learn_direction(differences(run)[rows], values, component[rows], rng)


def add_by_question(
    run: Run,
    named: Named,
    question: str,
    config: LlmConfig,
    sample: int = SAMPLE,
    progress: Progress = silent,
    confirm: Confirm = lambda question: False,
    *,
    force: bool = False,
) -> Run:
    """Add a concept that is asked of a language model, and redo what depends on it.

    The model is asked of a sample of pairs in both orders; its answers are carried to all pairs by
    a ridge logistic model of the differences and of what is counted.

    Parameters
    ----------
    question
        Completes "Which response ...?".
    config
        Which model, and what may be spent.

    Raises
    ------
    ConfigError
        If the id is taken or no model is named.
    ServerError
        If the server fails too often or the budget is spent; what it answered is in the cache.
    EstimationError
        If held-out agreement with its answers is too low.
    """
    _check_id(run, named.id, force)
    if config.model is None:
        raise ConfigError("a question needs a language model; name it with --llm MODEL")
    asked = " ".join(question.split()).rstrip("? ")
    if not asked:
        raise ConfigError('the question is empty; write e.g. --question "is warmer to the user"')
    concept = _checked(named)
    rng = stream(run.config.seed, Stream.OWN_CONCEPTS)
    component = run.pair_table["component"].to_numpy()
    rows = spread_rows(np.arange(len(component)), component, rng)[:sample]
    marks, facts = _asked(run, rows, asked, config, progress, confirm)
    heard = np.isfinite(marks)
    rows, marks = rows[heard], marks[heard]
    columns = differences(run)
    counted = _counted(run, columns)
    design = np.column_stack([columns[rows], counted[rows].toarray()])
    learned = learn_direction(design, marks, component[rows], rng)
    label = run.pair_table["label"].cast(float).fill_null(np.nan).to_numpy()[rows]
    d = columns.shape[1]
    ids = run.pair_table["pair_id"].gather(rows).to_list()
    record = _record(concept, "question", f"llm:{config.model}", learned) | facts | {
        "question": asked, "answers": dict(zip(ids, marks.tolist(), strict=True)),
        "direction": learned.weights[:d].tolist(),
        "leakage": leakage(learned.held_out, marks, label),
    }  # fmt: skip
    whole = columns @ learned.weights[:d].astype(np.float32) + counted @ learned.weights[d:]
    found = as_active(whole, learned.bound)
    return count_again(run, lambda: keep_learned(run, named.id, record, found), progress, confirm)


def remove_concept(
    run: Run, name: str, progress: Progress = silent, confirm: Confirm = lambda question: False
) -> Run:
    """Take an own concept out of a run, and redo what depends on it.

    Raises
    ------
    ConfigError
        If it has no own concept of that id.
    """
    if name not in own_ids(run):
        own = ", ".join(sorted(own_ids(run))) or "none"
        raise ConfigError(f"{run.path} has no own concept {name!r}; its own are: {own}")
    return count_again(run, lambda: forget_concept(run, name), progress, confirm)


def _check_id(run: Run, name: str, force: bool) -> None:
    if name in own_ids(run):
        if not force:
            raise ConfigError(
                f"{run.path} has an own concept {name!r}; take its place with --force, or give "
                "another --id"
            )
    elif name in {concept.id for concept in run.bank}:
        raise ConfigError(f"there is a concept {name!r} in the bank; give another --id")


def _checked(named: Named) -> Concept:
    return Concept(**asdict(named), learned="new", source="the new concept")


def _record(concept: Concept, by: str, who: str | None, learned: Direction) -> dict[str, Any]:
    time = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return {
        "more": concept.more, "less": concept.less, "title": concept.title, "by": by,
        "author": who or somebody(), "time": time, "agreement": learned.agreement,
        "marked": learned.marked, "sided": learned.sided, "bound": learned.bound,
    }  # fmt: skip


def _asked(
    run: Run, rows: Ints, question: str, config: LlmConfig, progress: Progress, confirm: Confirm
) -> tuple[Floats, dict[str, Any]]:
    """Return a model's marks (k,), NaN where it gave no answer, and what asking took."""
    texts = Texts.of(run.pair_table)
    sides = (texts.response_a, texts.response_b)
    length = float(np.mean([len(side[row]) for row in rows.tolist() for side in sides]))
    what = f"asking about {len(rows)} pairs"
    allowed = question_allowance(what, 2 * len(rows), config, length, progress, confirm)
    with ChatServer(config, cache_folder(), allowed) as server:
        asked = [(question, rows)]
        votes = ask_in_both_orders(texts, asked, server, config, "asking", progress, comparing)[0]
        facts = {"server": server.address, "spent": server.purse.spent()}
    heard = np.isfinite(votes).all(axis=0)
    same = float((votes[0, heard] == votes[1, heard]).mean()) if heard.any() else None
    return marks_of(votes), facts | {"consistency": same}


def _counted(run: Run, columns: Floats32) -> sparse.csr_array:
    """Return what is counted in every pair (n, c), on the scale of the differences."""
    _, odd = run.concept_columns()
    counted = sparse.csr_array(odd, dtype=np.float64)
    size = np.sqrt(np.asarray(counted.multiply(counted).mean(axis=0)).ravel())
    scale = float(np.sqrt(np.square(columns).mean())) or 1.0
    factor = np.divide(scale, size, out=np.zeros_like(size), where=size > 0)
    return sparse.csr_array(counted @ sparse.diags_array(factor))
