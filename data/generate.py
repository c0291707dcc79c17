"""Generate the demo preference data with planted traits (standard library only).

Run from the repository root: python data/generate.py
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import random
from pathlib import Path

from compose import Bank, compose, draw_core, load_bank, log_words

HERE = Path(__file__).resolve().parent
GROUP_SIZES = {"g1": 5, "g2": 4, "g3": 6}
NOISE_RATE = 0.05
TIE_SCALE = 0.12
DUPLICATES = 45
CONTRADICTIONS = 30
TIE_RULE = (
    "a row becomes a tie (label 0.5) with probability 0.12 * exp(-|u|), "
    "decided before the label is drawn"
)


def annotator_groups() -> dict[str, str]:
    """Map annotator ids to their groups, interleaved so that ids do not reveal the group."""
    remaining = dict(GROUP_SIZES)
    order: list[str] = []
    while any(remaining.values()):
        for group in remaining:
            if remaining[group]:
                order.append(group)
                remaining[group] -= 1
    return {f"ann_{number:02d}": group for number, group in enumerate(order, 1)}


def draw_traits(rng: random.Random, bank: Bank) -> set[str]:
    """Draw each trait independently with its prevalence."""
    return {name for name, trait in bank.traits.items() if rng.random() < trait["prevalence"]}


def utility(
    bank: Bank, group: str, side_a: tuple[str, set[str]], side_b: tuple[str, set[str]]
) -> float:
    """Return the utility of A over B for an annotator group."""
    index = bank.groups.index(group)
    total = bank.length_weight * (log_words(side_a[0]) - log_words(side_b[0]))
    for name, trait in bank.traits.items():
        total += trait["weights"][index] * ((name in side_a[1]) - (name in side_b[1]))
    return total


def draw_label(rng: random.Random, value: float) -> tuple[float, str]:
    """Draw the label and the kind of the row: a tie, a noisy flip or a plain draw."""
    if rng.random() < TIE_SCALE * math.exp(-abs(value)):
        return 0.5, "drawn"
    label = float(rng.random() < 1 / (1 + math.exp(-value)))
    if rng.random() < NOISE_RATE:
        return 1 - label, "noise"
    return label, "drawn"


def draw_row(
    rng: random.Random,
    bank: Bank,
    prompts: list[tuple[dict, str]],
    number: int,
    shared: bool,
) -> dict:
    """Draw one complete row together with its hidden truth.

    Both responses of a pair give the same content in their own manner, unless `shared` is False:
    then each draws its own body sentences, and they differ in content far more than in style.
    """
    topic, prompt = prompts[number % len(prompts)]
    group = rng.choice(bank.groups)
    groups = annotator_groups()
    traits_a, traits_b = draw_traits(rng, bank), draw_traits(rng, bank)
    core = draw_core(rng, topic)
    response_a = compose(rng, bank, topic, traits_a, core)
    response_b = compose(rng, bank, topic, traits_b, core if shared else draw_core(rng, topic))
    value = utility(bank, group, (response_a, traits_a), (response_b, traits_b))
    label, kind = draw_label(rng, value)
    return {
        "prompt": prompt,
        "response_a": response_a,
        "response_b": response_b,
        "label": label,
        "annotator": rng.choice([name for name, of in groups.items() if of == group]),
        "subset": topic["area"],
        "conversation_id": f"conv_{number:05d}",
        "truth": {
            "topic": topic["id"],
            "traits_a": sorted(traits_a),
            "traits_b": sorted(traits_b),
            "group": group,
            "utility": value,
            "kind": kind,
            "key": number,
        },
    }


def copy_row(row: dict, kind: str, swap: bool) -> dict:
    """Copy a row as a duplicate or contradiction, with the sides swapped if asked."""
    truth = {**row["truth"], "kind": kind, "of": row["truth"]["key"], "swapped": swap}
    del truth["key"]
    new = {**row, "truth": truth}
    if swap:
        new["response_a"], new["response_b"] = row["response_b"], row["response_a"]
        new["truth"]["traits_a"] = row["truth"]["traits_b"]
        new["truth"]["traits_b"] = row["truth"]["traits_a"]
        new["truth"]["utility"] = -row["truth"]["utility"]
        new["label"] = 1 - row["label"]
    return new


def contradict(rng: random.Random, row: dict, swap: bool) -> dict:
    """Copy a row with the opposite preference, given by another annotator of the same group."""
    new = copy_row(row, "contradiction", swap)
    new["label"] = 1 - new["label"]
    groups = annotator_groups()
    own, group = row["annotator"], groups[row["annotator"]]
    new["annotator"] = rng.choice([a for a, of in groups.items() if of == group and a != own])
    return new


def build_rows(bank: Bank, seed: int, pairs: int, shared: bool = True) -> list[dict]:
    """Build all rows: drawn pairs, duplicates and contradictions, shuffled."""
    rng = random.Random(seed)
    prompts = [(topic, prompt) for topic in bank.topics for prompt in topic["prompts"]]
    rng.shuffle(prompts)
    # One stream per row: a change of wording leaves the other rows as they were.
    rows = [
        draw_row(random.Random(f"{seed}/{number}"), bank, prompts, number, shared)
        for number in range(pairs)
    ]
    decided = [row for row in rows if row["label"] != 0.5]
    chosen = rng.sample(decided, min(len(decided), DUPLICATES + CONTRADICTIONS))
    extra = [copy_row(row, "duplicate", rng.random() < 0.4) for row in chosen[:DUPLICATES]]
    extra += [contradict(rng, row, rng.random() < 0.4) for row in chosen[DUPLICATES:]]
    rows += extra
    rng.shuffle(rows)
    return rows


def truth_lines(rows: list[dict]) -> list[dict]:
    """Return the hidden truth of every row, with references turned into row numbers."""
    place = {row["truth"]["key"]: at for at, row in enumerate(rows) if "key" in row["truth"]}
    lines = []
    for at, row in enumerate(rows):
        truth = {"row": at} | {name: value for name, value in row["truth"].items() if name != "key"}
        truth["utility"] = round(truth["utility"], 6)
        if "of" in truth:
            truth["of"] = place[truth["of"]]
        lines.append(truth)
    return lines


def trait_table(bank: Bank) -> list[dict]:
    """Return the planted traits with weights per group, mean weight and prevalence."""
    return [
        {
            "name": trait["name"],
            "definition": trait["definition"],
            "weights": dict(zip(bank.groups, trait["weights"], strict=True)),
            "mean_weight": round(sum(trait["weights"]) / len(bank.groups), 6),
            "prevalence": trait["prevalence"],
            "concern": trait["concern"],
            "planted": any(trait["weights"]),
        }
        for trait in bank.traits.values()
    ]


def summary(bank: Bank, rows: list[dict], seed: int) -> dict:
    """Return the content of truth.json."""
    kinds = [row["truth"]["kind"] for row in rows]
    return {
        "seed": seed,
        "traits": trait_table(bank),
        "length_weight": bank.length_weight,
        "length_measure": "log(1 + words_A) - log(1 + words_B), words split at whitespace",
        "noise_rate": NOISE_RATE,
        "tie_rule": TIE_RULE,
        "annotators": annotator_groups(),
        "counts": {
            "pairs": len(rows),
            "topics": len({row["truth"]["topic"] for row in rows}),
            "prompts": len({row["prompt"] for row in rows}),
            "duplicates": kinds.count("duplicate"),
            "contradictions": kinds.count("contradiction"),
            "noise": kinds.count("noise"),
            "ties": sum(row["label"] == 0.5 for row in rows),
        },
    }


def write_gzip(path: Path, lines: list[dict]) -> None:
    """Write JSON lines with a fixed gzip header, so that equal data give equal bytes."""
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    path.write_bytes(gzip.compress(text.encode("utf-8"), compresslevel=9, mtime=0))


def main() -> None:
    """Parse the command line and write the data files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=20251026)
    parser.add_argument("--pairs", type=int, default=2600, help="pairs before the added copies")
    parser.add_argument("-o", "--output", type=Path, default=HERE, help="output folder")
    parser.add_argument(
        "--independent-bodies", action="store_true",
        help="let the two responses of a pair draw their content apart (a harder data set)",
    )  # fmt: skip
    args = parser.parse_args()
    bank = load_bank(HERE)
    rows = build_rows(bank, args.seed, args.pairs, not args.independent_bodies)
    args.output.mkdir(parents=True, exist_ok=True)
    plain = [{name: value for name, value in row.items() if name != "truth"} for row in rows]
    write_gzip(args.output / "demo.jsonl.gz", plain)
    write_gzip(args.output / "truth.jsonl.gz", truth_lines(rows))
    truth = json.dumps(summary(bank, rows, args.seed), indent=2, ensure_ascii=False)
    (args.output / "truth.json").write_text(truth + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
