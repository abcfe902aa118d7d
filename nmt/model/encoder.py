"""The encoder: source tokens to one state per token."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from nmt.model.dropout import Dropout, WordDropout


class Encoder(nn.Module, ABC):
    """Source tokens to one state for each, and a summary of the sentence in one vector."""

    def __init__(self, *, embedding: nn.Embedding, word_dropout: WordDropout, embedding_dropout: Dropout) -> None:
        super().__init__()
        self.embedding = embedding
        self.word_dropout = word_dropout
        self.embedding_dropout = embedding_dropout

    @abstractmethod
    def forward(self, source: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """source (B, S) int64, lengths (B,) -> states (B, S, H), mask (B, S) bool, summary (B, H)."""

    @property
    @abstractmethod
    def description(self) -> str:
        """Layers and units, for people."""

    @property
    @abstractmethod
    def products(self) -> int:
        """Weights that the vectors of each source token are multiplied with."""


def real_positions(lengths: Tensor, size: int) -> Tensor:
    """lengths (B,) -> (B, size) bool: True at real tokens, False at padding."""
    return torch.arange(size, device=lengths.device) < lengths[:, None]


def mean_state(states: Tensor, mask: Tensor) -> Tensor:
    """states (B, S, H), mask (B, S) bool -> the mean over real tokens (B, H)."""
    return (states * mask[:, :, None]).sum(dim=1) / mask.sum(dim=1)[:, None]
