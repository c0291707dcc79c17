"""What to say where a source cannot be read: what it looks like, what is missing, what to type."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence

from wimhf.base import ReadConfig
from wimhf.data.containers.rows import Row, listed
from wimhf.data.formats.cells_in import decoded, missing
from wimhf.data.formats.columns import Sample
from wimhf.data.formats.encoded import talk_in
from wimhf.data.formats.family import Family
from wimhf.data.formats.names import better_sides, two_sides
from wimhf.data.formats.prompts import prompt_column
from wimhf.data.formats.reading import Reading, plain_code
from wimhf.data.formats.source import Source
from wimhf.data.formats.winners import codes_of
from wimhf.data.pairs import Pair

SHOWN = 30
"""Columns that a message shows."""
WIDTH = 60
CODES = 6
"""A column of at most so many different cells may be the label."""
Map = dict[str, str]


def nothing_fits(sample: Sample, where: str, families: Sequence[Family]) -> tuple[str, list[str]]:
    """Return the line and the screen that say why no family reads a source."""
    near, missing_columns = nearest(sample, families)
    mapping, more = readable(sample, families)
    lacks = f" It lacks {listed(missing_columns)}." if missing_columns else ""
    advice = (
        f"Read it with {command(where, mapping, more)}" if mapping
        else f"{_why_not(sample)}; name your columns with --map, e.g. --map "
        "response_a=left,response_b=right, or a format with --format NAME (wimhf inspect --help)"
    )  # fmt: skip
    line = (
        f"no known format fits the columns of {where} ({listed(sample.columns)}). Nearest: "
        f"{near.name}: {near.expects}.{lacks} {advice}"
    )
    screen = [f"The first row of {where}:", *columns_shown(sample), f"Nearest format: {near.name}"]
    screen += [f"  expects {near.expects}", f"  missing: {listed(missing_columns)}"]
    screen += ["This reads it:", f"  {command(where, mapping, more)}"] if mapping else []
    return line, screen


def columns_shown(sample: Sample) -> list[str]:
    """Return a line for every column: its name, what its first cell is, and the cell, shortened."""
    lines = []
    for name in sorted(sample.columns)[:SHOWN]:
        cells = [row[name] for row in sample.rows if not missing(row.get(name))]
        cell = cells[0] if cells else None
        text = " ".join(str(cell).split())
        short = text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"
        lines.append(f"  {name[:30]:<30} {kind_of_cell(cell):<14} {short}")
    more = len(sample.columns) - SHOWN
    return [*lines, f"  and {more} more columns"] if more > 0 else lines


def kind_of_cell(cell: object) -> str:
    """Name what a cell holds in a word or two."""
    if cell is None:
        return "nothing"
    if talk_in(cell) is not None:
        return "conversation"
    found = decoded(cell)
    kinds = {bool: "true or false", int: "number", float: "number", str: "text", dict: "object"}
    if isinstance(found, list):
        inner = {kinds.get(type(item), "something") for item in found}
        return f"list of {inner.pop()}s" if len(inner) == 1 else "list"
    return kinds.get(type(found), type(found).__name__)


def nearest(sample: Sample, families: Sequence[Family]) -> tuple[Family, list[str]]:
    """Return the family that shares most columns of text, and what the source lacks of it."""

    def lacking(family: Family) -> list[str]:
        needed = {
            name for column in family.schema.columns.values() if column.is_text
            for name in column.names
        }  # fmt: skip
        own = {"native": {"response_a", "response_b"}, "trl": {"chosen", "rejected"}}
        return sorted((needed or own.get(family.name, set())) - sample.columns)

    def far(family: Family) -> tuple[float, int]:
        shared = len(family.columns & sample.columns)
        return (len(lacking(family)) - shared, families.index(family))

    known = [family for family in families if lacking(family)] or list(families)
    best = min(known, key=far)
    return best, lacking(best)


def readable(sample: Sample, families: Sequence[Family]) -> tuple[Map, str]:
    """Return column names for --map, and further options, that read the first rows, if any do."""
    for mapping in _candidates(sample):
        rows = [_mapped(row, mapping) for row in sample.rows]
        native = next(family for family in families if family.name == "native")
        meant = _named_sides(sample, mapping)
        for reading, more in ((native.reading, ""), (Reading.of(meant, {}), _label_map(meant))):
            known = native.under(reading).surveyed(rows)
            pairs = [one for row in rows[:20] for one in known.parsed(row)]
            if sum(isinstance(one, Pair) for one in pairs) > len(pairs) / 2:
                return mapping, more
    return {}, ""


def _named_sides(sample: Sample, mapping: Map) -> Map:
    """Return what labels mean that are words of one response's column."""
    label = mapping.get("label")
    codes = {str(value) for value in sample.values(label)} if label is not None else set()
    sides = {mapping["response_a"]: "a", mapping["response_b"]: "b"}
    return {
        code: meaning for code in sorted(codes) for name, meaning in sides.items()
        if plain_code(code) in name.lower()
    }  # fmt: skip


def _label_map(meant: Map) -> str:
    words = ",".join(f"{code}={meaning}" for code, meaning in meant.items())
    return f" --label-map {shlex.quote(words)}" if words else ""


