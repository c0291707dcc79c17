"""A finished analysis: its folder, its edit log, and what can be asked of it."""

from wimhf.run.alerts import run_alerts
from wimhf.run.coder import code_of, encoder_of, new_differences
from wimhf.run.history import CHANGES, redo, return_to, set_checkpoint, undo
from wimhf.run.log import Edit, somebody
from wimhf.run.manifest import MANIFEST
from wimhf.run.map import pair_map
from wimhf.run.measured import curated_measured, measured_pairs, saved_controls
from wimhf.run.merged import merged_code
from wimhf.run.overrides import KEYS, overrides_of
from wimhf.run.run import Run, create_run, open_run
from wimhf.run.similar import alike, near_text
from wimhf.run.trial import try_pair
from wimhf.run.vectors import difference_of, differences

__all__ = [
    "CHANGES",
    "KEYS",
    "MANIFEST",
    "Edit",
    "Run",
    "alike",
    "code_of",
    "create_run",
    "curated_measured",
    "difference_of",
    "differences",
    "encoder_of",
    "measured_pairs",
    "merged_code",
    "near_text",
    "new_differences",
    "open_run",
    "overrides_of",
    "pair_map",
    "redo",
    "return_to",
    "run_alerts",
    "saved_controls",
    "set_checkpoint",
    "somebody",
    "try_pair",
    "undo",
]
