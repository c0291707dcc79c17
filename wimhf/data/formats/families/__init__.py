"""Every family of source formats that is known."""

from __future__ import annotations

from wimhf.data.formats.families.alpaca import AlpacaEval
from wimhf.data.formats.families.annotated_pairs import AnnotatedPairs
from wimhf.data.formats.families.arena import Arena
from wimhf.data.formats.families.argilla import Argilla
from wimhf.data.formats.families.auto_j import AutoJ
from wimhf.data.formats.families.community import CommunityAlignment
from wimhf.data.formats.families.helpsteer import HelpSteer2, HelpSteer3
from wimhf.data.formats.families.hh import HhTranscripts
from wimhf.data.formats.families.kaggle import ArenaKaggle
from wimhf.data.formats.families.llm_comparator import LlmComparator
from wimhf.data.formats.families.native import Native
from wimhf.data.formats.families.openai_comparisons import OpenAiDpo, OpenAiSummaries
from wimhf.data.formats.families.pandalm import PandaLM
from wimhf.data.formats.families.prism import Prism
from wimhf.data.formats.families.safe_rlhf import SafeRlhf
from wimhf.data.formats.families.shp import Shp
from wimhf.data.formats.families.trl import TrlPreference
from wimhf.data.formats.families.tulu import Tulu
from wimhf.data.formats.families.ultrafeedback import UltraFeedback
from wimhf.data.formats.family import Family

FORMATS: tuple[Family, ...] = (
    Native(), TrlPreference(), HhTranscripts(), UltraFeedback(), Tulu(), Arena(), ArenaKaggle(),
    AlpacaEval(), AutoJ(), PandaLM(), Prism(), CommunityAlignment(), Shp(), HelpSteer3(),
    HelpSteer2(), SafeRlhf(), OpenAiSummaries(), OpenAiDpo(), Argilla(), AnnotatedPairs(),
    LlmComparator(),
)  # fmt: skip
