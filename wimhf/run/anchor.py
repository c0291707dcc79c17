"""The anchor of the edit log: how long it was when last written, and a hash of all of it.

It stands in a file beside the log, so that a log that was cut, emptied, deleted or changed since is
said and never taken for the whole.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from wimhf.base import write_atomically
from wimhf.errors import RunError

ANCHOR = "edits.anchor.json"


@dataclass(frozen=True)
class Anchor:
    """What is known of the first ``bytes`` bytes of a log, which are ``edits`` whole lines."""

    edits: int = 0
    bytes: int = 0
    sha256: str = ""

    def __post_init__(self) -> None:
        if [type(value) for value in asdict(self).values()] != [int, int, str]:
            raise ValueError("edits and bytes are whole numbers, sha256 is a text")

    def write(self, folder: Path) -> None:
        """Put it beside the log."""
        text = json.dumps(asdict(self)) + "\n"
        write_atomically(folder / ANCHOR, lambda stream: stream.write(text.encode()))

    def refuse(self, log: Path, edits: int) -> RunError:
        """Return what is wrong with a log of so many edits."""
        if edits < self.edits:
            fault = f"holds {edits:,} of {self.edits:,} edits: the rest was cut off or deleted"
        else:
            fault = "is not what was written: an edit in it was changed or is damaged"
        return RunError(
            f"{log} {fault}; put a whole copy of it in its place, or accept what is left with "
            f"`wimhf repair {log.parent}`"
        )


def read_anchor(folder: Path) -> Anchor:
    """Return the anchor of a run's log; that of an empty log where it has none.

    Raises
    ------
    RunError
        If it is damaged.
    """
    path = folder / ANCHOR
    try:
        return Anchor(**json.loads(path.read_bytes()))
    except FileNotFoundError:
        return Anchor()
    except OSError as error:
        raise RunError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, TypeError, RecursionError):
        raise RunError(
            f"{path} is damaged; look at edits.jsonl, and accept it as it is with "
            f"`wimhf repair {folder}`"
        ) from None
