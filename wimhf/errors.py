"""What can go wrong, told so that the reader knows what to do next."""

from collections.abc import Mapping, Sequence

from wimhf.redaction import redacted, visible


class WimhfError(Exception):
    """Something the user can mend: one line that says what was found, expected and to do.

    Here an error becomes text: keys are left out of it, and what a terminal would obey is shown.

    Parameters
    ----------
    screen
        Lines that show more of it, for people who can see them.
    asks
        Words that are not understood, with their counts, by the setting that says what they mean.
    """

    def __init__(
        self,
        message: str,
        screen: Sequence[str] = (),
        asks: Mapping[str, Mapping[str, int]] | None = None,
    ) -> None:
        super().__init__(visible(" ".join(redacted(message).split())))
        self.screen = tuple(visible(redacted(line)) for line in screen)
        self.asks = asks or {}


class InputError(WimhfError):
    """The source cannot be read as pairs."""


class ConfigError(WimhfError):
    """A setting contradicts another one or the data."""


class EncoderError(WimhfError):
    """An encoder is unknown, cannot be loaded or answered with an error."""


class ServerError(WimhfError):
    """A language-model server is unreachable, refuses, fails too often or is out of budget."""


class EngineError(WimhfError):
    """The machines that should do the work are missing, unreachable or lost."""


class RunError(WimhfError):
    """The run folder is missing, foreign, damaged, locked or cannot be written."""


class EditError(WimhfError):
    """A rule or an edit cannot be understood, selects nothing, or contradicts another one."""


class ExportError(WimhfError):
    """A target cannot hold what would be written, or what was written does not read back."""


class EstimationError(WimhfError):
    """The data cannot support an estimate; the message is the reason that is shown instead."""
