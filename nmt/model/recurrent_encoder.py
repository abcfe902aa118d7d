"""Recurrent encoders: layers in one direction or in both, and their stack."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import torch
from torch import Tensor, nn

from nmt.model.cells.cell import Cell
from nmt.model.description import encoder_description
from nmt.model.dropout import Dropout, WordDropout
from nmt.model.encoder import Encoder, mean_state, real_positions
from nmt.model.modules import Modules


class EncoderLayer(nn.Module):
    """One layer over a padded batch, in one direction or in both; padding never reaches a real position.

    Padding is at the end, so the forward direction needs no care; the backward direction reads each sentence reversed
    within its own length. That is as fast as an unpadded batch, which packed sequences are not.
    """

    def __init__(self, *, forward_cell: Cell[Any], backward_cell: Cell[Any] | None = None) -> None:
        super().__init__()
        self.forward_layer = forward_cell
        self.backward_layer = backward_cell

    @property
    def cells(self) -> list[Cell[Any]]:
        """The forward cell, and the backward one where there is one."""
        return [cell for cell in (self.forward_layer, self.backward_layer) if cell is not None]

    @property
    def hidden_size(self) -> int:
        """H: units of all directions together."""
        return sum(cell.hidden_size for cell in self.cells)

    def forward(self, inputs: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """inputs (B, S, I), lengths (B,) -> outputs (B, S, H), each direction's last output (B, H)."""
        outputs, _ = self.forward_layer(inputs)
        last = _at(outputs, lengths - 1)
        if self.backward_layer is None:
            return outputs, last
        order = reversal(lengths, inputs.shape[1])
        reversed_outputs, _ = self.backward_layer(_permute(inputs, order))
        first = _at(reversed_outputs, lengths - 1)
        return torch.cat((outputs, _permute(reversed_outputs, order)), dim=2), torch.cat((last, first), dim=1)


class RecurrentEncoder(Encoder):
    """A stack of recurrent layers over embedded source tokens (Wu et al. 2016, section 3.2).

    With `residual` the input of each layer above the first is added to its output. The summary of a sentence is the last
    output of the top layer, or the mean of its states.
    """

    def __init__(
        self,
        *,
        embedding: nn.Embedding,
        layers: Iterable[EncoderLayer],
        word_dropout: WordDropout,
        embedding_dropout: Dropout,
        dropout: Dropout,
        residual: bool,
        summary: Literal["last", "mean"],
    ) -> None:
        super().__init__(embedding=embedding, word_dropout=word_dropout, embedding_dropout=embedding_dropout)
        self.residual = residual
        self.summary = summary
        self.dropout = dropout
        self.layers: Modules[EncoderLayer] = Modules(layers)

    def forward(self, source: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        mask = real_positions(lengths, source.shape[1])
        states: Tensor = self.embedding_dropout(self.word_dropout(self.embedding(source)))
        last = states[:, 0]
        for index, layer in enumerate(self.layers):
            inputs = states if index == 0 else self.dropout(states)
            states, last = layer(inputs, lengths)
            if self.residual and index > 0:
                states = states + inputs
        return states, mask, last if self.summary == "last" else mean_state(states, mask)

    @property
    def description(self) -> str:
        return layers_description(self.layers)

    @property
    def products(self) -> int:
        return sum(cell.products for layer in self.layers for cell in layer.cells)


def layers_description(layers: Iterable[EncoderLayer]) -> str:
    """Cells, layers, units and directions, for people."""
    stack = list(layers)
    return encoder_description(
        [[cell.description for cell in layer.cells] for layer in stack], [layer.hidden_size for layer in stack]
    )


def reversal(lengths: Tensor, size: int) -> Tensor:
    """(B, S) positions that reverse each sentence within its length and leave padding where it is; its own inverse."""
    position = torch.arange(size, device=lengths.device).expand(len(lengths), size)
    return torch.where(position < lengths[:, None], lengths[:, None] - 1 - position, position)


def _permute(values: Tensor, order: Tensor) -> Tensor:
    return values.gather(1, order[:, :, None].expand_as(values))


def _at(values: Tensor, position: Tensor) -> Tensor:
    return values[torch.arange(len(values), device=values.device), position]
