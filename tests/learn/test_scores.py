"""Laws of what is asked of dictionaries: swapped sides change nothing, planted truth is told."""

import numpy as np
import pytest

from wimhf.learn.dictionary.batch_topk import BatchTopK
from wimhf.learn.dictionary.scores.control import control
from wimhf.learn.dictionary.scores.darkness import darkness, pursuit
from wimhf.learn.dictionary.scores.illusion import outside_share
from wimhf.learn.dictionary.scores.matching import matched
from wimhf.learn.dictionary.scores.novelty import density_shift, novelty, novelty_auc
from wimhf.learn.dictionary.scores.probes import concept_probes
from wimhf.learn.dictionary.scores.recovery import auc_draws, base_scores, code_scores, recovered
from wimhf.learn.dictionary.scores.signs import best_bound, best_single, bounded, signed_f1
from wimhf.learn.dictionary.scores.splitting import absorption, main_features, splitting
from wimhf.stats import Labelled

N, DIM, M = 600, 16, 6
FIT = np.arange(N) < 400
TEST = ~FIT


def world(seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw differences, codes and orthonormal directions: signed, sparse, a little noise."""
    rng = np.random.default_rng(seed)
    directions = np.linalg.qr(rng.standard_normal((DIM, M)))[0].T.astype(np.float32)
    active = rng.random((N, M)) < 0.3
    codes = (active * rng.choice([-1.0, 1.0], (N, M)) * rng.uniform(0.7, 1.3, (N, M))).astype(
        np.float32
    )
    noise = 0.02 * rng.standard_normal((N, DIM))
    return (codes @ directions + noise).astype(np.float32), codes, directions


def swapped(seed: int, *arrays: np.ndarray) -> list[np.ndarray]:
    """Return arrays (n, ...) with the sides of half of the pairs exchanged."""
    sign = np.random.default_rng(seed).choice([-1.0, 1.0], N).astype(np.float32)
    return [array * sign.reshape(-1, *([1] * (array.ndim - 1))) for array in arrays]


def measured(
    delta: np.ndarray, codes: np.ndarray, directions: np.ndarray, bank: np.ndarray
) -> dict[str, object]:
    """Everything that depends on pairs, for the law of swapping."""
    probes = concept_probes(delta, bank, FIT, TEST)
    decoded = codes @ directions
    return {
        **control(probes, delta, codes, directions, decoded, FIT, TEST),
        **splitting(probes, delta, codes, directions, FIT, TEST),
        **darkness(delta, decoded, codes, directions, FIT, TEST),
        "outside": outside_share(directions, delta).mean(),
    }


def test_swapping_sides_changes_no_score() -> None:
    delta, codes, directions = world()
    one = measured(delta, codes, directions, codes)
    other = measured(*swapped(1, delta, codes), directions, *swapped(1, codes))
    assert set(one) == set(other)
    for name, value in one.items():
        assert other[name] == pytest.approx(value, abs=1e-5), name


def test_a_dictionary_of_the_concepts_is_the_yardstick() -> None:
    delta, codes, directions = world()
    found = measured(delta, codes, directions, codes)
    assert found["concepts"] == M
    assert found["approximation"] == pytest.approx(1.0, abs=0.02)
    assert found["best_f1"] > 0.99
    assert found["flipped"] > 0.99
    assert found["edits"] < 1.1
    assert found["collateral"] < 0.05
    assert found["features_per_concept"] == 1.0
    assert found["absorbed_whole"] == 0.0


def test_a_mixed_dictionary_is_worse_on_every_axis() -> None:
    delta, codes, directions = world()
    mix = np.linalg.qr(np.random.default_rng(4).standard_normal((M, M)))[0].astype(np.float32)
    other, rows = codes @ mix.T, mix @ directions  # the same reconstruction
    good, bad = (measured(delta, *own, codes) for own in ((codes, directions), (other, rows)))
    assert bad["best_f1"] < good["best_f1"] - 0.2
    assert bad["edits"] > good["edits"] + 0.2
    assert bad["collateral"] > good["collateral"] + 0.05
    assert bad["features_per_concept"] > good["features_per_concept"]


def test_a_child_that_takes_over_absorbs() -> None:
    delta, codes, directions = world()
    truth = np.sign(codes[:, 0])
    child = truth * (np.arange(N) % 4 == 0)
    parent = codes[:, 0] * (child == 0)  # silent where the child is active
    both = np.column_stack([parent, codes[:, 0] * (child != 0)])
    rows = np.stack([directions[0], directions[0]])
    part, whole = absorption(directions[0], truth, delta, both, rows, np.array([0]))
    share = (child != 0).sum() / (truth != 0).sum()
    assert whole == pytest.approx(share, abs=0.02)
    assert part == pytest.approx(share, abs=0.02)
    assert absorption(directions[0], truth, delta, both, rows, np.array([0, 1])) == (0.0, 0.0)


def test_a_split_concept_has_two_features() -> None:
    _, codes, _ = world()
    truth = np.sign(codes[:, 0])
    half = np.arange(N) % 2 == 0
    split = np.column_stack([truth * half, truth * ~half, codes[:, 1:]]).astype(np.float32)
    assert sorted(main_features(split, truth, FIT, TEST)) == [0, 1]
    assert list(main_features(codes, truth, FIT, TEST)) == [0]


def test_f1_of_signs_by_hand() -> None:
    truth = np.array([1.0, -1, 0, 0, 1])
    said = np.array([2.0, 1, 1, 0, 0])
    assert signed_f1(said, truth) == 2 * 1 / (3 + 3)
    assert signed_f1(np.zeros(5), truth) == 0.0
    assert signed_f1(truth, truth) == 1.0


def test_the_bound_is_the_best_of_all() -> None:
    rng = np.random.default_rng(5)
    truth = rng.integers(-1, 2, 80).astype(float)
    said = np.round(truth + rng.standard_normal(80), 1)
    every = [signed_f1(bounded(said, size), truth) for size in np.unique(np.abs(said[said != 0]))]
    assert signed_f1(bounded(said, best_bound(said, truth)), truth) == max(every)
    assert best_bound(np.zeros(4), np.ones(4)) == np.inf


def test_the_best_single_feature_is_turned_to_its_pole() -> None:
    _, codes, _ = world()
    feature, f1 = best_single(codes, -np.sign(codes[:, 3]), FIT, TEST)
    assert (feature, f1) == (3, 1.0)


def test_matching_leaves_k_active_and_stays_odd() -> None:
    delta, _, directions = world()
    dictionary = BatchTopK(directions, np.ones(M, dtype=np.float32), 0.0)
    thin = matched(dictionary, delta[TEST], 2)
    assert np.count_nonzero(thin.encode(delta[TEST])) == 2 * TEST.sum()
    assert np.array_equal(thin.encode(-delta), -thin.encode(delta))
    sparse = BatchTopK(directions, np.ones(M, dtype=np.float32), 1.0)
    assert np.array_equal(matched(sparse, delta[TEST], 5).encode(delta), sparse.encode(delta))


def test_pursuit_agrees_with_one_pair_at_a_time() -> None:
    rng = np.random.default_rng(6)
    rows = rng.standard_normal((9, DIM))
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    delta = rng.standard_normal((20, DIM)).astype(np.float32)
    for x, found in zip(delta, pursuit(delta, rows, np.full(20, 3)), strict=True):
        chosen: list[int] = []
        rest = x
        for _ in range(3):
            gain = np.abs(rows @ rest)
            gain[chosen] = -1
            chosen.append(int(gain.argmax()))
            fitted = rows[chosen].T @ np.linalg.lstsq(rows[chosen].T, x)[0]
            rest = x - fitted
        assert np.allclose(found, fitted, atol=1e-4)
    counts = np.arange(20) % 4
    mixed = pursuit(delta, rows, counts)
    assert not mixed[counts == 0].any()
    assert np.allclose(mixed[counts == 3], pursuit(delta, rows, np.full(20, 3))[counts == 3])


def test_darkness_tells_a_linear_rest_from_noise() -> None:
    delta, codes, directions = world()
    whole = darkness(delta, codes @ directions, codes, directions, FIT, TEST)
    missing = codes * (np.arange(M) > 0)
    dark = darkness(delta, missing @ directions, missing, directions, FIT, TEST)
    assert whole["residual_r2"] < 0.7
    assert dark["residual_r2"] > 0.95
    assert dark["pursuit_gap"] > whole["pursuit_gap"]


def test_directions_outside_the_data_are_told() -> None:
    delta, _, directions = world()
    away = np.linalg.svd(directions)[2][-1:]
    shares = outside_share(np.concatenate([directions, away]).astype(np.float32), delta)
    assert shares[:M].max() < 0.05
    assert shares[M] > 0.95


def test_novelty_is_chance_on_the_same_and_high_on_others() -> None:
    delta, codes, directions = world()
    rest = delta - codes @ directions
    known, same = ((delta[rows], rest[rows], codes[rows]) for rows in (FIT, TEST))
    mine, its = novelty(known, same)
    assert abs(novelty_auc(mine.both, its.both) - 0.5) < 0.08
    assert novelty_auc(mine.both, mine.both) == 0.5
    doubled = (2 * delta[TEST], 2 * rest[TEST], codes[TEST])  # larger differences are not new ones
    assert np.allclose(novelty(known, doubled)[1].both, its.both)
    rare = np.zeros((TEST.sum(), M + 1), dtype=np.float32)
    rare[:, M] = 1.0
    seen = np.column_stack([codes[FIT], np.zeros(FIT.sum())]).astype(np.float32)
    mine, its = novelty((delta[FIT], rest[FIT], seen), (delta[TEST], delta[TEST], rare))
    assert novelty_auc(mine.residual, its.residual) > 0.95
    assert novelty_auc(mine.density, its.density) > 0.95
    assert density_shift(codes, codes) == 0.0
    assert density_shift(seen, rare) > 1 / (M + 1)


def labelled(codes: np.ndarray, delta: np.ndarray, label: np.ndarray) -> Labelled:
    return Labelled(
        codes=codes.astype(float), dense=delta, length=np.empty((N, 0)),
        controls=np.random.default_rng(7).standard_normal((N, 1)), controls_name="length",
        scores={}, label=label, weight=np.ones(N), component=np.arange(N) // 2,
        concept=np.zeros(M, dtype=bool),
    )  # fmt: skip


def test_recovery_finds_what_labels_reward_and_what_the_bank_lacks() -> None:
    delta, codes, directions = world()
    rng = np.random.default_rng(8)
    value = 2 * codes[:, 0] - 1.5 * codes[:, 1]
    label = (rng.random(N) < 1 / (1 + np.exp(-value))).astype(float)
    data = labelled(codes, delta, label)
    folds = np.where(FIT, -1, (np.arange(N) // 2) % 3)
    bank, rest = codes[:, [0]].astype(float), delta - codes @ directions
    scores = base_scores(data, bank, folds, rng) | code_scores(data, bank, rest, folds, rng)
    assert {"1", "2", "5", "all", "controls", "dense", "concepts", "residual"} <= set(scores)
    assert all(not score[FIT].any() for score in scores.values())
    judged = np.flatnonzero(TEST)
    draws = auc_draws(scores, data, judged, 50, seed=1)
    again = auc_draws(scores, data, judged, 50, seed=1)
    assert all(np.array_equal(draws[name], again[name]) for name in draws)
    assert draws["all"][0] > draws["concepts"][0] > draws["1"][0] - 0.05
    assert (draws["features + concepts"] - draws["concepts"])[0] > 0.02
    assert abs(draws["residual"][0] - draws["controls"][0]) < 0.12
    share = recovered(draws["all"], draws["controls"], draws["dense"])
    assert share[0] == pytest.approx(1.0, abs=0.15)
    assert recovered(draws["dense"], draws["controls"], draws["dense"])[0] == 1.0
