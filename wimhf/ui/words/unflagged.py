"""What a message tells people of a terminal to write, in the words of the app's own controls."""

from __future__ import annotations

import re

from wimhf.base import SETTINGS

READING = "“Columns and format”"
PHRASES = (
    (r", or a format with --format NAME \(wimhf inspect --help\)", ", or the format"),
    (r"e\.g\. --map (?=\S)", "e.g. "),
    (r"(?:with )?--format (\S+?) --map (\S+=\S+)", rf"under {READING} as \1 with \2"),
    (r"with --map(?! \S+=)", f"under {READING}"),
    (r"(?:with )?--map (\S+?=[^\s;]+?)(?=[;,.)]? |[;.)]?$|;)", rf"under {READING} (\1)"),
    (r"with --format NAME", f"under {READING}"),
    (r"\(--format (\S+?)\)", rf"({READING}: \1)"),
    (r"as they were read with --anyway", "as they were read: “Also where the source changed”"),
    (r"take its place with --force, or give another --id", "give it another name"),
    (r"give another --id", "give it another name"),
    (r", or allow it with --force", ""),
    (r"write --to native", "choose the format native"),
    (r"choose another --runs", "open the app with another folder of runs"),
    (r"give another --output", "give another name"),
    (r"give another folder with --output", "give another name"),
    (r"with --llm MODEL", "with “Model”"),
    (r" \(--by a column of it\)", ", dividing by a column that says it"),
    (r"give --by COLUMN", "choose groups of this run"),
    (r"with --after MODEL", "as “The new model”"),
    (r"run `wimhf analyze` again", "analyze it again"),
    (r"write e\.g\. --question", "write e.g."),
)
"""What stands for a phrase, tried in this order, before the flags that are left."""
PLACES = {
    "--map": READING, "--format": READING, "--label-map": "“What do these labels mean?”",
    "--roles": "“Who are these speakers?”", "--group": "“Pairs that hang together share this”",
}  # fmt: skip
_FLAG = re.compile(
    r"(?<![\w-])--([a-z][a-z-]*)(?: (?=[a-z0-9.]+(?:-[a-z]+)*(?:[;,.)]|$))([\w.-]+))?"
)
"""A flag and, where what follows it ends a part of the sentence, its value."""


def unflagged(text: str) -> str:
    """Say where in the app to do what a message would have done by flags of the command line.

    >>> unflagged("k=40 exceeds features=32; lower --k or raise --features")
    'k=40 exceeds features=32; lower “Active features in a pair” or raise “Features in the \
dictionary”'
    >>> unflagged("hold them together with --group first-turn; intervals get a little wider")
    'hold them together with “Pairs that hang together share this”: first-turn; intervals get a \
little wider'
    >>> unflagged("if a column holds labels, name it with --map label=COLUMN")
    'if a column holds labels, name it under “Columns and format” (label=COLUMN)'
    """
    for phrase, words in PHRASES:
        text = re.sub(phrase, words, text)
    return _FLAG.sub(lambda found: control_of(found[1], found[2]), text)


def control_of(setting: str, value: str | None = None) -> str:
    """Return what the app's form calls a setting, and the value where there is one.

    >>> control_of("map", "label=COLUMN")
    '“Columns and format”: label=COLUMN'
    """
    option = f"--{setting}"
    labels = {one.option: re.split(r"[:,(]", one.label)[0].strip() for one in SETTINGS}
    name = PLACES.get(option) or f"“{labels.get(option, setting.replace('-', ' ').capitalize())}”"
    return f"{name}: {value}" if value else name
