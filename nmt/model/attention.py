"""Attention: which source positions matter for the next target token.

An attention module turns encoder states into keys and values once per sentence (`keys`, `values`), and answers any
number of queries against them. It stores nothing: everything that decoding needs is in the Memory it is given.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from nmt.config.recipe import ModelConfig


@dataclass(frozen=True, slots=True)
class Memory:
    """What the decoder may know of B source sentences. A value: selecting makes a new one."""

    values: Tensor  # (B, S, C): what attention averages
    keys: Tensor  # (B, S, A): what queries are compared with
    mask: Tensor  # (B, S) bool: True at real tokens
    summary: Tensor  # (B, H): the sentence in one vector, for the decoder's initial state

    def keep(self, sentences: Tensor) -> Memory:
        """Only these sentences, in this order; sentences (B',) int64."""
        return Memory(self.values[sentences], self.keys[sentences], self.mask[sentences], self.summary[sentences])


class Attention(nn.Module, ABC):
    """Common shape of all kinds: scores, a softmax over real source tokens, a weighted mean of values."""

    context_size: int
    """C: units of the context vector."""

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
        context = torch.matmul(weights, self._split(memory.values))  # (B, heads, Q, C / heads)
        return context.transpose(1, 2).flatten(2), weights.mean(dim=1)

    def _head_scores(self, query: Tensor, keys: Tensor) -> Tensor:
        queries = self._split(self.query_projection(query))
        scale: float = queries.shape[3] ** -0.5
        return torch.matmul(queries * scale, self._split(keys).transpose(2, 3))

    def _split(self, vectors: Tensor) -> Tensor:
        """(B, N, A) -> (B, heads, N, A / heads)."""
        batch, length, size = vectors.shape
        return vectors.reshape(batch, length, self.heads, size // self.heads).transpose(1, 2)


def build_attention(config: ModelConfig) -> Attention:
    """The attention that `config.attention` names."""
    query_size, state_size = config.decoder_hidden_size, config.encoder_hidden_size
    if config.attention == "dot":
        return DotAttention(state_size=state_size)
    if config.attention == "general":
        return GeneralAttention(query_size=query_size, state_size=state_size)
    if config.attention == "additive":
        return AdditiveAttention(query_size=query_size, state_size=state_size, attention_size=config.attention_size)
    return MultiHeadAttention(
        query_size=query_size,
        state_size=state_size,
        attention_size=config.attention_size,
        heads=config.attention_heads,
    )
