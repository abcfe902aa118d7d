"""Shallow fusion: a scorer helped by a language model that has read more of the target language than it has."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from nmt.errors import InputError
from nmt.model.language_model import LanguageModel, LanguageModelState
from nmt.search.scorer import Scorer, State


@dataclass(frozen=True, slots=True)
class FusedState:
    """State of the scorer and of the language model for B·K hypotheses."""

    scorer: State
    language_model: LanguageModelState
    sentences: int  # B
    beam: int  # K

    @property
    def shortlist(self) -> Tensor | None:
        """Implements State.shortlist: the scorer's."""
        return self.scorer.shortlist

    def reorder(self, rows: Tensor) -> FusedState:
        """Implements State.reorder: rows (B·K',) int64."""
        return FusedState(
            scorer=self.scorer.reorder(rows),
            language_model=self.language_model.select(rows),
            sentences=self.sentences,
            beam=len(rows) // self.sentences,
        )

    def keep(self, sentences: Tensor) -> FusedState:
        """Implements State.keep: sentences (B',) int64."""
        places = torch.arange(self.beam, device=sentences.device)
        rows = (sentences[:, None] * self.beam + places).flatten()  # (B'·K,)
        return FusedState(
            scorer=self.scorer.keep(sentences),
            language_model=self.language_model.select(rows),
            sentences=len(sentences),
            beam=self.beam,
        )


class FusedScorer:
    """log p(y | x) + weight · log p_LM(y), token by token (Gulcehre et al. 2015, section 4.1, "shallow fusion").

    `scorer` may be any, an ensemble too. The sum is no log-probability: over all tokens its exponentials do not add up to
    one. It never rises from token to token, as search needs it. Under a shortlist the language model's log-probabilities
    are still those among all V tokens.
    """

    def __init__(self, scorer: Scorer, language_model: LanguageModel, *, weight: float) -> None:
        """The language model is on the scorer's device. Raises InputError where the two do not fit."""
        sizes = scorer.vocabulary_size, language_model.vocabulary_size
        if sizes[0] != sizes[1]:
            raise InputError(f"a language model of {sizes[1]} tokens does not fit a vocabulary of {sizes[0]}")
        if not 0.0 <= weight < float("inf"):
            raise InputError(f"language_model_weight {weight} should be a number from 0 on; 0.2 is usual")
        self._scorer, self._language_model, self._weight = scorer, language_model, weight

    @property
    def vocabulary_size(self) -> int:
        return self._scorer.vocabulary_size

    @torch.inference_mode()
    def start(self, source: Tensor, lengths: Tensor) -> FusedState:
        """Implements Scorer.start: source (B, S) and lengths (B,), int64."""
        return FusedState(
            scorer=self._scorer.start(source, lengths),
            language_model=self._language_model.start(len(source)),
            sentences=len(source),
            beam=1,
        )

    @torch.inference_mode()
    def step(self, tokens: Tensor, state: State) -> tuple[Tensor, State, Tensor]:
        """Implements Scorer.step: tokens (B, K) -> sums (B, K, V or L) float32, state, the scorer's attention (B, K, S)."""
        if not isinstance(state, FusedState):
            raise TypeError(f"a {type(state).__name__} is not a state that this scorer made")
        log_probabilities, after, attention = self._scorer.step(tokens, state.scorer)
        logits, language_model = self._language_model.step(tokens.flatten(), state.language_model)  # (B·K, V)
        fluency = logits.float().log_softmax(dim=1).view(*tokens.shape, -1)
        if state.shortlist is not None:  # (B, L)
            fluency = fluency.gather(2, state.shortlist[:, None, :].expand(-1, tokens.shape[1], -1))
        fused = replace(state, scorer=after, language_model=language_model)
        return log_probabilities + self._weight * fluency, fused, attention
