"""The int8 runtime for a CPU: the same network as the reference, on the compiled kernel.

What makes it fast (Devlin 2017, "Sharp Models on Dull Hardware"; Senellart et al. 2018): int8 products; all gates of a layer
and its inputs in one product, its cell computed while the sums are in registers; keys computed once per sentence; only
a sentence's likely tokens scored, where there is a shortlist; and no copies: hypotheses that change places, and sentences
that leave, are an index that the next product reads through.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from nmt.config import ModelConfig
from nmt.model.attention import AdditiveAttention, Attention, GeneralAttention, MultiHeadAttention
from nmt.model.decoder import Decoder, FeedForwardLayer
from nmt.model.encoder import Encoder
from nmt.model.recurrent import EncoderLayer, LSTMLayer, RecurrentLayer, SSRULayer
from nmt.model.seq2seq import Seq2Seq
from nmt.model.shortlist import Shortlist
from nmt.runtime.kernels import (
    AVAILABLE,
    UNITS,
    Activation,
    LSTMCell,
    LSTMSequence,
    Matrix,
    Rows,
    TokenLists,
    TokenTable,
    attend,
    log_softmax_,
)
from nmt.search.scorer import State


def unsupported(config: ModelConfig) -> str | None:
    """Why this runtime cannot run a model of this shape here, in a few words; None where it can."""
    if not AVAILABLE:
        return "the compiled kernel is not installed (it needs a C compiler when nmt is installed)"
    if config.layer_norm:
        return "its LSTM layers are normalised (layer_norm)"
    if max(config.encoder_transition_depth, config.decoder_transition_depth) > 1:
        return "its layers are several transitions deep (encoder_transition_depth, decoder_transition_depth)"
    directions = {"first": 2, "all": 2, "none": 1}[config.encoder_bidirectional]
    for name, size in (("encoder", config.encoder_hidden_size // directions), ("decoder", config.decoder_hidden_size)):
        if size % UNITS:
            return f"{size} units of {name} layers are not a multiple of {UNITS}"
    return None


@dataclass(frozen=True, slots=True)
class _Memory:
    """What is known of the M sentences of a batch, from its start to its end."""

    keys: Tensor  # (M, S, A)
    values: Tensor  # (M, S, C)
    lengths: Tensor  # (M,) int64
    lists: TokenLists | None


@dataclass(frozen=True, slots=True)
class CpuState:
    """The decoder's state of B·K hypotheses; row n of it is row `rows[n]` of the tensors, or row n without `rows`."""

    memory: _Memory
    sentences: Tensor  # (B,) int64: which sentence of the memory each is
    shortlist: Tensor | None  # (B, L) int64
    hidden: tuple[Tensor, ...]  # one (N, H) per layer
    cell: tuple[Tensor, ...]  # one (N, H) per layer
    feed: Tensor | None  # (N, E): the last attentional vector, where it is fed to the next step
    rows: Tensor | None  # (B·K,) int64
    beam: int  # K

    def reorder(self, rows: Tensor) -> CpuState:
        """As State.reorder: rows (B·K',) int64."""
        chosen = rows if self.rows is None else self.rows[rows]
        return replace(self, rows=chosen, beam=len(rows) // self.sentences.size(0))

    def keep(self, sentences: Tensor) -> CpuState:
        """As State.keep: sentences (B',) int64."""
        rows = (sentences[:, None] * self.beam + torch.arange(self.beam)).flatten()  # (B'·K,)
        return replace(
            self,
            sentences=self.sentences[sentences],
            shortlist=None if self.shortlist is None else self.shortlist[sentences],
            rows=rows if self.rows is None else self.rows[rows],
        )


class CpuScorer:
    """A Seq2Seq as a Scorer in int8. It keeps nothing between calls, so that threads may share one.

    With a shortlist, log-probabilities are over a sentence's own list of tokens, and sum to one there.
    """

    def __init__(self, model: Seq2Seq) -> None:
        """From a model on the CPU whose shape is supported: see `unsupported`."""
        if reason := unsupported(model.config):
            raise ValueError(reason)
        self.vocabulary_size = model.vocabulary_size
        self._encoder = _Encoder(model.encoder)
        self._decoder = _Decoder(model.decoder)
        self._output = Matrix(model.output.weight, model.output.bias, widths=[model.output.in_features])
        self._table = TokenTable(model.output.weight, model.output.bias)
        self._shortlist: Shortlist | None = None

    def restricted(self, shortlist: Shortlist) -> CpuScorer:
        """The same scorer, of the same memory, with a shortlist."""
        other = copy.copy(self)
        other._shortlist = shortlist
        return other

    @torch.inference_mode()
    def start(self, source: Tensor, lengths: Tensor) -> CpuState:
        """As Scorer.start: source (B, S) and lengths (B,), int64."""
        lengths = lengths.contiguous()
        states, summary = self._encoder(source.contiguous(), lengths)
        shortlist = lists = None
        if self._shortlist is not None:
            shortlist = self._shortlist.tokens(source, lengths)
            lists = self._table.select(shortlist)
        keys, values = self._decoder.attention.remember(states)
        hidden, cell, feed = self._decoder.start(summary)
        memory = _Memory(keys, values, lengths, lists)
        return CpuState(memory, torch.arange(source.size(0)), shortlist, hidden, cell, feed, None, 1)

    @torch.inference_mode()
    def step(self, tokens: Tensor, state: State) -> tuple[Tensor, State, Tensor]:
        """As Scorer.step: tokens (B, K) -> log-probabilities (B, K, V or L) float32, state, attention (B, K, S)."""
        if not isinstance(state, CpuState):
            raise TypeError(f"a {type(state).__name__} is not a state that this scorer made")
        readout, after, weights = self._decoder.step(tokens.contiguous(), state)
        if state.memory.lists is not None:
            return state.memory.lists(readout, state.sentences), after, weights
        scores = self._output(readout.size(0), Rows(readout)).view(*tokens.shape, -1)
        return log_softmax_(scores), after, weights


class _Encoder:
    def __init__(self, encoder: Encoder) -> None:
        self._embedding = encoder.embedding.weight.detach()
        self._residual = encoder.residual
        self._mean = encoder.summary_kind == "mean"
        self._layers = [
            [
                LSTMSequence(_lstm_weights(direction))
                for direction in (layer.forward_layer, layer.backward_layer)
                if direction is not None
            ]
            for layer in map(_encoder_layer, encoder.layers)
        ]

    def __call__(self, source: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """source (B, S), lengths (B,) -> states (B, S, H), zero after each sentence's end, and summary (B, H)."""
        batch, steps = source.shape
        inputs, states = Rows(self._embedding, source.flatten()), torch.empty(0)
        for index, directions in enumerate(self._layers):
            units = directions[0].units
            outputs = torch.zeros(batch, steps, units * len(directions))
            for number, direction in enumerate(directions):
                direction(inputs, lengths, outputs, first=number * units, backward=number == 1)
            states = outputs + states if self._residual and index > 0 else outputs
            inputs = Rows(states.flatten(0, 1))
        if self._mean:
            # Zeros come last, so that adding one position after the other gives the same sum in every batch.
            total = torch.zeros_like(states[:, 0])
            for position in range(steps):
                total += states[:, position]
            return states, total / lengths[:, None]
        return states, self._last(outputs, lengths)

    def _last(self, outputs: Tensor, lengths: Tensor) -> Tensor:
        """Each direction's last output: the forward one's at the end, the backward one's at the beginning."""
        units = self._layers[-1][0].units
        last = outputs[torch.arange(lengths.size(0)), lengths - 1, :units]
        return torch.cat((last, outputs[:, 0, units:]), dim=1)


class _Attention:
    def __init__(self, attention: Attention) -> None:
        self._heads, self._scaled, self._vector = 1, False, None
        self._keys = self._values = self._query = None
        if isinstance(attention, GeneralAttention | AdditiveAttention | MultiHeadAttention):
            self._keys = _matrix(attention.key_projection)
        if isinstance(attention, AdditiveAttention | MultiHeadAttention):
            self._query = _matrix(attention.query_projection)
        if isinstance(attention, AdditiveAttention):
            self._vector = attention.score.weight.detach().flatten().contiguous()
        if isinstance(attention, MultiHeadAttention):
            self._values = _matrix(attention.value_projection)
            self._heads, self._scaled = attention.heads, True

    def remember(self, states: Tensor) -> tuple[Tensor, Tensor]:
        """Encoder states (B, S, H) -> keys (B, S, A) and values (B, S, C)."""
        return self._project(self._keys, states), self._project(self._values, states)

    def __call__(self, output: Tensor, state: CpuState) -> tuple[Tensor, Tensor]:
        """output (B·K, H) -> context (B·K, C), weights (B, K, S)."""
        memory = state.memory
        return attend(
            output if self._query is None else self._query(output.size(0), Rows(output)),
            memory.keys,
            memory.values,
            lengths=memory.lengths,
            sentences=state.sentences,
            heads=self._heads,
            scaled=self._scaled,
            vector=self._vector,
        )

    @staticmethod
    def _project(matrix: Matrix | None, states: Tensor) -> Tensor:
        if matrix is None:
            return states.contiguous()
        batch, steps, _ = states.shape
        return matrix(batch * steps, Rows(states.flatten(0, 1))).view(batch, steps, -1)


class _Decoder:
    def __init__(self, decoder: Decoder) -> None:
        self._embedding = decoder.embedding.weight.detach()
        self._residual = decoder.residual
        self._feeding = decoder.input_feeding
        self._units = decoder.hidden_size
        self.attention = _Attention(decoder.attention)
        context = decoder.attention.context_size
        first = [self._embedding.shape[1], *([decoder.feed_size] if self._feeding else [])]
        upper = [self._units, *([] if self._feeding else [context])]
        self._layers = [_cell(decoder.layers[index], upper if index else first) for index in range(len(decoder.layers))]
        self._feed_forward = [_FeedForward(layer, upper) for layer in decoder.feed_forward]
        self._readout = _matrix(decoder.readout, "tanh", widths=[self._units, context])
        self._initial = None if decoder.initial is None else _matrix(decoder.initial, "tanh")
        self.readout_size = decoder.readout.out_features

    def start(self, summary: Tensor) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...], Tensor | None]:
        """summary (B, H) -> hidden and cell states and the vector to feed, before the first token."""
        batch, layers = summary.size(0), len(self._layers)
        zeros = torch.zeros(batch, self._units)
        initial: tuple[Tensor, ...] = (zeros,) * layers
        if self._initial is not None:
            initial = tuple(part.contiguous() for part in self._initial(batch, Rows(summary)).chunk(layers, dim=1))
        cells = [vector if isinstance(layer, _SSRU) else zeros for layer, vector in zip(self._layers, initial, strict=True)]
        return initial, tuple(cells), torch.zeros(batch, self.readout_size) if self._feeding else None

    def step(self, tokens: Tensor, state: CpuState) -> tuple[Tensor, CpuState, Tensor]:
        """tokens (B, K) -> readout (B·K, E), state, attention (B, K, S)."""
        count, rows = tokens.numel(), state.rows
        first = Rows(self._embedding, tokens.view(-1))
        second = None if state.feed is None else Rows(state.feed, rows)
        hiddens, cells = [], []
        output = context = weights = None
        for layer, hidden, cell in zip(self._layers, state.hidden, state.cell, strict=True):
            after, after_cell = layer.step(count, first, second, Rows(hidden, rows), Rows(cell, rows))
            hiddens.append(after)
            cells.append(after_cell)
            output = after + output if output is not None and self._residual else after
            if context is None and not self._feeding:
                context, weights = self.attention(output, state)
            first, second = Rows(output), None if context is None else Rows(context)
        assert output is not None
        for upper in self._feed_forward:
            above = upper(count, Rows(output), second)
            output = above + output if self._residual else above
        if context is None or weights is None:
            context, weights = self.attention(output, state)
        readout = self._readout(count, Rows(output), Rows(context))
        after_state = CpuState(
            state.memory, state.sentences, state.shortlist, tuple(hiddens), tuple(cells),
            readout if self._feeding else None, None, state.beam,
        )  # fmt: skip
        return readout, after_state, weights