def _mapped(row: Row, mapping: Map) -> Row:
    return {**row, **{ours: row[theirs] for ours, theirs in mapping.items() if theirs in row}}


def _candidates(sample: Sample) -> Iterator[Map]:
    """Yield what columns may be: a prompt, two responses that are alike, and a label."""
    texts = [name for name in sorted(sample.columns) if sample.mostly(name, _is_answer)]
    asked = prompt_column(sample.columns)
    rest = [name for name in texts if name != asked]
    codes = codes_of(sample.rows, [name for name in sample.columns if name not in texts])
    labels = [name for name, found in sorted(codes.items()) if 1 < len(found) <= CODES]
    short = [name for name in rest if _distinct(sample, name) <= CODES < len(sample.rows)]
    rest = [name for name in rest if name not in short]
    if len(rest) == 3 and asked is None:
        asked = next((name for name in rest if _is_asked(name)), rest[0])
        rest.remove(asked)
    if len(rest) != 2 or two_sides(sample.columns) or better_sides(sample.columns):
        return
    prompt = {} if asked in (None, "prompt") else {"prompt": str(asked)}
    for label in (*short, *labels, None):
        found = {**prompt, "response_a": rest[0], "response_b": rest[1]}
        yield found if label is None else {**found, "label": label}


def _is_asked(name: str) -> bool:
    words = ("prompt", "question", "ask", "query", "instruction", "input", "user", "title", "post")
    return any(word in name.lower() for word in words)


def _is_answer(value: object) -> bool:
    return (isinstance(value, str) and len(value) > 1) or talk_in(value) is not None


def _distinct(sample: Sample, name: str) -> int:
    return len({str(value) for value in sample.values(name)})


def command(where: str, mapping: Mapping[str, str], more: str = "") -> str:
    """Return a command line that reads a source, quoted for a shell."""
    columns = ",".join(f"{ours}={theirs}" for ours, theirs in mapping.items())
    options = f" --map {shlex.quote(columns)}" if columns else ""
    return f"wimhf inspect {shlex.quote(where)}{options}{more}"


def _why_not(sample: Sample) -> str:
    texts = [name for name in sample.columns if sample.mostly(name, _is_answer)]
    if len(texts) < 2 or (len(texts) == 2 and prompt_column(texts) is not None):
        return "It has one response per row, or none, so that there is nothing to compare"
    return "Two responses to the same prompt are needed"


def no_pair(config: ReadConfig, source: Source, expected: str) -> str:
    """Return why no row of a source is a pair, and what to do."""
    where = " and ".join((config.source, *config.also))
    counts = list(source.reject_counts.items())[:3]
    reasons = ", ".join(f"{reason} ({count})" for reason, count in counts)
    line = (
        f"{where} has no usable pair among {source.n_rows} rows read as {source.format}: {reasons}"
    )
    if source.format == "one-a-row":
        return f"{line}; it has one response per row, and no prompt has two: nothing to compare"
    if source.notes.codes:
        return f"{line}; {codes_advice(source.notes.codes)}"
    if source.notes.roles:
        return f"{line}; {roles_advice(source.notes.roles)}"
    return f"{line}; expected {expected}"


def codes_advice(codes: Mapping[str, int]) -> str:
    """Say which labels were not understood, and how to say what they mean."""
    some = list(codes)[:4]
    told = ", ".join(f"{code!r} ({count:,})" for code, count in list(codes.items())[:10])
    likely = sorted(some, key=lambda code: (not _is_good(code), code))
    meant = zip(likely, ("a", "b", "tie", "none"), strict=False)
    example = ",".join(f"{code}={meaning}" for code, meaning in meant)
    return (
        f"labels that are not understood: {told}; say what each means (a, b, tie or none), e.g. "
        f"--label-map {shlex.quote(example)}"
    )


def _is_good(code: str) -> bool:
    return any(word in code.lower() for word in ("win", "good", "better", "yes", "pos", "chosen"))


def roles_advice(roles: Mapping[str, int]) -> str:
    """Say which roles are not known, and how to say who they are; the last is the answer's."""
    told = ", ".join(f"{role!r} ({count:,})" for role, count in list(roles.items())[:10])
    names = list(roles)[:4]
    meant = [f"{role}={'assistant' if role == names[0] else 'user'}" for role in names]
    return (
        f"roles that are not known: {told}; say who they are (user, assistant, system, tool), "
        f"e.g. --roles {shlex.quote(','.join(meant))}"
    )


def only_verdicts(config: ReadConfig, source: Source) -> str:
    """Return why answers with verdicts that are true or false are not pairs, and which would be."""
    where = " and ".join((config.source, *config.also))
    decided = source.pairs.filter(source.pairs["label"] != 0.5)
    line = (
        f"{where} has one response per row with a label that is true or false (unpaired, as for "
        "KTO), so there is nothing to compare in a row"
    )
    if decided.is_empty():
        return f"{line}; and no prompt has both verdicts"
    prompts = decided["prompt"].n_unique()
    return (
        f"{line}; but {prompts:,} prompts have both verdicts: --format one-a-row reads them as "
        f"{len(decided):,} pairs"
    )
