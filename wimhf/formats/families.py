"""Every family of source formats that is known."""

from __future__ import annotations

from wimhf.formats.base import Family
from wimhf.formats.hh import HhTranscripts
from wimhf.formats.native import Native
from wimhf.formats.trl import TrlPreference

FORMATS: tuple[Family, ...] = (Native(), HhTranscripts(), TrlPreference())
