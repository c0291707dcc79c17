"""What was done to read a source that people should know of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class ReadNotes:
    """What a source does not say by itself, and what was made of it.

    Attributes
    ----------
    unread
        Columns that hold something and are not read.
    remarks
        What was done to read pairs: by kind, to what, in how many pairs.
    codes, roles
        Labels, and roles of rejected rows, that were not understood, with their counts.
    containers
        How files were read, where their endings do not say so.
    n_read
        Rows of the files, of which several may make one row of the format.
    """

    unread: Sequence[str] = ()
    remarks: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    codes: Mapping[str, int] = field(default_factory=dict)
    roles: Mapping[str, int] = field(default_factory=dict)
    containers: Sequence[str] = ()
    n_read: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        lists = {"unread": list(self.unread), "containers": list(self.containers)}
        return asdict(self) | lists

    @classmethod
    def from_dict(cls, values: Mapping[str, Any] | None) -> ReadNotes:
        """Return what ``to_dict`` gave; nothing where a run is older."""
        return cls(**values) if values else cls()
