"""What preference.json holds: the figures of a run beside its feature table."""

from __future__ import annotations

from typing import TypedDict


class Bounds(TypedDict):
    """An estimate with its interval; null where nothing can be estimated."""

    value: float | None
    low: float | None
    high: float | None


class FewFeatures(TypedDict, total=False):
    """What the k features that enter first reach; ``recovered`` where a black box adds anything."""

    k: int
    auc: Bounds
    recovered: Bounds


class PathSummary(TypedDict, total=False):
    """The L1 path: penalties (l,), coefficients (l, c), held-out losses (l,); or a reason.

    ``columns`` (c,) are the features on the path, all of them where it is absent.
    """

    reason: str
    columns: list[int]
    penalties: list[float]
    beta: list[list[float]]
    loss: list[float]
    chosen: int
    n_chosen: int
    halves_keep: int


class Subset(TypedDict):
    """One subset and how many labelled pairs it has."""

    name: str
    pairs: int


class SubsetsSummary(TypedDict):
    """The subsets whose effects were compared; a reason where there are none."""

    by: str | None
    notes: list[str]
    subsets: list[Subset]
    reason: str | None


class PositionSummary(TypedDict, total=False):
    """How often the first listed response wins, and by how much beyond everything else."""

    reason: str
    first_wins: float
    effect: Bounds
    p: float


class EffectSummary(TypedDict, total=False):
    """The effect of one column, as ``effects.Effect``; what could not be estimated is absent."""

    n_active: int
    win_rate: float
    beta: float
    se: float
    p: float
    effect: float
    effect_low: float
    effect_high: float
    raw_effect: float
    effect_reason: str


class SampleSummary(TypedDict):
    """From how many labelled pairs effects were estimated, and models of all features fitted."""

    effects: int
    models: int


class PreferenceSummary(TypedDict, total=False):
    """Counts of labels, AUCs and baselines with intervals; ``reason`` where labels say nothing."""

    n_labelled: int
    n_unlabelled: int
    n_ties: int
    n_fractional: int
    n_zero_weight: int
    sample: SampleSummary
    reason: str
    controls: list[str]
    control_notes: list[str]
    score_notes: list[str]
    folds: int
    bootstrap: int
    auc: dict[str, Bounds]
    accuracy: dict[str, Bounds]
    log_loss: dict[str, Bounds]
    calibration_error: dict[str, Bounds]
    auc_reason: str
    black_box: str
    auc_recovered: Bounds | None
    auc_recovered_reason: str
    at_k: list[FewFeatures]
    permuted_auc: Bounds
    joint_reason: str | None
    path: PathSummary
    subsets: SubsetsSummary
    position: PositionSummary
    length: EffectSummary
