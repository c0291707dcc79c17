"""Every family of source formats that is known."""

from __future__ import annotations

from wimhf.formats.alpaca import AlpacaEval
from wimhf.formats.annotated_pairs import AnnotatedPairs
from wimhf.formats.arena import Arena
from wimhf.formats.argilla import Argilla
from wimhf.formats.auto_j import AutoJ
from wimhf.formats.base import Family
from wimhf.formats.community import CommunityAlignment
from wimhf.formats.helpsteer import HelpSteer2, HelpSteer3
from wimhf.formats.hh import HhTranscripts
from wimhf.formats.kaggle import ArenaKaggle
from wimhf.formats.llm_comparator import LlmComparator
from wimhf.formats.native import Native
from wimhf.formats.openai_comparisons import OpenAiDpo, OpenAiSummaries
from wimhf.formats.pandalm import PandaLM
from wimhf.formats.prism import Prism
from wimhf.formats.safe_rlhf import SafeRlhf
from wimhf.formats.shp import Shp
from wimhf.formats.trl import TrlPreference
from wimhf.formats.tulu import Tulu
from wimhf.formats.ultrafeedback import UltraFeedback

FORMATS: tuple[Family, ...] = (
    Native(), TrlPreference(), HhTranscripts(), UltraFeedback(), Tulu(), Arena(), ArenaKaggle(),
    AlpacaEval(), AutoJ(), PandaLM(), Prism(), CommunityAlignment(), Shp(), HelpSteer3(),
    HelpSteer2(), SafeRlhf(), OpenAiSummaries(), OpenAiDpo(), Argilla(), AnnotatedPairs(),
    LlmComparator(),
)  # fmt: skip
