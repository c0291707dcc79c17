"""Length: the one concept that is counted, not sought."""

from __future__ import annotations

from wimhf.concepts.concept import Concept

LENGTH = Concept(
    id="is_longer",
    more="is longer",
    less="is shorter",
    title="Length",
    area="format",
    concern="more",
    why="a model learns to write more, whatever it has to say",
    audit=True,
    learned="the difference of log(1 + words)",
)
"""Its column is the control's; its effect in the audit is that of length by itself."""
