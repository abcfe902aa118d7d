"""Attention: which source positions matter for the next target token.

An attention module turns encoder states into keys and values once per sentence (`keys`, `values`), and answers any
number of queries against them. It stores nothing: everything that decoding needs is in the Memory it is given.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields, replace
from typing import Self

import torch
from torch import Tensor, nn

from nmt.model.description import multi_head_description
from nmt.model.modules import matrix_weights


@dataclass(frozen=True, slots=True)
class Memory:
    """Memory of B source sentences, all that the decoder knows of them. A value: selecting makes a new one."""

    values: Tensor  # (B, S, C): what attention averages
    keys: Tensor  # (B, S, A): what queries are compared with
    mask: Tensor  # (B, S) bool: True at real tokens
    summary: Tensor  # (B, H): the sentence in one vector, for the decoder's initial state

    def keep(self, sentences: Tensor) -> Self:
        """Only these sentences, in this order; sentences (B',) int64."""
        return replace(self, **{field.name: getattr(self, field.name)[sentences] for field in fields(self)})


class Attention(nn.Module, ABC):
    """Scores, a softmax over real source tokens, and a weighted mean of values."""

    context_size: int
    """C: units of the context vector."""

    @property
    def description(self) -> str:
        """The attention in a few words, for people."""
        return type(self).__name__.removesuffix("Attention").lower()

    @property
    @abstractmethod
    def source_products(self) -> int:
        """Weights that each encoder state is multiplied with, in `keys` and `values`."""

    @property
    def query_products(self) -> int:
        """Weights that each query is multiplied with."""
        return matrix_weights(self) - self.source_products

    @abstractmethod
    def keys(self, states: Tensor) -> Tensor:
        """Encoder states (B, S, H) -> keys (B, S, A)."""

    def values(self, states: Tensor) -> Tensor:
        """Encoder states (B, S, H) -> values (B, S, C)."""
        return states

    @abstractmethod
    def scores(self, query: Tensor, keys: Tensor) -> Tensor:
        """query (B, Q, D), keys (B, S, A) -> how well each query fits each key (B, Q, S)."""

    def forward(self, query: Tensor, memory: Memory) -> tuple[Tensor, Tensor]:
        """query (B, Q, D) -> context (B, Q, C), weights (B, Q, S) that sum to one and are zero on padding."""
        scores = self.scores(query, memory.keys).masked_fill(~memory.mask[:, None, :], -torch.inf)
        weights = scores.softmax(dim=2)
        return torch.bmm(weights, memory.values), weights


class DotAttention(Attention):
    """score(q, k) = q · k (Luong et al. 2015, equation 8, "dot")."""

    def __init__(self, *, state_size: int) -> None:
        super().__init__()
        self.context_size = state_size

    @property
    def source_products(self) -> int:
        return 0

    def keys(self, states: Tensor) -> Tensor:
        return states

    def scores(self, query: Tensor, keys: Tensor) -> Tensor:
        return torch.bmm(query, keys.transpose(1, 2))


class GeneralAttention(Attention):
    """score(q, k) = q · W k (Luong et al. 2015, equation 8, "general"); W k is computed once per sentence."""

    def __init__(self, *, query_size: int, state_size: int) -> None:
        super().__init__()
        self.context_size = state_size
        self.key_projection = nn.Linear(state_size, query_size, bias=False)
        nn.init.xavier_uniform_(self.key_projection.weight)

    @property
    def source_products(self) -> int:
        return matrix_weights(self.key_projection)

    def keys(self, states: Tensor) -> Tensor:
        projected: Tensor = self.key_projection(states)
        return projected

    def scores(self, query: Tensor, keys: Tensor) -> Tensor:
        return torch.bmm(query, keys.transpose(1, 2))


class AdditiveAttention(Attention):
    """score(q, k) = v · tanh(W q + U k) (Bahdanau et al. 2015, appendix A.1.2)."""

    def __init__(self, *, query_size: int, state_size: int, attention_size: int) -> None:
        super().__init__()
        self.context_size = state_size
        self.key_projection = nn.Linear(state_size, attention_size)
        self.query_projection = nn.Linear(query_size, attention_size, bias=False)
        self.score = nn.Linear(attention_size, 1, bias=False)
        for layer in (self.key_projection, self.query_projection, self.score):
            nn.init.xavier_uniform_(layer.weight)
        nn.init.zeros_(self.key_projection.bias)

    @property
    def source_products(self) -> int:
        return matrix_weights(self.key_projection)

    def keys(self, states: Tensor) -> Tensor:
        projected: Tensor = self.key_projection(states)
        return projected

    def scores(self, query: Tensor, keys: Tensor) -> Tensor:
        hidden = torch.tanh(self.query_projection(query)[:, :, None, :] + keys[:, None, :, :])  # (B, Q, S, A)
        scores: Tensor = self.score(hidden)
        return scores.squeeze(3)


class MultiHeadAttention(Attention):
    """Scaled dot products in `heads` subspaces (Vaswani et al. 2017, section 3.2.2), queried by a recurrent state.

    The weights returned are the mean over heads, which also sum to one.
    """

    def __init__(self, *, query_size: int, state_size: int, attention_size: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.context_size = attention_size
        self.query_projection = nn.Linear(query_size, attention_size, bias=False)
        self.key_projection = nn.Linear(state_size, attention_size, bias=False)
        self.value_projection = nn.Linear(state_size, attention_size, bias=False)
        for layer in (self.query_projection, self.key_projection, self.value_projection):
            nn.init.xavier_uniform_(layer.weight)

    @property
    def description(self) -> str:
        return multi_head_description(self.heads, self.context_size)

    @property
    def source_products(self) -> int:
        return matrix_weights(self.key_projection, self.value_projection)

    def keys(self, states: Tensor) -> Tensor:
        projected: Tensor = self.key_projection(states)
        return projected

    def values(self, states: Tensor) -> Tensor:
        projected: Tensor = self.value_projection(states)
        return projected

    def scores(self, query: Tensor, keys: Tensor) -> Tensor:
        return self._head_scores(query, keys).mean(dim=1)

    def forward(self, query: Tensor, memory: Memory) -> tuple[Tensor, Tensor]:
        scores = self._head_scores(query, memory.keys)  # (B, heads, Q, S)
        weights = scores.masked_fill(~memory.mask[:, None, None, :], -torch.inf).softmax(dim=3)
        context = torch.matmul(weights, split_heads(memory.values, self.heads))  # (B, heads, Q, C / heads)
        return context.transpose(1, 2).flatten(2), weights.mean(dim=1)

    def _head_scores(self, query: Tensor, keys: Tensor) -> Tensor:
        queries = split_heads(self.query_projection(query), self.heads)
        scale: float = queries.shape[3] ** -0.5
        return torch.matmul(queries * scale, split_heads(keys, self.heads).transpose(2, 3))


def split_heads(vectors: Tensor, heads: int) -> Tensor:
    """(B, N, A) -> (B, heads, N, A / heads)."""
    batch, length, size = vectors.shape
    return vectors.reshape(batch, length, heads, size // heads).transpose(1, 2)
