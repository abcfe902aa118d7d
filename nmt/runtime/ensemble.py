"""Several models as one scorer: the probabilities that they give to the next token are averaged."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from nmt.errors import InputError
from nmt.search.scorer import Scorer, State


@dataclass(frozen=True, slots=True)
class EnsembleState:
    """The state of each scorer, in their order."""

    states: tuple[State, ...]

    @property
    def shortlist(self) -> None:
        """Implements State.shortlist: every token has its column."""
        return None

    def reorder(self, rows: Tensor) -> EnsembleState:
        """Implements State.reorder: rows (B·K',) int64."""
        return EnsembleState(tuple(state.reorder(rows) for state in self.states))

    def keep(self, sentences: Tensor) -> EnsembleState:
        """Implements State.keep: sentences (B',) int64."""
        return EnsembleState(tuple(state.keep(sentences) for state in self.states))


class EnsembleScorer:
    """Scorers with one vocabulary, each counting the same. Attention is averaged too."""

    def __init__(self, scorers: Sequence[Scorer]) -> None:
        """Raises InputError where there is none, or where sizes of vocabularies differ."""
        if not scorers:
            raise InputError("an ensemble should have at least one model")
        sizes = [scorer.vocabulary_size for scorer in scorers]
        if len(set(sizes)) > 1:
            raise InputError(f"models of an ensemble should have one vocabulary, not some of {sizes} tokens")
        self._scorers = tuple(scorers)

    @property
    def vocabulary_size(self) -> int:
        return self._scorers[0].vocabulary_size

    @torch.inference_mode()
    def start(self, source: Tensor, lengths: Tensor) -> EnsembleState:
        """Implements Scorer.start: source (B, S) and lengths (B,), int64."""
        return EnsembleState(tuple(scorer.start(source, lengths) for scorer in self._scorers))

    @torch.inference_mode()
    def step(self, tokens: Tensor, state: State) -> tuple[Tensor, State, Tensor]:
        """Implements Scorer.step: tokens (B, K) -> log mean probability (B, K, V), state, mean attention (B, K, S)."""
        if not isinstance(state, EnsembleState):
            raise TypeError(f"a {type(state).__name__} is not a state that this scorer made")
        steps = [scorer.step(tokens, own) for scorer, own in zip(self._scorers, state.states, strict=True)]
        log_probabilities = torch.stack([scores for scores, _, _ in steps]).logsumexp(dim=0) - math.log(len(steps))
        attention = torch.stack([weights for _, _, weights in steps]).mean(dim=0)
        return log_probabilities, EnsembleState(tuple(after for _, after, _ in steps)), attention
