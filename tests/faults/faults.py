"""The deliberate faults that `run.py` tries out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """In `file`, `old` becomes `new`; `tests` are what pytest is given to find it."""

    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    reason: str
    """What is wrong then, for a person."""


FAULTS = (
    Fault(
        "nmt/training/trainer.py",
        "(1 + update) / (10 + update)",
        "1.0",
        ("tests/training/test_trainer.py",),
        "the moving average does not warm up",
    ),
    Fault(
        "nmt/search/candidate.py",
        "(5",
        "(6",
        ("tests/search/test_search.py",),
        "length penalty",
    ),
    Fault(
        "nmt/runtime/kernel/decode.h",
        "@@@",
        "(6",
        ("tests/search/test_search.py",),
        "does not apply",
    ),
)
