"""The kinds of files that people have, each in several dresses, and what they say."""

from __future__ import annotations

import csv
import io
import json
import shlex
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from wimhf.base import nested_settings, setting
from wimhf.base.config import Config, ReadConfig
from wimhf.data.formats import Source, read_pairs
from wimhf.errors import InputError
from wimhf.pipeline import inspect

Row = dict[str, Any]
N = 24
ASKED = [f"What about item {n}?" for n in range(N)]
GOOD = [f"Do item {n} slowly, check it's right, and note what worked." for n in range(N)]
BAD = [f"Just search for {n}." for n in range(N)]
TRIPLES = list(zip(ASKED, GOOD, BAD, strict=True))


def turns(*contents: str) -> list[Row]:
    roles = ("user", "assistant")
    return [{"role": roles[n % 2], "content": text} for n, text in enumerate(contents)]


def answer(text: str) -> list[Row]:
    return [{"role": "assistant", "content": text}]


def lines(make: Callable[[int, str, str, str], Row]) -> bytes:
    rows = (json.dumps(make(n, *one)) + "\n" for n, one in enumerate(TRIPLES))
    return "".join(rows).encode()


def listed(make: Callable[[int, str, str, str], Row]) -> list[Row]:
    return [make(n, *one) for n, one in enumerate(TRIPLES)]


def cells(make: Callable[[int, str, str, str], Row], mark: str = ",") -> str:
    text = io.StringIO(newline="")
    rows = listed(make)
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), delimiter=mark)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def plain(n: int, q: str, g: str, b: str) -> Row:
    return {"prompt": q, "chosen": g, "rejected": b}


def native(n: int, q: str, g: str, b: str) -> Row:
    return {"prompt": q, "response_a": g, "response_b": b, "label": n % 2}


def labelled(*codes: object, a: str = "response_a", b: str = "response_b") -> bytes:
    return lines(lambda n, q, g, bad: {
        "question": q, a: g, b: bad, "model_a": "gpt-4", "model_b": "llama",
        "winner": codes[n % len(codes)],
    })  # fmt: skip


def read(folder: Path, name: str, data: bytes, **settings: Any) -> Source:
    path = folder / name
    path.write_bytes(data)
    return read_pairs(ReadConfig(source=str(path), **settings))


def sides(source: Source) -> tuple[int, int, int]:
    """Count who wins as the source lists them: first, second, tie."""
    found: Counter[float | None] = Counter(
        1 - label if swapped else label
        for label, swapped in zip(source.pairs["label"], source.pairs["swapped"], strict=True)
    )
    return found[1.0], found[0.0], found[0.5]


def half() -> tuple[int, int, int]:
    return N // 2, N // 2, 0


ALL = (N, 0, 0)
CHATML = "<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n"
LLAMA3 = (
    "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\n{}<|eot_id|>"
    "<|start_header_id|>assistant<|end_header_id|>\n\n"
)
GEMMA = "<bos><start_of_turn>user\n{}<end_of_turn>\n<start_of_turn>model\n"
ALPACA = "Below is an instruction that describes a task.\n\n### Instruction:\n{}\n\n### Response:\n"


def templated(template: str, end: str = "") -> bytes:
    return lines(lambda n, q, g, b: {
        "chosen": template.format(q) + g + end, "rejected": template.format(q) + b + end,
    })  # fmt: skip


def prompted(template: str) -> bytes:
    return lines(lambda n, q, g, b: plain(n, template.format(q), g, b))


def spelled(spell: Callable[[list[Row]], str]) -> bytes:
    return cells(
        lambda n, q, g, b: plain(n, q, spell(turns(q, g)), spell(turns(q, b)))
    ).encode()  # fmt: skip


def table(make: Callable[[int, str, str, str], Row]) -> bytes:
    out = io.BytesIO()
    pl.DataFrame(listed(make)).write_parquet(out)
    return out.getvalue()


def columns(text: list[str], role: str = "assistant") -> Row:
    return {"role": ["user", role], "content": text}


