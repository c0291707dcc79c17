"""The kinds of dictionary, one module for each."""

from typing import TYPE_CHECKING

from wimhf.base import lazy_face

if TYPE_CHECKING:
    from wimhf.learn.dictionary.kinds.given import KindData, PairData, Trained
    from wimhf.learn.dictionary.kinds.registry import KINDS, load_kind, train_kind

__all__ = ["KINDS", "KindData", "PairData", "Trained", "load_kind", "train_kind"]

__getattr__, __dir__ = lazy_face(
    __name__,
    {
        "given": ("KindData", "PairData", "Trained"),
        "registry": ("KINDS", "load_kind", "train_kind"),
    },
)
