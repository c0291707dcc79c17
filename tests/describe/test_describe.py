"""Descriptions say what was planted, on pairs that chose nothing."""

import numpy as np
import polars as pl
import pytest
from scipy import sparse

from tests.conftest import FILLER
from wimhf.base.config import DescribeConfig
from wimhf.concepts import Asked, Concept, concept_columns, load_concepts
from wimhf.describe import Known, describe_features, saved_term, term_differences
from wimhf.describe.fidelity import fidelity
from wimhf.describe.mapping import word_map
from wimhf.describe.terms import COUNTED_ONCE
from wimhf.ui.report.examples import strongest_pairs


def test_what_old_runs_counted_is_a_concept_now() -> None:
    bank = load_concepts()
    for name, concept in COUNTED_ONCE.items():
        term = saved_term(f"measure:{name}", bank)
        assert term.key == f"concept:{concept}"
        assert term.more != term.less
    odd = term_differences(
        [saved_term("measure:words", bank)], ["a b c"], ["a"], bank
    )  # fmt: skip
    assert odd[0, 0] == pytest.approx(np.log(3))


def corpus(n: int = 600, seed: int = 0) -> tuple[list[str], list[str], np.ndarray]:
    """Draw pairs whose first code follows the word "quokka" and second is noise."""
    rng = np.random.default_rng(seed)
    texts, says = [], []
    for _ in range(2 * n):
        words = list(rng.choice(FILLER, 8))
        if rng.random() < 0.3:
            words[int(rng.integers(8))] = "quokka"
        says.append(float("quokka" in words))
        texts.append(" ".join(words))
    a, b = texts[:n], texts[n:]
    codes = np.zeros((n, 2), dtype=np.float32)
    codes[:, 0] = -(np.array(says[:n]) - np.array(says[n:]))
    codes[:, 1] = rng.standard_normal(n) * (rng.random(n) < 0.2)
    return a, b, codes


def known(a: list[str], b: list[str], *words: str) -> Known:
    bank = [
        Concept(
            id=w, more=f"speaks of a {w}", less=f"speaks of no {w}", words=(w,), count="presence"
        )
        for w in words
    ]
    columns = concept_columns(bank, Asked([""] * len(a), [""] * len(a)), (a, b))
    return Known(columns.concepts, columns.odd)


