"""An encoder whose copies encode in other processes."""

from __future__ import annotations

from collections.abc import Callable

from wimhf.learn.copies import Copy
from wimhf.learn.embed.encoder import Encoder
from wimhf.learn.embed.local import HALVED, SentenceEncoder


class EncoderElsewhere:
    """Counts tokens here and encodes wherever a pickle of ``encode`` goes.

    Parameters
    ----------
    own
        The encoder, on this machine's processor.
    load
        Loads a copy.
    device
        Where copies encode; on a GPU they do so in half precision.
    """

    def __init__(self, own: SentenceEncoder, load: Callable[[], Encoder], device: str) -> None:
        halved = own.single and device.startswith("cuda")
        self.id, self.max_tokens, self.chunk = own.id, own.max_tokens, own.chunk
        self.revision = own.revision + (HALVED if halved else "")
        self.count_tokens, self.last_tokens = own.count_tokens, own.last_tokens
        self.encode = Copy(load, "encode", self.revision)
