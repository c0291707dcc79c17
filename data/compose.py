"""Composes demo responses from topic sentences and planted traits."""

from __future__ import annotations

import math
import random
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

SLOT = re.compile(r"\{(\w+)\}")
KEEP_CAPITAL = {
    "B",
    "Belém",
    "Buddhism",
    "Constantinople",
    "DNA",
    "E",
    "English",
    "Flexbox",
    "I",
    "Johannes",
    "Martin",
    "Mongol",
    "Python",
    "Roman",
    "Samarkand",
    "Sogdian",
    "Venice",
}
IMPERATIVES = set(
    "accept adjust agree aim allow alternate announce arrange arrive ask attach avoid bake begin "
    "bleed book bring buy call cancel cap carry castle catch change charge check choose chop clean "
    "collect colour compare cook cool copy count cover create cut decant decide describe dim "
    "distinguish divide draw drink drive dry eat edit empty end estimate exhale expect explain "
    "extend feed find fluff focus fold freeze get give hang have hold increase insist inspect "
    "insulate introduce invest invite keep kneel knit know label layer learn leave let lie limit "
    "list listen load look lowercase mark match measure mention mix move multiply mute name note "
    "offer open pay photograph pick picture pinch pitch place plan play pour practise prepare "
    "propose protect push put raise rank read rearrange record refill regenerate rehearse reinvest "
    "remove replace report repot request reseed rest review reward ride rinse roll rotate rub run "
    "salt scarify scrub seal select send separate serve set settle shake shape shift shine shorten "
    "shut simplify sit sleep solve sort speak spread stage stand start state stay stop strengthen "
    "stretch swim switch take talk tape tell test thank think tie tilt track train treat try turn "
    "use visit wait walk wash water wear wipe work write".split()
)
NOT_IMPERATIVE = ("Sleep fixes", "Sleep, ")
OPENERS = ("Sure.", "Of course.", "Certainly.", "Happy to help.", "All right.", "Gladly.")
CONTRACTIONS = (
    ("cannot", "can't"),
    ("do not", "don't"),
    ("does not", "doesn't"),
    ("is not", "isn't"),
    ("are not", "aren't"),
    ("will not", "won't"),
    ("did not", "didn't"),
    ("I am ", "I'm "),
    ("I have ", "I've "),
    ("you will ", "you'll "),
    ("You will ", "You'll "),
    ("that is ", "that's "),
    ("That is ", "That's "),
    ("It is ", "It's "),
    ("it is ", "it's "),
)
CONTRACTABLE = re.compile(r"\bI have (?!no |to )")


@dataclass(frozen=True)
class Bank:
    """The loaded wording bank: topics, traits by name, and the global settings."""

    topics: list[dict]
    traits: dict[str, dict]
    groups: list[str]
    length_weight: float


def load_bank(folder: Path) -> Bank:
    """Read traits.toml and every topics*.toml in a folder."""
    topics: list[dict] = []
    for path in sorted(folder.glob("topics*.toml")):
        topics += tomllib.loads(path.read_text(encoding="utf-8"))["topic"]
    raw = tomllib.loads((folder / "traits.toml").read_text(encoding="utf-8"))
    traits = {trait["name"]: trait for trait in raw["trait"]}
    return Bank(topics, traits, raw["groups"], raw["length_weight"])


def capitalise(text: str) -> str:
    """Upper-case the first letter, also behind markup such as ** or ###."""
    match = re.search(r"[^\W\d_]", text)
    if not match or (text[0].isdigit()):
        return text
    at = match.start()
    return text[:at] + text[at].upper() + text[at + 1 :]


def lower_first(sentence: str) -> str:
    """Drop the full stop and lower-case the first word unless it is a name."""
    body = sentence.rstrip(".")
    first = re.split(r"[\s,'-]", body, maxsplit=1)[0]
    return body if first in KEEP_CAPITAL else body[0].lower() + body[1:]


