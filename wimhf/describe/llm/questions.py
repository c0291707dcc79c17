"""What a model is asked, and what its answers mean."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import polars as pl

from wimhf.base import Floats, Ints, LlmConfig
from wimhf.describe.llm.budget import ANSWER_TOKENS, PROPOSAL_TOKENS, rewrite_tokens

JSON_OBJECT = re.compile(r"\{[^{}]*\}", re.DOTALL)
LONGEST = 200
"""Characters of a sentence that are kept."""


@dataclass(frozen=True)
class Texts:
    """Prompts and both responses of the pairs."""

    prompt: Sequence[str]
    response_a: Sequence[str]
    response_b: Sequence[str]

    @classmethod
    def of(cls, pairs: pl.DataFrame) -> Texts:
        """Return the texts of a pair table."""
        return cls(*(pairs[c].to_list() for c in ("prompt", "response_a", "response_b")))

    def oriented(self, row: int, *, a_first: bool) -> tuple[str, str]:
        """Return the responses of a pair, A first or B first."""
        a, b = self.response_a[row], self.response_b[row]
        return (a, b) if a_first else (b, a)


@dataclass(frozen=True)
class Question:
    """One prompt and how it is to be answered.

    ``model`` is who answers it, where it is not the model of the settings. With ``weighed_from``
    nothing is to be written: asked is how likely the prompt itself is from that character on.
    """

    prompt: str
    max_tokens: int
    temperature: float
    seed: int = 0
    model: str | None = None
    weighed_from: int | None = None


@dataclass(frozen=True)
class Proposal:
    """A sentence that says what the response with more does, and a short label for it."""

    sentence: str
    label: str


@cache
def prompt_file(name: str) -> str:
    """Return the text of a prompt."""
    return files("wimhf.describe").joinpath("prompts", f"{name}.txt").read_text(encoding="utf-8")


def proposing(texts: Texts, code: Floats, rows: Ints, config: LlmConfig) -> Question:
    """Ask for the property of which one response has more in every example."""
    shown = [
        (texts.prompt[i], *texts.oriented(i, a_first=float(code[i]) > 0)) for i in rows.tolist()
    ]
    mark = _mark(*(part for example in shown for part in example))
    cut = config.characters
    examples = "\n\n".join(
        f"EXAMPLE {number + 1}\n<{mark}>\nPROMPT: {_ending(prompt, cut)}\n</{mark}>\n"
        f"<{mark}>\nRESPONSE MORE: {_beginning(more, cut)}\n</{mark}>\n"
        f"<{mark}>\nRESPONSE LESS: {_beginning(less, cut)}\n</{mark}>"
        for number, (prompt, more, less) in enumerate(shown)
    )
    text = prompt_file("propose").format(count=len(shown), mark=mark, examples=examples)
    seed = int(rows[0]) if len(rows) else 0
    return Question(text, max_tokens=PROPOSAL_TOKENS, temperature=config.temperature, seed=seed)


def judging(
    texts: Texts, row: int, sentence: str, config: LlmConfig, *, exchanged: bool
) -> Question:
    """Ask of which response a sentence is more true, A shown first or, exchanged, B."""
    shown = texts.oriented(row, a_first=not exchanged)
    return _comparing("judge", texts.prompt[row], shown, sentence, config)


def detecting(
    texts: Texts, row: int, sentence: str, config: LlmConfig, *, exchanged: bool
) -> Question:
    """Ask whether two responses differ in what a sentence says, A shown first or, exchanged, B."""
    shown = texts.oriented(row, a_first=not exchanged)
    return _comparing("detect", texts.prompt[row], shown, sentence, config)


def comparing(
    texts: Texts, row: int, sentence: str, config: LlmConfig, *, exchanged: bool
) -> Question:
    """Ask which response does what somebody asks for, A shown first or, exchanged, B."""
    shown = texts.oriented(row, a_first=not exchanged)
    return _comparing("which", texts.prompt[row], shown, sentence, config)


def fuzzing(prompt: str, shown: tuple[str, str], sentence: str, config: LlmConfig) -> Question:
    """Ask of which of two shortened versions of one response a sentence is more true."""
    return _comparing("fuzz", prompt, shown, sentence, config)


def rewriting(
    prompt: str, response: str, sentence: str, config: LlmConfig, *, more: bool
) -> Question:
    """Ask for a response of which a sentence is more true than of this one, or less."""
    cut = config.characters
    text = prompt_file("rewrite").format(
        mark=_mark(prompt, response), prompt=_ending(prompt, cut), response=response[:cut],
        direction="clearly more" if more else "clearly less", sentence=sentence,
    )  # fmt: skip
    return Question(text, max_tokens=rewrite_tokens(config.characters), temperature=0.0)


def likelihood(prompt: str, response: str, said: str | None, config: LlmConfig) -> Question:
    """Ask how likely a response is after its prompt, and after what is said of it."""
    cut = config.characters
    text = prompt_file("given").rstrip("\n").format(
        prompt=_ending(prompt, cut), response="",
        said="" if said is None else f"This holds for the response: it {said}.\n\n",
    )  # fmt: skip
    whole = text + response[:cut]
    return Question(whole, max_tokens=1, temperature=0.0, weighed_from=len(text))


def _comparing(
    name: str, prompt: str, shown: tuple[str, str], sentence: str, config: LlmConfig
) -> Question:
    cut = config.characters
    text = prompt_file(name).format(
        mark=_mark(prompt, *shown), prompt=_ending(prompt, cut),
        first=_beginning(shown[0], cut), second=_beginning(shown[1], cut), sentence=sentence,
    )  # fmt: skip
    return Question(text, max_tokens=ANSWER_TOKENS, temperature=0.0, model=config.judge)


def proposed(answer: str | None) -> Proposal | None:
    """Return what a model proposed; None where it is not understood."""
    if answer is None:
        return None
    written = JSON_OBJECT.search(answer)
    if written is not None:
        try:
            reply = json.loads(written.group())
        except ValueError:
            return None
        sentence, label = reply.get("sentence"), reply.get("label")
    else:
        lines = [line for line in answer.strip().splitlines() if line.strip()]
        sentence, label = (lines[0] if len(lines) == 1 else None), None
    if not isinstance(sentence, str) or not sentence.strip():
        return None
    clean = " ".join(sentence.split()).strip(" .\"'“”")[:LONGEST]
    clean = re.sub(r"^(?:(?:the )?response(?: more)?|more|it)\s+", "", clean, flags=re.IGNORECASE)
    if not clean:
        return None
    words = label if isinstance(label, str) else " ".join(clean.split()[:4])
    return Proposal(clean[0].lower() + clean[1:], " ".join(words.split())[:60].strip(" ."))


def rewritten(answer: str | None) -> str | None:
    """Return a rewritten response; None where there is none."""
    return (answer or "").strip() or None


def likely(answer: str | None) -> float:
    """Return the log probability that was asked for, NaN where it is not told."""
    try:
        return float(answer or "nan")
    except ValueError:
        return float("nan")


def judged(answer: str | None) -> float:
    """Return +1 for the first response, -1 for the second, 0 for a tie, NaN where unclear."""
    digit = re.search(r"[012]", answer or "")
    return {"0": 0.0, "1": 1.0, "2": -1.0}[digit.group()] if digit else float("nan")


def detected(answer: str | None) -> float:
    """Return 1 where the responses are said to differ, 0 where not, NaN where unclear."""
    word = re.search(r"[01]|\b(?:yes|no)\b", (answer or "").lower())
    return float(word.group() in ("1", "yes")) if word else float("nan")


def _mark(*data: str) -> str:
    """Return a name for the marks around data that the data cannot know or close."""
    digest = hashlib.sha256("\x1f".join(data).encode()).hexdigest()
    return f"data-{digest[:12]}"


def _beginning(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]} [cut]"


def _ending(text: str, most: int) -> str:
    return text if len(text) <= most else f"[cut] {text[-most:]}"
