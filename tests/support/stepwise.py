"""An int8 scorer whose searches go step by step, since it has no way to run a whole one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import Tensor

from nmt.search.scorer import Continuations, Ranking, State

if TYPE_CHECKING:
    from nmt.runtime.cpu import CpuScorer


class Stepwise(Ranking):
    """The scorer of the same numbers."""

    def __init__(self, scorer: CpuScorer) -> None:
        self.vocabulary_size, self.start, self.step = scorer.vocabulary_size, scorer.start, scorer.step
        self._scorer = scorer

    def best(
        self, tokens: Tensor, state: State, *, scores: Tensor | None, forced: Tensor | None, count: int
    ) -> tuple[Continuations, State, Tensor]:
        return self._scorer.best(tokens, state, scores=scores, forced=forced, count=count)
