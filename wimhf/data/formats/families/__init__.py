"""Every family of source formats that is known, one small module each.

To add one, write a class and name it in FORMATS:

1. Its base is the shape of a row: ``Judged`` (two responses, one label), ``Voted`` (a label per
   annotator), ``Apart`` (the better response listed apart), ``Ranked`` (several responses a turn),
   ``Listed`` (several answers to a prompt, which counts once); ``Gathered`` before it makes one
   row of the rows that belong together.
   ``Nested`` before it reads files that are one object with a list of rows.
2. ``name``, ``expects`` and ``polarity`` say to people what it is and which side its label favours.
3. ``schema`` declares the columns by the field of a pair that they fill: ``text`` every row has,
   by which the family is recognised, ``optional`` and ``optional_figure`` it may have.
4. ``label`` is a kind of label of ``labels``: ``Codes``, ``Signed``, or a ``Label`` of its own that
   says what a cell means (``meaning``) and how it says another label (``spelled``).
5. What no column says by itself, such as a split conversation, is read in ``fields``; add
   ``matches`` where texts and labels do not tell the family from others, and name in ``narrows``
   the families of which it is a special case.

``auto_j`` is the shortest example. Then add a row of it to ``tests/family_rows.py``.
"""

from __future__ import annotations

from wimhf.data.formats.families.alpaca import AlpacaEval
from wimhf.data.formats.families.annotated_pairs import AnnotatedPairs
from wimhf.data.formats.families.answers import Answers
from wimhf.data.formats.families.arena import Arena
from wimhf.data.formats.families.argilla import Argilla
from wimhf.data.formats.families.auto_j import AutoJ
from wimhf.data.formats.families.community import CommunityAlignment
from wimhf.data.formats.families.helpsteer import HelpSteer2, HelpSteer3
from wimhf.data.formats.families.hh import HhTranscripts
from wimhf.data.formats.families.kaggle import ArenaKaggle
from wimhf.data.formats.families.lists_apart import ListsApart
from wimhf.data.formats.families.llm_comparator import LlmComparator
from wimhf.data.formats.families.native import Native
from wimhf.data.formats.families.oasst import Oasst
from wimhf.data.formats.families.one_a_row import OneARow
from wimhf.data.formats.families.openai_comparisons import OpenAiDpo, OpenAiSummaries
from wimhf.data.formats.families.pandalm import PandaLM
from wimhf.data.formats.families.picked import Picked
from wimhf.data.formats.families.prism import Prism
from wimhf.data.formats.families.safe_rlhf import SafeRlhf
from wimhf.data.formats.families.shp import Shp
from wimhf.data.formats.families.swift import Swift
from wimhf.data.formats.families.trl import TrlPreference
from wimhf.data.formats.families.tulu import Tulu
from wimhf.data.formats.families.ultrafeedback import UltraFeedback
from wimhf.data.formats.family import Family

FORMATS: tuple[Family, ...] = (
    Native(), TrlPreference(), HhTranscripts(), UltraFeedback(), Tulu(), Arena(), ArenaKaggle(),
    AlpacaEval(), AutoJ(), PandaLM(), Prism(), CommunityAlignment(), Shp(), HelpSteer3(),
    HelpSteer2(), SafeRlhf(), OpenAiSummaries(), OpenAiDpo(), Argilla(), AnnotatedPairs(),
    LlmComparator(), Swift(), ListsApart(), Answers(), Picked(), Oasst(), OneARow(),
)  # fmt: skip
