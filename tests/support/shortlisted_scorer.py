"""Scorers that score a few tokens of each sentence: with the columns of all tokens, and with those of the few."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from nmt.config.vocabulary import END_ID, PADDING_ID
from nmt.search import State
from support.table_scorer import History, TableScorer


def allowed(seed: int, source: tuple[int, ...], vocabulary_size: int) -> list[int]:
    """A few tokens, not in order, that depend on the source alone."""
    generator = torch.Generator().manual_seed(seed + sum(token * 31**place for place, token in enumerate(source)))
    words = torch.randperm(vocabulary_size - END_ID - 1, generator=generator) + END_ID + 1
    return words[: 3 + len(source)].tolist()


class AllTokens(TableScorer):
    """Scores of all tokens, minus infinity for those that are not among the allowed."""

    def _draw(self, source: tuple[int, ...], prefix: tuple[int, ...]) -> Tensor:
        scores = torch.full((self.vocabulary_size,), -math.inf)
        tokens = [*range(END_ID + 1), *allowed(self.seed, source, self.vocabulary_size)]
        scores[tokens] = super()._draw(source, prefix)[tokens]
        return scores


@dataclass(frozen=True)
class Shortlisted:
    history: History
    shortlist: Tensor

    def reorder(self, rows: Tensor) -> Shortlisted:
        return replace(self, history=self.history.reorder(rows))

    def keep(self, sentences: Tensor) -> Shortlisted:
        return Shortlisted(self.history.keep(sentences), self.shortlist[sentences])


class FewTokens(AllTokens):
    """The same, without the columns of the others."""

    def start(self, source: Tensor, lengths: Tensor) -> Any:
        history = super().start(source, lengths)
        lists = [[*range(END_ID + 1), *allowed(self.seed, own, self.vocabulary_size)] for own in history.sources]
        longest = max(map(len, lists))
        padded = torch.tensor([[*own, *[PADDING_ID] * (longest - len(own))] for own in lists])
        return Shortlisted(history, padded)

    def step(self, tokens: Tensor, state: State) -> tuple[Tensor, Any, Tensor]:
        assert isinstance(state, Shortlisted)
        scores, history, attention = super().step(tokens, state.history)
        columns = state.shortlist[:, None].expand(-1, tokens.shape[1], -1)
        few = scores.gather(2, columns)
        few[..., END_ID + 1 :].masked_fill_(columns[..., END_ID + 1 :] == PADDING_ID, -math.inf)
        assert isinstance(history, History)
        return few, Shortlisted(history, state.shortlist), attention
