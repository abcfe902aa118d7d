"""The int8 runtime for a CPU: the same network as the reference, on the compiled kernel.

What makes it fast (Devlin 2017, "Sharp Models on Dull Hardware"; Senellart et al. 2018): int8 products; all gates of a layer
and its inputs in one product, its cell computed while the sums are in registers; keys computed once per sentence; only
a sentence's likely tokens scored, where there is a shortlist; no copies: hypotheses that change places, and sentences that
leave, are an index that the next product reads through; and few calls: a step of the decoder is one, ranking another.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from nmt.config.recipe import ModelConfig
from nmt.model import decoder as decoders
from nmt.model.attention import AdditiveAttention, GeneralAttention, MultiHeadAttention
from nmt.model.decoder import FeedForwardLayer
from nmt.model.encoder import Encoder
from nmt.model.recurrent import EncoderLayer, LSTMLayer, RecurrentLayer, SSRULayer
from nmt.model.seq2seq import Seq2Seq
from nmt.model.shortlist import Shortlist
from nmt.runtime.kernels import (
    AVAILABLE,
    UNITS,
    Activation,
    Decoder,
    Layer,
    LSTMSequence,
    Matrix,
    Memory,
    Output,
    Rows,
    TokenTable,
)
from nmt.search.scorer import Continuations, Ranking, State


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
class CpuState:
    """The decoder's state of B·K hypotheses; row n of it is row `rows[n]` of `values`, or row n without `rows`."""

    memory: Memory  # of the M sentences of a batch, from its start to its end
    output: Output  # likewise
    sentences: Tensor  # (B,) int64: which sentence of the memory each is
    shortlist: Tensor | None  # (B, L) int64
    values: Tensor  # as kernels.Decoder has it
    rows: Tensor | None  # (B·K,) int64
    beam: int  # K

    def reorder(self, rows: Tensor) -> CpuState:
        """As State.reorder: rows (B·K',) int64."""
        rows = rows.contiguous()  # the kernel reads them by their address
        chosen, beam = rows if self.rows is None else self.rows[rows], rows.size(0) // self.sentences.size(0)
        return CpuState(self.memory, self.output, self.sentences, self.shortlist, self.values, chosen, beam)

    def keep(self, sentences: Tensor) -> CpuState:
        """As State.keep: sentences (B',) int64."""
        rows = (sentences[:, None] * self.beam + torch.arange(self.beam)).flatten()  # (B'·K,)
        return replace(
            self,
            sentences=self.sentences[sentences],
            shortlist=None if self.shortlist is None else self.shortlist[sentences],
            rows=rows if self.rows is None else self.rows[rows],
        )


class CpuScorer(Ranking):
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
        self._output = Output.of(_matrix(model.output))
        self._listed: tuple[Shortlist, TokenTable] | None = None

    def restricted(self, shortlist: Shortlist, output: torch.nn.Linear) -> CpuScorer:
        """The same scorer, of the same memory, with a shortlist; `output` is the model's, which the scorer does not keep."""
        other = copy.copy(self)
        other._listed = shortlist, TokenTable(output.weight, output.bias)
        return other

    @torch.inference_mode()
    def start(self, source: Tensor, lengths: Tensor) -> CpuState:
        """As Scorer.start: source (B, S) and lengths (B,), int64."""
        lengths = lengths.contiguous()
        states, summary = self._encoder(source.contiguous(), lengths)
        shortlist, output = None, self._output
        if self._listed is not None:
            candidates, table = self._listed
            shortlist = candidates.tokens(source, lengths)
            output = table.select(shortlist)
        memory = self._decoder.remember(states, lengths)
        values = self._decoder.start(summary)
        return CpuState(memory, output, torch.arange(source.size(0)), shortlist, values, None, 1)

    def step(self, tokens: Tensor, state: State) -> tuple[Tensor, State, Tensor]:
        """As Scorer.step: tokens (B, K) -> log-probabilities (B, K, V or L) float32, state, attention (B, K, S)."""
        after, weights = self._advance(tokens, state)
        readout = self._decoder.step.readout(after.values)
        return after.output.log_probabilities(readout, after.sentences, after.beam), after, weights

    def best(
        self, tokens: Tensor, state: State, *, scores: Tensor | None, forced: Tensor | None, count: int
    ) -> tuple[Continuations, State, Tensor]:
        """As Ranking.best."""
        after, weights = self._advance(tokens, state)
        readout = self._decoder.step.readout(after.values)
        found = after.output.best(readout, after.sentences, after.beam, scores=scores, forced=forced, count=count)
        return found, after, weights

    def _advance(self, tokens: Tensor, state: State) -> tuple[CpuState, Tensor]:
        """tokens (B, K) -> state, attention (B, K, S)."""
        if not isinstance(state, CpuState):
            raise TypeError(f"a {type(state).__name__} is not a state that this scorer made")
        memory, output, sentences = state.memory, state.output, state.sentences
        values, weights = self._decoder.step(tokens.contiguous(), memory, sentences, state.values, state.rows)
        return CpuState(memory, output, sentences, state.shortlist, values, None, state.beam), weights


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
            # Adding one position after the other gives the same sum in every batch: the zeros come last.
            return states, states.cumsum(dim=1)[:, -1] / lengths[:, None]
        return states, self._last(outputs, lengths)

    def _last(self, outputs: Tensor, lengths: Tensor) -> Tensor:
        """Each direction's last output: the forward one's at the end, the backward one's at the beginning."""
        units = self._layers[-1][0].units
        last = outputs[torch.arange(lengths.size(0)), lengths - 1, :units]
        return torch.cat((last, outputs[:, 0, units:]), dim=1)


