"""Every target in every container is read back as the pairs that were written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.curated_pairs import ANY, BUSY, curated, pair_strategy, read_back, same_pairs
from wimhf.data.export import TARGETS, Target, export_pairs, target_named
from wimhf.data.export.target import Chosen
from wimhf.data.pairs import PAIR_COLUMNS, Pair
from wimhf.errors import ExportError

READ = [target for target in TARGETS if target.family is not None and target.name != "source"]
NAMES = [target.name for target in TARGETS if target.name != "source"]
ENDINGS = {"jsonl": ".jsonl", "json": ".json", "csv": ".csv", "parquet": ".parquet", "datasets": ""}
BY_CONTAINER = [
    (target, kind, packed)
    for target in READ
    for kind in target.containers
    for packed in ("", ".gz")
    if not (packed and kind in ("parquet", "datasets"))
]
IDS = [f"{target.name} {kind}{packed}" for target, kind, packed in BY_CONTAINER]
PLAIN = [Pair("What is 1+1?", "It is two.", "Three", 1.0), Pair("Why?", "No", "Yes", 0.0)]


def written(pairs: list[Pair], target: str, path: Path, **options: Any) -> list[dict[str, Any]]:
    """Export pairs as lines and return them."""
    export_pairs(curated(pairs), target, path, **options)
    return [json.loads(line) for line in path.read_text().split("\n") if line]


@pytest.mark.parametrize(("target", "kind", "packed"), BY_CONTAINER, ids=IDS)
def test_an_export_is_read_back_as_the_same_pairs(
    target: Target, kind: str, packed: str, tmp_path: Path
) -> None:
    if target.name == "trl-implicit-text":
        table = curated(PLAIN)
    else:
        table = curated(ANY if target.unlabelled else BUSY)
    if target.weights:
        table = table.with_columns(weight=1.0 + pl.int_range(pl.len()) / 3)
    path = tmp_path / f"out{ENDINGS[kind]}{packed}"
    done = export_pairs(table, target.name, path)
    assert (done.pairs, done.container, done.left_out) == (len(table), kind, {})
    columns = ["weight"] if target.weights else []
    columns += ["strength"] if target.strength and "strength" in table.columns else []
    if target.name == "llm-comparator":  # its scores are drawn between -1.5 and 1.5
        columns = []
    assert same_pairs(read_back(path), *columns) == same_pairs(table, *columns)


@pytest.mark.parametrize("target", READ, ids=lambda target: target.name)
@settings(
    max_examples=15, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(data=st.data())
def test_odd_texts_survive(target: Target, tmp_path: Path, data: st.DataObject) -> None:
    pairs = data.draw(
        st.lists(pair_strategy(winners=not target.unlabelled), min_size=1, max_size=4)
    )
    kinds = [kind for kind in target.containers if kind != "datasets"]
    kind = data.draw(st.sampled_from(kinds))
    path = tmp_path / f"odd{ENDINGS[kind]}"
    done = export_pairs(curated(pairs), target.name, path, escape_formulas=False)
    assert done.pairs == len(pairs)
    if all(target.reads_back(_row(target, pair), pair) for pair in curated(pairs).to_dicts()):
        assert same_pairs(read_back(path)) == same_pairs(curated(pairs))


@pytest.mark.parametrize("blank", ["", " ", "\r", "\n\t", "\u2028", "\x85"], ids=ascii)
@pytest.mark.parametrize("target", READ, ids=lambda target: target.name)
def test_blank_prompts_are_read_back_as_they_are(
    target: Target, blank: str, tmp_path: Path
) -> None:
    pairs = [Pair(blank, "One", "Two", 1.0), Pair("Why?", "No", "Yes", 0.0)]
    for kind in target.containers:
        path = tmp_path / f"blank-{kind}{ENDINGS[kind]}"
        done = export_pairs(curated(pairs), target.name, path, escape_formulas=False)
        assert done.pairs == len(pairs)
        if all(target.reads_back(_row(target, pair), pair) for pair in curated(pairs).to_dicts()):
            assert same_pairs(read_back(path)) == same_pairs(curated(pairs))


def _row(target: Target, pair: dict[str, Any]) -> dict[str, Any]:
    return next(target.rows(Chosen(pl.DataFrame([pair], schema_overrides=PAIR_COLUMNS))))


@pytest.mark.parametrize("name", NAMES)
def test_the_same_pairs_give_the_same_bytes(name: str, tmp_path: Path) -> None:
    for kind in target_named(name).containers:
        packed = ".gz" if kind not in ("parquet", "datasets") else ""
        for folder in ("one", "two"):
            (tmp_path / kind / folder).mkdir(parents=True)
        one, two = (
            export_pairs(
                curated(BUSY), name, tmp_path / kind / folder / f"o{ENDINGS[kind]}{packed}"
            )
            for folder in ("one", "two")
        )
        assert one.sha256 == two.sha256
        assert [card.read_bytes() for card in one.cards] == [c.read_bytes() for c in two.cards]


@pytest.mark.parametrize("name", NAMES)
def test_swapping_the_sides_of_all_pairs_changes_no_winner(name: str, tmp_path: Path) -> None:
    kind = target_named(name).containers[0]
    mirrored = [pair.exchanged() for pair in BUSY]
    if target_named(name).family is None:
        one, two = (written(p, name, tmp_path / f"{len(p)}.jsonl") for p in (BUSY, mirrored))
        assert one == two
        return
    paths = [tmp_path / f"one{ENDINGS[kind]}", tmp_path / f"two{ENDINGS[kind]}"]
    for pairs, path in zip((PLAIN, [p.exchanged() for p in PLAIN]), paths, strict=True):
        export_pairs(curated(pairs), name, path)
    assert same_pairs(read_back(paths[0])) == same_pairs(read_back(paths[1]))


def test_trl_lists_the_winner_first(tmp_path: Path) -> None:
    one, two = written(PLAIN, "trl", tmp_path / "o.jsonl")
    assert one == {"prompt": "What is 1+1?", "chosen": "It is two.", "rejected": "Three"}
    assert two == {"prompt": "Why?", "chosen": "Yes", "rejected": "No"}


def test_unpaired_rows_are_two_per_pair(tmp_path: Path) -> None:
    rows = written(PLAIN, "kto", tmp_path / "o.jsonl")
    assert [(row["completion"], row["label"]) for row in rows] == [
        ("It is two.", True), ("Three", False), ("Yes", True), ("No", False),
    ]  # fmt: skip


def test_a_conversation_stays_one(tmp_path: Path) -> None:
    pair = next(pair for pair in BUSY if pair.turns)
    (row,) = written([pair], "trl-conversational", tmp_path / "one.jsonl")
    assert row["prompt"] == pair.turns
    assert row["chosen"] == [{"role": "assistant", "content": pair.response_a}]
    (whole,) = written([pair], "trl-implicit", tmp_path / "two.jsonl")
    assert whole["rejected"] == [*row["prompt"], *row["rejected"]]
    (line,) = written([pair], "openai", tmp_path / "three.jsonl")
    assert line == {
        "input": {"messages": pair.turns},
        "preferred_output": row["chosen"],
        "non_preferred_output": row["rejected"],
    }


def test_turns_of_another_prompt_are_not_used(tmp_path: Path) -> None:
    turns = [{"role": "user", "content": "other"}, {"role": "assistant", "content": "well"}]
    pair = Pair("What?", "this", "that", 1.0, turns=turns)
    (row,) = written([pair], "trl-conversational", tmp_path / "o.jsonl")
    assert row["prompt"] == [{"role": "user", "content": "What?"}]


def test_one_comparison_holds_the_votes_of_all_annotators(tmp_path: Path) -> None:
    pair = Pair("q", "one", "two", 1.0, annotator="kim", model_a="m", model_b="n")
    others = [
        Pair("q", "two", "one", 1.0, annotator="prompt", model_a="n", model_b="m"),
        Pair("q", "one", "two", 0.0, annotator="kim", model_a="m", model_b="n"),
        Pair("q", "one", "two", 0.0, model_a="m", model_b="n"),
        Pair("q", "one", "two", 0.0, annotator="lee", model_a="m", model_b="other"),
    ]
    export_pairs(curated([pair, *others]), "annotated-pairs", tmp_path / "o.json")
    found = json.loads((tmp_path / "o.json").read_text())
    first, second, third = found["comparisons"]
    default = found["metadata"]["default_annotator"]
    assert {who: vote["pref"] for who, vote in first["annotations"].items()} == {
        "kim": "a", "annotator prompt": "b", default: "b",
    }  # fmt: skip
    assert second["annotations"] == {"kim": {"pref": "b"}}
    assert third["response_b"] == {"text": "two", "model": "other"}
    assert found["annotators"].keys() == {"kim", "lee", "annotator prompt", default}
    assert len({one["id"] for one in found["comparisons"]}) == 3
    assert found["metadata"]["version"] == "2.0"


def test_two_models_keep_their_sides_in_llm_comparator(tmp_path: Path) -> None:
    pairs = [
        Pair("q", "from m", "from n", 1.0, model_a="m", model_b="n"),
        Pair("r", "from n", "from m", 1.0, model_a="n", model_b="m"),
        Pair("s", "from n", "from m", 0.5, model_a="n", model_b="m"),
    ]
    export_pairs(curated(pairs), "llm-comparator", tmp_path / "o.json")
    found = json.loads((tmp_path / "o.json").read_text())
    assert [model["name"] for model in found["models"]] == ["m", "n"]
    told = [(one["output_text_a"], one["score"]) for one in found["examples"]]
    assert told == [("from m", 1.0), ("from m", -1.0), ("from m", 0.0)]
    needed = {"input_text", "tags", "output_text_a", "output_text_b", "score"}
    assert all(
        one.keys() >= needed | {"individual_rater_scores", "custom_fields"}
        for one in found["examples"]
    )


def test_argilla_ranks_best_first(tmp_path: Path) -> None:
    pairs = [Pair("q", "one", "two", 0.0, annotator="kim")]
    (row,) = written(pairs, "argilla", tmp_path / "o.jsonl")
    assert row["ranking.responses"] == [["response_b", "response_a"]]
    assert row["ranking.responses.users"] == ["kim"]
    assert read_back(tmp_path / "o.jsonl")["annotator"].to_list() == ["kim"]


def test_names_and_aliases_are_unique() -> None:
    names = [name for target in TARGETS for name in (target.name, *target.aliases)]
    assert len(set(names)) == len(names)
    with pytest.raises(ExportError, match="unknown; known: trl, "):
        target_named("parquet")


def test_feedback_forensics_opens_the_file(tmp_path: Path) -> None:
    loader = pytest.importorskip(
        "feedback_forensics.data.loader", reason="feedback_forensics is not importable here"
    )
    export_pairs(curated(BUSY), "annotated-pairs", tmp_path / "o.json")
    found = loader.get_votes_dict(tmp_path / "o.json")
    assert len(found["df"]) == len(BUSY)
    assert found["reference_annotator_col"] in found["df"].columns
