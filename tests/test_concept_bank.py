"""The written concepts: every one finds its own examples and none of its near-misses."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import toy_rows, write_rows
from wimhf.describe.concepts import Concept, load_concepts, measure_concepts
from wimhf.errors import ConfigError

BANK = load_concepts()
AREAS = {"safety", "style", "format", "tone", "content", "honesty", "interaction"}
OWN = """
[[concept]]
id = "names_a_flower"
more = "names a flower"
less = "names no flower"
words = ["tulip", "rose bush"]
"""


@pytest.mark.parametrize("concept", BANK, ids=lambda concept: concept.id)
def test_a_concept_finds_its_examples_and_not_its_near_misses(concept: Concept) -> None:
    assert len(concept.examples_more) >= 2
    assert len(concept.examples_less) >= 2
    assert (measure_concepts([concept], concept.examples_more) > 0).all()
    assert (measure_concepts([concept], concept.examples_less) == 0).all()


def test_the_bank_is_large_and_its_words_are_fit_to_be_read() -> None:
    assert len(BANK) >= 200
    assert {concept.area for concept in BANK} == AREAS
    assert len({concept.id for concept in BANK}) == len(BANK)
    for concept in BANK:
        for said in (concept.more, concept.less):
            assert said == said.strip()
            assert not said.endswith(".")
            assert said[0].islower()
        assert (concept.concern is None) == (not concept.why)


def test_values_depend_on_the_own_text_only() -> None:
    texts = [text for concept in BANK[::5] for text in concept.examples_more]
    whole = measure_concepts(BANK, texts)
    for row in range(0, len(texts), 17):
        assert (measure_concepts(BANK, [texts[row]])[0] == whole[row]).all()
    odd = ["", " ", "🦩👩‍🔬", "مرحبا بالعالم", "word " * 20_000]
    found = measure_concepts(BANK, odd)
    assert np.isfinite(found).all()
    assert (found >= 0).all()
    assert (found[0] == 0).all()


def test_case_and_curly_apostrophes_do_not_matter() -> None:
    (own,) = (c for c in BANK if c.id == BANK[0].id)
    assert own is BANK[0]
    straight = ["I can't help with that. I'm sorry, I don't know."]
    curly = [straight[0].replace("'", "’")]
    letters = [c for c in BANK if "capital" not in c.id and "shout" not in c.id]
    assert (measure_concepts(letters, straight) == measure_concepts(letters, curly)).all()


def test_a_users_file_adds_and_replaces(tmp_path: Path) -> None:
    file = tmp_path / "flowers.toml"
    file.write_text(OWN)
    bank = load_concepts([file])
    assert len(bank) == len(BANK) + 1
    assert bank[-1].area == "flowers"
    assert measure_concepts(bank[-1:], ["A TULIP and a rose bush", "he rose"])[:, 0].tolist() == [
        2,
        0,
    ]
    file.write_text(OWN.replace("names_a_flower", BANK[3].id))
    replaced = load_concepts([file])
    assert len(replaced) == len(BANK)
    assert replaced[3].more == "names a flower"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("not toml [", "is not TOML"), ('title = "x"', r"\[\[concept\]\]"),
        (OWN + OWN, "there twice"), (OWN.replace("more =", "mere ="), "unknown 'mere'"),
        (OWN.replace('more = "names a flower"\n', ""), "`more` is missing"),
        (OWN + 'scope = "middle"', "scope"), (OWN + 'count = "often"', "count"),
        (OWN + 'patterns = ["(?=x)y"]', "pattern"),
        (OWN.replace('["tulip", "rose bush"]', "3"), "list"),
        (OWN.replace("names_a_flower", "Names A"), "snake_case"), (OWN + 'concern = "more"', "why"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_file_is_told_in_one_line(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "own.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=words) as caught:
        load_concepts([file])
    assert "\n" not in str(caught.value)
    assert "own.toml" in str(caught.value)
    with pytest.raises(ConfigError, match="does not exist"):
        load_concepts([tmp_path / "nothing.toml"])


def test_an_own_concept_names_a_feature_and_a_changed_file_describes_again(
    analyze_toy: Callable[..., Any], tmp_path: Path
) -> None:
    file = tmp_path / "own.toml"
    words = '["sorry", "unable", "decline"]'
    file.write_text(
        OWN.replace('["tulip", "rose bush"]', words).replace("names a flower", "begs off")
    )
    source = write_rows(tmp_path / "toy.jsonl", toy_rows(400))
    run = analyze_toy(source, describe={"concepts": [str(file)]})
    table = run.read_table("descriptions.parquet").filter("won")
    assert "begs off" in " ".join(table["description"].drop_nulls())
    file.write_text(file.read_text().replace("begs off", "bows out"))
    again = analyze_toy(source, describe={"concepts": [str(file)]})
    assert "bows out" in " ".join(again.features["description"].drop_nulls())
