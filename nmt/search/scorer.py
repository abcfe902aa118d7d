"""All that search ever sees of a model: the next token's log-probabilities, and a state that it may reorder.

Rows are laid out as B sentences times K hypotheses, so that an attention memory is held once per sentence and
never copied when hypotheses change places.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Protocol, Self

from torch import Tensor


class State(Protocol):
    """What a scorer remembers of B·K partial hypotheses. A value: methods return a new one."""

    @property
    def shortlist(self) -> Tensor | None:
        """The tokens that the columns of the log-probabilities stand for, (B, L) int64; None where all V do, in order.

        The first four columns are the four special tokens, in order. Columns after a sentence's own list are PADDING_ID,
        and their log-probability is minus infinity, as is by convention that of all tokens outside the list.
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
    """The most promising next tokens of some hypotheses, best first; every tensor is (R, C), R being what shares a beam."""

    values: Tensor  # float32 or float64: what they are ranked by; minus infinity where there are no more
    scores: Tensor  # float32: log-probabilities of the hypotheses with these tokens
    rows: Tensor  # int64: which of all B·K hypotheses each continues
    tokens: Tensor  # int64


class Ranking(ABC):
    """What a scorer is, too, that finds the best continuations itself, so that it need not hand out the scores of all."""

    @abstractmethod
    def best(
        self, tokens: Tensor, state: State, *, scores: Tensor | None, forced: Tensor | None, count: int
    ) -> tuple[Continuations, State, Tensor]:
        """As Scorer.step, tokens (B, K), but returns the `count` best continuations of each sentence in place of all.

        Ranked by their log-probability and that of the hypothesis, scores (B, K) float32 (None: 0). Padding, unknown and
        BEGIN never come, and where `forced`, (B,) bool or None, only END may. What is left over has minus infinity.
        """
