"""Recurrent decoders: a stack of cells that attends to the source."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import torch
from torch import Tensor, nn

from nmt.model.attention import Attention, Memory
from nmt.model.cells.cell import Cell, CellState
from nmt.model.decoder import Decoder
from nmt.model.description import decoder_description
from nmt.model.dropout import Dropout, WordDropout
from nmt.model.feed_forward import FeedForwardLayer
from nmt.model.modules import Modules, matrix_weights

Drop = Callable[[Tensor], Tensor]
Run = Callable[[Cell[Any], Tensor, Any], tuple[Tensor, Any]]
"""One cell over its input, from a state: output and the state after."""


@dataclass(frozen=True, slots=True)
class RecurrentState:
    """States of the cells, and what is fed back. Implements DecoderState."""

    cells: tuple[CellState, ...]  # one per recurrent layer
    feed: Tensor  # (N, E): the last attentional vector; (N, 0) where the wiring does not feed it

    def select(self, rows: Tensor) -> RecurrentState:
        """Implements DecoderState.select."""
        return RecurrentState(cells=tuple(cell.select(rows) for cell in self.cells), feed=self.feed[rows])


class RecurrentDecoder(Decoder):
    """A stack of recurrent layers that attends to the source, with any number of feed-forward layers above them.

    Feed-forward layers over one recurrent layer cost a fraction of a recurrent stack (Devlin 2017). They read what a
    recurrent layer in their place would read. With `residual` the output of the layer below is added to that of each layer
    above the first.

    The readout is the attentional vector tanh(W [h; c]) (Luong et al. 2015, equation 5) in embedding size. `initial`, where
    there is one, makes the first states of all recurrent layers from the summary of a sentence.
    """

    wiring: str
    """Name of the wiring, for people."""

    def __init__(
        self,
        *,
        embedding: nn.Embedding,
        attention: Attention,
        layers: Iterable[Cell[Any]],
        feed_forward: Iterable[FeedForwardLayer],
        readout: nn.Linear,
        initial: nn.Linear | None,
        word_dropout: WordDropout,
        embedding_dropout: Dropout,
        dropout: Dropout,
        output_dropout: Dropout,
        residual: bool,
    ) -> None:
        super().__init__(
            embedding=embedding,
            word_dropout=word_dropout,
            embedding_dropout=embedding_dropout,
            dropout=dropout,
            output_dropout=output_dropout,
        )
        self.residual = residual
        self.attention = attention
        self.layers: Modules[Cell[Any]] = Modules(layers)
        self.feed_forward: Modules[FeedForwardLayer] = Modules(feed_forward)
        self.readout = readout
        self.initial = initial
        self.hidden_size = self.layers[0].hidden_size

    @property
    def feed_size(self) -> int:
        """Units of the attentional vector that the first layer reads beside the embedding."""
        return 0

    def remember(self, states: Tensor, mask: Tensor, summary: Tensor) -> Memory:
        attention = self.attention
        return Memory(values=attention.values(states), keys=attention.keys(states), mask=mask, summary=summary)

    def start(self, memory: Memory) -> RecurrentState:
        layers, rows = len(self.layers), len(memory.summary)
        zeros = memory.summary.new_zeros(rows, self.hidden_size)
        initial = [zeros] * layers if self.initial is None else torch.tanh(self.initial(memory.summary)).chunk(layers, dim=1)
        return RecurrentState(
            cells=tuple(cell.start(vector) for cell, vector in zip(self.layers, initial, strict=True)),
            feed=memory.summary.new_zeros(rows, self.feed_size),
        )

    @property
    def description(self) -> str:
        return decoder_description(
            [cell.description for cell in self.layers],
            [cell.hidden_size for cell in self.layers],
            [layer.hidden_size for layer in self.feed_forward],
            wiring=self.wiring,
        )

    @property
    def attention_description(self) -> str:
        return self.attention.description

    @property
    def initial_products(self) -> int:
        return matrix_weights(self.initial)

    @property
    def source_products(self) -> int:
        return self.attention.source_products

    @property
    def step_products(self) -> int:
        cells = sum(cell.products for cell in self.layers)
        return cells + self.attention.query_products + matrix_weights(self.feed_forward, self.readout)

    def _embed(self, tokens: Tensor) -> Tensor:
        """tokens (B, T) -> (B, T, E)."""
        embedded: Tensor = self.embedding_dropout(self.word_dropout(self.embedding(tokens)))
        return embedded

    def _upper(
        self, output: Tensor, context: Tensor | None, states: Sequence[CellState], *, run: Run, drops: Iterable[Drop]
    ) -> tuple[Tensor, tuple[CellState, ...]]:
        """All layers above the first, over its output (..., H) -> top output (..., H), states after.

        Each reads the output below it and, where there is one, the context (..., C), through its own dropout.
        """
        inputs, after = iter(drops), []
        for cell, state in zip(islice(self.layers, 1, None), states[1:], strict=True):
            upper, above = run(cell, next(inputs)(_joined(output, context)), state)
            output = output + upper if self.residual else upper
            after.append(above)
        for layer in self.feed_forward:
            upper = layer(next(inputs)(_joined(output, context)))
            output = output + upper if self.residual else upper
        return output, tuple(after)

    @property
    def _upper_layers(self) -> int:
        return len(self.layers) - 1 + len(self.feed_forward)

    def _readout(self, output: Tensor, context: Tensor) -> Tensor:
        return torch.tanh(self.readout(torch.cat((output, context), dim=-1)))


class GNMTDecoder(RecurrentDecoder):
    """Wiring of GNMT v2 (after Wu et al. 2016): the first layer reads embeddings only and its output queries the attention.

    The context is an input of every upper layer and of the readout. No output is fed back, so that teacher forcing takes the
    whole target at once.
    """

    wiring = "gnmt"

    def forward(self, prefix: Tensor, memory: Memory) -> tuple[Tensor, Tensor]:
        cells = self.start(memory).cells

        def lowest(inputs: Tensor) -> tuple[Tensor, Any]:
            return _sequence(self.layers[0], inputs, cells[0])

        output, _, context, weights = self._lowest(self._embed(prefix), memory, lowest)
        top, _ = self._upper(output, context, cells, run=_sequence, drops=[self.dropout] * self._upper_layers)
        return self._readout(top, context), weights

    def step(self, tokens: Tensor, state: RecurrentState, memory: Memory) -> tuple[Tensor, RecurrentState, Tensor]:
        batch, beam = tokens.shape

        def lowest(inputs: Tensor) -> tuple[Tensor, Any]:
            output, after = self.layers[0].step(inputs.flatten(0, 1), state.cells[0])
            return output.view(batch, beam, -1), after

        output, first, context, weights = self._lowest(self._embed(tokens), memory, lowest)
        drops = [self.dropout] * self._upper_layers
        top, above = self._upper(output.flatten(0, 1), context.flatten(0, 1), state.cells, run=_position, drops=drops)
        readout = self._readout(top.view(batch, beam, -1), context)
        return readout, RecurrentState(cells=(first, *above), feed=state.feed), weights

    def _lowest(
        self, embedded: Tensor, memory: Memory, run: Callable[[Tensor], tuple[Tensor, Any]]
    ) -> tuple[Tensor, Any, Tensor, Tensor]:
        """embedded (B, Q, E) -> output of the first layer (B, Q, H), its state, context (B, Q, C), attention (B, Q, S)."""
        output, state = run(embedded)
        context, weights = self.attention(output, memory)
        return output, state, context, weights


class FixedContextDecoder(GNMTDecoder):
    """Wiring for a context that no state decides: the first layer reads it too, as in Cho et al. 2014."""

    wiring = "fixed-context"

    def _lowest(
        self, embedded: Tensor, memory: Memory, run: Callable[[Tensor], tuple[Tensor, Any]]
    ) -> tuple[Tensor, Any, Tensor, Tensor]:
        context, weights = self.attention(embedded, memory)
        output, state = run(torch.cat((embedded, context), dim=2))
        return output, state, context, weights


class InputFeedingDecoder(RecurrentDecoder):
    """Input feeding (Luong et al. 2015, section 3.3): the top layer queries the attention.

    The attentional vector is an input of the next step, so that teacher forcing takes one step after another.
    """

    wiring = "input-feeding"

    @property
    def feed_size(self) -> int:
        return self.readout.out_features

    def forward(self, prefix: Tensor, memory: Memory) -> tuple[Tensor, Tensor]:
        embedded = self._embed(prefix)
        state = self.start(memory)
        outputs = embedded.new_empty(*prefix.shape, self.hidden_size)
        drops = [self.dropout.over_positions(outputs) for _ in range(self._upper_layers)]
        readouts, weights = [], []
        for position in range(prefix.shape[1]):
            now = [next(drop) for drop in drops]
            readout, state, weight = self._advance(embedded[:, position : position + 1], state, memory, now)
            readouts.append(readout)
            weights.append(weight)
        return torch.cat(readouts, dim=1), torch.cat(weights, dim=1)

    def step(self, tokens: Tensor, state: RecurrentState, memory: Memory) -> tuple[Tensor, RecurrentState, Tensor]:
        return self._advance(self._embed(tokens), state, memory, [self.dropout] * self._upper_layers)

    def _advance(
        self, embedded: Tensor, state: RecurrentState, memory: Memory, drops: Iterable[Drop]
    ) -> tuple[Tensor, RecurrentState, Tensor]:
        """`step` on embeddings (B, K, E), with one dropout for each layer above the first."""
        batch, beam, _ = embedded.shape
        inputs = torch.cat((embedded.flatten(0, 1), state.feed), dim=1)  # (N, 2E)
        output, first = self.layers[0].step(inputs, state.cells[0])
        output, above = self._upper(output, None, state.cells, run=_position, drops=drops)
        top = output.view(batch, beam, -1)  # (B, K, H)
        context, weights = self.attention(top, memory)
        readout = self._readout(top, context)
        return readout, RecurrentState(cells=(first, *above), feed=readout.flatten(0, 1)), weights


def _sequence(cell: Cell[Any], inputs: Tensor, state: Any) -> tuple[Tensor, Any]:
    outputs: tuple[Tensor, Any] = cell(inputs, state)
    return outputs


def _position(cell: Cell[Any], inputs: Tensor, state: Any) -> tuple[Tensor, Any]:
    return cell.step(inputs, state)


def _joined(output: Tensor, context: Tensor | None) -> Tensor:
    return output if context is None else torch.cat((output, context), dim=-1)