FILES: dict[str, tuple[str, bytes, tuple[int, int, int]]] = {
    # conversations in text cells
    "JSON text": ("x.csv", spelled(json.dumps), ALL),
    "Python's repr": ("x.csv", spelled(repr), ALL),
    "numpy's str": ("x.csv", spelled(lambda t: str(np.array(t, dtype=object))), ALL),
    "numpy's repr": ("x.csv", spelled(lambda t: repr(np.array(t, dtype=object))), ALL),
    "object of messages": ("x.csv", spelled(lambda t: json.dumps({"messages": t})), ALL),
    "list in a list": ("x.csv", spelled(lambda t: json.dumps([t])), ALL),
    "struct of lists": ("x.parquet", table(lambda n, q, g, b: {
        "chosen": columns([q, g]), "rejected": columns([q, b]),
    }), ALL),
    "text in both responses": ("x.jsonl", lines(lambda n, q, g, b: native(
        n, q, json.dumps(answer(g)), json.dumps(answer(b)))), half()),
    # templates
    "ChatML": ("x.jsonl", templated(CHATML, "<|im_end|>"), ALL),
    "ChatML prompt": ("x.jsonl", prompted(CHATML), ALL),
    "Llama 3": ("x.jsonl", templated(LLAMA3, "<|eot_id|>"), ALL),
    "Llama 3 prompt": ("x.jsonl", prompted(LLAMA3), ALL),
    "Mistral": ("x.jsonl", templated("<s>[INST] {} [/INST] ", "</s>"), ALL),
    "Gemma": ("x.jsonl", templated(GEMMA, "<end_of_turn>"), ALL),
    "Alpaca prompt": ("x.jsonl", prompted(ALPACA), ALL),
    "### Human": ("x.jsonl", templated("### Human: {}\n### Assistant: "), ALL),
    "User and Assistant": ("x.jsonl", prompted("User: {}\nAssistant:"), ALL),
    "Human prompt": ("x.jsonl", prompted("Human: {}\n\nAssistant:"), ALL),
    "templated prompt and turns": ("x.jsonl", lines(lambda n, q, g, b: plain(
        n, CHATML.format(q), turns(q, g), turns(q, b))), ALL),  # type: ignore[arg-type]
    # labels
    "1 and 2": ("x.jsonl", labelled(1, 2), half()),
    "1 and -1": ("x.jsonl", labelled(1, -1), half()),
    "1, 0 and -1": ("x.jsonl", labelled(1, 0, -1), (8, 8, 8)),
    "index of answer_0": ("x.jsonl", labelled(0, 1, a="answer_0", b="answer_1"), half()),
    "A>B": ("x.jsonl", labelled("A>B", "B>A", a="response_A", b="response_B"), half()),
    "A>>B": ("x.jsonl", labelled("A>>B", "B>>A", "A=B"), (8, 8, 8)),
    "model_a and ties": ("x.jsonl", labelled("model_a", "model_b", "both_bad", "tie"), (6, 6, 12)),
    "left and right": ("x.jsonl", labelled("left", "right"), half()),
    "names of columns": ("x.jsonl", labelled("output_1", "output_2", a="output_1", b="output_2"),
                         half()),
    "names of models": ("x.jsonl", labelled("gpt-4", "llama"), half()),
    "judges' marks": ("x.jsonl", labelled("[[A]]", "[[B]]", "[[C]]"), (8, 8, 8)),
    "words": ("x.jsonl", labelled("Response 1", "response 2 is better"), half()),
    "scores alone": ("x.jsonl", lines(lambda n, q, g, b: {
        "question": {"full_text": q}, "answer_0": g, "answer_1": b, "score_0": (1, 0, 0)[n % 3],
        "score_1": (0, 0, 1)[n % 3],
    }), (8, 8, 8)),
    # trainers
    "LLaMA-Factory history": ("x.json", json.dumps(listed(lambda n, q, g, b: {
        "instruction": q, "input": "", "history": [["hi", "hello"]], "chosen": g, "rejected": b,
    })).encode(), ALL),
    "OpenRLHF": ("x.jsonl", lines(lambda n, q, g, b: {
        "prompt": turns(q), "chosen": answer(g), "rejected": answer(b)}), ALL),
    "NeMo": ("x.jsonl", lines(lambda n, q, g, b: {
        "prompt": q, "chosen_response": g, "rejected_response": b, "chosen_reward": 3,
        "rejected_reward": 1}), ALL),
    "ms-swift list": ("x.jsonl", lines(lambda n, q, g, b: {
        "messages": turns(q, g), "rejected_response": [b]}), ALL),
    "preferred": ("x.jsonl", lines(lambda n, q, g, b: {
        "query": q, "preferred": g, "dispreferred": b}), ALL),
    "a responses list and its best": ("x.jsonl", lines(lambda n, q, g, b: {
        "prompt": q, "responses": [g, b], "chosen": n % 2}), half()),
    "counted from 1": ("x.jsonl", lines(lambda n, q, g, b: {
        "prompt": q, "completions": [g, b], "best": 1 + n % 2}), half()),
    "responses by model": ("x.jsonl", lines(lambda n, q, g, b: {
        "prompt": q, "responses": {"gpt": g, "llama": b}, "winner": ("gpt", "llama")[n % 2]}),
        half()),
    "objects of text": ("x.jsonl", lines(lambda n, q, g, b: {
        "prompt": q, "answer_a": {"text": g}, "answer_b": {"text": b}, "winner": "AB"[n % 2]}),
        half()),
    "one better, one worse in a list": ("x.jsonl", lines(lambda n, q, g, b: {
        "prompt": q, "chosen": g, "rejected": [b]}), ALL),
    "capitals": ("x.csv", cells(lambda n, q, g, b: {
        "Question": q, "Response A": g, "Response B": b, "Winner": "AB"[n % 2]}).encode(), half()),
    "chosen in capitals": ("x.csv", cells(lambda n, q, g, b: {
        "Prompt": q, "Chosen": g, "Rejected": b}).encode(), ALL),
    "a copy of the conversation": ("x.jsonl", lines(lambda n, q, g, b: {
        **plain(n, q, g, b), "messages": turns(q, g)}), ALL),
    "answers in ChatML": ("x.jsonl", lines(lambda n, q, g, b: plain(
        n, q, f"<|im_start|>assistant\n{g}<|im_end|>", f"<|im_start|>assistant\n{b}<|im_end|>")),
        ALL),
    # containers
    "semicolons": ("x.csv", cells(native, ";").encode(), half()),
    "tabs": ("x.csv", cells(native, "\t").encode(), half()),
    "bars": ("x.tsv", cells(native, "|").encode(), half()),
    "a spreadsheet's first line": ("x.csv", b"sep=;\n" + cells(native, ";").encode(), half()),
    "numpy's lists of texts": ("x.csv", cells(lambda n, q, g, b: {
        "prompt": q, "generations": str(np.array([g, b], dtype=object)),
        "ratings": str(np.array([5, 2]))}).encode(), ALL),
    "Windows-1252": ("x.csv", cells(lambda n, q, g, b: native(n, f"“{q}” café", g, b)).encode(
        "cp1252"), half()),
    "UTF-16": ("x.csv", cells(native).encode("utf-16"), half()),
    "UTF-16 without mark": ("x.jsonl", lines(plain).decode().encode("utf-16-le"), ALL),
    "pandas' index": ("x.json", json.dumps(
        {str(n): row for n, row in enumerate(listed(plain))}).encode(), ALL),
    "pandas' table": ("x.json", json.dumps(
        {"schema": {"fields": [{"name": "prompt"}]}, "data": listed(plain)}).encode(), ALL),
    "object of columns": ("x.json", json.dumps(
        {"prompt": ASKED, "chosen": GOOD, "rejected": BAD}).encode(), ALL),
    "dataset server": ("x.json", json.dumps({"features": [{"name": "prompt"}], "rows": [
        {"row_idx": n, "row": row, "truncated_cells": []} for n, row in enumerate(listed(plain))
    ]}).encode(), ALL),
    "splits": ("x.json", json.dumps(
        {"train": listed(plain)[:9], "test": listed(plain)[9:]}).encode(), ALL),
    "several lines each": ("x.jsonl", "\n".join(
        json.dumps(row, indent=2) for row in listed(plain)).encode(), ALL),
    "a list in .jsonl": ("x.jsonl", json.dumps(listed(plain), indent=1).encode(), ALL),
}  # fmt: skip


