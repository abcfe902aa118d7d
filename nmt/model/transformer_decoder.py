"""The decoder of the Transformer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from nmt.model.attention import Memory
from nmt.model.cells.cell import CellState
from nmt.model.decoder import Decoder
from nmt.model.dropout import Dropout, WordDropout
from nmt.model.modules import Modules, matrix_weights
from nmt.model.residual_block import BlockInput, PositionwiseFeedForward, Residual
from nmt.model.transformer_attention import TransformerAttention

KeysValues = tuple[Tensor, Tensor]
"""Keys and values, both (rows, positions, D)."""


@dataclass(frozen=True, slots=True)
class TransformerState(CellState):
    """The cache of N = B·K partial hypotheses: keys and values of the t tokens so far. Implements DecoderState."""

    cache: tuple[KeysValues, ...]  # of each layer, (N, t, D)

    @property
    def position(self) -> int:
        """t."""
        return self.cache[0][0].shape[1]


class TransformerDecoderLayer(nn.Module):
    """Attention to the tokens so far, attention to the source, and a feed-forward layer, each a pre-norm residual."""

    def __init__(self, *, size: int, state_size: int, heads: int, feed_forward_size: int, dropout: Dropout) -> None:
        """`size` D units, which `heads` divides; `state_size` H units of the encoder's states."""
        super().__init__()
        self.self_norm = nn.LayerNorm(size)
        self.self_attention = TransformerAttention(size=size, state_size=size, heads=heads)
        self.source_norm = nn.LayerNorm(size)
        self.source_attention = TransformerAttention(size=size, state_size=state_size, heads=heads)
        feed_forward = PositionwiseFeedForward(size=size, feed_forward_size=feed_forward_size)
        self.feed_forward = Residual(feed_forward, size=size, dropout=dropout)
        self.dropout = dropout

    def forward(
        self, states: Tensor, past: KeysValues, causal: Tensor | None, source: KeysValues, mask: Tensor
    ) -> tuple[Tensor, KeysValues, Tensor]:
        """states (B, Q, D) -> (B, Q, D), past with the new positions, weights of the source (B, heads, Q, S).

        Of B sentences, Q are the positions of one target (`past` has B rows), or the next tokens of Q hypotheses (B·Q rows).
        """
        rows = len(past[0])
        normed = self.self_norm(states).reshape(rows, -1, states.shape[2])
        keys, values = self.self_attention.remember(normed)
        if past[0].shape[1]:
            keys, values = torch.cat((past[0], keys), dim=1), torch.cat((past[1], values), dim=1)
        found, _ = self.self_attention(normed, keys, values, causal)
        states = states + self.dropout(found.reshape(states.shape))
        found, weights = self.source_attention(self.source_norm(states), *source, mask)
        states = states + self.dropout(found)
        return self.feed_forward(states), (keys, values), weights


class TransformerDecoder(Decoder):
    """Masked self-attention, attention to the source and feed-forward layers (Vaswani et al. 2017), normalised before each.

    The memory's keys and values are those of all layers, one beside the other. The attention that is returned is the mean
    over the heads of the layer before the last, which follows the words best (Garg et al. 2019), or of the only layer.
    """

    state_grows = True

    def __init__(
        self,
        *,
        embedding: nn.Embedding,
        inputs: BlockInput,
        layers: Iterable[TransformerDecoderLayer],
        size: int,
        readout: nn.Linear | None,
        word_dropout: WordDropout,
        embedding_dropout: Dropout,
        dropout: Dropout,
        output_dropout: Dropout,
    ) -> None:
        """`size` D units of all layers; `readout` from D to the embedding's size, where the two differ."""
        super().__init__(
            embedding=embedding,
            word_dropout=word_dropout,
            embedding_dropout=embedding_dropout,
            dropout=dropout,
            output_dropout=output_dropout,
        )
        self.hidden_size = size
        self.inputs = inputs
        self.layers: Modules[TransformerDecoderLayer] = Modules(layers)
        self.norm = nn.LayerNorm(size)
        self.readout = readout

    def remember(self, states: Tensor, mask: Tensor, summary: Tensor) -> Memory:
        each = [layer.source_attention.remember(states) for layer in self.layers]
        keys, values = (torch.cat(tensors, dim=2) for tensors in zip(*each, strict=True))  # (B, S, layers·D)
        return Memory(values=values, keys=keys, mask=mask, summary=summary)

    def start(self, memory: Memory) -> TransformerState:
        nothing = memory.summary.new_zeros(len(memory.summary), 0, self.hidden_size)
        return TransformerState(cache=((nothing, nothing),) * len(self.layers))

    def forward(self, prefix: Tensor, memory: Memory) -> tuple[Tensor, Tensor]:
        size = prefix.shape[1]
        causal = torch.ones(size, size, dtype=torch.bool, device=prefix.device).tril()
        readout, _, weights = self._advance(prefix, self.start(memory), memory, causal=causal)
        return readout, weights

    def step(self, tokens: Tensor, state: TransformerState, memory: Memory) -> tuple[Tensor, TransformerState, Tensor]:
        return self._advance(tokens, state, memory, causal=None)

    def _advance(
        self, tokens: Tensor, state: TransformerState, memory: Memory, *, causal: Tensor | None
    ) -> tuple[Tensor, TransformerState, Tensor]:
        """tokens (B, Q) -> readout (B, Q, E), state, attention (B, Q, S); Q as in TransformerDecoderLayer.forward."""
        embedded = self.word_dropout(self.embedding(tokens)).reshape(
            len(state.cache[0][0]), -1, self.embedding.embedding_dim
        )
        states = self.inputs(embedded, state.position).reshape(*tokens.shape, -1)
        states = self.embedding_dropout(states)
        sources = zip(memory.keys.chunk(len(self.layers), dim=2), memory.values.chunk(len(self.layers), dim=2), strict=True)
        mask = memory.mask[:, None, None, :]
        cache, weights = [], []
        for layer, past, source in zip(self.layers, state.cache, sources, strict=True):
            states, after, weight = layer(states, past, causal, source, mask)
            cache.append(after)
            weights.append(weight)
        readout = self.norm(states)
        if self.readout is not None:
            readout = self.readout(readout)
        return readout, TransformerState(cache=tuple(cache)), weights[max(len(weights) - 2, 0)].mean(dim=1)

    @property
    def description(self) -> str:
        first = self.layers[0]
        return (
            f"{len(self.layers)} Transformer layer{'s' if len(self.layers) > 1 else ''} of {self.hidden_size} units, with "
            f"{first.feed_forward.function.description}"
        )

    @property
    def attention_description(self) -> str:
        return f"in each layer, {self.layers[0].source_attention.description}"

    @property
    def initial_products(self) -> int:
        return 0

    @property
    def source_products(self) -> int:
        return sum(layer.source_attention.source_products for layer in self.layers)

    @property
    def step_products(self) -> int:
        return matrix_weights(self) - self.source_products
