"""The deliberate faults that `run.py` tries out: `data/ROOM.yaml` has those of each room of the house."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Fault:
    """In `file`, `old` becomes `new`; `tests` are what pytest is given to find it."""

    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    reason: str
    """What is wrong then, for a person."""


def read_faults() -> list[Fault]:
    """All of them, room by room."""
    rooms = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(DATA.glob("*.yaml"))]
    return [Fault(**{**fault, "tests": tuple(fault["tests"])}) for room in rooms for fault in room]