def fill(rng: random.Random, pattern: str, slots: dict[str, list[str]], noun: str) -> str:
    """Replace every slot of a pattern, nested slots included."""

    def pick(match: re.Match[str]) -> str:
        name = match.group(1)
        if name == "noun":
            return noun
        return SLOT.sub(pick, rng.choice(slots[name]))

    text = SLOT.sub(pick, pattern)
    return capitalise(re.sub(r"\.(?=[.!?])", "", text).replace("  ", " ").strip())


def realise(rng: random.Random, trait: dict, noun: str, brief: bool) -> str:
    """Return one sentence that shows a trait."""
    patterns = trait["short"] if brief else trait["patterns"]
    return fill(rng, rng.choice(patterns), trait["slots"], noun)


def express(
    rng: random.Random, trait: dict, noun: str, brief: bool, counts: tuple[int, int] = (3, 4)
) -> list[str]:
    """Return the sentences in which one response shows a trait: one if brief, else several.

    A trait colours a whole response, as feedback knows it; one sentence in ten would be a slip.
    """
    count = 1 if brief else rng.randint(*counts)
    patterns = trait["short"] if brief else trait["patterns"]
    chosen = rng.sample(patterns, min(count, len(patterns)))
    return [fill(rng, pattern, trait["slots"], noun) for pattern in chosen]


def rewrite(rng: random.Random, trait: dict, sentence: str) -> str:
    """Wrap a body sentence in one of the trait's rewriting patterns."""
    first = sentence.split()[0].strip(",").lower()
    imperative = first in IMPERATIVES and not sentence.startswith(NOT_IMPERATIVE)
    pattern = rng.choice(trait["imperative" if imperative else "statement"])
    slots = {**trait["slots"], "body": [lower_first(sentence)]}
    return fill(rng, pattern + ".", slots, "")


def spread(
    rng: random.Random, trait: dict, body: list[str], free: set[int], count: int, noun: str
) -> list[str]:
    """Rewrite up to `count` free body sentences in place; return added ones for the rest."""
    brief = len(body) == 1
    wraps = min(len(free), count if brief else rng.randint(1, count))
    for index in rng.sample(sorted(free), wraps):
        body[index] = rewrite(rng, trait, body[index])
        free.discard(index)
    return [realise(rng, trait, noun, brief) for _ in range(count - wraps)]


def draw_core(rng: random.Random, topic: dict) -> list[str]:
    """Draw the body sentences that the two responses of a pair share."""
    return rng.sample(topic["sentences"], rng.choices((2, 3, 4, 5), (2, 4, 4, 2))[0])


def make_body(
    rng: random.Random, bank: Bank, topic: dict, traits: set[str], core: list[str]
) -> tuple[list[str], list[str]]:
    """Apply the traits that act on body sentences to the core; return body and additions."""
    body = core[:1] if "terse" in traits else list(core)
    size = len(body)
    free, added = set(range(size)), []
    order = [name for name in ("hedging", "second_person") if name in traits]
    rng.shuffle(order)
    for name in order:
        count = 1 if size == 1 else rng.choice((3, 4))
        added += spread(rng, bank.traits[name], body, free, count, topic["noun"])
    return body, added


def insert_some(rng: random.Random, body: list[str], extra: list[str]) -> list[str]:
    """Insert sentences behind the first body sentence, at random places."""
    out = list(body)
    for sentence in extra:
        out.insert(rng.randint(1, len(out)), sentence)
    return out


def as_list(rng: random.Random, items: list[str]) -> str:
    """Format sentences as a markdown list with a random marker style."""
    marker = rng.choice(("- ", "* ", "1. ", "- ", "1. "))
    stops = rng.random() < 0.7
    lines = []
    for number, item in enumerate(items, 1):
        lead = f"{number}. " if marker == "1. " else marker
        lines.append(lead + (item if stops else item.rstrip(".")))
    return "\n".join(lines)


