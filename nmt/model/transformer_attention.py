"""The attention of Transformer layers, and its use on a padded batch of source tokens."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from nmt.model.attention import split_heads
from nmt.model.encoder import real_positions
from nmt.model.modules import matrix_weights


class TransformerAttention(nn.Module):
    """Scaled dot products in `heads` subspaces, and a product that joins them (Vaswani et al. 2017, section 3.2.2).

    Its weights are those of PyTorch's nn.MultiheadAttention, in matrices of their own. Keys and values are computed apart
    from the queries, so that a decoder computes those of a position once.
    """

    def __init__(self, *, size: int, state_size: int, heads: int) -> None:
        """`size` D units of queries and outputs, which `heads` divides; `state_size` M units of what is attended to."""
        super().__init__()
        self.heads = heads
        self.query_projection = nn.Linear(size, size)
        self.key_projection = nn.Linear(state_size, size)
        self.value_projection = nn.Linear(state_size, size)
        self.output_projection = nn.Linear(size, size)
        for layer in (self.query_projection, self.key_projection, self.value_projection, self.output_projection):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)

    def remember(self, states: Tensor) -> tuple[Tensor, Tensor]:
        """states (B, S, M) -> keys and values, both (B, S, D)."""
        return self.key_projection(states), self.value_projection(states)

    def forward(self, query: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor]:
        """query (B, Q, D), keys and values (B, S, D) -> outputs (B, Q, D), weights (B, heads, Q, S).

        `mask`, which broadcasts to the weights, is True where a query may attend: at one position of each row at least.
        """
        queries = split_heads(self.query_projection(query), self.heads)
        scores = torch.matmul(queries * queries.shape[3] ** -0.5, split_heads(keys, self.heads).transpose(2, 3))
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        weights = scores.softmax(dim=3)
        context = torch.matmul(weights, split_heads(values, self.heads))  # (B, heads, Q, D / heads)
        return self.output_projection(context.transpose(1, 2).flatten(2)), weights

    @property
    def description(self) -> str:
        """Heads and their units, for people."""
        return heads_description(self.heads, self.query_projection.out_features)

    @property
    def source_products(self) -> int:
        """Weights that each state attended to is multiplied with."""
        return matrix_weights(self.key_projection, self.value_projection)


class SelfAttention(nn.Module):
    """Each source token attends to all tokens of its sentence."""

    def __init__(self, *, size: int, heads: int) -> None:
        super().__init__()
        self.attention = TransformerAttention(size=size, state_size=size, heads=heads)

    def forward(self, states: Tensor, lengths: Tensor) -> Tensor:
        """states (B, S, H), lengths (B,) -> (B, S, H)."""
        mask = real_positions(lengths, states.shape[1])[:, None, None, :]
        output: Tensor = self.attention(states, *self.attention.remember(states), mask)[0]
        return output

    @property
    def description(self) -> str:
        """The layer in a few words, for people."""
        return f"self-attention, {self.attention.description}"

    @property
    def products(self) -> int:
        """Weights that the vectors of each source token are multiplied with."""
        return matrix_weights(self)


def heads_description(heads: int, size: int) -> str:
    """Heads and the units of each, for people."""
    return f"{heads} head{'s' if heads > 1 else ''} of {size // heads} units"