@pytest.mark.parametrize(("name", "data", "right"), FILES.values(), ids=FILES)
def test_every_dress_says_the_same(
    tmp_path: Path, name: str, data: bytes, right: tuple[int, int, int]
) -> None:
    source = read(tmp_path, name, data)
    assert sides(source) == right
    assert not len(source.rejects)
    assert all(any(asked in prompt for asked in ASKED) for prompt in source.pairs["prompt"])
    texts = {text for side in ("response_a", "response_b") for text in source.pairs[side]}
    assert texts == {*GOOD, *BAD}
    assert source.notes.unread == ()


PROMPTS = [name for name in FILES if any(
    word in name for word in ("ChatML", "Llama 3", "Mistral", "Gemma", "Human", "Alpaca", "templ")
)]  # fmt: skip


@pytest.mark.parametrize("name", PROMPTS)
def test_templates_leave_the_question_alone(tmp_path: Path, name: str) -> None:
    source = read(tmp_path, *FILES[name][:2])
    assert sorted(source.pairs["prompt"]) == sorted(ASKED)


# -- what is said where something is not understood -----------------------------------------------


def test_codes_that_nobody_knows_are_listed_and_mapped_as_advised(tmp_path: Path) -> None:
    data = labelled("good one", "poor=one")
    with pytest.raises(InputError) as caught:
        read(tmp_path, "x.jsonl", data)
    told = str(caught.value)
    assert "'good one' (12), 'poor=one' (12)" in told
    words = shlex.split(told[told.index("--label-map") :])
    meant = setting("label_map").read(words[1])
    assert meant == {"good one": "a", "poor=one": "b"}
    assert sides(read(tmp_path, "x.jsonl", data, label_map=meant)) == half()


