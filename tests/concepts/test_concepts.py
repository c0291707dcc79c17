"""The concept bank: what each detector claims, how texts are looked at, what is refused."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from wimhf import concepts as bank_of
from wimhf.base import Floats32
from wimhf.concepts import Concept, detect, load_concepts
from wimhf.concepts.context import CONTEXT_DETECTORS
from wimhf.concepts.structure import ALWAYS, DETECTORS
from wimhf.errors import ConfigError

BANK = load_concepts()
PLAIN = tuple(c for c in BANK if c.of is None and c.reads != "both")
OF_RESPONSES = tuple(c for c in PLAIN if c.reads == "response")
FOLDER = Path(detect.__file__).parent / "written"
AREAS = {
    "safety", "style", "format", "tone", "content", "honesty", "interaction", "prompts", "context",
    "counts",
}  # fmt: skip
NEUTRAL = [
    "The bridge across the river opened in the spring. It carries two lanes.",
    "Copper conducts heat better than iron does.",
    "Add the lentils to the pot, then stir until they soften. Salt comes last.",
    "The committee met on Tuesday and postponed its decision about the new library.",
    "You can take the coastal path if the tide is low. The inland road is longer.",
    "My sister keeps three hens behind the shed. They lay brown eggs.",
    "Most ferries leave from the southern pier after nine.",
    "A violin has four strings, which are tuned in fifths. A cello has four as well.",
    "Prices rose slowly because the harvest was small.",
    "They painted the fence green, although the neighbours preferred white.",
    "I am not sure which of the two roads is shorter. Both are steep.",
    "Is the museum open on Mondays? It closes at five.",
]
WORD = {"id": "own", "more": "names a flower", "less": "names no flower", "words": ("tulip",)}


def measure_concepts(concepts: Sequence[Concept], texts: Sequence[str]) -> Floats32:
    dense: Floats32 = bank_of.measure_concepts(concepts, texts).toarray()
    return dense


def own(**changes: object) -> Concept:
    return Concept(**(WORD | changes))  # type: ignore[arg-type]


def values(concept: Concept, *texts: str) -> list[float]:
    if concept.reads == "both":
        find = CONTEXT_DETECTORS[concept.detector or ""]
        return [find(*text.split("\n>>>\n")) for text in texts]
    return measure_concepts([concept], list(texts))[:, 0].tolist()


@pytest.mark.parametrize("concept", [c for c in BANK if c.of is None], ids=lambda c: c.id)
def test_a_concept_finds_its_examples_and_none_of_its_near_misses(concept: Concept) -> None:
    assert min(len(concept.examples_more), len(concept.examples_less)) >= 2
    if concept.detector in ALWAYS:
        most = max(values(concept, *concept.examples_less))
        assert 0 < most < min(values(concept, *concept.examples_more))
        return
    missed = [t for t in concept.examples_more if values(concept, t)[0] <= 0]
    wrong = [t for t in concept.examples_less if values(concept, t)[0] != 0]
    assert not missed
    assert not wrong


@pytest.mark.parametrize("concept", BANK, ids=lambda concept: concept.id)
def test_a_concept_is_worded_to_be_read(concept: Concept) -> None:
    for said in (concept.more, concept.less):
        first = said.split()[0]
        assert said == " ".join(said.split())
        assert first in {"AI", "I"} or said[0].islower()
        assert first.endswith("s"), "third person: “refuses the request”"
        assert said[-1] not in ".,;:!?"
        assert 1 <= len(said.split()) <= 10
    assert concept.more != concept.less
    assert (concept.concern is None) == (concept.why == "")


def test_the_bank_is_large_its_ids_are_unique_and_every_area_has_concepts() -> None:
    ids = Counter(
        row["id"]
        for file in FOLDER.glob("*.toml")
        for row in tomllib.loads(file.read_text(encoding="utf-8"))["concept"]
    )
    assert max(ids.values()) == 1
    assert len(BANK) == len(ids) >= 200
    areas = Counter(concept.area for concept in BANK)
    assert set(areas) == AREAS
    assert min(areas.values()) >= 5
    poles = Counter(concept.more for concept in BANK)
    assert max(poles.values()) == 1


def test_a_title_is_short_and_its_own() -> None:
    titles = Counter(concept.title.lower() for concept in BANK)
    assert [title for title, count in titles.items() if count > 1] == []
    for concept in BANK:
        assert 1 <= len(concept.title.split()) <= 4
        assert not concept.title[0].islower()
        assert concept.title[-1] not in ".,;:!?"
    written = [
        row
        for file in FOLDER.glob("*.toml")
        for row in tomllib.loads(file.read_text(encoding="utf-8"))["concept"]
    ]
    assert all("title" in row for row in written)


def test_no_concept_fires_on_most_ordinary_texts() -> None:
    sometimes = [c for c in OF_RESPONSES if c.detector not in ALWAYS]
    shares = (measure_concepts(sometimes, NEUTRAL) > 0).mean(axis=0)
    assert [c.id for c, share in zip(sometimes, shares, strict=True) if share > 0.6] == []


AUDITED = tuple(c for c in BANK if c.audit)
OPPOSITES = [
    ("refuses_request", "opens_with_compliance"),
    ("praises_user", "judges_user"),
    ("hedges_claims", "claims_certainty"),
    ("agrees_with_user", "disagrees_with_user"),
    ("refers_to_itself_as_ai", "claims_human_life"),
    ("refuses_request", "gives_instructions"),
    ("shows_empathy", "judges_user"),
    ("keeps_form", "ignores_form"),
]


def test_what_the_audit_asks_for_is_shown_by_ten_texts_and_ten_near_misses() -> None:
    assert len(AUDITED) >= 40
    for concept in AUDITED:
        if concept.of is None:
            shown = (concept.examples_more, concept.examples_less)
            assert [len(set(texts)) >= 10 for texts in shown] == [True, True], concept.id
            assert not set(shown[0]) & set(shown[1])


def test_the_audit_is_silent_on_ordinary_texts() -> None:
    audited = [c for c in AUDITED if c in OF_RESPONSES and c.detector not in ALWAYS]
    found = measure_concepts(audited, NEUTRAL) > 0
    assert found.sum(axis=0).max() <= 1
    assert found.sum() <= 2


@pytest.mark.parametrize(("one", "other"), OPPOSITES)
def test_what_shows_a_concept_seldom_shows_its_opposite(one: str, other: str) -> None:
    bank = {concept.id: concept for concept in BANK}
    for shown, opposite in ((bank[one], bank[other]), (bank[other], bank[one])):
        wrong = [text for text in shown.examples_more if values(opposite, text)[0]]
        assert len(wrong) <= 0.1 * len(shown.examples_more), wrong


def test_a_text_is_measured_the_same_alone_and_among_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts = [*NEUTRAL, *(text for c in PLAIN[::9] for text in c.examples_more)]
    whole = measure_concepts(PLAIN, texts)
    assert whole.shape == (len(texts), len(PLAIN))
    assert whole.dtype == np.float32
    for row in range(0, len(texts), 29):
        assert np.array_equal(measure_concepts(PLAIN, [texts[row]])[0], whole[row])
    assert np.array_equal(measure_concepts(PLAIN[::-1], texts), whole[:, ::-1])
    monkeypatch.setattr(detect, "BATCH", 4_000)
    assert np.array_equal(measure_concepts(PLAIN, texts), whole)


def test_empty_long_and_foreign_texts_are_measured() -> None:
    odd = ["", "\n \n", "word " * 20_000, "🙂" * 50, "👩‍🔬 שלום עולם", "مرحبا\r\nبالعالم", "\x00"]
    found = measure_concepts(PLAIN, odd)
    assert np.isfinite(found).all()
    assert (found >= 0).all()
    assert (found[:2] == 0).all()
    assert measure_concepts(PLAIN, []).shape == (0, len(PLAIN))
    assert measure_concepts([], odd).shape == (len(odd), 0)


def test_case_apostrophes_and_accents_do_not_matter() -> None:
    texts = [t for c in OF_RESPONSES for t in c.examples_more if "'" in t]
    curly = [text.replace("'", "’") for text in texts]
    assert len(texts) > 50
    assert np.array_equal(measure_concepts(PLAIN, texts), measure_concepts(PLAIN, curly))
    refuses = next(c for c in BANK if c.id == "refuses_request")
    assert values(refuses, "I CAN’T HELP WITH THAT.") == [1.0]
    assert values(own(words=("can’t wait", "naïve")), "Can't wait! How naive. CAN’T  WAIT") == [3.0]
    assert values(own(words=("naive",)), "naïve", "naïveté") == [1.0, 0.0]
    assert values(own(words=("конечно",)), "Да, Конечно!", "бесконечно") == [1.0, 0.0]
    assert values(own(words=("slut",)), "i slutändan", "日本tulip") == [0.0, 0.0]


@pytest.mark.parametrize(
    ("scope", "texts", "expected"),
    [
        ("whole", ["a tulip\nand a tulip", "tulips"], [2, 0]),
        ("opening", ["A tulip! Then rain.", "Rain fell.  A tulip.", "Rain\na tulip"], [1, 0, 0]),
        ("opening", ["1. A tulip. Rain.", "rain " * 40 + "tulip.", "Tulip 3.5 cm"], [1, 0, 1]),
        ("ending", ["Rain fell. A tulip! 🌷", "A tulip. Rain fell.", "tulip"], [1, 0, 1]),
        ("ending", ["tulip " + "rain " * 40, "A tulip?\n\nRain", "Rain.\n- tulip\n\n"], [0, 0, 1]),
        ("first_line", ["\n Rain. A tulip\nrain", "Rain\ntulip"], [1, 0]),
        ("lines", ["tulip\r\n  Tulip tulip\n- tulip", "a tulip"], [2, 0]),
    ],
)
def test_a_scope_bounds_where_a_concept_is_sought(
    scope: str, texts: list[str], expected: list[float]
) -> None:
    assert values(own(scope=scope), *texts) == expected


def test_counts_and_what_cancels() -> None:
    text = "tulip tulip rain rain"
    assert values(own(), text) == [2.0]
    assert values(own(count="presence"), text, "rain") == [1.0, 0.0]
    assert values(own(count="density"), text, "") == [50.0, 0.0]
    fire = own(without=("tulip fire",), count="density")
    assert values(fire, text, "a tulip. Tulip fire is a blight") == [50.0, 0.0]
    either = own(patterns=(r"\brose\w*",), words=("e.g.", "lily of the valley"))
    assert values(either, "Roses, e.g. a lily  of the\nvalley", "arose") == [3.0, 0.0]


@pytest.mark.parametrize("name", DETECTORS)
def test_a_detector_is_pure_and_takes_any_text(name: str) -> None:
    assert any(c.detector == name for c in PLAIN)
    long = [mark * 100_000 + "a" for mark in ("a", "!", ".", "*", "\n", "- ", "` ", "\n A (", "|")]
    for text in ("", " \n\t", "?!…", "```", "🙂" * 70, *long):
        value = DETECTORS[name](text)
        assert value == DETECTORS[name](text)
        assert 0 <= value < float("inf")


def written(folder: Path, text: str) -> Path:
    path = folder / "flowers.toml"
    path.write_text(text, encoding="utf-8")
    return path


GOOD = """
[[concept]]
id = "names_a_flower"
more = "names a flower"
less = "names no flower"
words = ["tulip"]
examples = { more = ["a tulip"], less = ["two lips"] }
"""


def test_a_users_file_adds_and_replaces(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    *before, added = load_concepts([path])
    assert tuple(before) == BANK
    assert (added.area, added.source) == ("flowers", str(path))
    assert added.examples_less == ("two lips",)
    written(tmp_path, GOOD.replace("names_a_flower", BANK[5].id))
    replaced = load_concepts([str(path)])
    assert len(replaced) == len(BANK)
    assert replaced[5].more == "names a flower"
    assert replaced[:5] + replaced[6:] == BANK[:5] + BANK[6:]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("[[concept]]", "[[concept", "not TOML"),
        ("[[concept]]", "[[concepts]]", "start each concept with [[concept]] instead of 'conc"),
        (GOOD, "", "start each concept with [[concept]]"),
        (GOOD, "concept = 3", "start each concept with [[concept]]"),
        (GOOD, GOOD + GOOD, "is there twice; rename one"),
        ('id = "names_a_flower"', "", "concept number 1 has no id"),
        ("names_a_flower", "Names a flower", "not snake_case"),
        ('more = "names a flower"', "", "`more` is missing"),
        ('less = "names no flower"', 'less = " "', "`less` is missing"),
        ("names no flower", "names a flower", "say the same"),
        ("words", "wrods", "unknown 'wrods'; use audit, concern, count"),
        ("{ more", "{ most", "unknown 'most'; use less, more"),
        ('{ more = ["a tulip"], less = ["two lips"] }', '["a tulip"]', "examples must be {"),
        ('["tulip"]', '"tulip"', "give a list of texts"),
        ('["tulip"]', "[1]", "give a list of texts"),
        ('["a tulip"]', "[1]", "give a list of texts"),
        ('"names a flower"', "3", "more is 3; give a text in quotes"),
        ('words = ["tulip"]', "", "nothing to look for"),
        ('["tulip"]', '["tulip", " "]', "empty pattern or word"),
        ("words", "scope = 'middle'\nwords", "scope 'middle' is unknown; use whole, opening"),
        ("words", "count = 'often'\nwords", "count 'often' is unknown; use matches, presence"),
        (
            "words",
            "concern = 'both'\nwhy = 'x'\nwords",
            "concern 'both' is unknown; use more",
        ),
        ("words", "concern = 'more'\nwords", "belong together"),
        ("words", "why = 'x'\nwords", "belong together"),
        ('words = ["tulip"]', "detector = 'magic'", "detector 'magic' is unknown; use length_in"),
        ("words", "detector = 'rhymes'\nwords", "leave out every other rule"),
        ('words = ["tulip"]', "detector = 'rhymes'\ncount = 'density'", "leave out `count`"),
        ("words", "patterns = ['(?=x)y']\nwords", "is no Rust regex (look-around"),
        ("words", "patterns = ['(x']\nwords", "is no Rust regex (unclosed group)"),
        ("words", "without = ['x*']\nwords", "matches the empty text"),
    ],
)
def test_a_mistake_in_a_file_is_told_in_one_line(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    assert old in GOOD
    path = written(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(ConfigError) as caught:
        load_concepts([path])
    message = str(caught.value)
    assert told in message
    assert str(path) in message
    assert "\n" not in message


def test_a_file_that_cannot_be_read_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist; check its path"):
        load_concepts([tmp_path / "none.toml"])
    with pytest.raises(ConfigError, match="cannot be read"):
        load_concepts([tmp_path])
    path = tmp_path / "latin.toml"
    path.write_bytes(b'id = "caf\xe9"')
    with pytest.raises(ConfigError, match="is not UTF-8; save it as UTF-8"):
        load_concepts([path])
    with pytest.raises(ConfigError, match=r"^concepts: concept 'own': nothing to look for"):
        own(words=())


def test_more_words_than_one_expression_holds_are_refused_in_a_line(tmp_path: Path) -> None:
    words = [f"x{hash((number, 7)):x}".replace("-", "y") for number in range(30_000)]
    row = f'[[concept]]\nid = "many"\nmore = "says one"\nless = "says none"\nwords = {words}\n'
    (tmp_path / "own.toml").write_text(row, encoding="utf-8")
    with pytest.raises(ConfigError, match="30,000 patterns and words are too many for one concept"):
        load_concepts([tmp_path / "own.toml"])


@pytest.mark.parametrize("concept", [c for c in BANK if c.reads != "prompt"], ids=lambda c: c.id)
def test_what_is_said_of_a_response_fits_a_sentence_of_twenty_words(concept: Concept) -> None:
    assert max(len(pole.split()) for pole in (concept.more, concept.less)) <= 9
