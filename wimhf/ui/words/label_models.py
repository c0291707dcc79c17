"""Models that predict the labels: what they are called, and how well each does."""

from __future__ import annotations

from dataclasses import dataclass

from wimhf.ui.words.figures import between, share
from wimhf.ui.words.scale import Scale, round_scale
from wimhf.ui.words.views import Estimate, Summary, known

PLAIN = {
    "length": ("Length alone", "only which response is longer, and by how much"),
    "controls": ("Controls alone", "everything that is controlled for"),
    "score": ("Scores", "the scores that came with the data"),
    "reward model": ("Reward model", "a model trained to score responses"),
}
"""Models of no column of ours: a title, and what it is made of."""
MADE_OF = {
    "features": ("Features", "the features of this report"),
    "dense": ("Black box", "the whole embedding, which nobody can read"),
    "concepts": ("Concepts", "the written bank alone"),
    "discovered": ("Discovered", "what the dictionary found"),
    "dense + concepts": ("Black box and concepts", "the whole embedding and the written bank"),
    "features by prompt": (
        "Features by prompt",
        "the features, free to count differently from prompt to prompt",
    ),
    "dense by prompt": (
        "Black box by prompt",
        "the whole embedding, free to count differently from prompt to prompt",
    ),
}
"""Models of columns, alone or with what is held."""
HELD = {"length": ("length", "the length"), "controls": ("controls", "what is controlled for")}
MODELS = PLAIN | {
    name + (f" + {held}" if held else ""): (
        title + (f" and {HELD[held][0]}" if held else ""),
        words + (f", and {HELD[held][1]}" if held else ""),
    )
    for name, (title, words) in MADE_OF.items()
    for held in ("", *HELD)
}
"""In the order in which a reader should meet them."""


WIDE = 1.0
"""An interval as wide as all that a black box adds says nothing of the share."""


def recovered_words(summary: Summary) -> str:
    """Say how much of what a black box sees the features see; empty where that is not known."""
    recovered, controls = known(summary["auc_recovered"]), summary["controls"]
    if recovered is None:
        return ""
    held = HELD["length" if controls == ["length"] else "controls"][1] if controls else "chance"
    said = f"{share(recovered.value)} ({between(recovered.low, recovered.high, share)})"
    if recovered.high - recovered.low >= WIDE:
        return (
            f"How much of what the best black box adds to {held} the features add cannot be told "
            f"from these pairs: {said}."
        )
    return f"Of what the best black box adds to {held}, the features add {said}."


@dataclass(frozen=True)
class ModelRow(Estimate):
    """A model's AUC with what it is called and what else judges the same predictions."""

    name: str
    title: str
    words: str
    accuracy: Estimate | None
    log_loss: Estimate | None
    calibration_error: Estimate | None


@dataclass(frozen=True)
class ModelsView:
    """The models that could be judged, and the scale of their AUCs."""

    rows: list[ModelRow]
    scale: Scale


def label_models(summary: Summary) -> ModelsView:
    """Return the models' AUCs in that order, others behind them."""
    aucs = summary["auc"]
    rows = []
    for name in [*MODELS, *(name for name in aucs if name not in MODELS)]:
        auc = known(aucs.get(name))
        if auc is not None:
            title, words = MODELS.get(name, (name, "with a control of your own"))
            rows.append(ModelRow(
                auc.value, auc.low, auc.high, name, title, words,
                known(summary["accuracy"].get(name)), known(summary["log_loss"].get(name)),
                known(summary["calibration_error"].get(name)),
            ))  # fmt: skip
    ends = [end for row in rows for end in (row.value, row.low, row.high)]
    return ModelsView(rows, round_scale(ends, origin=0.5, finest=0.02))
