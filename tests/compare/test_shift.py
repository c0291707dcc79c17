"""Before and after training: planted shifts, laws, and what cannot be told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from tests.app_run import make_run
from tests.comparable import EXCLAIMS, QUESTIONS
from tests.conftest import FILLER
from wimhf.compare import Shift, training_shift
from wimhf.errors import ConfigError
from wimhf.stats import observed_shifts, predicted_share, shift_contrasts
from wimhf.ui.cli.main import app
from wimhf.ui.words.shift import kind_sentences


def responses(count: int = 200, *, kinds: bool = False) -> list[dict[str, Any]]:
    """Draw responses of two models: the new one asks more, and exclaims as often.

    Of every second prompt a translation is wanted, if ``kinds``; there it exclaims more, too.
    """
    rng = np.random.default_rng(0)
    rows = []
    for number in range(count):
        texts = []
        translation = kinds and number // 2 % 2 == 0
        for asking in (0.2, 0.8):
            asks = rng.random() < asking
            exclaims = rng.random() < (asking if translation else 0.5)
            end = " indeed!" if exclaims else " indeed."
            words = " ".join(rng.choice(FILLER, size=12))
            texts.append(words + (" is that so?" if asks else " that is so.") + end)
        turn = number % 2
        names = ("old", "new")
        rows.append({
            "prompt": f"Translate {number} into French." if translation else f"ask {number}",
            "response_a": texts[turn], "response_b": texts[1 - turn],
            "model_a": names[turn], "model_b": names[1 - turn],
        })  # fmt: skip
    return rows


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_run(tmp_path_factory.mktemp("moved") / "runs", "moved", responses())


def row(shift: Shift, concept: str) -> dict[str, Any]:
    (found,) = [one for one in shift.concepts.to_dicts() if one["id"] == concept]
    return dict(found)


def test_a_planted_shift_is_found_as_predicted_and_against(
    likes: Path, dislikes: Path, moved: Path
) -> None:
    wanted = training_shift(likes, moved, "new")
    asks = row(wanted, QUESTIONS)
    assert asks["low"] < 60 < asks["high"]
    assert asks["predicted"] > 0
    assert not asks["against"]
    assert row(wanted, EXCLAIMS)["low"] < 0 < row(wanted, EXCLAIMS)["high"]
    assert wanted.pairs == 200
    assert row(training_shift(dislikes, moved, "new"), QUESTIONS)["against"]


def test_the_old_model_moved_the_other_way(likes: Path, moved: Path) -> None:
    there, back = (training_shift(likes, moved, name) for name in ("new", "old"))
    assert np.allclose(there.concepts["observed"], -back.concepts["observed"])


def test_which_is_the_new_model_must_be_told(likes: Path, moved: Path) -> None:
    with pytest.raises(ConfigError, match="it has new, old"):
        training_shift(likes, moved, "newest")
    with pytest.raises(ConfigError, match="names no models"):
        training_shift(likes, likes, "new")


def test_the_command_says_it(likes: Path, moved: Path) -> None:
    words = ["compare", str(likes), str(moved), "--shift", "--after", "new", "-q"]
    done = CliRunner().invoke(app, words, catch_exceptions=False)
    assert done.exit_code == 0
    assert "what the labels reward explains" in done.output
    assert "Against what is predicted: nothing" in done.output


def test_a_shift_on_one_kind_of_prompt_is_found_there_alone(likes: Path, tmp_path: Path) -> None:
    moved = make_run(tmp_path / "runs", "kinds", responses(400, kinds=True))
    shift = training_shift(likes, moved, "new")
    kind = "the prompt asks for a translation"
    assert kind in shift.kinds["kind"].to_list()
    (exclaims,) = shift.by_kind.filter(kind=kind, id=EXCLAIMS).to_dicts()
    assert exclaims["low"] > 20
    assert exclaims["q"] < 0.001
    assert exclaims["difference"] == pytest.approx(exclaims["there"] - exclaims["elsewhere"])
    (asks,) = shift.by_kind.filter(kind=kind, id=QUESTIONS).to_dicts()
    assert asks["q"] > 0.05
    (told, *_) = kind_sentences(shift)
    assert told.startswith(f"Where {kind}: Exclamation marks +")
    assert shift.to_dict()["by_kind"]


def test_the_report_draws_a_mark_for_every_concept(
    likes: Path, moved: Path, tmp_path: Path
) -> None:
    page = tmp_path / "shift.html"
    words = ["compare", likes, moved, "--shift", "--after", "new", "-q", "-o", page]
    done = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert f"Report: {page}" in done.output
    text = page.read_text()
    shift = training_shift(likes, moved, "new")
    assert text.count("<circle") == len(shift.concepts)
    assert "http" not in text.replace("http-equiv", "")
    assert "R2" in text


def test_contrasts_of_shifts_cover_and_exchanging_the_parts_negates() -> None:
    inside = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        taste = rng.standard_normal(150)[np.arange(300) // 2]
        part = rng.random(300) < 0.3
        mean = np.where(part[:, None], [0, 0.5, -1], [0, 0.2, -1])
        leads = np.sign(rng.standard_normal((300, 3)) + taste[:, None] + mean)
        difference, reach, _ = shift_contrasts(leads, part, np.arange(300) // 2)
        inside.append(np.abs(difference - [0.0, 27.63 - 11.25, 0.0]) <= reach)
    assert 0.93 <= np.mean(inside) <= 0.97
    back, same, _ = shift_contrasts(leads, ~part, np.arange(300) // 2)
    assert np.allclose(back, -difference)
    assert np.allclose(same, reach)


def test_what_is_rare_is_not_called_different_where_it_happens_not_to_be() -> None:
    called = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        leads = (rng.random((800, 1)) < 0.035).astype(float)
        part = np.arange(800) < 55
        called += float(shift_contrasts(leads, part, np.arange(800))[2][0]) < 0.05
    assert called / 300 <= 0.08
    common = np.r_[np.zeros(200), rng.random(600) < 0.3].astype(float)[:, None]
    assert shift_contrasts(common, np.arange(800) < 200, np.arange(800))[2][0] < 0.001


def test_intervals_of_shifts_cover_and_poles_do_not_matter() -> None:
    inside = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        taste = rng.standard_normal(150)[np.arange(300) // 2]
        leads = np.sign(rng.standard_normal((300, 4)) + taste[:, None] + [0, 0.2, 0.5, -1])
        shifts = observed_shifts(leads, np.arange(300) // 2)
        # P(N(mu, 2) > 0) - P(< 0)
        true = [0.0, 11.25, 27.63, -52.05]
        inside.append((shifts["low"] <= true).to_numpy() & (shifts["high"] >= true).to_numpy())
    assert 0.93 <= np.mean(inside) <= 0.97
    turn = np.array([1, -1, 1, -1])
    expected = np.array([1.0, 2.0, 3.0, -1.0])
    one, two = (
        predicted_share(expected * t, leads * t, np.arange(300), np.random.default_rng(0))
        for t in (1, turn)
    )
    assert one["value"] == pytest.approx(two["value"])