def test_codes_are_listed_and_mapped_in_every_family(tmp_path: Path) -> None:
    data = lines(lambda n, q, g, b: {
        "conversation_a": turns(q, g), "conversation_b": turns(q, b),
        "winner": ("up", "down")[n % 2],
    })  # fmt: skip
    with pytest.raises(InputError, match=r"read as arena.*'down' \(12\).*--label-map"):
        read(tmp_path, "x.jsonl", data)
    assert sides(read(tmp_path, "x.jsonl", data, label_map={"up": "a", "down": "b"})) == half()


def test_numbers_that_may_be_meant_in_two_ways_are_not_guessed(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"'0' \(8\), '1' \(8\), '2' \(8\)"):
        read(tmp_path, "x.jsonl", labelled(0, 1, 2))
    with pytest.raises(InputError, match="--label-map"):
        read(tmp_path, "x.jsonl", labelled(0, 1, a="response_1", b="response_2"))
    meant = {"0": "tie", "1": "a", "2": "b"}
    assert sides(read(tmp_path, "x.jsonl", labelled(0, 1, 2), label_map=meant)) == (8, 8, 8)


def test_some_labels_that_are_not_understood_are_serious(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(labelled("A", "B", "skip"))
    item = {item.id: item for item in inspect(path).health.items}["labels_unknown"]
    assert (item.severity, item.figures["codes"]) == ("serious", {"skip": 8})
    assert "--label-map" in item.advice


def test_roles_that_nobody_knows_are_named_and_mapped_as_advised(tmp_path: Path) -> None:
    def row(n: int, q: str, g: str, b: str) -> Row:
        asked = {"role": "Kim", "content": q}
        return {"chosen": [asked, {"role": "Nova", "content": g}],
                "rejected": [asked, {"role": "Nova", "content": b}]}  # fmt: skip

    with pytest.raises(InputError) as caught:
        read(tmp_path, "x.jsonl", lines(row))
    told = str(caught.value)
    assert "'Nova' (24), 'Kim' (24)" in told
    meant = setting("roles").read(shlex.split(told[told.index("--roles") :])[1])
    assert meant == {"Kim": "user", "Nova": "assistant"}
    source = read(tmp_path, "x.jsonl", lines(row), roles=meant)
    assert sides(source) == ALL
    assert sorted(source.pairs["prompt"]) == sorted(ASKED)


def test_a_models_own_name_answers_and_it_is_said(tmp_path: Path) -> None:
    source = read(tmp_path, "x.jsonl", lines(lambda n, q, g, b: {
        "chosen": [*turns(q), {"role": "Nova 2", "content": g}],
        "rejected": [*turns(q), {"role": "Nova 2", "content": b}],
    }))  # fmt: skip
    assert sides(source) == ALL
    assert source.notes.remarks == {"role taken for the assistant's": {"Nova 2": N}}


@pytest.mark.parametrize(
    "names",
    [
        ("ask", "left", "right", "won"),
        ("q_text", "bot_one", "bot_two", "who"),
        ("x", "y", "z", "w"),
    ],
)
def test_the_command_that_is_advised_reads_the_file(
    tmp_path: Path, names: tuple[str, str, str, str]
) -> None:
    data = cells(lambda n, q, g, b: dict(zip(names, (q, g, b, ("1", "2")[n % 2]), strict=True)))
    with pytest.raises(InputError) as caught:
        read(tmp_path, "x.csv", data.encode())
    words = shlex.split(str(caught.value).split("Read it with ")[1])
    assert words[:2] == ["wimhf", "inspect"]
    config = Config.from_dict(nested_settings({"columns": setting("columns").read(words[4])}))
    source = read(tmp_path, "x.csv", data.encode(), columns=config.read.columns)
    assert len(source.pairs) == N
    assert source.pairs["label"].null_count() == 0
    screen = "\n".join(caught.value.screen)
    assert all(name in screen for name in names)
    assert " ".join(words) in screen.replace("'", "")


def test_the_command_says_what_names_of_models_mean(tmp_path: Path) -> None:
    data = lines(lambda n, q, g, b: {
        "prompt": q, "gpt4_response": g, "claude_response": b, "winner": ("gpt4", "claude")[n % 2],
    })  # fmt: skip
    with pytest.raises(InputError) as caught:
        read(tmp_path, "x.jsonl", data)
    words = shlex.split(str(caught.value).split("Read it with ")[1])
    given = {"columns": words[4], "label_map": words[6]}
    read_as = {name: setting(name).read(word) for name, word in given.items()}
    source = read(tmp_path, "x.jsonl", data, **read_as)
    won = [
        pair["response_a"] if pair["label"] == 1 else pair["response_b"]
        for pair in source.pairs.iter_rows(named=True)
    ]
    assert won == [g if n % 2 == 0 else b for n, (_, g, b) in enumerate(TRIPLES)]


def test_lists_that_begin_alike_are_no_lists_of_answers(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="share texts"):
        read(tmp_path, "x.jsonl", lines(lambda n, q, g, b: {
            "chosen": [q, g], "rejected": [q, b]}))  # fmt: skip


def test_one_answer_a_row_is_said(tmp_path: Path) -> None:
    for row in (
        {"instruction": "q", "output": "x"},
        {"data_source": "gsm", "prompt": turns("q"), "reward_model": {"style": "rule"}},
    ):
        with pytest.raises(InputError, match=r"no known format") as caught:
            read(tmp_path, "x.jsonl", json.dumps(row).encode())
        assert "\n" not in str(caught.value)


def test_kto_offers_the_pairs_that_it_has(tmp_path: Path) -> None:
    rows = [
        {"prompt": q, "completion": text, "label": won}
        for q, g, b in TRIPLES for text, won in ((g, True), (b, False))
    ]  # fmt: skip
    data = "".join(json.dumps(row) + "\n" for row in rows).encode()
    with pytest.raises(InputError, match=r"--format one-a-row reads them as 24 pairs"):
        read(tmp_path, "x.jsonl", data)
    assert sides(read(tmp_path, "x.jsonl", data, format="one-a-row")) == ALL


# -- what belongs to the prompt, and what is not read ---------------------------------------------


def test_system_and_history_are_part_of_the_prompt(tmp_path: Path) -> None:
    source = read(tmp_path, "x.jsonl", lines(lambda n, q, g, b: {
        "system": "Be kind.", "history": [["hi", "hello"]], **plain(n, q, g, b), "tools": "[]",
        "id": n,
    }))  # fmt: skip
    assert source.pairs["prompt"][0].startswith("System: Be kind.\n\nUser: hi\n\nAssistant: hello")
    assert list(source.notes.unread) == ["id"]


def test_a_system_column_is_part_of_every_familys_prompt(tmp_path: Path) -> None:
    def battle(n: int, q: str, g: str, b: str) -> Row:
        return {"system": "Be kind.", "conversation_a": turns(q, g), "conversation_b": turns(q, b),
                "winner": "model_a"}  # fmt: skip

    source = read(tmp_path, "x.jsonl", lines(battle))
    assert source.format == "arena"
    assert source.pairs["prompt"][0] == f"System: Be kind.\n\nUser: {ASKED[0]}"
    assert source.notes.unread == ()


def test_texts_that_look_like_messages_and_are_not_decoded_are_serious(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    broken = "[{{'role': 'user', 'content': {}}}, ...]"
    path.write_bytes(lines(lambda n, q, g, b: plain(n, q, broken.format(g), broken.format(b))))
    items = {item.id: item for item in inspect(path).health.items}
    assert (items["encoded"].severity, items["encoded"].count) == ("serious", N)


def test_a_prompt_that_was_guessed_is_said_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(lines(lambda n, q, g, b: {
        "chosen": f"{q}\nAnswer: {g}", "rejected": f"{q}\nAnswer: {b}"}))  # fmt: skip
    inspection = inspect(path)
    assert sorted(inspection.pairs["prompt"]) == sorted(ASKED)
    item = {item.id: item for item in inspection.health.items}["prompt_guessed"]
    assert (item.severity, item.count) == ("warning", N)


def test_an_answer_that_is_a_tool_call_is_a_reject(tmp_path: Path) -> None:
    call = {"role": "assistant", "content": None, "tool_calls": [{"function": {"name": "f"}}]}
    source = read(tmp_path, "x.jsonl", lines(lambda n, q, g, b: {
        "prompt": turns(q), "chosen": [call] if n % 2 else answer(g), "rejected": answer(b),
    }))  # fmt: skip
    assert source.reject_counts == {"answer is a tool call without text": N // 2}
    assert len(source.pairs) == N // 2


def test_ratings_and_models_are_read_whatever_they_are_called(tmp_path: Path) -> None:
    names = [("chosen_rating", "rejected_rating"), ("rating_chosen", "rating_rejected"),
             ("chosen-score", "rejected-score"), ("rewardChosen", "rewardRejected")]  # fmt: skip
    for high, low in names:
        source = read(tmp_path, "x.jsonl", lines(lambda n, q, g, b, high=high, low=low: {  # type: ignore[misc]
            **plain(n, q, g, b), high: 4, low: (2, 4, 5)[n % 3],
            "chosen_model": "m", "rejected_model": "l",
        }))  # fmt: skip
        assert sides(source) == (16, 0, 8)
        assert Counter(source.pairs["strength"]) == {2.0: 8, 0.0: 8, -1.0: 8}
        assert {*source.pairs["model_a"], *source.pairs["model_b"]} == {"m", "l"}


def test_a_workbook_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wimhf.data.containers.read.find_spec", lambda name: None)
    with pytest.raises(InputError, match="pip install fastexcel"):
        read(tmp_path, "x.xlsx", b"PK\x03\x04")


def test_a_folder_of_splits_is_read_without_its_caches(tmp_path: Path) -> None:
    for split in ("train", "test"):
        folder = tmp_path / split
        folder.mkdir()
        for name in ("data-00000-of-00001.arrow", "cache-1.arrow"):
            pl.DataFrame(listed(plain)).write_ipc_stream(folder / name)
        (folder / "state.json").write_text("{}")
    (tmp_path / "dataset_dict.json").write_text('{"splits": ["train", "test"]}')
    source = read_pairs(ReadConfig(source=str(tmp_path)))
    assert len(source.pairs) == 2 * N
    assert set(source.pairs["source"]) == {
        "train/data-00000-of-00001.arrow", "test/data-00000-of-00001.arrow"
    }  # fmt: skip


def test_how_a_file_was_read_is_said(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(cells(native, ";").encode("cp1252"))
    item = {item.id: item for item in inspect(path).health.items}["reading"]
    assert item.said == "cells of x.csv are separated by semicolons"


def test_a_cut_off_cell_of_a_dataset_server_is_a_reject(tmp_path: Path) -> None:
    rows = [
        {"row_idx": n, "row": row, "truncated_cells": ["chosen"] if n == 0 else []}
        for n, row in enumerate(listed(plain))
    ]
    source = read(tmp_path, "x.json", json.dumps({"rows": rows}).encode())
    assert (len(source.pairs), source.reject_counts) == (N - 1, {"cells were cut off": 1})


@pytest.mark.parametrize("columns", [("model_1", "model_2"), ("model_a", "model_b")])
def test_a_winner_may_be_named_by_its_model_whose_side_changes(
    tmp_path: Path, columns: tuple[str, str]
) -> None:
    def row(n: int, q: str, g: str, b: str) -> Row:
        names = ("gpt", "claude") if n % 2 else ("claude", "gpt")
        texts = dict(zip(("output_1", "output_2"), (g, b), strict=True))
        return {"prompt": q, **texts, **dict(zip(columns, names, strict=True)), "winner": "gpt"}

    labels = read(tmp_path, "x.jsonl", lines(row)).pairs["label"].to_list()
    assert labels == [float(n % 2) for n in range(N)]
