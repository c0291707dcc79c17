"""Languages, refusals, broken ends and personal data are told from real-looking texts."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.health_pairs import SPOKEN, clean_pairs, exchanged, look
from wimhf.data.health import Item
from wimhf.data.health.texts import check_texts
from wimhf.data.pairs import Pair

LANGUAGES = {
    "English": "All human beings are born free and equal in dignity and rights.",
    "German": "Alle Menschen sind frei und gleich an Würde und Rechten geboren.",
    "French": "Tous les êtres humains naissent libres et égaux; ils doivent agir dans la paix.",
    "Spanish": "Todos los seres humanos nacen libres y deben comportarse los unos con los otros.",
    "Portuguese": "Todos nascem livres e devem agir uns para com os outros em fraternidade.",
    "Italian": "Gli esseri umani sono dotati di ragione e devono agire gli uni verso gli altri.",
    "Dutch": "Zij zijn begiftigd met verstand en geweten in een geest van broederschap.",
    "Polish": "Nie wiem, czy to jest dobry pomysł, ale może się udać.",
    "Turkish": "Bütün insanlar hür ve eşit doğarlar, kardeşlik ile hareket etmelidirler.",
    "Indonesian": "Maaf, saya tidak bisa membantu Anda dengan pertanyaan itu.",
    "Vietnamese": "Tất cả mọi người sinh ra đều được tự do và bình đẳng về quyền lợi.",
    "Russian": "Все люди рождаются свободными и равными в своём достоинстве и правах.",
    "Greek": "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι.",
    "Arabic": "يولد جميع الناس أحرارا متساوين في الكرامة والحقوق.",
    "Hebrew": "כל בני האדם נולדו בני חורין ושווים בערכם ובזכויותיהם.",
    "Hindi": "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता प्राप्त है।",
    "Thai": "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ",
    "Korean": "모든 인간은 태어날 때부터 자유로우며 존엄과 권리에 있어 동등하다.",
    "Chinese": "人人生而自由,在尊严和权利上一律平等。",
    "Japanese": "すべての人間は、生まれながらにして自由であり、尊厳と権利とについて平等である。",
}


def look_at(pairs: list[Pair]) -> dict[str, Item]:
    return look(pairs, check_texts)


def spoken(text: str, other: str | None = None) -> dict[str, Item]:
    """Look at one pair of texts."""
    return look_at([Pair("question", text, text if other is None else other, 1.0)])


# -- languages ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "text"), LANGUAGES.items(), ids=LANGUAGES)
def test_a_sentence_is_told(name: str, text: str) -> None:
    assert spoken(text)["languages"].figures["mix"].keys() == {name}


def test_japanese_with_more_chinese_characters_than_kana_is_japanese() -> None:
    mix = spoken("東京都は日本国の首都で、世界最大級の都市圏。")["languages"].figures["mix"]
    assert mix.keys() == {"Japanese"}


def test_a_mixture_is_counted_over_both_responses_and_noted() -> None:
    texts = list(LANGUAGES.values())
    pairs = [
        Pair(f"question {i}", texts[0], texts[i % len(texts)], 1.0) for i in range(len(texts) * 5)
    ]
    item = look_at(pairs)["languages"]
    assert item.figures["mix"]["English"] == 105
    assert {n for name, n in item.figures["mix"].items() if name != "English"} == {5}
    assert "English 52 %" in item.said
    assert item.severity == "note"
    assert item.advice
    turned = look_at(exchanged(pairs, [True] * len(pairs)))["languages"]
    assert turned.to_dict() == item.to_dict()


@pytest.mark.parametrize("text", ["Yes.", "12345", "🦩👩‍🔬", "qwx zrtp kkjq vvbn xxqz"])
def test_what_cannot_be_told_is_no_language(text: str) -> None:
    item = spoken(text)["languages"]
    assert not item.figures["mix"].keys() & LANGUAGES.keys()
    assert item.severity == "ok"
    assert "too short to tell 100 %" not in item.said


# -- lengths --------------------------------------------------------------------------------------


def test_lengths_are_quantiles_of_words() -> None:
    pairs = [Pair("question", "word " * (i + 1), "word " * (i + 51), 1.0) for i in range(50)]
    item = look_at(pairs)["lengths"]
    assert item.figures["words"] == {"0.05": 6, "0.25": 26, "0.5": 51, "0.75": 75, "0.95": 95}
    assert item.said.endswith("the longest 100")


def test_scripts_without_spaces_are_counted_by_character() -> None:
    assert spoken("人人生而自由" * 10)["lengths"].figures["words"]["0.5"] >= 60


# -- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't help with that.",
        "I’m sorry, but that is not something to joke about.",
        "I am unable to assist you with this request.",
        "I’m not able to give medical advice.",
        "Sorry, I cannot provide instructions for that.",
        "I can’t answer that.",
        "I won't write that for you.",
        "I must decline.",
        "As an AI language model, I cannot browse the web.",
        "I'm afraid I can't do that.",
        "I'm not comfortable with this.",
    ],
)
def test_a_refusal_is_told_by_its_words(text: str) -> None:
    item = spoken(text, "Here you are.")["refusals"]
    assert (item.count, item.figures) == (1, {"both": 0, "refusing_wins": 1.0})


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry to hear that your dog died.",
        "I'm sorry you feel that way.",
        "I'm afraid of spiders too.",
        "You can help by writing to them.",
        "She said that she could not answer.",
        "I can't wait to see you!",
    ],
)
def test_sympathy_is_no_refusal(text: str) -> None:
    assert spoken(text, "Here you are.")["refusals"].count == 0


def test_refusals_on_both_sides_compare_nothing_and_the_share_won_is_told() -> None:
    no, yes = "I can't help with that.", "Of course."
    sides = [(no, yes, 1.0), (no, yes, 0.0), (yes, no, 0.0), (yes, no, 0.0), (no, yes, 0.5)]
    pairs = [Pair(f"question {i}", *side) for i, side in enumerate([*sides, (no, no, 1.0)])]
    item = look_at(pairs)["refusals"]
    assert item.rows.tolist() == [0, 1, 2, 3, 4]
    assert item.figures == {"both": 1, "refusing_wins": 0.75}
    assert "it wins 75 % of 4" in item.said


# -- broken ends ----------------------------------------------------------------------------------

PROSE = " ".join(SPOKEN * 2)
ENDS = {
    "a word": ("", True),
    "a comma": (", and,", True),
    "spaces": (" \n\n", True),
    "an article": (". This is the", True),
    "another alphabet": (" и потом", True),
    "a full stop": (".", False),
    "a quotation": (' "so."', False),
    "a smile": (" 🦩", False),
    "a colon": (":", False),
    "a list": (".\n\n- one thing\n- another thing", False),
    "a numbered list": (".\n1. one thing\n2) another thing", False),
    "a table": (".\n| a | b |\n| 1 | 2", False),
    "code": (".\n```python\nprint(a)\n```", False),
    "code to the end": (".\n```\nprint(a)\nreturn a", False),
    "chinese": ("。人人生而自由", False),
    "japanese": ("、自由である", False),
    "thai": (" มนุษย์ทั้งหลาย", False),
}


@pytest.mark.parametrize(("end", "broken"), ENDS.values(), ids=ENDS)
def test_a_response_is_broken_where_it_stops_in_a_sentence(end: str, broken: bool) -> None:
    assert spoken("Fine.", PROSE + end)["broken"].count == int(broken)
    assert spoken(PROSE + end, "Fine.")["broken"].count == int(broken)


def test_short_answers_without_a_full_stop_are_not_broken() -> None:
    assert spoken("yes", " ".join(SPOKEN))["broken"].count == 0


# -- personal data and secrets --------------------------------------------------------------------

PRIVATE = {
    "e-mail addresses": ["ada.lovelace+x@mail.example.org", "a_b@example.co.uk"],
    "telephone numbers": ["(555) 010-4477", "555-010-4477", "+1 555.010.4477", "1-555-010-4477"],
    "card numbers": ["4111 1111 1111 1111", "5500-0000-0000-0004"],
    "social security numbers": ["078-05-1120"],
    "IBANs": [
        "DE89 3704 0044 0532 0130 00", "DE89370400440532013000", "GB82WEST12345698765432",
        "FR1420041010050500013M02606", "BE68 5390 0754 7034",
    ],
    "keys and tokens": [
        "AKIAIOSFODNN7EXAMPLE", "ghp_" + "a1B2" * 9, "sk-proj-" + "x9Y8" * 6,
        "xoxb-123456789012-abcdef", "eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.SflKxwRJSMeKKF2QT4",
    ],
    "private keys": [
        "-----BEGIN OPENSSH PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN PGP PRIVATE KEY BLOCK-----",
    ],
}  # fmt: skip
KINDS = [(kind, secret) for kind, secrets in PRIVATE.items() for secret in secrets]
SECRET = {"keys and tokens", "private keys"}


@pytest.mark.parametrize("field", ["prompt", "response_a", "response_b"])
@pytest.mark.parametrize(("kind", "secret"), KINDS, ids=[secret for _, secret in KINDS])
def test_personal_data_are_found_wherever_they_stand(kind: str, secret: str, field: str) -> None:
    pairs = clean_pairs(60)
    pairs[17] = replace(pairs[17], **{field: f"It is {secret}, do not tell."})
    pairs[23] = replace(pairs[23], **{field: secret})
    item = look_at(pairs)["private"]
    assert item.rows.tolist() == [17, 23]
    assert item.figures == {"kinds": {kind: 2}}
    assert item.severity == ("serious" if kind in SECRET else "warning")
    assert f"{kind} in 2 of 60 pairs" in item.said


def test_no_secret_is_repeated_in_what_is_said() -> None:
    pairs = clean_pairs(len(KINDS))
    pairs = [
        replace(p, prompt=f"{p.prompt} {secret}", response_b=f"I can't help. {secret}")
        for p, (_, secret) in zip(pairs, KINDS, strict=True)
    ]
    said = json.dumps([item.to_dict() for item in look(pairs).values()])
    for _, secret in KINDS:
        assert secret not in said
        assert secret.split()[0] not in said.split()


@pytest.mark.parametrize(
    "text",
    [
        "It was 2024-01-15, version 1.2.3 of 10.5281/zenodo.1234567.",
        "In 1990 1991 1992 1993 it rained; 1024 2048 4096 8192 are powers of two.",
        "ISBN 978-3-16-148410-0, at @ada on the net, 50 % @ 3.5.",
        "A risk-averse task-force used sk-learn and disk-based storage.",
        "See RFC 2616, DE12 and the AB12CD34 part.",
        "-----BEGIN PUBLIC KEY-----",
        "The ratio is 123.456 to 7890.",
    ],
)
def test_numbers_and_words_that_look_alike_are_no_personal_data(text: str) -> None:
    assert spoken(text)["private"].figures == {"kinds": {}}
