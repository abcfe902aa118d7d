"""The contract between a search and a model: log-probabilities of the next token, and a state that can be reordered.

Rows are laid out as B sentences times K hypotheses, so that an attention memory is held once per sentence and
never copied when hypotheses change places.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, Self

from nmt.config.vocabulary import END_ID, NEVER_PRODUCED

if TYPE_CHECKING:
    from torch import Tensor


class State(Protocol):
    """A scorer's memory of B·K partial hypotheses. A value: methods return a new one."""

    @property
    def shortlist(self) -> Tensor | None:
        """The token of each column of the log-probabilities, (B, L) int64; None where all V tokens have their column.

        The first four columns are the four special tokens, in order. Columns after a sentence's own list are PADDING_ID,
        and their log-probability is minus infinity. A token outside the list counts as minus infinity, too.
        """
        ...

    def reorder(self, rows: Tensor) -> Self:
        """Row n of the result is row `rows[n]` of this; rows (B·K',) int64, staying inside their sentence.

        K' may differ from K: this is how one start row becomes a beam.
        """
        ...

    def keep(self, sentences: Tensor) -> Self:
        """Only these sentences, in this order; sentences (B',) int64."""
        ...


class Scorer(Protocol):
    """A model on some runtime, an ensemble of them, or one fused with a language model."""

    @property
    def vocabulary_size(self) -> int: ...

    def start(self, source: Tensor, lengths: Tensor) -> State:
        """Read B sentences: source (B, S) int64 padded with PADDING_ID, lengths (B,) int64. The state has K = 1."""
        ...

    def step(self, tokens: Tensor, state: State) -> tuple[Tensor, State, Tensor]:
        """Take one token per hypothesis, tokens (B, K) int64 (BEGIN_ID first).

        Returns log-probabilities of the next token (B, K, V) float32, or (B, K, L) where the state has a shortlist; the
        new state; and the attention (B, K, S). The caller may write into both tensors, and the next step may, too.
        """
        ...


@dataclass(frozen=True, slots=True)
class Continuations:
    """The most promising next tokens, best first; every tensor is (R, C), a row for each set of hypotheses in one beam."""

    values: Tensor  # float32 or float64: the order is by these; minus infinity where there are no more
    scores: Tensor  # float32: log-probabilities of the hypotheses with these tokens
    rows: Tensor  # int64: which of all B·K hypotheses each continues
    tokens: Tensor  # int64


class Ranking(ABC):
    """A scorer that can find the best continuations itself, and so need not hand out the scores of all tokens."""

    @abstractmethod
    def best(
        self, tokens: Tensor, state: State, *, scores: Tensor | None, forced: Tensor | None, count: int
    ) -> tuple[Continuations, State, Tensor]:
        """As Scorer.step, tokens (B, K), but returns the `count` best continuations of each sentence in place of all.

        A continuation is ranked by its log-probability plus that of its hypothesis, scores (B, K) float32 (None: 0).
        NEVER_PRODUCED is left out; where `forced`, (B,) bool or None, only END is let in. Places without a continuation
        have minus infinity.
        """


def forbid_(scores: Tensor, forced: Tensor | None) -> Tensor:
    """Set to minus infinity, in place, tokens that cannot come next: scores (B, K, V), forced (B,) bool or None.

    These are NEVER_PRODUCED, and all but END where `forced`.
    """
    scores[..., : len(NEVER_PRODUCED)].fill_(-math.inf)
    if forced is not None:
        end = scores[..., END_ID].clone()  # (B, K)
        scores.masked_fill_(forced[:, None, None], -math.inf)
        scores[..., END_ID] = end
    return scores