class _Decoder:
    def __init__(self, decoder: decoders.Decoder) -> None:
        attention, context = decoder.attention, decoder.attention.context_size
        self._keys = self._values = query = vector = None
        if isinstance(attention, GeneralAttention | AdditiveAttention | MultiHeadAttention):
            self._keys = _matrix(attention.key_projection)
        if isinstance(attention, AdditiveAttention | MultiHeadAttention):
            query = _matrix(attention.query_projection)
        if isinstance(attention, AdditiveAttention):
            vector = attention.score.weight.detach().flatten().contiguous()
        if isinstance(attention, MultiHeadAttention):
            self._values = _matrix(attention.value_projection)
        feeding, units, embedding = decoder.input_feeding, decoder.hidden_size, decoder.embedding.weight.detach()
        self._initial = None if decoder.initial is None else _matrix(decoder.initial, "tanh")
        first = [embedding.shape[1], *([decoder.feed_size] if feeding else [])]
        upper = [units, *([] if feeding else [context])]
        layers = [_recurrent(decoder.layers[index], upper if index else first) for index in range(len(decoder.layers))]
        self._recurrent = [layer.kind for layer in layers]
        self._units = units
        self.step = Decoder(
            embedding=embedding,
            layers=[*layers, *(_feed_forward(layer, upper) for layer in decoder.feed_forward)],
            units=units,
            readout=_matrix(decoder.readout, "tanh", widths=[units, context]),
            residual=decoder.residual,
            feeding=feeding,
            query=query,
            vector=vector,
            heads=attention.heads if isinstance(attention, MultiHeadAttention) else 1,
            scaled=isinstance(attention, MultiHeadAttention),
        )

    def remember(self, states: Tensor, lengths: Tensor) -> Memory:
        """Encoder states (B, S, H) and lengths (B,), both contiguous."""
        return Memory(_project(self._keys, states), _project(self._values, states), lengths)

    def start(self, summary: Tensor) -> Tensor:
        """summary (B, H) -> the state before the first token."""
        batch, layers = summary.size(0), len(self._recurrent)
        values = torch.zeros(batch * self.step.state_size)
        if self._initial is not None:
            initial = self._initial(batch, Rows(summary)).view(batch, layers, self._units).transpose(0, 1)
            states = values[: 2 * layers * batch * self._units].view(layers, 2, batch, self._units)
            states[:, 0] = initial
            for index, kind in enumerate(self._recurrent):
                if kind == "ssru":
                    states[index, 1] = initial[index]
        return values


def _project(matrix: Matrix | None, states: Tensor) -> Tensor:
    """states (B, S, H) -> (B, S, N)."""
    if matrix is None:
        return states
    batch, steps, _ = states.shape
    return matrix(batch * steps, Rows(states)).view(batch, steps, -1)


def _recurrent(layer: RecurrentLayer, widths: list[int]) -> Layer:
    if isinstance(layer, SSRULayer):
        return Layer("ssru", _matrix(layer.gates, widths=widths), layer.norm)
    inputs, recurrent, *biases = _lstm_weights(layer)
    widths = [*widths, recurrent.shape[1]]
    return Layer("lstm", Matrix(torch.cat((inputs, recurrent), dim=1), biases[0] + biases[1], widths=widths, gates=True))


def _feed_forward(layer: torch.nn.Module, widths: list[int]) -> Layer:
    assert isinstance(layer, FeedForwardLayer)
    return Layer("feed-forward", _matrix(layer.projection, widths=widths), layer.norm)


def _lstm_weights(layer: RecurrentLayer) -> list[Tensor]:
    assert isinstance(layer, LSTMLayer)  # see `unsupported`
    return list(layer.lstm.all_weights[0])


def _encoder_layer(layer: torch.nn.Module) -> EncoderLayer:
    assert isinstance(layer, EncoderLayer)
    return layer


def _matrix(layer: torch.nn.Linear, activation: Activation = "none", widths: list[int] | None = None) -> Matrix:
    return Matrix(layer.weight, layer.bias, widths=widths or [layer.in_features], activation=activation)
