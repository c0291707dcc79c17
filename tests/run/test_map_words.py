"""Regions of the map are named by what sets them apart on both halves, and by nothing else."""

from __future__ import annotations

import numpy as np

from wimhf.run.map_words import Signs, _leans, _members, _named, _proving, _traits

NAMES = [["is planted"], ["is planted", "is planted too"], ["says it again"], ["is noise"]]


def blobs(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return places in two far blobs, and which they are in."""
    which = rng.permutation(np.repeat([0, 1], 300))
    places = rng.standard_normal((600, 2)) + np.where(which[:, None] == 0, -8, 8)
    return places.astype(np.float32), which


def planted(rng: np.random.Generator, which: np.ndarray) -> Signs:
    """Return two features that lean apart, one that repeats the first, and one of noise."""
    first = np.where(rng.random(600) < 0.8, np.where(which == 0, 1, -1), 0)
    second = np.where(rng.random(600) < 0.4, np.where(which == 0, -1, 1), 0)
    return np.stack([first, second, first, rng.choice([-1, 0, 1], 600)], axis=1).astype(np.int8)


def test_a_region_is_named_by_what_leans_there_each_thing_once() -> None:
    rng = np.random.default_rng(0)
    places, which = blobs(rng)
    member = _members(places, 2, 0)
    signs = planted(rng, which)
    traits = _traits(signs, member, np.arange(600) % 2 == 1, NAMES)
    regions = _named(places, member, traits)
    assert sum(one.pairs for one in regions) == 600
    for one in regions:
        told = {(trait.side, trait.words) for trait in one.traits}
        side, other = "AB" if one.x < 0 else "BA"
        assert told == {(side, "is planted"), (other, "is planted too")}


def test_exchanging_the_responses_exchanges_the_sides() -> None:
    rng = np.random.default_rng(2)
    places, which = blobs(rng)
    member, signs = _members(places, 2, 0), planted(rng, which)
    assert np.array_equal(_leans(-signs, member, 2), -_leans(signs, member, 2))


def test_what_holds_on_one_half_alone_names_nothing() -> None:
    rng = np.random.default_rng(1)
    places, which = blobs(rng)
    member = _members(places, 2, 0)
    proving = np.arange(600) % 2 == 1
    signs = planted(rng, which)
    signs[proving] = rng.choice([-1, 1], signs[proving].shape)
    assert _traits(signs, member, proving, NAMES) == [[], []]


def test_noise_and_nothing_name_nothing() -> None:
    rng = np.random.default_rng(3)
    places, _ = blobs(rng)
    member, proving = _members(places, 2, 0), np.arange(600) % 2 == 1
    noise = rng.choice([-1, 0, 1], (600, 200)).astype(np.int8)
    assert _traits(noise, member, proving, [["is noise"]] * 200) == [[], []]
    assert not _leans(np.zeros((600, 3), np.int8), member, 2).any()


def test_prompts_are_halved_and_pairs_where_one_prompt_has_most() -> None:
    apart = np.repeat(np.arange(100), 6)
    assert np.array_equal(_proving(apart), apart % 2 == 1)
    assert _proving(np.zeros(600, dtype=int)).mean() == 0.5
