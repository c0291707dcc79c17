"""Laws of the dictionary: odd, calibrated, reproducible, finds what was planted."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load, save

from wimhf.base.config import DictionaryConfig
from wimhf.errors import ConfigError, EstimationError
from wimhf.learn.device import resolve_device
from wimhf.learn.dictionary.batch_topk import BatchTopK, calibrated_threshold, keep_largest
from wimhf.learn.dictionary.evaluate import evaluate, stability, swap_error, variance_explained
from wimhf.learn.dictionary.size import choose_size
from wimhf.learn.dictionary.train import _Fitting, _schedule, train

SMALL = DictionaryConfig(features=8, k=2, steps=600, restarts=1, device="cpu")


def planted(
    n: int = 900, dim: int = 24, atoms: int = 8, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Draw differences that are signed sparse sums of orthonormal directions, plus noise."""
    rng = np.random.default_rng(seed)
    directions = np.linalg.qr(rng.standard_normal((dim, atoms)))[0].T
    active = rng.random((n, atoms)) < 0.25
    codes = active * rng.choice([-1.0, 1.0], (n, atoms)) * rng.uniform(0.7, 1.3, (n, atoms))
    values = codes @ directions + 0.05 * rng.standard_normal((n, dim))
    values /= np.sqrt(np.square(values).sum(axis=1).mean())
    return values.astype(np.float32), directions


def random_dictionary(seed: int, m: int = 6, dim: int = 10, threshold: float = 0.3) -> BatchTopK:
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((m, dim)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return BatchTopK(rows, rng.uniform(0.5, 1.5, m).astype(np.float32), threshold)


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 10_000), n=st.integers(1, 40), scale=st.floats(1e-3, 1e3))
def test_swapping_negates_codes_bit_for_bit(seed: int, n: int, scale: float) -> None:
    dictionary = random_dictionary(seed)
    delta = (scale * np.random.default_rng(seed).standard_normal((n, 10))).astype(np.float32)
    assert np.array_equal(dictionary.encode(-delta), -dictionary.encode(delta))
    assert swap_error(dictionary, delta) == 0.0


def test_encoding_agrees_with_the_definition() -> None:
    dictionary = random_dictionary(3)
    delta = np.random.default_rng(3).standard_normal((50, 10)).astype(np.float32)
    a = delta.astype(np.float64) @ (dictionary.decoder * dictionary.gain[:, None]).T
    expected = np.where(np.abs(a) >= 0.3, a, 0.0)
    assert np.allclose(dictionary.encode(delta), expected, atol=1e-5)
    assert np.allclose(dictionary.decode(expected), expected @ dictionary.decoder, atol=1e-5)


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 10_000), count=st.integers(1, 60))
def test_keep_largest_agrees_with_sorting(seed: int, count: int) -> None:
    a = np.random.default_rng(seed).standard_normal((10, 6)).astype(np.float32)
    kept = keep_largest(torch.from_numpy(a), count).numpy()
    order = np.argsort(-np.abs(a).ravel())[:count]
    expected = np.zeros(60, dtype=np.float32)
    expected[order] = a.ravel()[order]
    assert np.array_equal(kept.ravel(), expected)


def test_threshold_is_the_quantile_of_held_out_preactivations() -> None:
    a = np.random.default_rng(0).standard_normal((500, 16)).astype(np.float32)
    threshold = calibrated_threshold(a, 3)
    assert (np.abs(a) >= threshold).sum() == 3 * 500


def test_planted_directions_are_found() -> None:
    values, directions = planted()
    trained = train(values[:600], values[600:750], SMALL, seed=0).dictionary
    cosine = np.abs(trained.directions @ directions.T)
    assert cosine.max(axis=0).min() > 0.97
    assert variance_explained(trained, values[750:]) > 0.85


def test_figures_of_a_trained_dictionary_on_held_out_pairs() -> None:
    values, _ = planted(2400)
    trained = train(values[:1200], values[1200:1800], SMALL, seed=1)
    figures = evaluate(trained.dictionary, values[1800:])
    assert figures["mean_active"] == pytest.approx(2, rel=0.05)
    assert figures["dead_share"] == 0.0
    assert figures["swap_error"] <= 1e-6
    norms = np.linalg.norm(trained.dictionary.directions, axis=1)
    assert np.allclose(norms, 1.0, atol=1e-5)


def test_same_seed_gives_the_same_bytes_and_another_seed_does_not() -> None:
    values, _ = planted(300)
    runs = [
        save(train(values[:200], values[200:], SMALL, seed).dictionary.tensors())
        for seed in (5, 5, 6)
    ]
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


def test_exchanging_sides_of_any_pairs_changes_no_bit_of_the_training() -> None:
    values, _ = planted(300)
    signs = np.random.default_rng(1).choice([-1, 1], (300, 1)).astype(np.float32)
    swapped = values * signs
    one = train(values[:200], values[200:], SMALL, 0).dictionary
    other = train(swapped[:200], swapped[200:], SMALL, 0).dictionary
    assert save(one.tensors()) == save(other.tensors())


def test_saving_and_loading_is_the_identity() -> None:
    dictionary = random_dictionary(8, threshold=float(np.float32(0.123)))
    again = BatchTopK.from_tensors(load(save(dictionary.tensors())))
    assert again.threshold == dictionary.threshold
    assert np.array_equal(again.decoder, dictionary.decoder)
    assert np.array_equal(again.gain, dictionary.gain)


