"""What changes nothing in what is read: order, keys, containers, the dress of missing cells."""

from __future__ import annotations

import io
import json
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests import answer_rows, choice_rows
from tests.family_rows import NATIVE, ROWS, TRL, as_csv
from wimhf.base.config import ReadConfig
from wimhf.data.formats import FORMATS, Source, read_pairs
from wimhf.data.formats.columns import Sample
from wimhf.data.formats.detect import fitting

Row = dict[str, Any]
SOURCES: dict[str, tuple[str, list[Row]]] = {
    name: (family, [row]) for name, (family, row) in ROWS.items()
} | choice_rows.SOURCES | answer_rows.SOURCES  # fmt: skip
NEW: dict[str, tuple[str, list[Row]]] = answer_rows.SOURCES | {
    "native": ("native", [NATIVE]), "trl": ("trl", [TRL]),
}  # fmt: skip


def many(rows: Sequence[Row]) -> list[Row]:
    """Repeat a source with other questions and answers, and every id made new."""
    text = json.dumps(rows)
    copies = []
    for n in range(6):
        changed = (
            text.replace('"q"', f'"q {n}"')
            .replace('"p"', f'"p {n}"')
            .replace('"How?"', f'"How {n}?"')
        )
        changed = changed.replace("Human: q", f"Human: q {n}").replace('"t"', f'"t{n}"')
        changed = changed.replace('"m"', f'"m{n}"').replace('"a"', f'"a{n}"')
        copies += json.loads(changed)
    return copies


def read(folder: Path, rows: Sequence[Row], ending: str = "jsonl", **settings: Any) -> Source:
    path = folder / f"x.{ending}"
    if ending == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    elif ending == "json":
        path.write_text(json.dumps(rows))
    elif ending == "parquet":
        stream = io.BytesIO()
        pl.DataFrame(rows, strict=False, infer_schema_length=None).write_parquet(stream)
        path.write_bytes(stream.getvalue())
    else:
        pl.DataFrame([as_csv(row) for row in rows]).write_csv(path)
    return read_pairs(ReadConfig(source=str(path), **settings))


def said(source: Source) -> Counter[tuple[Any, ...]]:
    """Return what is said of all pairs, whatever side and row they are on."""
    columns = [name for name in ("annotator", "strength", "subset") if name in source.pairs.columns]
    found: Counter[tuple[Any, ...]] = Counter()
    for pair in source.pairs.iter_rows(named=True):
        label = pair["label"]
        first, second = pair["response_a"], pair["response_b"]
        if first > second:
            first, second, label = second, first, None if label is None else 1 - label
        about = tuple(pair[name] for name in columns)
        found[pair["prompt"], first, second, label, round(pair["weight"], 9), about] += 1
    return found


@pytest.mark.parametrize(("family", "rows"), SOURCES.values(), ids=SOURCES)
def test_every_source_is_of_one_family(family: str, rows: list[Row]) -> None:
    assert [one.name for one in fitting(Sample.of(rows * 3))] == [family]
    assert [one.name for one in fitting(Sample.of([as_csv(row) for row in rows * 3]))] == [family]


@pytest.mark.parametrize("name", NEW)
def test_the_order_of_rows_and_keys_changes_nothing(name: str, tmp_path: Path) -> None:
    rows = many(NEW[name][1])
    before = read(tmp_path, rows)
    shuffled = random.Random(0).sample(rows, len(rows))
    turned = [dict(reversed(row.items())) for row in rows]
    assert said(read(tmp_path, shuffled)) == said(before)
    assert said(read(tmp_path, turned)) == said(before)
    assert len(before.pairs) >= 6


@pytest.mark.parametrize("name", NEW)
@pytest.mark.parametrize("ending", ["json", "csv", "parquet"])
def test_the_container_changes_nothing(name: str, ending: str, tmp_path: Path) -> None:
    rows = many(NEW[name][1])
    assert said(read(tmp_path, rows, ending)) == said(read(tmp_path, rows))


