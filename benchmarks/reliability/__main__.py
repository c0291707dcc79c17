"""Attack WIMHF on purpose and count: `python benchmarks/reliability [PART ...] [--share 1.0]`.

Prints a Markdown table; ends with 1 where something did not hold. Parts: kills, damage, hostile,
keys, offline, steady, clicks. ``--share`` takes a part of all tries; `make reliability` takes all.
"""

from __future__ import annotations

import argparse
import importlib
import logging
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

PARTS = ("kills", "damage", "hostile", "keys", "offline", "steady", "clicks")


def main() -> int:
    """Print a table, and what did not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", choices=[[], *PARTS], default=[])
    parser.add_argument("--share", type=float, default=1.0, help="of all tries")
    given = parser.parse_args()
    logging.disable(logging.WARNING)
    print("| what | tries | faults | of which |\n|---|--:|--:|---|")
    faults: list[str] = []
    for part in given.parts or PARTS:
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="wimhf-reliability-") as folder:
            counts = importlib.import_module(part).counted(Path(folder), given.share)
        for count in counts:
            print(count, flush=True)
            faults += count.faults
        print(f"{part}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    for fault in faults:
        print(f"FAULT {fault}", file=sys.stderr)
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