def table(
    a: list[str], b: list[str], codes: np.ndarray, words: tuple[str, ...] = ()
) -> pl.DataFrame:
    n = len(a)
    split = np.array(["fit", "fit", "fit", "select", "test"] * (n // 5))
    return describe_features(
        (a, b), known(a, b, *words), codes, split, np.arange(n), DescribeConfig(),
        np.random.default_rng(0),
    ).table  # fmt: skip


def describe(
    a: list[str], b: list[str], codes: np.ndarray, words: tuple[str, ...] = ()
) -> list[dict[str, object]]:
    return table(a, b, codes, words).filter("won").to_dicts()


def test_a_planted_word_is_named_in_the_pole_that_says_it_and_noise_is_not_understood() -> None:
    word, noise = describe(*corpus())
    assert "quokka" in word["description"]
    assert word["pole"] == -1
    assert word["understood"]
    assert word["fidelity"] > 0.9
    assert word["fidelity_low"] <= word["fidelity"] <= word["fidelity_high"]
    assert not noise["understood"]
    assert noise["reason"]


def test_exchanging_sides_of_any_pairs_changes_no_description() -> None:
    a, b, codes = corpus()
    flip = np.random.default_rng(7).random(len(a)) < 0.5
    a2 = [y if f else x for x, y, f in zip(a, b, flip, strict=True)]
    b2 = [x if f else y for x, y, f in zip(a, b, flip, strict=True)]
    codes2 = np.where(flip[:, None], -codes, codes)
    one, other = describe(a, b, codes), describe(a2, b2, codes2)
    assert [d["description"] for d in one] == [d["description"] for d in other]
    assert [d["fidelity"] for d in one] == pytest.approx([d["fidelity"] for d in other])


def test_a_feature_without_active_test_pairs_has_a_reason() -> None:
    code = np.zeros(50)
    code[:2] = 1
    judged = fidelity(np.ones(50), code, np.arange(50), np.random.default_rng(0))
    assert judged.correlation.value is None
    assert "only 2" in judged.reason


def test_examples_come_from_different_components_while_there_are_any() -> None:
    code = np.array([5, -4, 3, 2, 0, 1], dtype=np.float32)
    component = np.array([0, 0, 1, 1, 2, 3])
    assert strongest_pairs(code, component, 3).tolist() == [0, 2, 5]
    assert strongest_pairs(code, component, 5).tolist() == [0, 2, 5, 1, 3]


def test_a_concept_that_says_as_much_as_a_word_is_the_name() -> None:
    word, noise = describe(*corpus(), words=("quokka", "wombat"))
    assert (word["author"], word["description"]) == ("concept", "speaks of a quokka")
    assert word["opposite"] == "speaks of no quokka"
    assert word["clauses"] == [pytest.approx(word["fidelity"])]
    assert word["known_share"] > 0.9
    assert word["known_as"] == "Quokka"
    assert "quokka" in word["typical"]
    assert noise["known_share"] < 0.3


def test_a_second_clause_stands_only_where_it_adds() -> None:
    """A code of two words has both in its name; one of a single word has one, beside noise."""
    rng = np.random.default_rng(4)
    texts = [" ".join(rng.choice([*FILLER[:12], "quokka", "wombat"], 6)) for _ in range(2000)]
    a, b = texts[:1000], texts[1000:]
    said = [
        np.array([(w in x.split()) * 1.0 - (w in y.split()) for x, y in zip(a, b, strict=True)])
        for w in ("quokka", "wombat")
    ]
    noise = rng.standard_normal(1000) * 0.2
    codes = np.stack([said[0] - said[1] + noise, said[0] + noise], axis=1).astype(np.float32)
    both, one = describe(a, b, codes, words=("quokka", "wombat"))
    assert sorted(both["description"].split("; ")) == [
        "speaks of a quokka",
        "speaks of no wombat",
    ] or sorted(both["description"].split("; ")) == ["speaks of a wombat", "speaks of no quokka"]
    assert min(both["clauses"]) > 0.4
    assert one["description"] == "speaks of a quokka"


def test_no_name_is_longer_than_two_clauses_or_a_list_of_words() -> None:
    a, b, codes = corpus(900, seed=3)
    rng = np.random.default_rng(5)
    mixed = rng.standard_normal((900, 6)).astype(np.float32) + codes[:, :1]
    for row in table(a, b, mixed, words=tuple(FILLER[:8])).to_dicts():
        kinds = [term.partition(":")[0] for term in row["terms"]]
        if row["author"] == "mapping":  # measured beside the names, and none itself
            assert not row["won"]
            continue
        assert len(kinds) <= 2
        assert kinds.count("ngram") <= 1


def test_every_clause_goes_with_the_code_in_the_spoken_direction() -> None:
    a, b, codes = corpus(900, seed=3)
    rng = np.random.default_rng(5)
    extra = np.array([("quokka" in x) * 1.0 - ("quokka" in y) for x, y in zip(a, b, strict=True)])
    codes[:, 1] = (extra + 0.7 * rng.standard_normal(900)).astype(np.float32)
    fit = np.array(["fit", "fit", "fit", "select", "test"] * 180) == "fit"
    for row in table(a, b, codes, words=("quokka", *FILLER[:6])).to_dicts():
        for term, weight in zip(row["terms"], row["weights"], strict=True):
            word = term.partition(":")[2]
            if " " in word or word not in FILLER:
                continue
            said = np.array(
                [(word in x.split()) * 1.0 - (word in y.split()) for x, y in zip(a, b, strict=True)]
            )
            along = np.sign(said[fit] @ codes[fit, row["feature"]])
            assert along == row["pole"] * np.sign(weight)
        assert not row["weights"] or row["weights"][0] > 0


def test_a_mapping_gives_a_word_to_the_feature_that_moves_it() -> None:
    rng = np.random.default_rng(2)
    words = sparse.csc_array(rng.integers(-1, 2, (400, 2)).astype(float))
    both = words.toarray()
    codes = np.column_stack([both[:, 0], both[:, 0] + both[:, 1]])
    moved = word_map(codes, words)
    assert moved[1, 1] > 0.8
    assert abs(moved[1, 0]) < 0.2  # though they go together, the first feature moves it
    assert np.allclose(word_map(-codes, words), -moved)


def words_of_a_feature(seed: int = 0, n: int = 900) -> tuple[list[str], list[str], np.ndarray]:
    """Draw pairs whose code follows any of three words."""
    rng = np.random.default_rng(seed)
    texts, says = [], []
    for _ in range(2 * n):
        words = list(rng.choice(FILLER, 8))
        for place, word in enumerate(("quokka", "wombat", "dingo")):
            if rng.random() < 0.2:
                words[place] = word
        rng.shuffle(words)
        says.append(sum(word in words for word in ("quokka", "wombat", "dingo")))
        texts.append(" ".join(words))
    code = np.subtract(says[:n], says[n:]).astype(np.float32)
    return texts[:n], texts[n:], code[:, None]


def test_several_words_are_measured_beside_the_names_and_are_none() -> None:
    a, b, codes = words_of_a_feature()
    every = table(a, b, codes)
    (listed,) = every.filter(pl.col("author") == "mapping").to_dicts()
    assert all(word in listed["description"] for word in ("quokka", "wombat", "dingo"))
    assert listed["description"].startswith("says “")
    (named,) = every.filter("won").to_dicts()
    assert named["author"] == "lexical"
    assert listed["select_correlation"] > named["select_correlation"]


def test_a_mapping_yields_to_a_concept_that_says_as_much() -> None:
    a, b, codes = words_of_a_feature()
    zoo = Concept(id="zoo", more="speaks of animals", less="speaks of none",
                  words=("quokka", "wombat", "dingo"))  # fmt: skip
    columns = concept_columns([zoo], Asked([""] * len(a), [""] * len(a)), (a, b))
    codes = np.asarray(columns.odd.toarray(), dtype=np.float32)
    split = np.array(["fit", "fit", "fit", "select", "test"] * (len(a) // 5))
    found = describe_features(
        (a, b), Known(columns.concepts, columns.odd), codes, split, np.arange(len(a)),
        DescribeConfig(), np.random.default_rng(0),
    ).table.filter("won")  # fmt: skip
    assert found["author"].to_list() == ["concept"]
