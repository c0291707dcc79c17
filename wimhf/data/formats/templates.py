"""Chat templates: conversations that sources keep as one text, with marks between the turns."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from wimhf.data.formats.roles import is_known, role_of
from wimhf.data.pairs import Turns


@dataclass(frozen=True)
class Template:
    """One way to write a conversation as text.

    Attributes
    ----------
    opening
        What stands at the start of a turn; its first group, where there is one, names the role.
    closing
        What may stand at the end of one.
    """

    name: str
    opening: re.Pattern[str]
    closing: re.Pattern[str]

    def turns(self, text: str) -> Turns | None:
        """Return the turns of a text that is nothing but turns; an open last one is left out."""
        if self.opening.match(text) is None:
            return None
        pieces = self.opening.split(text)
        turns: Turns = []
        for speaker, body in zip(pieces[1::2], pieces[2::2], strict=True):
            role = role_of(speaker.strip())
            if not is_known(role):
                return None
            turns.append({"role": role, "content": self.closing.sub("", body).strip()})
        if turns[-1]["role"] == "assistant" and not turns[-1]["content"]:
            turns.pop()
        return turns or None


def _marked(name: str, opening: str, closing: str) -> Template:
    return Template(name, re.compile(opening), re.compile(rf"\s*(?:{closing})\s*$"))


ENDS = r"<\|im_end\|>|<\|eot_id\|>|<\|end\|>|</s>|<end_of_turn>|<eos>|<\|endoftext\|>"
ENDS += r"|<\|end_of_text\|>"
BEGINNING = re.compile(r"\A\s*(?:(?:<s>|<bos>|<\|begin_of_text\|>)\s*)?")
TEMPLATES = (
    _marked("ChatML", r"<\|im_start\|>([^\n<]{1,40})\n", rf"(?:(?:{ENDS})\s*)+"),
    _marked(
        "Llama 3", r"<\|start_header_id\|>([^<]{1,40})<\|end_header_id\|>\n*",
        rf"(?:(?:{ENDS})\s*)+",
    ),
    _marked("Gemma", r"<start_of_turn>(user|model|system)\n?", rf"(?:(?:{ENDS})\s*)+"),
    _marked(
        "Zephyr", r"<\|(user|assistant|system)\|>\n?", rf"(?:(?:{ENDS})\s*)+"
    ),
    _marked("### Human", r"(?:^|\n)### ?(Human|Assistant|User|System|AI|Bot): ?", rf"{ENDS}"),
    _marked("Human", r"(?:^\s*|\n\s*)(Human|User|Assistant|System): ?", rf"{ENDS}"),
    _marked("Vicuna", r"(?:^|\s)(USER|ASSISTANT|SYSTEM): ?", rf"{ENDS}"),
)  # fmt: skip
MARKED = ("ChatML", "Llama 3", "Gemma", "Zephyr")
"""Templates whose marks no text has by chance."""
ALPACA = re.compile(
    r"\s*(?:Below is an instruction[^\n]*\n+)?### Instruction:\n(?P<asked>.*?)"
    r"(?:\n+### Input:\n(?P<given>.*?))?\n+### Response:[ \n]*(?P<answer>.*)",
    re.DOTALL,
)
INSTRUCTIONS = re.compile(r"\[INST\](.*?)\[/INST\]", re.DOTALL)
SYSTEM = re.compile(r"\s*<<SYS>>\s*(.*?)\s*<</SYS>>\s*(.*)", re.DOTALL)
LEAKED = (
    r"<\|im_start\|>|<\|im_end\|>|<\|start_header_id\|>|<\|eot_id\|>|<start_of_turn>|<end_of_turn>"
    r"|\[/?INST\]|<</?SYS>>|<\|(?:user|assistant|system|end)\|>|### (?:Response|Instruction):"
)
"""Marks of templates that no answer should hold (for Rust and for Python)."""
BEGINS = re.compile(
    "|".join([f"(?:{one.opening.pattern})" for one in TEMPLATES])
    + r"|\s*(?:Below is an instruction|### Instruction:|\[INST\])"
)
"""How the text of any template begins: what does not is not looked at by each."""
ANSWER_MARK = re.compile(
    r"<\|im_start\|>assistant\n|<\|start_header_id\|>assistant<\|end_header_id\|>\n*|"
    r"<start_of_turn>model\n|<\|assistant\|>\n?|\[/INST\]|(?:^|\n)### (?:Response|Assistant): ?|"
    r"(?:^|\n)(?:Assistant|ASSISTANT|AI|Bot|Answer|A): ?",
)
"""What stands before an answer."""


def template_turns(text: str, *, answers: bool = False) -> tuple[str, Turns] | None:
    """Return the template of a text that is a whole conversation, and its turns.

    Parameters
    ----------
    answers
        Whether a lone answer between the marks of a template is one, too.
    """
    bare = BEGINNING.sub("", text, count=1)
    if BEGINS.match(bare) is None:
        return None
    readers: list[tuple[str, Callable[[str], Turns | None]]] = [
        *((one.name, one.turns) for one in TEMPLATES), ("Alpaca", _alpaca), ("Llama 2", _llama),
    ]  # fmt: skip
    for name, read in readers:
        turns = read(bare)
        if turns is None:
            continue
        if any(turn["role"] == "user" for turn in turns) or (answers and name in MARKED):
            return name, turns
    return None


def _alpaca(text: str) -> Turns | None:
    match = ALPACA.fullmatch(text)
    if match is None:
        return None
    asked = "\n".join(part.strip() for part in (match["asked"], match["given"]) if part)
    answer = re.sub(rf"\s*(?:{ENDS})\s*$", "", match["answer"]).strip()
    turns = [{"role": "user", "content": asked}]
    return [*turns, {"role": "assistant", "content": answer}] if answer else turns


def _llama(text: str) -> Turns | None:
    """Return the turns between [INST] marks, as Llama 2 and Mistral write them."""
    if not text.lstrip().startswith("[INST]"):
        return None
    turns: Turns = []
    pieces = INSTRUCTIONS.split(text)
    for asked, answer in zip(pieces[1::2], pieces[2::2], strict=True):
        system = SYSTEM.fullmatch(asked)
        if system is not None:
            turns.append({"role": "system", "content": system[1]})
        turns.append({"role": "user", "content": (system[2] if system else asked).strip()})
        said = re.sub(r"\s*(?:</s>)?\s*(?:<s>)?\s*$", "", answer).strip()
        turns.append({"role": "assistant", "content": said})
    if turns and not turns[-1]["content"]:
        turns.pop()
    return turns or None
