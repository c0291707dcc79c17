"""Settings people are asked for: the command line, the app's form and the report derive from this.

Every other setting has its default, or stands in a settings file.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from wimhf.base.config import DICTIONARIES, GROUPS, PAIRINGS, Config
from wimhf.base.engine import ENGINES
from wimhf.errors import ConfigError


@dataclass(frozen=True)
class Notation:
    """How a value of several parts is one word of a command line.

    Attributes
    ----------
    read
        Understands a word; a ValueError says that it cannot.
    write
        Writes a value; None where a word cannot hold it.
    example
        What is advised where a word is not understood.
    """

    read: Callable[[str], object]
    write: Callable[[object], str | None]
    example: str = ""


def _read_columns(word: str) -> object:
    parts = [part.partition("=") for part in word.split(",") if part.strip()]
    columns = {ours.strip(): theirs.strip() for ours, _, theirs in parts}
    if not columns or not all((*columns, *columns.values())):
        raise ValueError(word)
    return columns


def _write_columns(value: object) -> str | None:
    columns = dict(value) if isinstance(value, Mapping) else {}
    if any(mark in text for column in columns.items() for text in column for mark in ",="):
        return None
    return ",".join(f"{ours}={theirs}" for ours, theirs in columns.items())


def _read_meanings(word: str) -> object:
    """Return what is on both sides of the last = of every part: a code may hold one itself."""
    parts = [part.rpartition("=") for part in word.split(",") if part.strip()]
    meanings = {code.strip(): meaning.strip().lower() for code, _, meaning in parts}
    if not meanings or not all((*meanings, *meanings.values())):
        raise ValueError(word)
    return meanings


def _write_meanings(value: object) -> str | None:
    meanings = dict(value) if isinstance(value, Mapping) else {}
    if any("," in code for code in meanings):
        return None
    return ",".join(f"{code}={meaning}" for code, meaning in meanings.items())


def _read_prices(word: str) -> object:
    read, written = (float(price) for price in word.split(","))
    return [read, written]


def _write_parts(value: object) -> str | None:
    parts = [str(part) for part in value] if isinstance(value, (list, tuple)) else []
    return ",".join(parts) if parts and not any("," in part for part in parts) else None


COLUMNS = Notation(_read_columns, _write_columns, "name=column,name=column")
MEANT = Notation(_read_meanings, _write_meanings, "CODE=a,CODE=b,CODE=tie")
ROLES = Notation(_read_meanings, _write_meanings, "NAME=user,NAME=assistant")
NUMBERS = Notation(
    lambda word: [int(part) for part in word.split(",")], _write_parts, "e.g. 8,16"
)  # fmt: skip
PRICES = Notation(_read_prices, _write_parts, "e.g. 0.25,2")
NAMES = Notation(
    lambda word: [name.strip() for name in word.split(",") if name.strip()], _write_parts
)  # fmt: skip


@dataclass(frozen=True)
class Setting:
    """One setting, wherever people are asked for it.

    Attributes
    ----------
    name
        Its flag with underscores, unless ``flag`` says otherwise.
    places
        Where it stands in ``Config``, e.g. ``read.limit``. Several places take the same value;
        prices are one value for each.
    label, help, default
        What it is in a few words, what more there is to say, and its default in words.
    least
        The least sensible number.
    choices
        What is offered to choose from.
    notation
        How a value of several parts is one word; None for a number or a text.
    """

    name: str
    places: tuple[str, ...]
    label: str
    default: str = ""
    help: str = ""
    flag: str = ""
    least: int | None = None
    choices: tuple[str, ...] = ()
    notation: Notation | None = None

    @property
    def option(self) -> str:
        """The option of the command line."""
        return self.flag or f"--{self.name.replace('_', '-')}"

    @property
    def stages(self) -> set[str]:
        """The tables of the settings that it stands in; empty for that of a whole run."""
        return {place.rpartition(".")[0] for place in self.places}

    def read(self, word: str) -> object:
        """Return what a word of the command line says.

        Raises
        ------
        ConfigError
            If it is not understood.
        """
        if self.notation is None:
            return word
        try:
            return self.notation.read(word)
        except ValueError:
            raise ConfigError(
                f"{self.option} {word!r} is not understood; write {self.notation.example}"
            ) from None

    def word(self, config: Config) -> str | None:
        """Return the word that gives its value; None where one word cannot say it."""
        values = self.values(config)
        if self.notation is PRICES:
            return PRICES.write(values)
        if any(value != values[0] for value in values):
            return None
        return str(values[0]) if self.notation is None else self.notation.write(values[0])

    def values(self, config: Config) -> list[object]:
        """Return what stands in its places."""
        return [functools.reduce(getattr, place.split("."), config) for place in self.places]

    def placed(self, value: object) -> Sequence[tuple[str, object]]:
        """Return its places with what a value puts there."""
        parts = value if isinstance(value, list) and self.notation is PRICES else None
        return list(zip(self.places, parts or [value] * len(self.places), strict=True))


SETTINGS = (
    Setting("seed", ("seed",), "Seed of everything random", "0", least=0),
    Setting(
        "engine", ("engine",), "Where texts are embedded, counted and scored", "local",
        "local (this machine), or ray: the cluster of RAY_ADDRESS", choices=ENGINES,
    ),
    Setting("format", ("read.format",), "Source format, e.g. native, trl, hh", "auto"),
    Setting(
        "columns", ("read.columns",),
        "Your column names: prompt=question,response_a=left", flag="--map", notation=COLUMNS,
    ),
    Setting("limit", ("read.limit",), "Rows to read at most", "all", least=1),
    Setting("label", ("read.label",), "Keep one annotator's labels, e.g. safer of PKU-SafeRLHF"),
    Setting(
        "label_map", ("read.label_map",), "What your labels mean: 'A>>B=a,B>>A=b,A=B=tie'",
        help="a, b, tie or none (no label)", notation=MEANT,
    ),
    Setting(
        "roles", ("read.roles",), "Who your roles are: 'Kim=user,Nova=assistant'",
        help="user, assistant, system or tool", notation=ROLES,
    ),
    Setting(
        "pairs", ("read.pairs",), "Of several answers to a prompt, compare", "all",
        "all of them, those adjacent in rank, or the best with the rest", choices=PAIRINGS,
    ),
    Setting(
        "encoder", ("embed.encoder",), "Encoder", "auto",
        "minilm, fast, a sentence-transformers id or folder, openai:MODEL",
    ),
    Setting("embeddings", ("embed.embeddings",), "Your own vectors: .npy by row or .parquet"),
    Setting(
        "template", ("embed.template",),
        "Text to embed, e.g. 'User: {prompt} Assistant: {response}'", "the response",
        "`exchange`: prompt and response whole, in windows where they are long",
    ),
    Setting(
        "embed_price", ("embed.price",), "Dollars per million tokens embedded by a server", "0",
        "only to tell what vectors will cost", least=0,
    ),
    Setting("max_tokens", ("embed.max_tokens",), "Cut texts here", "the encoder's own limit"),
    Setting(
        "dictionary", ("dictionary.kind",), "Kind of dictionary", "batch_topk",
        "what it learns from and for whom each kind is: docs/dictionaries.md",
        choices=DICTIONARIES,
    ),
    Setting(
        "target_encoder", ("dictionary.target",), "A second encoder that a transcoder writes",
        "none: what labels say",
    ),
    Setting("features", ("dictionary.features",), "Features in the dictionary", "by size", least=1),
    Setting("k", ("dictionary.k",), "Active features in a pair, on average", "by size", least=1),
    Setting(
        "prefixes", ("dictionary.prefixes",), "Matryoshka prefixes, e.g. 8,16", "none",
        notation=NUMBERS,
    ),
    Setting(
        "controls", ("preference.controls",), "Controlled for", "length",
        "length, style, a numeric column", flag="--control", choices=("length", "style"),
        notation=NAMES,
    ),
    Setting(
        "score_column", ("preference.score_column",),
        "Scores in the source as a baseline: NAME or FIRST:SECOND",
    ),
    Setting(
        "interactions", ("preference.interactions",),
        "Two models more, of columns times so many components of prompts", "none",
        "they tell whether what is rewarded depends on what is asked", least=1,
    ),
    Setting(
        "reward_model", ("reward.model",),
        "A transformers reward model (hub id or folder) to compare",
    ),
    Setting(
        "group", ("split.group",), "Pairs that hang together share this", "prompt",
        "`first-turn`: what the user says first, too", choices=GROUPS,
    ),
    Setting(
        "by", ("subsets.by",), "Compare subsets by", "auto",
        "A column, `asked` (what prompts ask for), `prompts` (clusters of them) or `none`",
    ),
    Setting(
        "rules", ("rules.clauses",), "Rules of a Tsetlin machine to show beside", "none", least=1
    ),
    Setting(
        "llm", ("llm.model",), "Describe with this model of an OpenAI-compatible server, too"
    ),
    Setting("judge", ("llm.judge",), "Judge names with this model of the server", "the same one"),
    Setting("base_url", ("llm.base_url",), "The server", "OPENAI_BASE_URL, else OpenAI's"),
    Setting(
        "llm_features", ("llm.features",), "Features the model describes, new ones first", "all"
    ),
    Setting("max_calls", ("llm.max_calls",), "Calls to the model that may be sent", "10000"),
    Setting("max_cost", ("llm.max_cost",), "Dollars that may be spent, by --prices"),
    Setting(
        "prices", ("llm.price_in", "llm.price_out"),
        "Dollars per million tokens read and written, e.g. 0.25,2", notation=PRICES,
    ),
    Setting(
        "scores", ("llm.scores",),
        "More scores of names: detection, fuzzing, surprisal, intervention; embedding", "none",
        "the last by another encoder, the others by the model of --llm", flag="--score",
        notation=NAMES,
    ),
    Setting(
        "device", ("embed.device", "dictionary.device", "reward.device"), "Device", "auto",
        "cpu, cuda or mps",
    ),
    Setting(
        "trusted", ("embed.trusted", "reward.trusted"),
        "A model whose own code may run on this machine, by its name", "none",
        flag="--trust-remote-code", notation=NAMES,
    ),
)  # fmt: skip


def setting(name: str) -> Setting:
    """Return the setting of a name."""
    return next(one for one in SETTINGS if one.name == name)


def nested_settings(values: Mapping[str, object]) -> dict[str, object]:
    """Return values by name as the tables that ``Config.from_dict`` takes; None is left out."""
    tables: dict[str, dict[str, object]] = {}
    for one in SETTINGS:
        value = values.get(one.name)
        for place, part in one.placed(value) if value is not None else ():
            stage, _, name = place.rpartition(".")
            tables.setdefault(stage, {})[name] = part
    return {**tables.pop("", {}), **tables}
