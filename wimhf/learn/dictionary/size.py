"""How large a dictionary is."""

from __future__ import annotations

from wimhf.base import DictionaryConfig
from wimhf.errors import ConfigError


def choose_size(n_pairs: int, dim: int, config: DictionaryConfig) -> tuple[int, int]:
    """Return (m, K): what the config asks for, else by the number of pairs.

    Raises
    ------
    ConfigError
        If the two contradict each other or the config's prefixes.
    """
    sizes = ((10_000, 32, 4), (30_000, 64, 4), (100_000, 128, 8), (500_000, 256, 8))
    m, k = next(((m, k) for limit, m, k in sizes if n_pairs < limit), (512, 16))
    # a feature that is active in fewer than a handful of pairs can be neither named nor tested
    m = config.features or max(2, min(m, n_pairs // 8, 4 * dim))
    k = config.k or max(1, min(k, m // 4))
    if k > m:
        raise ConfigError(f"k={k} exceeds features={m}; lower --k or raise --features")
    if any(p >= m for p in config.prefixes):
        raise ConfigError(f"prefixes {config.prefixes} must lie below features={m}")
    return m, k
