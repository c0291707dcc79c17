"""Of how many pairs figures are."""

from __future__ import annotations

from wimhf.ui.words.views import Summary


def sample_words(summary: Summary) -> str | None:
    """Say of how many labelled pairs figures are, where they are of a sample; else nothing."""
    sample, labelled = summary["sample"], summary["n_labelled"] - summary["n_zero_weight"]
    if sample is None or sample["models"] >= labelled:
        return None
    effects = f"{sample['effects']:,} of {labelled:,} labelled pairs, drawn by prompt"
    if sample["effects"] == labelled:
        effects = f"all {labelled:,} labelled pairs"
    return (
        f"Effects are estimated on {effects}; models of all features on {sample['models']:,} of "
        "them. Rules and exports act on all pairs."
    )