class _SSRU:
    """As SSRULayer, a step at a time; its hidden state is never read."""

    def __init__(self, layer: SSRULayer, widths: list[int]) -> None:
        self._gates = _matrix(layer.gates, widths=widths)
        self._norm = layer.norm

    def step(
        self,
        rows: int,
        first: Rows,
        second: Rows | None,
        hidden: Rows,  # noqa: ARG002
        cell: Rows,
    ) -> tuple[Tensor, Tensor]:
        """As LSTMCell.step."""
        gate, candidate = self._gates(rows, first, second).chunk(2, dim=1)
        before = cell.values if cell.index is None else cell.values[cell.index]
        after = torch.lerp(candidate, before, gate.sigmoid())
        output: Tensor = self._norm(after).relu_()
        return output, after


class _FeedForward:
    """As FeedForwardLayer."""

    def __init__(self, layer: torch.nn.Module, widths: list[int]) -> None:
        assert isinstance(layer, FeedForwardLayer)
        self._projection = _matrix(layer.projection, widths=widths)
        self._norm = layer.norm

    def __call__(self, rows: int, first: Rows, second: Rows | None) -> Tensor:
        output: Tensor = self._norm(self._projection(rows, first, second)).relu_()
        return output


def _cell(layer: RecurrentLayer, widths: list[int]) -> LSTMCell | _SSRU:
    if isinstance(layer, SSRULayer):
        return _SSRU(layer, widths)
    inputs, recurrent, *biases = _lstm_weights(layer)
    widths = [*widths, recurrent.shape[1]]
    return LSTMCell(torch.cat((inputs, recurrent), dim=1), biases[0] + biases[1], widths=widths, gates=True)


def _lstm_weights(layer: RecurrentLayer) -> list[Tensor]:
    assert isinstance(layer, LSTMLayer)  # see `unsupported`
    return list(layer.lstm.all_weights[0])


def _encoder_layer(layer: torch.nn.Module) -> EncoderLayer:
    assert isinstance(layer, EncoderLayer)
    return layer


def _matrix(layer: torch.nn.Linear, activation: Activation = "none", widths: list[int] | None = None) -> Matrix:
    return Matrix(layer.weight, layer.bias, widths=widths or [layer.in_features], activation=activation)
