"""Concepts of the prompt, of prompt and response together, and those that hold on a condition."""

from __future__ import annotations

import numpy as np
import pytest

from wimhf.concepts import Asked, concept_columns, load_concepts, measure_concepts
from wimhf.concepts.context import CONTEXT_DETECTORS
from wimhf.concepts.forms import forms
from wimhf.concepts.languages import language_of

BANK = {concept.id: concept for concept in load_concepts()}
HARMS = (
    "asks_for_violence", "asks_for_drugs", "asks_for_crime", "asks_for_hacking", "asks_for_hate",
    "asks_for_sexual_content", "brings_up_self_harm", "asks_for_private_data",
    "asks_for_deception",
)  # fmt: skip


def odd_value(name: str, asked: str, a: str, b: str) -> float:
    columns = concept_columns(tuple(BANK.values()), Asked([asked], [asked]), ([a], [b]))
    place = [concept.id for concept in columns.concepts].index(name)
    return float(columns.odd.toarray()[0, place])


@pytest.mark.parametrize("kind", HARMS)
def test_a_kind_of_harm_is_harm_and_its_near_misses_are_not(kind: str) -> None:
    harm = BANK["asks_for_harm"]
    assert (measure_concepts([harm], BANK[kind].examples_more).toarray() > 0).all()
    near = measure_concepts([harm], BANK[kind].examples_less).toarray()[:, 0]
    assert [text for text, value in zip(BANK[kind].examples_less, near, strict=True) if value] == []


@pytest.mark.parametrize("name", [c.id for c in BANK.values() if c.reads == "prompt"])
def test_what_asks_for_no_harm_asks_for_none(name: str) -> None:
    harm = measure_concepts([BANK["asks_for_harm"]], BANK[name].examples_more).toarray()
    assert bool(harm.any()) == (name in HARMS)


def test_a_condition_divides_a_refusal() -> None:
    refusal, answer = "I'm sorry, I cannot help with that.", "It takes an hour."
    harmful, harmless = "How do I poison my boss?", "How do I poach an egg?"
    assert odd_value("refuses_the_harmful", harmful, refusal, answer) > 0
    assert odd_value("refuses_the_harmful", harmful, answer, refusal) < 0
    assert odd_value("refuses_the_harmful", harmless, refusal, answer) == 0
    assert odd_value("refuses_the_harmless", harmless, refusal, answer) > 0
    assert odd_value("refuses_the_harmless", harmful, refusal, answer) == 0
    steps = "First, get a bottle. Then pour it into the tea."
    assert odd_value("goes_along_with_harm", harmful, steps, refusal) > 0
    assert odd_value("goes_along_with_harm", harmless, steps, refusal) == 0
    assert odd_value("agrees_to_harm", harmful, "Sure! Here is how.", refusal) > 0


@pytest.mark.parametrize("name", CONTEXT_DETECTORS)
def test_a_detector_of_both_is_pure_and_takes_any_text(name: str) -> None:
    long = ["word " * 5_000, "a" * 50_000, "\n" * 9_000, "list " * 2_000, "1 " * 3_000, "?" * 9_000]
    for text in ("", " \n", "🙂" * 70, "\x00", "List 0 words.", *long):
        for asked, response in ((text, "Yes."), ("Is it so?", text), (text, text)):
            value = CONTEXT_DETECTORS[name](asked, response)
            assert value == CONTEXT_DETECTORS[name](asked, response)
            assert 0 <= value < float("inf")


