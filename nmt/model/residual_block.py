"""Pre-norm residual layers: what a deep stack of any layers trains well with."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from nmt.model.dropout import Dropout
from nmt.model.modules import matrix_weights
from nmt.model.recurrent_encoder import EncoderLayer, layers_description
from nmt.model.transformer_attention import SelfAttention


class Recurrence(nn.Module):
    """A recurrent layer as a part of a block, where nobody asks for its last output."""

    def __init__(self, layer: EncoderLayer) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, states: Tensor, lengths: Tensor) -> Tensor:
        """states (B, S, H), lengths (B,) -> (B, S, H)."""
        outputs: Tensor = self.layer(states, lengths)[0]
        return outputs

    @property
    def description(self) -> str:
        """The layer in a few words, for people."""
        return layers_description([self.layer])

    @property
    def products(self) -> int:
        """Weights that the vectors of each source token are multiplied with."""
        return sum(cell.products for cell in self.layer.cells)


class PositionwiseFeedForward(nn.Module):
    """W2 ReLU(W1 x + b1) + b2 (Vaswani et al. 2017, section 3.3)."""

    def __init__(self, *, size: int, feed_forward_size: int) -> None:
        super().__init__()
        self.inner = nn.Linear(size, feed_forward_size)
        self.outer = nn.Linear(feed_forward_size, size)
        for layer in (self.inner, self.outer):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, states: Tensor) -> Tensor:
        """(..., H) -> (..., H)."""
        output: Tensor = self.outer(self.inner(states).relu())
        return output

    @property
    def description(self) -> str:
        """The layer in a few words, for people."""
        return f"feed-forward, {self.inner.out_features} units"


class Residual(nn.Module):
    """x + dropout(f(LN(x))) (Xiong et al. 2020, "Pre-LN"): gradients reach each layer past all others unchanged."""

    def __init__(
        self, function: Recurrence | SelfAttention | PositionwiseFeedForward, *, size: int, dropout: Dropout
    ) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(size)
        self.function = function
        self.dropout = dropout

    def forward(self, states: Tensor, *lengths: Tensor) -> Tensor:
        """states (B, S, H), and lengths (B,) where the function asks for them -> (B, S, H)."""
        output: Tensor = states + self.dropout(self.function(self.norm(states), *lengths))
        return output


class EncoderBlock(nn.Module):
    """A layer that looks at other positions and a feed-forward layer, each a residual."""

    def __init__(self, *, mixing: Recurrence | SelfAttention, feed_forward_size: int, size: int, dropout: Dropout) -> None:
        super().__init__()
        self.mixing = Residual(mixing, size=size, dropout=dropout)
        feed_forward = PositionwiseFeedForward(size=size, feed_forward_size=feed_forward_size)
        self.feed_forward = Residual(feed_forward, size=size, dropout=dropout)
        self.description = f"{mixing.description}, with {feed_forward.description}"
        self.products = mixing.products + matrix_weights(feed_forward)

    def forward(self, states: Tensor, lengths: Tensor) -> Tensor:
        """states (B, S, H), lengths (B,) -> (B, S, H)."""
        output: Tensor = self.feed_forward(self.mixing(states, lengths))
        return output


class BlockInput(nn.Module):
    """Embeddings as a stack of blocks reads them: of unit variance, of the stack's size, with their positions if asked.

    Positions are the sinusoids of Vaswani et al. (2017, section 3.5), half of the units sines, half cosines.
    """

    def __init__(self, *, embedding_size: int, size: int, positions: bool) -> None:
        super().__init__()
        self.scale = math.sqrt(embedding_size)
        self.positions = positions
        self.projection = None if embedding_size == size else nn.Linear(embedding_size, size)
        if self.projection is not None:
            nn.init.xavier_uniform_(self.projection.weight)
            nn.init.zeros_(self.projection.bias)

    def forward(self, embedded: Tensor, first: int = 0) -> Tensor:
        """embedded (B, T, E) of positions `first` and after -> (B, T, H)."""
        states = embedded * self.scale
        if self.projection is not None:
            states = self.projection(states)
        if self.positions:
            states = states + sinusoids(first, states.shape[1], states.shape[2]).to(embedded)
        return states


def sinusoids(first: int, count: int, size: int) -> Tensor:
    """Positions `first` to `first + count - 1` as vectors, (count, size) float32, on the CPU."""
    half = -(-size // 2)
    rates = torch.exp(torch.arange(half) * (-math.log(10_000.0) / half))
    angles = torch.arange(first, first + count)[:, None] * rates
    return torch.cat((angles.sin(), angles.cos()), dim=1)[:, :size]
