"""The change card beside an export: where it lies, and whether the export is what it tells of."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from wimhf.base import file_hash


def export_hash(part: Path) -> str:
    """Return the sha256 of a file, or of the names and hashes of a folder's files."""
    if part.is_file():
        return file_hash(part)
    files = sorted(file for file in part.rglob("*") if file.is_file())
    listing = "".join(f"{f.relative_to(part).as_posix()} {file_hash(f)}\n" for f in files)
    return hashlib.sha256(listing.encode()).hexdigest()


def card_place(place: Path, ending: str = "json") -> Path:
    """Return where the change card of an export is."""
    return place.with_name(f"{place.name}.card.{ending}")


def export_fault(place: Path) -> str | None:
    """Say whether an export is what its change card tells of.

    Returns
    -------
    str or None
        What is wrong; empty where nothing is, None where there is no card.
    """
    if place.name in ("", ".."):  # a folder that is named by where it is
        return None
    card = card_place(place)
    try:
        if not card.is_file():
            return None
    except OSError:  # its name would be too long
        return None
    again = "make the export again, or take the card away"
    try:
        told = json.loads(card.read_bytes())["output_sha256"]
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return f"{card} is damaged; {again}"
    try:
        same = told == export_hash(place)
    except OSError as error:
        return f"{place} cannot be read: {error.strerror}"
    if place.exists() and same:
        return ""
    return f"{place} is not what its change card {card.name} tells of; {again}"