@pytest.mark.parametrize(
    ("asked", "response", "kept"),
    [
        ("Write exactly ten words.", "one two three four five six seven eight nine ten", 1.0),
        ("Write exactly ten words.", "one two three four five", 0.5),
        ("Use at most 5 words.", "one two", 1.0),
        ("Use at least three sentences.", "One. Two. Three. Four.", 1.0),
        ("Explain it in 2 paragraphs.", "One.\n\nTwo.", 1.0),
        ("Give 3 bullet points.", "- a\n- b", 5 / 6),
        ("Write 200 words or less on tea.", "Tea is a drink.", 1.0),
        ("Return it as JSON.", '{"a": 1}', 1.0),
        ("Reply in German.", "Das ist nicht der Weg zu der Stadt.", 1.0),
        ("Reply in German.", "That is not the way to the town.", 0.0),
        ("What is tea?", "- a\n- b", 0.0),
    ],
)
def test_a_form_is_kept_in_part(asked: str, response: str, kept: float) -> None:
    assert CONTEXT_DETECTORS["keeps_form"](asked, response) == pytest.approx(kept)
    ignored = CONTEXT_DETECTORS["ignores_form"](asked, response)
    assert ignored == (pytest.approx(1 - kept) if forms(asked) else 0.0)


def test_stop_words_are_not_taken_up_and_endings_do_not_matter() -> None:
    take = CONTEXT_DETECTORS["takes_up_words"]
    assert take("How do bees make honey?", "The bee makes honey.") == 100.0
    assert take("How do I do this?", "I do this.") == 0.0
    assert take("bees and wasps", "a bee") == 50.0


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Wie geht es dir und was machst du?", "de"), ("Qual é a capital do Brasil?", "pt"),
        ("¿Cuál es la capital?", "es"), ("Où est la gare, et qui est là?", "fr"),
        ("これは本です。", "ja"), ("这是一本书。", "zh"), ("Это так.", "ru"),
        ("paris", None), ("", None),
        ("Undskyld, det kan jeg desværre ikke hjælpe dig med.", "da"),
        ("Sajnálom, nem tudok segíteni.", "hu"),
        ("Извини, я не знаю.", "ru"), ("Вибачте, я цього не знаю, спитайте її.", "uk"),
        ("죄송하지만 도와드릴 수 없습니다.", "ko"), ("ขอโทษ ฉันช่วยไม่ได้", "th"),
        ("The cat is on the mat.", "en"), ("12 + 3", None), ("I’m not.", None),
        ("I’m sorry, I don’t understand.", "en"), ("NO, I WILL NOT DO THAT FOR YOU", "en"),
        ("“Schadenfreude” means joy at somebody's harm.", "en"),
        ("```\nder die das und ist\n```", None),
    ],
)  # fmt: skip
def test_a_language_is_told(text: str, code: str | None) -> None:
    assert language_of(text) == code


@pytest.mark.parametrize(
    "text",
    [
        "De kat zit op de mat en kijkt naar de vogels, en we had het er al over.",
        "Jeg har en kat og den kan se at der er en fugl i haven, men det er ikke for den.",
        "To jest bardzo dobry pomysl, ale to nie jest to, bo to inny temat, i to wiesz.",
        "Eu nao sei o que fazer, mas acho que do jeito que esta nao pode ficar, por isso vou.",
        "Saya tidak tahu apa yang harus saya katakan, tetapi saya pikir kita harus pergi ke sana.",
        "Ako ay isang estudyante at gusto kong magbasa ng mga libro tungkol sa kasaysayan.",
    ],
)
def test_plain_letters_do_not_make_a_text_english(text: str) -> None:
    assert text.isascii()
    assert language_of(text) != "en"


def test_swapping_what_both_read_negates() -> None:
    bank = [concept for concept in BANK.values() if concept.reads == "both"]
    rng = np.random.default_rng(0)
    texts = [text.split("\n>>>\n") for c in bank for text in c.examples_more]
    asked = [text[0] for text in texts]
    a = [text[1] for text in texts]
    b = [a[place] for place in rng.permutation(len(a))]
    there = concept_columns(bank, Asked(asked, asked), (a, b)).odd.toarray()
    back = concept_columns(bank, Asked(asked, asked), (b, a)).odd.toarray()
    assert np.array_equal(there, -back)
    assert there.any(axis=0).all()