def test_matryoshka_prefixes_put_the_most_important_features_first() -> None:
    values, _ = planted(900)
    config = DictionaryConfig(features=8, k=2, steps=600, restarts=1, prefixes=(2, 4), device="cpu")
    trained = train(values[:600], values[600:], config, 0).dictionary
    codes = trained.encode(values)
    energy = np.square(codes).sum(axis=0)
    assert energy[:2].mean() > energy[4:].mean()


def test_dead_features_come_back() -> None:
    values, _ = planted(400, atoms=4)
    config = DictionaryConfig(features=8, k=2, steps=600, restarts=1, dead_after=1000, device="cpu")
    trained = train(values[:300], values[300:], config, 0)
    assert evaluate(trained.dictionary, values)["dead_share"] == 0.0


def test_progress_reports_loss_variance_active_and_dead() -> None:
    values, _ = planted(300)
    events = []
    train(values[:200], values[200:], SMALL, 0, events.append)
    assert events[-1].done == events[-1].total == 600
    assert set(events[-1].figures) == {"loss", "variance explained", "active", "dead"}


def test_too_few_pairs_and_contradicting_sizes_are_refused() -> None:
    values, _ = planted(30)
    with pytest.raises(EstimationError, match="too few"):
        train(values[:10], values[10:], SMALL, 0)
    with pytest.raises(ConfigError, match="k=40 exceeds features=32; lower --k or raise"):
        DictionaryConfig(features=32, k=40)
    with pytest.raises(ConfigError, match="exceeds"):
        choose_size(5000, 384, DictionaryConfig(k=33))


@pytest.mark.parametrize(
    ("pairs", "size"), [(2_300, (32, 4)), (20_000, (64, 4)), (10**6, (512, 16))]
)
def test_size_grows_with_the_number_of_pairs(pairs: int, size: tuple[int, int]) -> None:
    assert choose_size(pairs, 384, DictionaryConfig()) == size


def test_an_absent_device_is_refused_with_the_mend() -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    with pytest.raises(ConfigError, match="--device auto"):
        resolve_device("cuda")
    assert resolve_device("auto").type in {"cpu", "mps"}


def test_stability_is_one_for_the_same_features_in_another_order_and_sign() -> None:
    one = random_dictionary(1)
    shuffled = np.array([3, 0, 5, 1, 2, 4])
    signs = np.array([1, -1, 1, 1, -1, -1], dtype=np.float32)[:, None]
    same = BatchTopK((one.decoder * signs)[shuffled], one.gain[shuffled], one.threshold)
    assert stability(one, [same]) == pytest.approx(1.0, abs=1e-5)
    assert stability(one, [same, random_dictionary(2)]).max() < 0.99
    assert stability(one, []) is None


def test_planted_directions_are_stable_over_seeds_and_noise_is_not() -> None:
    config = DictionaryConfig(features=8, k=2, steps=600, restarts=2, device="cpu")
    values, _ = planted()
    assert train(values[:600], values[600:], config, 0).stability.min() > 0.95
    noise = np.random.default_rng(0).standard_normal((900, 24)).astype(np.float32)
    assert train(noise[:600], noise[600:], config, 0).stability.mean() < 0.8


class _Recorded(_Fitting):
    """The same steps with gradients that torch records."""

    revived = False

    @torch.enable_grad()
    def step(self, step: int) -> torch.Tensor:
        for group in self.optimizer.param_groups:
            group["lr"] = self.config.learning_rate * _schedule(
                step, self.steps, self.config.warmup
            )
        x = self._next_batch()
        a = (x @ self.decoder.T) * self.gain
        z = keep_largest(a, self.k * len(x))
        power = x.square().sum()
        losses = [(x - z[:, :p] @ self.decoder[:p]).square().sum() / power for p in self.prefixes]
        loss = torch.stack(losses).mean()
        self.silent_for = torch.where((z != 0).any(dim=0), 0.0, self.silent_for + len(x))
        dead = self.silent_for >= self.config.dead_after
        total = loss
        if dead.any():
            self.revived = True
            residual = (x - z @ self.decoder).detach()
            chosen = a[:, dead]
            top = chosen.abs().topk(min(int(dead.sum()), 2 * self.k), dim=1).indices
            kept = torch.zeros_like(chosen).scatter(1, top, chosen.gather(1, top))
            error = (residual - kept @ self.decoder[dead]).square().sum()
            total = loss + self.config.aux_weight * error / residual.square().sum()
        self.optimizer.zero_grad(set_to_none=True)
        total.backward()  # type: ignore[no-untyped-call]
        with torch.no_grad():
            self._stay_on_sphere()
        return loss.detach()


@pytest.mark.parametrize("prefixes", [(), (3, 6)], ids=["all at once", "Matryoshka"])
def test_the_written_gradient_is_the_recorded_one(prefixes: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    flat = rng.standard_normal((300, 3)) @ rng.standard_normal((3, 24))  # so that features die
    data = torch.from_numpy(flat.astype(np.float32))
    config = DictionaryConfig(prefixes=prefixes, dead_after=50, aux_weight=0.5)
    ours, reference = (
        kind(data, (30, 1), 50, 40, config, seed=3) for kind in (_Fitting, _Recorded)
    )
    for step in range(1, 41):
        assert torch.allclose(ours.step(step), reference.step(step), rtol=1e-4)
    assert reference.revived
    assert torch.allclose(ours.decoder, reference.decoder, atol=2e-4)
    assert torch.allclose(ours.gain, reference.gain, atol=2e-4)
