"""Sentences that leave a running search, since nobody waits for them any more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet

Dropped = Callable[[], AbstractSet[int]]
"""Numbers of the sentences of a batch that nobody waits for any more. Asked between steps; it may take its time."""


def dropped_of(dropped: Dropped | None, members: Sequence[int]) -> Dropped | None:
    """`dropped` for a part of a batch: its n-th sentence is number `members[n]` of the whole."""
    if dropped is None:
        return None

    def of_part() -> AbstractSet[int]:
        gone = dropped()
        return {place for place, member in enumerate(members) if member in gone} if gone else gone

    return of_part