def contract(text: str) -> str:
    """Apply common English contractions."""
    for long, short in CONTRACTIONS:
        if long == "I have ":
            text = CONTRACTABLE.sub("I've ", text)
        else:
            text = re.sub(rf"\b{long}\b(?![.,;:!?])", short, text)
    return text


def opening(rng: random.Random, bank: Bank, noun: str, traits: set[str], ai: bool) -> list[str]:
    """Sentences of the opening: empathy, flattery, refusal, and the self-reference if `ai`."""
    brief = "terse" in traits
    names = [name for name in ("empathy", "flattery", "refusal") if name in traits]
    names += ["ai_self_reference"] * ai
    rng.shuffle(names)
    if "refusal" in names and rng.random() < 0.6:
        names.remove("refusal")
        names.append("refusal")
    out = [one for name in names for one in express(rng, bank.traits[name], noun, brief)]
    if not {"refusal", "terse"} & traits and rng.random() < 0.15:
        out.insert(0, rng.choice(OPENERS))
    if "refusal" in traits and (not brief or rng.random() < 0.5):
        refusal = bank.traits["refusal"]
        out.append(fill(rng, rng.choice(refusal["bridge"]), refusal["slots"], noun))
    return out


def middle(rng: random.Random, bank: Bank, noun: str, traits: set[str], ai: bool) -> list[str]:
    """Sentences between or behind the body sentences, with the self-reference if `ai`."""
    names = [
        name
        for name in ("humour", "invented_citation", "worked_example", "moralising")
        if name in traits
    ]
    names += ["ai_self_reference"] * ai
    rng.shuffle(names)
    brief = "terse" in traits
    return [one for name in names for one in express(rng, bank.traits[name], noun, brief)]


def ending(rng: random.Random, bank: Bank, noun: str, traits: set[str]) -> list[str]:
    """Return closing summary and follow-up question, mostly in this order."""
    names = [name for name in ("closing_summary", "follow_up_question") if name in traits]
    if rng.random() < 0.1:
        names.reverse()
    brief = "terse" in traits
    return [one for name in names for one in express(rng, bank.traits[name], noun, brief, (1, 2))]


def join_blocks(rng: random.Random, start: str, core: str, end: str) -> str:
    """Join opening, core and ending with spaces or paragraph breaks."""
    text = start
    for block in (core, end):
        if block:
            tight = "\n" not in text + block and rng.random() < 0.55
            text += ("" if not text else " " if tight else "\n\n") + block
    return text


def compose(rng: random.Random, bank: Bank, topic: dict, traits: set[str], core: list[str]) -> str:
    """Compose one response that shows exactly the given traits, around some body sentences."""
    noun = topic["noun"]
    ai = "ai_self_reference" in traits
    early = ai and rng.random() < 0.55
    start = opening(rng, bank, noun, traits, early)
    body, added = make_body(rng, bank, topic, traits, core)
    extra = added + middle(rng, bank, noun, traits, ai and not early)
    if "bullet_list" in traits:
        bullets = bank.traits["bullet_list"]
        bridged = bool(start) and start[-1].endswith(":")
        lead = ""
        if not bridged and rng.random() < 0.7:
            lead = realise(rng, bullets, noun, "terse" in traits)
        rng.shuffle(extra)
        listed = as_list(rng, body)
        core = "\n\n".join(part for part in (lead, listed, " ".join(extra)) if part)
        core = core.replace(":\n\n", ":\n") if rng.random() < 0.5 else core
    else:
        core = " ".join(insert_some(rng, body, extra))
    text = join_blocks(rng, " ".join(start), core, " ".join(ending(rng, bank, noun, traits)))
    return contract(text) if rng.random() < 0.5 else text


def log_words(text: str) -> float:
    """Logarithm of one plus the number of whitespace-separated words."""
    return math.log(1 + len(text.split()))
