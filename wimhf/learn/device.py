"""Where torch computes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wimhf.errors import ConfigError

if TYPE_CHECKING:
    import torch


def resolve_device(device: str) -> torch.device:
    """Return the torch device for a name; ``auto`` is the GPU when there is one.

    Raises
    ------
    ConfigError
        If the device is asked for by name and absent.
    """
    import torch

    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    available = {"cpu": True, "cuda": torch.cuda.is_available()}
    available["mps"] = torch.backends.mps.is_available()
    if not available[device.split(":")[0]]:
        raise ConfigError(f"device {device} is not available on this machine; use --device auto")
    return torch.device(device)
