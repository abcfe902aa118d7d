"""The decoder: target tokens so far and the source memory to a vector from which the next token is predicted."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from nmt.config.recipe import ModelConfig
from nmt.model.attention import Memory, build_attention
from nmt.model.dropout import Dropout, WordDropout
from nmt.model.recurrent import RecurrentLayer, SSRULayer
from nmt.model.stepped import lstm_layers


@dataclass(frozen=True, slots=True)
class DecoderState:
    """The recurrent state of N = B·K partial hypotheses. A value: nothing is kept on the module."""

    hidden: tuple[Tensor, ...]  # one (N, H) per layer
    cell: tuple[Tensor, ...]  # one (N, H) per layer
    feed: Tensor  # (N, E): the last attentional vector; (N, 0) where the wiring does not feed it

    def select(self, rows: Tensor) -> DecoderState:
        """Row n of the result is row rows[n]; rows (N',) int64."""
        return DecoderState(
            tuple(hidden[rows] for hidden in self.hidden), tuple(cell[rows] for cell in self.cell), self.feed[rows]
        )


class _Stack(nn.ModuleList):
    """Layers that a type checker knows to be recurrent layers."""

    def __getitem__(self, index: int) -> RecurrentLayer:  # type: ignore[override]
        layer = super().__getitem__(index)
        assert isinstance(layer, RecurrentLayer)
        return layer


class FeedForwardLayer(nn.Module):
    """ReLU(LN(W x + b)): normalised before the nonlinearity (Ba et al. 2016, section 3), like the cell of an SSRU."""

    def __init__(self, *, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.projection = nn.Linear(input_size, hidden_size)
        nn.init.xavier_uniform_(self.projection.weight)
        nn.init.zeros_(self.projection.bias)
        self.norm = nn.LayerNorm(hidden_size)

    def forward(self, inputs: Tensor) -> Tensor:
        """(..., I) -> (..., H)."""
        output: Tensor = self.norm(self.projection(inputs)).relu()
        return output


class Decoder(nn.Module):
    """A stack of recurrent layers that attends to the source, and above it, where asked for, one of feed-forward layers.

    Wiring "gnmt" (Wu et al. 2016, as wired in GNMT v2): the first layer reads embeddings only and its output queries
    the attention; the context is concatenated to the input of every upper layer and of the readout. No output is fed
    back, so teacher forcing takes the whole target at once. Wiring "input-feeding" (Luong et al. 2015, section 3.3):
    the top layer queries the attention, and the attentional vector is fed to the next step, one step after another.

    Feed-forward layers over one recurrent layer cost a fraction of a recurrent stack (Devlin 2017). They read what a
    recurrent layer in their place would read, and where `residual` is set the layer below is added to their output.

    The readout is the attentional vector tanh(W [h; c]) (Luong et al. 2015, equation 5) in embedding size.
    """

    def __init__(self, config: ModelConfig, *, embedding: nn.Embedding) -> None:
        super().__init__()
        self.embedding = embedding
        self.input_feeding = config.wiring == "input-feeding"
        self.residual = config.residual
        self.attention = build_attention(config)
        self.word_dropout = WordDropout(probability=config.target_word_dropout)
        self.embedding_dropout = Dropout(probability=config.embedding_dropout, kind=config.dropout_kind)
        self.dropout = Dropout(probability=config.dropout, kind=config.dropout_kind)
        self.output_dropout = Dropout(probability=config.output_dropout, kind=config.dropout_kind)

        hidden, context = config.decoder_hidden_size, self.attention.context_size
        first_input = config.embedding_size * (2 if self.input_feeding else 1)
        upper_input = hidden if self.input_feeding else hidden + context
        self.feed_size = config.embedding_size if self.input_feeding else 0
        self.hidden_size = hidden
        make = SSRULayer if config.decoder_cell == "ssru" else lstm_layers(config, depth=config.decoder_transition_depth)
        self.layers = _Stack(
            make(input_size=first_input if index == 0 else upper_input, hidden_size=hidden)
            for index in range(config.decoder_layers)
        )
        self.feed_forward = nn.ModuleList(
            FeedForwardLayer(input_size=upper_input, hidden_size=hidden) for _ in range(config.decoder_feed_forward_layers)
        )
        self.readout = nn.Linear(hidden + context, config.embedding_size)
        self.initial = (
            None
            if config.decoder_initial_state == "zero"
            else nn.Linear(config.encoder_hidden_size, config.decoder_layers * hidden)
        )
        for layer in (self.readout, self.initial):
            if layer is not None:
                nn.init.xavier_uniform_(layer.weight)
                nn.init.zeros_(layer.bias)

    def start(self, memory: Memory) -> DecoderState:
        """The state before the first token, one row per sentence (N = B)."""
        layers, rows = len(self.layers), len(memory.summary)
        zeros = memory.summary.new_zeros(rows, self.hidden_size)
        initial = [zeros] * layers if self.initial is None else torch.tanh(self.initial(memory.summary)).chunk(layers, dim=1)
        hidden, cell = zip(*(self.layers[index].start(vector) for index, vector in enumerate(initial)), strict=True)
        return DecoderState(hidden, cell, memory.summary.new_zeros(rows, self.feed_size))

    def forward(self, prefix: Tensor, memory: Memory) -> tuple[Tensor, Tensor]:
        """Teacher forcing: prefix (B, T) int64 -> readout (B, T, E), attention (B, T, S)."""
        embedded = self.embedding_dropout(self.word_dropout(self.embedding(prefix)))
        state = self.start(memory)
        if self.input_feeding:
            return self._forward_stepwise(embedded, state, memory)
        output, _ = self.layers[0](embedded, (state.hidden[0], state.cell[0]))
        context, weights = self.attention(output, memory)
        for index in range(1, len(self.layers)):
            inputs = self.dropout(torch.cat((output, context), dim=2))
            upper, _ = self.layers[index](inputs, (state.hidden[index], state.cell[index]))
            output = self._stacked(output, upper)
        for layer in self.feed_forward:
            output = self._stacked(output, layer(self.dropout(torch.cat((output, context), dim=2))))
        return self._readout(output, context), weights

    def step(self, tokens: Tensor, state: DecoderState, memory: Memory) -> tuple[Tensor, DecoderState, Tensor]:
        """One token per hypothesis: tokens (B, K) int64 -> readout (B, K, E), new state, attention (B, K, S)."""
        embedded = self.embedding_dropout(self.word_dropout(self.embedding(tokens)))  # (B, K, E)
        return self._step(embedded, state, memory, scale=None)

    def _step(
        self, embedded: Tensor, state: DecoderState, memory: Memory, *, scale: Tensor | None
    ) -> tuple[Tensor, DecoderState, Tensor]:
        """As `step`, on embeddings (B, K, E); `scale` is dropout on the input of upper layers, (B·K, upper input)."""
        batch, beam, _ = embedded.shape
        inputs = torch.cat((embedded.flatten(0, 1), state.feed), dim=1)  # (N, I)
        hidden, cell = self.layers[0].step(inputs, (state.hidden[0], state.cell[0]))
        hiddens, cells, output = [hidden], [cell], hidden
        context = weights = None
        if not self.input_feeding:
            context, weights = self.attention(output.view(batch, beam, -1), memory)
        for index in range(1, len(self.layers)):
            inputs = _upper_input(output, context, scale)
            hidden, cell = self.layers[index].step(inputs, (state.hidden[index], state.cell[index]))
            hiddens.append(hidden)
            cells.append(cell)
            output = self._stacked(output, hidden)
        for layer in self.feed_forward:
            output = self._stacked(output, layer(_upper_input(output, context, scale)))
        top = output.view(batch, beam, -1)  # (B, K, H)
        if context is None or weights is None:
            context, weights = self.attention(top, memory)
        readout = self._readout(top, context)
        feed = readout.flatten(0, 1) if self.input_feeding else state.feed
        return readout, DecoderState(tuple(hiddens), tuple(cells), feed), weights

    def _stacked(self, below: Tensor, output: Tensor) -> Tensor:
        """What the next layer reads: a layer's output, and what is below it where the stack is residual."""
        return below + output if self.residual else output

    def _forward_stepwise(self, embedded: Tensor, state: DecoderState, memory: Memory) -> tuple[Tensor, Tensor]:
        batch, length, _ = embedded.shape
        positions = 1 if self.dropout.kind == "variational" else length
        scale = self.dropout.scale(embedded.new_empty(batch, positions, self.hidden_size))
        readouts, weights = [], []
        for position in range(length):
            readout, state, weight = self._step(
                embedded[:, position : position + 1], state, memory, scale=scale[:, position % positions]
            )
            readouts.append(readout)
            weights.append(weight)
        return torch.cat(readouts, dim=1), torch.cat(weights, dim=1)

    def _readout(self, output: Tensor, context: Tensor) -> Tensor:
        return torch.tanh(self.readout(torch.cat((output, context), dim=-1)))


def _upper_input(output: Tensor, context: Tensor | None, scale: Tensor | None) -> Tensor:
    """What a layer above the first reads in a step: output (N, H), context (B, K, C) -> (N, upper input)."""
    inputs = output if context is None else torch.cat((output, context.flatten(0, 1)), dim=1)
    return inputs if scale is None else inputs * scale
