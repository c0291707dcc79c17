"""Margins of a model: out of fold, signed by the label, the same whatever the order of sides."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import wimhf
from tests.conftest import ToyEncoder, toy_config, toy_rows, write_rows
from tests.toy_runs import _toy_analysed, toy_run  # noqa: F401
from tests.ui.test_curate_command import wimhf as command
from wimhf.curate import Curation, open_curation, with_margins
from wimhf.data import TARGETS, Target
from wimhf.errors import EstimationError, ExportError
from wimhf.run.run import Run
from wimhf.stats import Controls, Labels, Measured, out_of_fold_leads
from wimhf.ui.app.export_rows import foreseen


@pytest.fixture
def c(toy_run: Run) -> Curation:  # noqa: F811
    return open_curation(toy_run, "kim")


def margins(c: Curation, place: Path, way: str = "shaped") -> dict[tuple[str, str], float]:
    """Return the margin of every pair by chosen and rejected."""
    c.export("trl", place, margin=way)
    rows = [json.loads(line) for line in place.read_text().splitlines()]
    return {(row["chosen"], row["rejected"]): row["margin"] for row in rows}


# -- the model ------------------------------------------------------------------------------------


def drawn(n: int = 600) -> tuple[Measured, Labels]:
    rng = np.random.default_rng(2)
    codes = rng.standard_normal((n, 4)).astype(np.float32)
    chance = 1 / (1 + np.exp(-1.5 * codes[:, 0] + codes[:, 1]))
    label = (rng.random(n) < chance).astype(float)
    label[:20], label[20:40] = np.nan, 0.5
    weight = rng.uniform(0.5, 2.0, n)
    weight[40:60] = 0.0
    controls = Controls(["c"], rng.standard_normal((n, 1)))
    nothing = codes[:, :0]
    measured = Measured(codes, nothing, np.zeros(n), controls, {}, rng.integers(0, n // 2, n))
    return measured, Labels(label, weight)


def test_exchanging_sides_negates_every_lead() -> None:
    measured, labels = drawn()
    flip = np.random.default_rng(4).choice([-1.0, 1.0], len(labels.label))
    turned = Measured(
        (flip[:, None] * measured.codes).astype(np.float32), measured.differences, measured.length,
        Controls(["c"], flip[:, None] * measured.controls.columns), {}, measured.component,
    )  # fmt: skip
    other = Labels(np.where(flip > 0, labels.label, 1 - labels.label), labels.weight)
    one = out_of_fold_leads(measured, labels, np.random.default_rng(0))
    two = out_of_fold_leads(turned, other, np.random.default_rng(0))
    np.testing.assert_allclose(flip * two, one, atol=1e-6)
    assert (np.isfinite(one) == labels.used).all()


def test_a_pairs_own_prompt_has_no_say_in_its_lead() -> None:
    """Turning the labels of one component leaves the leads of its own fold as they are."""
    measured, labels = drawn()
    before = out_of_fold_leads(measured, labels, np.random.default_rng(0))
    own = measured.component == measured.component[100]
    label = np.where(own, 1 - labels.label, labels.label)
    after = out_of_fold_leads(measured, Labels(label, labels.weight), np.random.default_rng(0))
    np.testing.assert_allclose(after[own], before[own], atol=1e-9)
    assert np.nanmax(np.abs(after - before)) > 1e-6


def test_leads_agree_with_planted_ones_and_labels_by_chance_have_none() -> None:
    measured, labels = drawn(3000)
    truth = 1.5 * measured.codes[:, 0] - measured.codes[:, 1]
    lead = out_of_fold_leads(measured, labels, np.random.default_rng(0))
    used = labels.used
    assert np.corrcoef(lead[used], truth[used])[0, 1] > 0.98
    assert np.polyfit(lead[used], truth[used], 1)[0] == pytest.approx(1.0, abs=0.15)
    coins = Labels(np.random.default_rng(1).integers(0, 2, 3000).astype(float), labels.weight)
    assert np.nanstd(out_of_fold_leads(measured, coins, np.random.default_rng(0))) < 0.15


def test_too_few_prompts_are_refused() -> None:
    measured, labels = drawn()
    few = Measured(
        measured.codes, measured.differences, measured.length, measured.controls, {},
        measured.component % 3,
    )  # fmt: skip
    with pytest.raises(EstimationError, match="fewer than 5 independent prompts"):
        out_of_fold_leads(few, labels, np.random.default_rng(0))
    nobody = Labels(np.full(600, np.nan), labels.weight)
    with pytest.raises(EstimationError, match="fewer than 5"):
        out_of_fold_leads(measured, nobody, np.random.default_rng(0))


# -- the export -----------------------------------------------------------------------------------


def test_swapping_all_pairs_leaves_every_margin(c: Curation, tmp_path: Path) -> None:
    rows = [row | {"topic": f"t{n % 3}", "rated": n % 5} for n, row in enumerate(toy_rows())]
    turned = [
        row | {"response_a": row["response_b"], "response_b": row["response_a"],
               "label": 1 - row["label"]}
        for row in rows
    ]  # fmt: skip
    source = write_rows(tmp_path / "turned.jsonl", turned)
    run = wimhf.analyze(source, tmp_path / "run", config=toy_config(), encoder=ToyEncoder())
    one = margins(c, tmp_path / "one.jsonl")
    two = margins(open_curation(run), tmp_path / "two.jsonl")
    assert one.keys() == two.keys()
    for key, margin in one.items():
        assert two[key] == pytest.approx(margin, abs=1e-4)


def test_the_scale_multiplies_and_is_on_the_card(c: Curation, tmp_path: Path) -> None:
    one, half = margins(c, tmp_path / "a.jsonl"), margins(c, tmp_path / "b.jsonl", "shaped:0.5")
    assert {key: 0.5 * value for key, value in one.items()} == pytest.approx(half)
    card = (tmp_path / "b.jsonl.card.md").read_text()
    assert "margin = 0.5 x (s(chosen) - s(rejected))" in card
    assert "out of fold" in card
    agree = sum(value > 0 for value in one.values())
    assert f"in {agree} of {len(one)} decided pairs" in card
    assert "RewardTrainer reads margin" in card
    assert "DPOTrainer does not read it" in card


def test_a_margin_is_above_0_where_the_model_agrees_and_follows_the_edits(
    c: Curation, tmp_path: Path
) -> None:
    before = margins(c, tmp_path / "a.jsonl")
    assert 0.6 < np.mean([value > 0 for value in before.values()]) < 1
    pair = c.pairs.filter(pl.col("label") == 1.0).row(0, named=True)
    key = (pair["response_a"], pair["response_b"])
    c.edit(pair["pair_id"], "flip")
    after = margins(c, tmp_path / "b.jsonl")
    assert key not in after
    assert np.sign(after[key[::-1]]) == -np.sign(before[key])
    whole = with_margins(c.state, c.pairs, "source")
    assert whole.pairs.equals(c.pairs)
    assert whole.notes == ()


def test_the_same_run_has_the_same_margins_and_no_edit(c: Curation, tmp_path: Path) -> None:
    one, two = margins(c, tmp_path / "a.jsonl"), margins(c, tmp_path / "b.jsonl")
    assert one == two
    assert c.run.log.edits() == ()


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_a_format_writes_it_or_says_that_it_holds_none(
    c: Curation, tmp_path: Path, target: Target
) -> None:
    place = tmp_path / ("o.json" if "json" in target.containers else "o.jsonl")
    if target.margins:
        done = c.export(target.name, place, margin="shaped", weights="duplicate")
        assert any("margin = 1 x" in warning for warning in done.warnings)
        assert "margin" in pl.read_json(place).columns
        said = foreseen(c, target.name, ties="leave out", drop_weights=False, margin="shaped")
        assert "margin" in said.first[0]
        assert any("margin = 1 x" in warning for warning in said.warnings)
    else:
        with pytest.raises(ExportError, match="holds no margin; trl, trl-conversational"):
            c.export(target.name, place, margin="shaped")
        assert not place.exists()


@pytest.mark.parametrize("way", ["", "shape", "shaped:0", "shaped:-1", "shaped:x",
                                 "shaped:inf", "shaped:nan", "source:1"])  # fmt: skip
def test_what_is_no_margin_is_one_line(c: Curation, tmp_path: Path, way: str) -> None:
    with pytest.raises(ExportError, match="use source, shaped or shaped:LAMBDA"):
        c.export("trl", tmp_path / "o.jsonl", margin=way)


def test_the_command_writes_them(c: Curation, tmp_path: Path) -> None:
    place = tmp_path / "o.jsonl"
    command("export", c.run.path, "--to", "trl", "--margin", "shaped:2", "-o", place, "-q")
    rows = [json.loads(line) for line in place.read_text().splitlines()]
    assert {row["margin"] > 0 for row in rows} == {True, False}
