"""Laws that hold for every kind of dictionary, and what each kind alone finds."""

import functools

import numpy as np
import pytest
from safetensors.numpy import load, save

from benchmarks.planted_dictionaries import (
    WORLDS,
    Planted,
    f1,
    hierarchical,
    responses,
    settings,
    signed,
)
from wimhf.base import DICTIONARIES
from wimhf.base.config import Config, DictionaryConfig
from wimhf.errors import ConfigError, EstimationError, RunError
from wimhf.learn import KINDS, Dictionary, KindData, PairData, Trained, load_kind, train_kind
from wimhf.learn.dictionary.evaluate import evaluate, swap_error, variance_explained
from wimhf.learn.dictionary.kinds.snmf import single_responses
from wimhf.learn.dictionary.kinds.transcoder import Transcoder, target_explained

KIND = pytest.mark.parametrize("kind", DICTIONARIES)
SEEDED = [kind for kind in DICTIONARIES if kind != "supervised"]


@functools.cache
def world(name: str, pairs: int) -> Planted:
    return WORLDS[name](pairs, 0)


@functools.cache
def small(kind: str, seed: int = 0) -> Trained:
    data, _ = world("responses", 400).parts()
    return train_kind(kind, data, settings(kind, 8, steps=60, restarts=1), seed)


@functools.cache
def of_signed(kind: str) -> Dictionary:
    data, _ = world("signed", 1200).parts()
    steps = 250 if kind == "mp" else 600
    return train_kind(kind, data, settings(kind, 8, steps=steps, restarts=1), 0).dictionary


def differences(n: int = 60) -> np.ndarray:
    return world("responses", 400).pairs.differences[-n:]


def test_settings_and_registry_name_the_same_kinds() -> None:
    assert tuple(KINDS) == DICTIONARIES


@KIND
def test_swapping_negates_codes_bit_for_bit(kind: str) -> None:
    dictionary, delta = small(kind).dictionary, differences()
    assert np.array_equal(dictionary.encode(-delta), -dictionary.encode(delta))
    assert swap_error(dictionary, delta) == 0.0
    assert not dictionary.encode(np.zeros((3, delta.shape[1]), dtype=np.float32)).any()


@KIND
def test_saving_and_loading_is_the_identity(kind: str) -> None:
    dictionary, delta = small(kind).dictionary, differences()
    again = load_kind(kind, load(save(dictionary.tensors())))
    assert type(again) is type(dictionary)
    assert np.array_equal(again.encode(delta), dictionary.encode(delta))
    assert np.array_equal(again.decode(again.encode(delta)), dictionary.decode(again.encode(delta)))
    assert save(again.tensors()) == save(dictionary.tensors())


@KIND
def test_order_and_company_of_pairs_do_not_matter(kind: str) -> None:
    dictionary, delta = small(kind).dictionary, differences()
    codes = dictionary.encode(delta)
    order = np.random.default_rng(0).permutation(len(delta))
    assert np.allclose(dictionary.encode(delta[order]), codes[order], atol=1e-5)
    alone = np.concatenate([dictionary.encode(row[None]) for row in delta])
    assert np.allclose(alone, codes, atol=1e-5)


@KIND
def test_same_seed_gives_the_same_bytes(kind: str) -> None:
    data, _ = world("responses", 400).parts()
    again = train_kind(kind, data, settings(kind, 8, steps=60, restarts=1), 0).dictionary
    assert save(again.tensors()) == save(small(kind).dictionary.tensors())


@pytest.mark.parametrize("kind", SEEDED)
def test_another_seed_gives_another_dictionary(kind: str) -> None:
    assert save(small(kind, 1).dictionary.tensors()) != save(small(kind).dictionary.tensors())


@KIND
def test_directions_have_length_1_and_about_k_features_are_active(kind: str) -> None:
    trained = small(kind)
    assert np.allclose(np.linalg.norm(trained.dictionary.directions, axis=1), 1.0, atol=1e-4)
    figures = evaluate(trained.dictionary, differences(80))
    assert 0.4 <= figures["mean_active"] <= 1.3 * trained.k
    assert trained.k == 2


@pytest.mark.parametrize(
    ("kind", "least"),
    [("mp", 1.0), ("vq", 1.0), ("transcoder", 1.0), ("supervised", 1.0), ("vsae", 0.5)],
)
def test_signed_directions_are_found(kind: str, least: float) -> None:
    planted = world("signed", 1200)
    found, (_, test) = of_signed(kind), planted.parts()
    assert f1(found.directions, planted.directions) >= least
    assert variance_explained(found, test) > 0.5


def test_pursuit_finds_children_that_stand_under_their_parents() -> None:
    planted = hierarchical(1500, 1, parents=2, dim=16)
    data, _ = planted.parts()
    config = settings("mp", 6, steps=400, restarts=1, k=1)
    found = train_kind("mp", data, config, 0).dictionary
    assert f1(found.directions, planted.directions) >= 0.5


def test_pursuit_takes_more_rounds_where_there_is_more() -> None:
    planted = world("signed", 1200)
    active = (of_signed("mp").encode(planted.pairs.differences) != 0).sum(axis=1)
    assert planted.pairs.concepts is not None
    true = (planted.pairs.concepts != 0).sum(axis=1)
    assert np.corrcoef(active, true)[0, 1] > 0.7


def test_factorisation_finds_what_responses_are_made_of() -> None:
    planted = responses(1500, 2)
    data, _ = planted.parts()
    found = train_kind("snmf", data, settings("snmf", 8, restarts=1), 0).dictionary
    assert f1(found.directions, planted.directions) >= 0.75


