"""What can go wrong, told so that the reader knows what to do next."""

from collections.abc import Mapping, Sequence


class WimhfError(Exception):
    """Something the user can mend: one line that says what was found, expected and to do.

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
        super().__init__(" ".join(message.split()))
        self.screen = tuple(screen)
        self.asks = asks or {}


class InputError(WimhfError):
    """The source cannot be read as pairs."""


class ConfigError(WimhfError):
    """A setting contradicts another one or the data."""


class EncoderError(WimhfError):
    """An encoder is unknown, cannot be loaded or answered with an error."""


class ServerError(WimhfError):
    """A language-model server is unreachable, refuses, fails too often or is out of budget."""


class RunError(WimhfError):
    """The run folder is missing, foreign, damaged, locked or cannot be written."""


class EditError(WimhfError):
    """A rule or an edit cannot be understood, selects nothing, or contradicts another one."""


class ExportError(WimhfError):
    """A target cannot hold what would be written, or what was written does not read back."""


class EstimationError(WimhfError):
    """The data cannot support an estimate; the message is the reason that is shown instead."""
