"""wimhf.inspect and its command: what a source is and what is wrong with it, without a model."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer

import wimhf
from tests.conftest import SHARED, write_rows
from tests.data.test_bad_input import last_line, wimhf_command
from tests.health_pairs import FLAWS, clean_pairs, plant
from wimhf.data.health.check import CHECKS
from wimhf.errors import InputError
from wimhf.learn.embed.local import minilm_location
from wimhf.pipeline.inspection import Inspection

SECRET = "AKIAIOSFODNN7EXAMPLE"
NATIVE = ("prompt", "response_a", "response_b", "label", "strength", "annotator", "subset")
HH = SHARED / "hh_rlhf_harmless_test.jsonl.gz"
needs_minilm = pytest.mark.skipif(
    not Path(minilm_location()).is_dir(), reason="the packaged minilm is not installed"
)
needs_hh = pytest.mark.skipif(not HH.is_file(), reason=f"{HH} is not here")


def rows_of(n: int = 60, flawed: bool = False) -> list[dict[str, Any]]:
    """Return pairs as rows of a native file."""
    pairs = clean_pairs(n)
    for seed, flaw in enumerate(FLAWS.values() if flawed else ()):
        plant(flaw.plant, pairs, 2, seed)
    return [{name: asdict(pair)[name] for name in NATIVE} for pair in pairs]


@pytest.fixture
def flawed(tmp_path: Path) -> Path:
    """Return a file of flawed pairs, one with a secret and one that is no pair."""
    rows = rows_of(flawed=True)
    rows[40]["response_a"] = f"My key is {SECRET}."
    return write_rows(tmp_path / "flawed.jsonl", [*rows, {**rows[0], "response_b": ""}])


def finding(found: Inspection, id: str) -> dict[str, Any]:
    (item,) = (item for item in found.health.items if item.id == id)
    return {"rows": item.rows.tolist(), **item.to_dict()}


# -- the function ---------------------------------------------------------------------------------


def test_an_inspection_says_what_a_source_is(flawed: Path) -> None:
    found = wimhf.inspect(flawed)
    told = found.to_dict()
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert (told["format"], told["container"], told["rows"], told["pairs"]) == (
        "native", "jsonl", 61, 60,
    )  # fmt: skip
    assert told["rejects"] == {"empty response": 1}
    assert "response_a is preferred" in told["polarity"]
    assert told["columns"] == found.pairs.columns
    assert list(told["health"]["groups"]) == list(CHECKS)
    assert len(found.rejects) == 1


def test_the_pairs_behind_every_finding_are_named(flawed: Path) -> None:
    found = wimhf.inspect(flawed)
    ids = found.to_dict()["pair_ids"]
    for item in found.health.items:
        named = found.pairs["pair_id"].gather(item.rows).to_list()
        assert ids.get(item.id, []) == named
    assert {"duplicates", "contradictions", "private", "identical"} <= ids.keys()


def test_settings_of_reading_are_those_of_an_analysis(tmp_path: Path) -> None:
    names = {"q": "prompt", "left": "response_a", "right": "response_b"}
    rows = [{new: row[name] for new, name in names.items()} for row in rows_of()]
    source = write_rows(tmp_path / "rows.jsonl", rows)
    columns = {name: new for new, name in names.items()}
    found = wimhf.inspect(source, columns=columns, limit=20)
    assert (found.source.n_rows, len(found.pairs)) == (20, 20)
    assert finding(found, "unlabelled")["severity"] == "serious"
    assert finding(found, "empty_prompts")["count"] == 0
    with pytest.raises(InputError, match="no known format fits"):
        wimhf.inspect(source)


def test_several_sources_are_examined_as_one(tmp_path: Path) -> None:
    rows = rows_of()
    parts = [
        write_rows(tmp_path / "a.jsonl", rows[:40]), write_rows(tmp_path / "b.jsonl", rows[39:]),
    ]  # fmt: skip
    for sources in (parts, tmp_path, str(tmp_path / "*.jsonl")):
        found = wimhf.inspect(sources)
        assert len(found.source.parts) == 2
        assert finding(found, "duplicates")["rows"] == [40]


def test_pairs_that_list_the_chosen_one_apart_have_no_order(tmp_path: Path) -> None:
    rows = [
        {"prompt": p.prompt, "chosen": p.response_a, "rejected": p.response_b}
        for p in clean_pairs(60)
    ]
    turned = {"prompt": rows[7]["prompt"], "chosen": rows[7]["rejected"],
              "rejected": rows[7]["chosen"]}  # fmt: skip
    found = wimhf.inspect(write_rows(tmp_path / "rows.jsonl", [*rows, turned]))
    for id in ("position", "swapped", "balance"):
        assert (finding(found, id)["severity"], finding(found, id)["count"]) == ("ok", None)
    assert finding(found, "contradictions")["rows"] == [7, 60]


# -- what minilm reads ----------------------------------------------------------------------------


def cut_rows(words: str, lengths: range) -> list[dict[str, Any]]:
    """Return pairs whose responses differ after so many one-piece words."""
    return [
        {"prompt": f"question {n}", "response_a": f"{words * n}yes", "response_b": f"{words * n}no"}
        for n in lengths
    ]


@needs_minilm
@pytest.mark.parametrize("words", ["the ", "水", "The\n"])
def test_responses_equal_in_what_minilm_reads_are_found(tmp_path: Path, words: str) -> None:
    """Of its 256 tokens two are its own, so that 254 of the text count."""
    rows = cut_rows(words, range(245, 265))
    found = wimhf.inspect(write_rows(tmp_path / "rows.jsonl", rows))
    item = finding(found, "identical_after_cut")
    lengths = [int(found.pairs["prompt"][row].split()[1]) for row in item["rows"]]
    assert lengths == list(range(254, 265))
    assert (item["count"], item["share"], item["severity"]) == (11, 0.55, "serious")
    assert "look the same to minilm, which reads 256 tokens" in item["said"]


@needs_minilm
def test_equal_to_minilm_is_equal_to_its_own_truncation(tmp_path: Path) -> None:
    folder = Path(minilm_location())
    limit = json.loads((folder / "sentence_bert_config.json").read_text())["max_seq_length"]
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(limit)
    stem = "Unbelievably, antidisestablishmentarianism isn't 3.14159! 🦩 שלום "
    rows = [
        {"prompt": f"question {n}", "response_a": (stem * 20)[:n] + " end",
         "response_b": (stem * 20)[:n] + "ing 42"}
        for n in range(300, 1200, 7)
    ]  # fmt: skip
    found = wimhf.inspect(write_rows(tmp_path / "rows.jsonl", rows))
    expected = [
        number
        for number, row in enumerate(rows)
        if tokenizer.encode(row["response_a"]).ids == tokenizer.encode(row["response_b"]).ids
    ]
    assert 0 < len(expected) < len(rows)
    assert finding(found, "identical_after_cut")["rows"] == expected


# -- the command ----------------------------------------------------------------------------------


def test_the_command_prints_everything_as_json(flawed: Path) -> None:
    done = wimhf_command("inspect", flawed, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout, parse_constant=pytest.fail) == wimhf.inspect(flawed).to_dict()
    assert SECRET not in done.stdout


def test_the_command_shows_what_is_wrong_and_all_if_asked(flawed: Path) -> None:
    items = wimhf.inspect(flawed).health.items
    shown, everything = (wimhf_command("inspect", flawed, *more) for more in ([], ["--all"]))
    assert shown.returncode == everything.returncode == 0
    assert shown.stdout.startswith("60 pairs from 61 rows (format native, jsonl)\n")
    fine = [item for item in items if item.severity == "ok"]
    assert f"{len(fine)} checks found nothing" in shown.stdout
    assert "checks found nothing" not in everything.stdout
    for item in items:
        line = f"{item.title}: {item.said}\n"
        assert (line in shown.stdout) == (item.severity != "ok")
        assert line in everything.stdout
        assert item.advice in everything.stdout
    assert SECRET not in shown.stdout + everything.stdout


def test_texts_are_shown_as_they_are_and_not_as_markup(tmp_path: Path) -> None:
    rows = [{**row, "prompt": "[bold red]x[/] [/nothing] 🦩 שלום"} for row in rows_of(4)]
    done = wimhf_command("inspect", write_rows(tmp_path / "rows.jsonl", rows))
    assert done.returncode == 0, done.stderr
    assert "[bold red]" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nothing.jsonl"], "does not exist; check the path"),
        (["rows.csv"], "no known format fits the columns"),
        (["rows.csv", "--format", "nonsense"], "known: native"),
        (["rows.csv", "--map", "nonsense"], "write name=column"),
        (["rows.csv", "--limit", "0"], "at least 1 row"),
        (["*.nothing"], "matches no file"),
    ],
    ids=["missing", "unknown", "format", "map", "limit", "glob"],
)
def test_what_cannot_be_read_ends_with_one_line(
    tmp_path: Path, arguments: list[str], words: str
) -> None:
    (tmp_path / "rows.csv").write_text("question,left,right\nq,x,y\n")
    first, *more = arguments
    assert words in last_line(wimhf_command("inspect", tmp_path / first, *more))


def test_inspecting_loads_no_torch(flawed: Path) -> None:
    code = (
        "import sys, wimhf\n"
        f"found = wimhf.inspect({str(flawed)!r})\n"
        "assert found.to_dict()['pairs'] == 60\n"
        "print([m for m in ('torch', 'transformers', 'sentence_transformers') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "[]\n", done.stderr


# -- real data ------------------------------------------------------------------------------------


@needs_hh
def test_the_published_harmless_comparisons() -> None:
    found = wimhf.inspect(HH)
    told = found.to_dict()
    assert (told["format"], told["rows"], told["pairs"]) == ("hh", 2312, 2303)
    assert told["rejects"] == {
        "conversations part before the last response": 5, "empty response": 4,
    }  # fmt: skip
    left_out = finding(found, "left_out")
    assert (left_out["count"], left_out["severity"]) == (9, "note")
    assert finding(found, "length")["figures"]["auc"]["high"] < 0.5
    refusals = finding(found, "refusals")
    assert 60 <= refusals["count"] <= 150
    assert refusals["figures"]["refusing_wins"] > 0.7
    assert "serious" not in {item.severity for item in found.health.items}
    texts = "".join(found.pairs["response_a"].to_list())
    said = json.dumps(told, ensure_ascii=False)
    assert "@" in texts
    assert "@" not in said