@pytest.mark.parametrize("name", NEW)
def test_no_row_is_lost_and_a_prompt_counts_once(name: str, tmp_path: Path) -> None:
    rows = many(NEW[name][1])
    source = read(tmp_path, rows)
    assert source.n_read == len(rows)
    told = set(source.pairs["source_row"]) | set(source.rejects["source_row"])
    assert told == set(range(source.n_rows))
    by_prompt = source.pairs.group_by("prompt").agg(pl.col("weight").sum())
    assert by_prompt["weight"].to_list() == pytest.approx([1.0] * len(by_prompt))


@pytest.mark.parametrize("which", ["all", "adjacent", "best"])
def test_which_answers_are_compared_is_asked(which: str, tmp_path: Path) -> None:
    rows = many([answer_rows.NECTAR])
    source = read(tmp_path, rows, pairs=which)
    assert len(source.pairs) == {"all": 18, "adjacent": 12, "best": 12}[which]
    assert source.pairs["weight"].sum() == pytest.approx(6)
    turned = [row | {"answers": row["answers"][::-1]} for row in rows]
    assert said(read(tmp_path, turned, pairs=which)) == said(source)


MISSING = [None, float("nan"), "NaN", "nan", "None", "NA", "", "null", "<NA>"]


@pytest.mark.parametrize("missing", MISSING, ids=str)
def test_the_dress_of_missing_cells_changes_nothing(missing: object, tmp_path: Path) -> None:
    optional = ("label", "weight", "annotator", "subset", "strength", "model_a")
    rows = [NATIVE | {"prompt": f"p{n}"} | dict.fromkeys(optional, missing) for n in range(4)]
    bare = [{k: v for k, v in row.items() if k not in optional} for row in rows]
    other = NATIVE | {"prompt": "p", "weight": 2.0, "annotator": "x", "subset": "s"}
    assert said(read(tmp_path, [*rows, other])) == said(
        read(tmp_path, [*(row | {"weight": None, "annotator": None, "subset": None}
                          for row in bare), other])
    )  # fmt: skip
    scored = [TRL | {"score_chosen": missing, "score_rejected": missing, "margin": missing}] * 3
    assert said(read(tmp_path, scored)) == said(read(tmp_path, [TRL] * 3))


@pytest.mark.parametrize("labels", [(1, 0), (1, 2), (1, -1), ("A>B", "B>A"), ("left", "right")])
def test_exchanging_the_responses_and_the_label_is_the_same_pair(
    labels: tuple[object, object], tmp_path: Path
) -> None:
    rows = [NATIVE | {"prompt": f"p{n}", "label": labels[n % 2]} for n in range(6)]
    other = [
        row | {"response_a": row["response_b"], "response_b": row["response_a"],
               "label": labels[1 - n % 2]}
        for n, row in enumerate(rows)
    ]  # fmt: skip
    assert said(read(tmp_path, other)) == said(read(tmp_path, rows))
    turned = [row | {"label": labels[1 - n % 2]} for n, row in enumerate(rows)]
    mirrored = Counter({
        (*key[:3], 1 - key[3], *key[4:]): n for key, n in said(read(tmp_path, rows)).items()
    })  # fmt: skip
    assert said(read(tmp_path, turned)) == mirrored


def test_labels_mean_the_same_wherever_the_first_of_a_code_stands(tmp_path: Path) -> None:
    rows = [NATIVE | {"prompt": f"p{n}", "label": 1 if n < 250 else 2} for n in range(500)]
    source = read(tmp_path, rows)
    assert Counter(source.pairs["label"]) == {1.0: 250, 0.0: 250}
    assert said(read(tmp_path, rows[::-1])) == said(source)


def test_every_family_is_told_by_its_sources() -> None:
    assert {family for family, _ in SOURCES.values()} == {family.name for family in FORMATS}
