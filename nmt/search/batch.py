"""The sentences of a batch that are still being searched, and what the others ended with."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nmt.search.candidate import Ended
from nmt.search.steps import Steps


class Batch:
    """Sentences leave it when they are over, as far as the batch may become smaller: `steps` may like some sizes only."""

    def __init__(self, limits: Sequence[int], steps: Steps) -> None:
        """`limits` has the most tokens of each sentence."""
        self._limits, self._steps = limits, steps
        self._ended: dict[int, list[Ended]] = {}
        self.rows = list(range(len(limits)))
        """The sentence in each row. Empty when all are over."""
        self.first_limit, self.last_limit = min(limits), max(limits)
        """Of the sentences that are not over."""

    def leave(self, over: Sequence[bool], ends: Callable[[], list[list[Ended]]]) -> list[int]:
        """The rows that stay, when `over` is known of each; `ends()` is what each row would end with.

        A sentence that is over stays so. One that is over and in the batch all the same ended with what it had first.
        """
        going = [row for row, is_over in enumerate(over) if not is_over]
        done = [row for row, is_over in enumerate(over) if is_over]
        if all(self.rows[row] in self._ended for row in done):
            return list(range(len(over)))
        found = ends()
        for row in done:
            self._ended.setdefault(self.rows[row], found[row])
        limits = [self._limits[self.rows[row]] for row in going]
        self.first_limit, self.last_limit = min(limits, default=0), max(limits, default=0)
        room = self._steps.size(len(going)) - len(going) if going else 0
        stay = sorted([*going, *done[:room]])
        self.rows = [self.rows[row] for row in stay]
        return stay

    def ended(self) -> list[list[Ended]]:
        """What each sentence ended with, in the order of the limits; when no row is left."""
        return [self._ended[sentence] for sentence in range(len(self._limits))]
