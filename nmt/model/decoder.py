"""The decoder: target tokens so far and the source memory to a vector from which the next token is predicted."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Protocol, Self

from torch import Tensor, nn

from nmt.model.attention import Memory
from nmt.model.dropout import Dropout, WordDropout


class DecoderState(Protocol):
    """The decoder's memory of N = B·K partial hypotheses. A value: nothing is kept on the module."""

    def select(self, rows: Tensor) -> Self:
        """Row n of the result is row rows[n]; rows (N',) int64."""
        ...


class Decoder(nn.Module, ABC):
    """Target tokens so far and the memory of the source -> the vector that the output matrix reads, in embedding size."""

    hidden_size: int
    """Units of its layers."""
    state_grows: bool = False
    """Whether the tensors of a state become larger from step to step."""

    def __init__(
        self,
        *,
        embedding: nn.Embedding,
        word_dropout: WordDropout,
        embedding_dropout: Dropout,
        dropout: Dropout,
        output_dropout: Dropout,
    ) -> None:
        super().__init__()
        self.embedding = embedding
        self.word_dropout = word_dropout
        self.embedding_dropout = embedding_dropout
        self.dropout = dropout
        self.output_dropout = output_dropout

    @abstractmethod
    def remember(self, states: Tensor, mask: Tensor, summary: Tensor) -> Memory:
        """The encoder's states (B, S, H), mask (B, S) and summary (B, H) -> all that depends on the source alone."""

    @abstractmethod
    def start(self, memory: Memory) -> DecoderState:
        """The state before the first token, one row per sentence (N = B)."""

    @abstractmethod
    def forward(self, prefix: Tensor, memory: Memory) -> tuple[Tensor, Tensor]:
        """Teacher forcing: prefix (B, T) int64 -> readout (B, T, E), attention (B, T, S)."""

    @abstractmethod
    def step(self, tokens: Tensor, state: Any, memory: Memory) -> tuple[Tensor, DecoderState, Tensor]:
        """One token per hypothesis: tokens (B, K) int64 -> readout (B, K, E), new state, attention (B, K, S).

        The state is one that `start` or `step` of this decoder made.
        """

    @property
    @abstractmethod
    def description(self) -> str:
        """Layers and units, for people."""

    @property
    @abstractmethod
    def attention_description(self) -> str:
        """The attention to the source, for people."""

    @property
    @abstractmethod
    def initial_products(self) -> int:
        """Weights that the summary of each sentence is multiplied with."""

    @property
    @abstractmethod
    def source_products(self) -> int:
        """Weights that each encoder state is multiplied with."""

    @property
    @abstractmethod
    def step_products(self) -> int:
        """Weights that the vectors of each target token are multiplied with."""