def test_prompts_mean_is_taken_over_all_of_its_responses() -> None:
    a, b = np.array([[1.0], [4.0]], dtype=np.float32), np.array([[2.0], [5.0]], dtype=np.float32)
    together = single_responses(PairData(a - b, a=a, b=b, prompt=np.array([7, 7])))
    assert together[:, 0].tolist() == [-2.0, 1.0, -1.0, 2.0]
    apart = single_responses(PairData(a - b, a=a, b=b))
    assert np.array_equal(apart, single_responses(PairData(a - b)))


def test_quantised_codes_can_be_counted() -> None:
    codes = small("vq").dictionary.encode(differences())
    assert set(np.unique(codes)) <= {-1.0, 0.0, 1.0}
    assert (codes != 0).sum(axis=1).max() <= 2


def test_a_transcoder_writes_a_second_encoder() -> None:
    planted = signed(1200, 0)
    mapped = np.random.default_rng(0).standard_normal((24, 40)).astype(np.float32)
    strong = planted.pairs.differences @ mapped
    pairs = PairData(planted.pairs.differences, target=strong)
    at = np.arange(1200)
    data = KindData(pairs.at(at[:800]), pairs.at(at[800:1000]))
    got = train_kind("transcoder", data, settings("transcoder", 8, steps=400, restarts=1), 0)
    assert isinstance(got.dictionary, Transcoder)
    assert target_explained(got.dictionary, pairs.differences[1000:], strong[1000:]) > 0.8
    assert got.figures["saw_labels"] is False


def test_a_transcoder_says_that_it_saw_labels() -> None:
    assert small("transcoder").figures["saw_labels"] is True


def test_labels_of_select_pairs_are_not_seen() -> None:
    data, _ = world("responses", 400).parts()
    assert data.select.label is not None
    turned = KindData(
        data.fit, PairData(data.select.differences, label=1 - data.select.label), data.concept_ids
    )
    config = settings("transcoder", 8, steps=60, restarts=1)
    got = train_kind("transcoder", turned, config, 0).dictionary
    assert save(got.tensors()) == save(small("transcoder").dictionary.tensors())


def test_leakage_is_what_codes_know_beyond_their_columns() -> None:
    n, rng = 3000, np.random.default_rng(0)
    delta = rng.standard_normal((n, 6)).astype(np.float32)
    # a column that holds a sign alone: a code that holds its size, too, knows more of the labels
    columns = np.sign(delta[:, :2])
    label = (delta[:, 0] + delta[:, 1] + 0.3 * rng.standard_normal(n) > 0).astype(np.float64)
    pairs, at = PairData(delta, concepts=columns, label=label), np.arange(n)
    data = KindData(pairs.at(at[:1800]), pairs.at(at[1800:]), ("a", "b"))
    got = train_kind("supervised", data, settings("supervised", 2), 0)
    told = got.figures["leakage"]
    assert isinstance(told, dict)
    assert told["leakage"] > 0.03
    assert got.figures["concepts"] in (["a", "b"], ["b", "a"])


def test_what_a_kind_lacks_is_said_in_one_line() -> None:
    delta = differences(100)
    data = KindData.of_differences(delta[:80], delta[80:])
    with pytest.raises(EstimationError, match="needs at least 2 concepts"):
        train_kind("supervised", data, settings("supervised", 8), 0)
    with pytest.raises(EstimationError, match="needs labels to fit a probe to"):
        train_kind("transcoder", data, settings("transcoder", 8), 0)
    with pytest.raises(EstimationError, match="too few for a dictionary"):
        KindData.of_differences(delta[:5], delta[80:])
    with pytest.raises(EstimationError, match="label has 3 rows"):
        PairData(delta, label=np.zeros(3))
    with pytest.raises(ConfigError, match="'other' is unknown"):
        train_kind("other", data, DictionaryConfig(), 0)


@KIND
def test_damaged_files_are_told(kind: str) -> None:
    tensors = small(kind).dictionary.tensors()
    with pytest.raises(RunError, match="lacks"):
        load_kind(kind, {name: held for name, held in tensors.items() if name != "decoder"})
    if kind not in ("mp", "snmf"):  # whose decoder alone tells how many features there are
        with pytest.raises(RunError, match="analyze again"):
            load_kind(kind, tensors | {"decoder": tensors["decoder"][:3]})
    with pytest.raises(RunError, match="does not know"):
        load_kind("from later", tensors)


@pytest.mark.parametrize("kind", DICTIONARIES[1:])
def test_prefixes_are_refused_where_there_is_no_order(kind: str) -> None:
    with pytest.raises(ConfigError, match="--prefixes orders the features of batch_topk alone"):
        Config.from_dict({"dictionary": {"kind": kind, "prefixes": [2]}})
    if kind != "transcoder":
        with pytest.raises(ConfigError, match="--target-encoder"):
            Config.from_dict({"dictionary": {"kind": kind, "target": "fast"}})


def test_features_keep_their_numbers_in_every_prefix() -> None:
    data, test = world("signed", 1200).parts()
    config = DictionaryConfig(features=8, k=2, prefixes=(2, 4), steps=300, restarts=1, device="cpu")
    whole = train_kind("batch_topk", data, config, 0).dictionary
    codes = whole.encode(test)
    explained = []
    for features in (2, 4, 8):
        part = whole.prefix(features)  # type: ignore[attr-defined]
        assert np.array_equal(part.encode(test), codes[:, :features])
        assert np.array_equal(part.directions, whole.directions[:features])
        explained.append(variance_explained(part, test))
    assert explained == sorted(explained)
