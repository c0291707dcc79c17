"""Laws of the dictionary: odd, calibrated, reproducible, finds what was planted."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load, save

from wimhf.base import Event
from wimhf.base.config import DictionaryConfig
from wimhf.errors import ConfigError, EstimationError
from wimhf.learn.device import resolve_device
from wimhf.learn.dictionary.batch_topk import BatchTopK, calibrated_threshold, keep_largest
from wimhf.learn.dictionary.evaluate import evaluate, stability, swap_error, variance_explained
from wimhf.learn.dictionary.fitting import Fitting, schedule
from wimhf.learn.dictionary.size import choose_size
from wimhf.learn.dictionary.train import train

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


class Plain:
    """One restart, step by step, with gradients that torch records: what the fast steps must do."""

    def __init__(self, data: torch.Tensor, size: tuple[int, int], config: DictionaryConfig) -> None:
        self.data, (m, self.k), self.config = data, size, config
        self.rng = torch.Generator().manual_seed(SEED)
        start = torch.randn(m, data.shape[1], generator=self.rng)
        self.decoder = (start / start.norm(dim=1, keepdim=True)).requires_grad_()
        self.gain = torch.ones(m, requires_grad=True)
        self.adam = torch.optim.Adam([self.decoder, self.gain])
        self.silent_for, self.revived = torch.zeros(m), False
        self.order = torch.empty(0, dtype=torch.long)

    def step(self, step: int) -> float:
        self.adam.param_groups[0]["lr"] = self.config.learning_rate * schedule(
            step, STEPS, self.config.warmup
        )
        if len(self.order) < BATCH:
            self.order = torch.randperm(len(self.data), generator=self.rng)
        x, self.order = self.data[self.order[:BATCH]], self.order[BATCH:]
        a = (x @ self.decoder.T) * self.gain
        z = keep_largest(a, self.k * BATCH)
        power = x.square().sum()
        losses = [
            (x - z[:, :p] @ self.decoder[:p]).square().sum() / power
            for p in (*self.config.prefixes, len(self.gain))
        ]
        loss = torch.stack(losses).mean()
        self.silent_for = torch.where((z != 0).any(dim=0), 0.0, self.silent_for + BATCH)
        total = loss + self.revival(x, a, z)
        self.adam.zero_grad()
        total.backward()
        with torch.no_grad():
            rows = self.decoder
            rows.grad -= (rows.grad * rows).sum(dim=1, keepdim=True) * rows
            self.adam.step()
            rows /= rows.norm(dim=1, keepdim=True)
        return float(loss.detach())

    def revival(self, x: torch.Tensor, a: torch.Tensor, z: torch.Tensor) -> torch.Tensor:
        dead = self.silent_for >= self.config.dead_after
        if not dead.any():
            return torch.zeros(())
        self.revived = True
        residual, chosen = (x - z @ self.decoder).detach(), a[:, dead]
        top = chosen.abs().topk(min(int(dead.sum()), 2 * self.k), dim=1).indices
        kept = torch.zeros_like(chosen).scatter(1, top, chosen.gather(1, top))
        error = (residual - kept @ self.decoder[dead]).square().sum()
        return self.config.aux_weight * error / residual.square().sum()


SEED, STEPS, BATCH = 3, 40, 50
PREFIXES = pytest.mark.parametrize("prefixes", [(), (3, 6)], ids=["all at once", "Matryoshka"])


def rank_three() -> torch.Tensor:
    """Draw 300 differences in three dimensions of 24, so that most features die."""
    rng = np.random.default_rng(0)
    flat = rng.standard_normal((300, 3)) @ rng.standard_normal((3, 24))
    return torch.from_numpy(flat.astype(np.float32))


@PREFIXES
def test_the_steps_are_those_of_recorded_gradients(prefixes: tuple[int, ...]) -> None:
    data = rank_three()
    config = DictionaryConfig(prefixes=prefixes, dead_after=50, aux_weight=0.5)
    ours, plain = Fitting(data, (30, 1), BATCH, STEPS, config, [SEED]), Plain(data, (30, 1), config)
    for step in range(1, STEPS + 1):
        ours.step()
        assert float(ours.losses[0]) == pytest.approx(plain.step(step), rel=1e-4)
    assert plain.revived
    assert torch.allclose(ours.decoder[0], plain.decoder, atol=2e-4)
    assert torch.allclose(ours.gain[0, 0], plain.gain, atol=2e-4)


@PREFIXES
def test_restarts_that_share_their_steps_do_not_touch_each_other(prefixes: tuple[int, ...]) -> None:
    data = rank_three()
    config = DictionaryConfig(prefixes=prefixes, dead_after=50, aux_weight=0.5)
    alone = [Fitting(data, (30, 1), BATCH, STEPS, config, [seed]) for seed in (4, 2)]
    both = Fitting(data, (30, 1), BATCH, STEPS, config, [4, 3, 2])
    for step in range(STEPS):
        if step == STEPS // 2:
            both.keep([0, 2])
        for fitting in (*alone, both):
            fitting.step()
    for number, one in enumerate(alone):
        assert torch.allclose(both.decoder[number], one.decoder[0], atol=1e-5)
        assert torch.allclose(both.gain[number], one.gain[0], atol=1e-5)


def test_a_restart_ends_when_it_learns_nothing_more_and_the_worse_half_half_way() -> None:
    values, _ = planted(300)
    noise = np.random.default_rng(0).standard_normal((40, 24)).astype(np.float32)
    config = DictionaryConfig(features=8, k=2, steps=4000, restarts=2, device="cpu")
    events: list[Event] = []
    train(noise[:30], noise[30:], config, 0, events.append)  # learned by heart at once
    assert len(events) < 20
    assert events[-1].done == events[-1].total == 4000
    four = DictionaryConfig(features=8, k=2, steps=400, restarts=4, device="cpu")
    assert len(train(values[:200], values[200:], four, 0).restarts) == 2


@pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no GPU")
@PREFIXES
def test_a_gpu_takes_the_same_steps(prefixes: tuple[int, ...]) -> None:
    data = rank_three()
    config = DictionaryConfig(prefixes=prefixes, dead_after=50, aux_weight=0.5)
    fittings = [
        Fitting(data.to(device), (30, 1), BATCH, STEPS, config, [4, 3, 2])
        for device in ("cpu", "cuda")
    ]
    for step in range(STEPS):
        for fitting in fittings:
            if step == STEPS // 2:
                fitting.keep([0, 2])
            fitting.step()
    host, device = fittings
    assert torch.allclose(host.decoder, device.decoder.cpu(), atol=2e-3)
    assert torch.allclose(host.losses, device.losses.cpu(), rtol=1e-3)
