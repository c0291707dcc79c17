"""Laws of the rules: odd, few literals, reproducible, and they find what was planted."""

import numpy as np

from wimhf.stats import Clauses, TsetlinSettings, auc, tsetlin_clauses

SETTINGS = TsetlinSettings(12, passes=8)


def planted(n: int = 1200, p: int = 40, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw pairs in which a response wins that has the first thing and not the second."""
    rng = np.random.default_rng(seed)
    a, b = rng.random((2, n, p)) < 0.15
    ab, ba = a & ~b, b & ~a
    lead = [one[:, 0] & ~one[:, 1] for one in (ab, ba)]
    sure = lead[0].astype(float) - lead[1] + 0.3 * rng.standard_normal(n)
    return ab, ba, sure > 0


def test_exchanging_the_orders_negates_scores() -> None:
    ab, ba, won = planted()
    found = tsetlin_clauses(ab, ba, won, SETTINGS, 0)
    assert np.array_equal(found.score(ba, ab), -found.score(ab, ba))
    turned = tsetlin_clauses(ba, ab, ~won, SETTINGS, 0)
    assert np.array_equal(turned.included, found.included)


def test_planted_rule_is_found_and_predicts() -> None:
    ab, ba, won = planted()
    found = tsetlin_clauses(ab[:900], ba[:900], won[:900], SETTINGS, 0)
    assert found.included[:, 0].mean() >= 0.5
    assert found.included[:, 40].sum() == 0  # nothing is preferred for lacking it
    rest = slice(900, None)
    score = found.score(ab[rest], ba[rest])
    assert auc(score, won[rest].astype(float), np.ones(300)) > 0.6


def test_no_clause_has_more_literals_than_allowed() -> None:
    ab, ba, won = planted()
    few = TsetlinSettings(12, literals=3, passes=4, specificity=20.0)
    assert tsetlin_clauses(ab, ba, won, few, 0).included.sum(axis=1).max() <= 3


def test_same_seed_same_clauses() -> None:
    ab, ba, won = planted(300)
    one, two, other = (tsetlin_clauses(ab, ba, won, SETTINGS, seed) for seed in (3, 3, 4))
    assert np.array_equal(one.included, two.included)
    assert not np.array_equal(one.included, other.included)


def test_a_clause_holds_where_all_of_its_literals_do() -> None:
    included = np.zeros((3, 4), dtype=bool)
    included[0, [0, 3]] = True  # the first thing, and not the second
    included[1, 1] = True
    rows = np.array([[True, False], [True, True], [False, False]])
    fire = Clauses(included).fire(rows)
    assert fire.tolist() == [[True, False, False], [False, True, False], [False, False, False]]
