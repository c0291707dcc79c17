"""Which kind of dictionary finds which planted directions.

    python benchmarks/planted_dictionaries.py [--pairs 4000] [--seeds 5] [--kinds mp,vq]

Three worlds. `signed`: differences are sparse signed sums of orthogonal directions. `hierarchical`:
a child is active only with its parent, orthogonal to it, and like children of other parents, so
that one product with a direction does not tell them apart. `responses`: a prompt has several
responses, each the prompt's own vector and a sparse sum of directions with weights above 0, in
which pairs differ. A learned direction is a hit where its |cosine| with a planted one, matched one
to one, reaches .9; F1 is of hits among learned and among planted ones. `supervised` is told the
planted weights as concept columns; `transcoder` sees labels that the first direction decides.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from wimhf.base import DictionaryConfig, Floats, Floats32
from wimhf.learn import KINDS, KindData, PairData, train_kind

HIT, NOISE = 0.9, 0.05


@dataclass(frozen=True)
class Planted:
    """Pairs and the directions (atoms, d) that they are made of."""

    pairs: PairData
    directions: Floats

    def parts(self) -> tuple[KindData, Floats32]:
        """Return what is trained on, 60 and 20 %, and the differences of the rest."""
        first, second = int(0.6 * len(self.pairs)), int(0.8 * len(self.pairs))
        at = np.arange(len(self.pairs))
        ids = tuple(str(number) for number in range(len(self.directions)))
        data = KindData(self.pairs.at(at[:first]), self.pairs.at(at[first:second]), ids)
        return data, self.pairs.differences[second:]


def _orthogonal(count: int, dim: int, rng: np.random.Generator) -> Floats:
    return np.asarray(np.linalg.qr(rng.standard_normal((dim, count)))[0].T)


def _planted(weights: Floats, directions: Floats, rng: np.random.Generator) -> Planted:
    values = weights @ directions
    values += NOISE * rng.standard_normal(values.shape)
    values /= np.sqrt(np.square(values).sum(axis=1).mean())
    label = (weights[:, 0] + 0.5 * rng.standard_normal(len(weights)) > 0).astype(np.float64)
    pairs = PairData(values.astype(np.float32), concepts=weights.astype(np.float32), label=label)
    return Planted(pairs, directions)


def signed(n: int, seed: int, atoms: int = 8, dim: int = 24) -> Planted:
    """Sparse signed sums: a direction is active in a quarter of the pairs."""
    rng = np.random.default_rng(seed)
    sign = rng.choice([-1.0, 1.0], (n, atoms))
    weights = (rng.random((n, atoms)) < 0.25) * sign * rng.uniform(0.7, 1.3, (n, atoms))
    return _planted(weights, _orthogonal(atoms, dim, rng), rng)


def hierarchical(n: int, seed: int, parents: int = 4, children: int = 2, dim: int = 24) -> Planted:
    """Parents, and children that are active only with theirs and are alike across families."""
    rng = np.random.default_rng(seed)
    basis = _orthogonal(parents + children * (parents + 1), dim, rng)
    directions, weights = [*basis[:parents]], []
    on = (rng.random((n, parents)) < 0.3) * rng.choice([-1.0, 1.0], (n, parents))
    weights += [on[:, number] * rng.uniform(1.0, 1.5, n) for number in range(parents)]
    rest = basis[parents:].reshape(children, parents + 1, dim)
    for parent in range(parents):
        which = rng.integers(0, children + 1, n)
        for child in range(children):
            # children of one place share a direction, so they are alike across families
            shared, alone = rest[child, 0], rest[child, parent + 1]
            directions.append(np.sqrt(0.4) * shared + np.sqrt(0.6) * alone)
            own = (on[:, parent] != 0) & (which == child)
            weights.append(own * rng.choice([-1.0, 1.0], n) * rng.uniform(0.7, 1.0, n))
    return _planted(np.column_stack(weights), np.array(directions), rng)


def responses(n: int, seed: int, atoms: int = 8, dim: int = 24, many: int = 6) -> Planted:
    """Pairs of responses to prompts with several of them; a response has a direction or has not."""
    rng = np.random.default_rng(seed)
    directions = _orthogonal(atoms, dim, rng)
    prompts = max(1, n // many)
    shape = prompts, many, atoms
    has = (rng.random(shape) < 0.15) * rng.uniform(0.7, 1.3, shape)
    vectors = has @ directions + rng.standard_normal((prompts, 1, dim))
    vectors += NOISE * rng.standard_normal(vectors.shape)
    prompt = np.sort(rng.integers(0, prompts, n))
    first = rng.integers(0, many, n)
    second = (first + rng.integers(1, many, n)) % many
    a, b = vectors[prompt, first], vectors[prompt, second]
    scale = np.sqrt(np.square(a - b).sum(axis=1).mean())
    a, b = (a / scale).astype(np.float32), (b / scale).astype(np.float32)
    weights = has[prompt, first] - has[prompt, second]
    label = (weights[:, 0] + 0.5 * rng.standard_normal(n) > 0).astype(np.float64)
    pairs = PairData(
        a - b, a=a, b=b, prompt=prompt, concepts=weights.astype(np.float32), label=label
    )
    return Planted(pairs, directions)


WORLDS: Mapping[str, Callable[[int, int], Planted]] = {
    "signed": signed, "hierarchical": hierarchical, "responses": responses,
}  # fmt: skip


def f1(learned: Floats32, planted: Floats) -> float:
    """Return the F1 of learned directions (m, d) against planted ones, matched one to one."""
    cosine = np.abs(learned @ planted.T)
    at = linear_sum_assignment(-cosine)
    hits = int((cosine[at] >= HIT).sum())
    return 2 * hits / (len(learned) + len(planted))


def settings(kind: str, features: int, **changed: int) -> DictionaryConfig:
    """Return the settings of a planted world: as many features as there are directions."""
    asked = {"features": features, "k": 2, "restarts": 2} | changed
    return DictionaryConfig(kind=kind, device="cpu", **asked)


def main() -> None:
    """Print a table of F1, variance explained and seconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=4000)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--kinds", default=",".join(KINDS))
    asked = parser.parse_args()
    print("| kind | " + " | ".join(f"F1 {world}" for world in WORLDS) + " | seconds |")
    print("| --- |" + " --- |" * (len(WORLDS) + 1))
    for kind in asked.kinds.split(","):
        cells, started = [], time.perf_counter()
        for make in WORLDS.values():
            scores = []
            for seed in range(asked.seeds):
                world = make(asked.pairs, seed)
                data, _ = world.parts()
                config = settings(kind, len(world.directions))
                got = train_kind(kind, data, config, seed).dictionary
                scores.append(f1(got.directions, world.directions))
            cells.append(f"{np.mean(scores):.2f} ({min(scores):.2f})")
        each = (time.perf_counter() - started) / (asked.seeds * len(WORLDS))
        print(f"| {kind} | " + " | ".join(cells) + f" | {each:.1f} |", flush=True)


if __name__ == "__main__":
    main()
