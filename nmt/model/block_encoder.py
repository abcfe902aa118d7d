"""Encoders that have self-attention, residual blocks, or both."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from torch import Tensor, nn

from nmt.model.dropout import Dropout, WordDropout
from nmt.model.encoder import Encoder, mean_state, real_positions
from nmt.model.modules import Modules, matrix_weights
from nmt.model.recurrent_encoder import RecurrentEncoder
from nmt.model.residual_block import BlockInput, EncoderBlock, Residual
from nmt.model.transformer_attention import SelfAttention

ATTENTION_SHARE = 0.1
"""Factor of the attention's output in AttendingEncoder. An update of Adam moves a weight by about the learning rate, however
small its gradient; the factor makes the sum change a tenth as much, at a rate that suits an LSTM."""


class AttendingEncoder(RecurrentEncoder):
    """A recurrent encoder whose states attend to each other after its last layer: each layer computes x + c·attention(x).

    The states know their places by then, so that no positions are added (Chen et al. 2018 stack the two likewise). Attention
    reads them without a normalisation. The states of a recurrent layer have a standard deviation of 0.03 to 0.1; attention
    over normalised ones has outputs of ten times their size after some tens of updates, nearly the same for all words of a
    sentence, and the words are lost in the sum. Outputs in proportion to the states, a small c (ATTENTION_SHARE) and an
    output matrix of zeros let training begin as the recurrent encoder's.
    """

    def __init__(self, *, attention: Iterable[SelfAttention], **recurrent: Any) -> None:
        """`recurrent`, the parts of RecurrentEncoder."""
        super().__init__(**recurrent)
        self.attention: Modules[SelfAttention] = Modules(attention)
        for layer in self.attention:
            nn.init.zeros_(layer.attention.output_projection.weight)

    def forward(self, source: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        states, mask, summary = super().forward(source, lengths)
        for layer in self.attention:
            states = states + ATTENTION_SHARE * self.dropout(layer(states, lengths))
        return states, mask, summary if self.summary == "last" else mean_state(states, mask)

    @property
    def description(self) -> str:
        return ", then ".join([super().description, *(layer.description for layer in self.attention)])

    @property
    def products(self) -> int:
        return super().products + matrix_weights(self.attention)


class BlockEncoder(Encoder):
    """Pre-norm residual blocks over embedded source tokens; the summary of a sentence is the mean of its states.

    With blocks of self-attention it is the encoder of the Transformer (Vaswani et al. 2017), with blocks of recurrent layers
    that of Zhang and Sennrich (2019, section 5.1), who put oLRNs in the place of self-attention.
    """

    def __init__(
        self,
        *,
        embedding: nn.Embedding,
        inputs: BlockInput,
        layers: Iterable[EncoderBlock],
        attention: Iterable[SelfAttention],
        size: int,
        word_dropout: WordDropout,
        embedding_dropout: Dropout,
        dropout: Dropout,
        gain: float,
    ) -> None:
        """`size` H units of all layers; `attention` above the blocks, without a feed-forward layer; `dropout` around it.

        `gain` is the standard deviation of a state's units before training.
        """
        super().__init__(embedding=embedding, word_dropout=word_dropout, embedding_dropout=embedding_dropout)
        self.inputs = inputs
        self.layers: Modules[EncoderBlock] = Modules(layers)
        self.attention: Modules[Residual] = Modules(Residual(one, size=size, dropout=dropout) for one in attention)
        self.norm = nn.LayerNorm(size)
        nn.init.constant_(self.norm.weight, gain)

    def forward(self, source: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        states: Tensor = self.embedding_dropout(self.inputs(self.word_dropout(self.embedding(source))))
        for layer in (*self.layers, *self.attention):
            states = layer(states, lengths)
        states = self.norm(states)
        mask = real_positions(lengths, source.shape[1])
        return states, mask, mean_state(states, mask)

    @property
    def description(self) -> str:
        kinds = dict.fromkeys(layer.description for layer in self.layers)
        blocks = f"{len(self.layers)} residual block{'s' if len(self.layers) > 1 else ''} of {'; '.join(kinds)}"
        return ", then ".join([blocks, *(layer.function.description for layer in self.attention)])

    @property
    def products(self) -> int:
        return matrix_weights(self.inputs, self.attention) + sum(layer.products for layer in self.layers)
