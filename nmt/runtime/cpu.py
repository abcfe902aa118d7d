"""The int8 runtime for a CPU: the same network as the reference, on the compiled kernel.

Sources of its speed (Devlin 2017, "Sharp Models on Dull Hardware"; Senellart et al. 2018): int8 products; all gates of a
layer and its inputs in one product, its cell computed while the sums are in registers; keys computed once per sentence; only
a sentence's likely tokens scored, where there is a shortlist; no copies: hypotheses that change places, and sentences that
leave, are an index that the next product reads through; and few calls: a step of the decoder is one, ranking another.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from nmt.model.attention import AdditiveAttention, Attention, DotAttention, GeneralAttention, MultiHeadAttention
from nmt.model.cell import Cell
from nmt.model.decoder import Decoder, GNMTDecoder, InputFeedingDecoder
from nmt.model.encoder import Encoder, EncoderLayer
from nmt.model.feed_forward import FeedForwardLayer
from nmt.model.lstm import LSTMCell
from nmt.model.seq2seq import Seq2Seq
from nmt.model.shortlist import Shortlist
from nmt.model.ssru import SSRUCell
from nmt.runtime import kernels
from nmt.runtime.kernels import (
    UNITS,
    Activation,
    KernelDecoder,
    KernelLayer,
    KernelMemory,
    KernelOutput,
    LSTMSequence,
    Matrix,
    Rows,
    TokenTable,
)
from nmt.search.scorer import Continuations, Ranking, State

E = TypeVar("E")


class CannotExport(Exception):
    """Tells why this runtime cannot run a network, in a few words."""


@dataclass(frozen=True, slots=True)
class CpuState:
    """The decoder's state of B·K hypotheses; row n of it is row `rows[n]` of `values`, or row n without `rows`."""

    memory: KernelMemory  # of the M sentences of a batch, from its start to its end
    output: KernelOutput  # likewise
    sentences: Tensor  # (B,) int64: which sentence of the memory each is
    shortlist: Tensor | None  # (B, L) int64
    values: Tensor  # as KernelDecoder has it
    rows: Tensor | None  # (B·K,) int64
    beam: int  # K

    def reorder(self, rows: Tensor) -> CpuState:
        """Implements State.reorder: rows (B·K',) int64."""
        rows = rows.contiguous()  # the kernel reads them by their address
        chosen, beam = rows if self.rows is None else self.rows[rows], rows.size(0) // self.sentences.size(0)
        return CpuState(
            memory=self.memory,
            output=self.output,
            sentences=self.sentences,
            shortlist=self.shortlist,
            values=self.values,
            rows=chosen,
            beam=beam,
        )

    def keep(self, sentences: Tensor) -> CpuState:
        """Implements State.keep: sentences (B',) int64."""
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
        """Exports a model on the CPU, module by module. Raises CannotExport for one that has a part it does not know."""
        if kernels.MISSING:
            raise CannotExport(kernels.MISSING)
        _only(Seq2Seq, model, "network")
        self.vocabulary_size = model.vocabulary_size
        self._encoder = Int8Encoder(model.encoder)
        self._decoder = Int8Decoder(model.decoder)
        self._output = KernelOutput.of(_matrix(model.output, "output matrix"))
        self._listed: tuple[Shortlist, TokenTable] | None = None

    def restricted(self, shortlist: Shortlist, output: torch.nn.Linear) -> CpuScorer:
        """A scorer of the same matrices that has a shortlist; `output` is the model's, which this one does not keep."""
        other = copy.copy(self)
        other._listed = shortlist, TokenTable(output.weight, output.bias)
        return other

    @torch.inference_mode()
    def start(self, source: Tensor, lengths: Tensor) -> CpuState:
        """Implements Scorer.start: source (B, S) and lengths (B,), int64."""
        lengths = lengths.contiguous()
        states, summary = self._encoder(source.contiguous(), lengths)
        shortlist, output = None, self._output
        if self._listed is not None:
            candidates, table = self._listed
            shortlist = candidates.tokens(source, lengths)
            output = table.select(shortlist)
        memory = self._decoder.remember(states, lengths)
        values = self._decoder.start(summary)
        return CpuState(
            memory=memory,
            output=output,
            sentences=torch.arange(source.size(0)),
            shortlist=shortlist,
            values=values,
            rows=None,
            beam=1,
        )

    def step(self, tokens: Tensor, state: State) -> tuple[Tensor, State, Tensor]:
        """Implements Scorer.step: tokens (B, K) -> log-probabilities (B, K, V or L) float32, state, attention (B, K, S)."""
        after, weights = self._advance(tokens, state)
        readout = self._decoder.step.readout(after.values)
        return after.output.log_probabilities(readout, after.sentences, after.beam), after, weights

    def best(
        self, tokens: Tensor, state: State, *, scores: Tensor | None, forced: Tensor | None, count: int
    ) -> tuple[Continuations, State, Tensor]:
        """Implements Ranking.best."""
        after, weights = self._advance(tokens, state)
        readout = self._decoder.step.readout(after.values)
        found = after.output.best(readout, after.sentences, after.beam, scores=scores, forced=forced, count=count)
        return found, after, weights

    def _advance(self, tokens: Tensor, state: State) -> tuple[CpuState, Tensor]:
        """tokens (B, K) -> state, attention (B, K, S)."""
        if not isinstance(state, CpuState):
            raise TypeError(f"a {type(state).__name__} is not a state that this scorer made")
        values, weights = self._decoder.step(tokens.contiguous(), state.memory, state.sentences, state.values, state.rows)
        after = CpuState(
            memory=state.memory,
            output=state.output,
            sentences=state.sentences,
            shortlist=state.shortlist,
            values=values,
            rows=None,
            beam=state.beam,
        )
        return after, weights


class Int8Encoder:
    """An Encoder on the kernel."""

    def __init__(self, encoder: Encoder) -> None:
        """Raises CannotExport."""
        _only(Encoder, encoder, "encoder")
        self._embedding = _embedding(encoder.embedding, "source embedding")
        self._residual = encoder.residual
        self._mean = encoder.summary == "mean"
        self._layers = [self._export(layer) for layer in encoder.layers]

    @staticmethod
    def _export(layer: EncoderLayer) -> list[LSTMSequence]:
        _only(EncoderLayer, layer, "encoder layer")
        return [_exporter(ENCODER_CELLS, cell, "encoder cell")(cell) for cell in layer.cells]

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Int8Attention:
    """Matrices of an attention; a query, keys or values without one are compared and averaged as they are.

    Scores are dot products, divided by sqrt(A / heads) with `heads`, or additive with a `vector` (A,).
    """

    query: Matrix | None = None
    keys: Matrix | None = None
    values: Matrix | None = None
    vector: Tensor | None = None
    heads: int | None = None


class Int8Decoder:
    """A Decoder on the kernel."""

    def __init__(self, decoder: Decoder) -> None:
        """Raises CannotExport."""
        feeding = _exporter(DECODERS, decoder, "decoder")
        self._attention = _exporter(ATTENTIONS, decoder.attention, "attention")(decoder.attention)
        self._initial = None if decoder.initial is None else _matrix(decoder.initial, "initial state", "tanh")
        self._units, context = decoder.hidden_size, decoder.attention.context_size
        embedding = _embedding(decoder.embedding, "target embedding")
        first = [embedding.shape[1], *([decoder.feed_size] if feeding else [])]
        upper = [self._units, *([] if feeding else [context])]
        if any(layer.hidden_size != self._units for layer in (*decoder.layers, *decoder.feed_forward)):
            raise CannotExport("its decoder's layers have different sizes")
        recurrent = [
            _exporter(DECODER_CELLS, cell, "decoder cell")(cell, upper if index else first)
            for index, cell in enumerate(decoder.layers)
        ]
        self._recurrent = [layer.kind for layer in recurrent]
        self.step = KernelDecoder(
            embedding=embedding,
            layers=[*recurrent, *(_feed_forward(layer, upper) for layer in decoder.feed_forward)],
            units=self._units,
            readout=_matrix(decoder.readout, "readout", "tanh", widths=[self._units, context]),
            residual=decoder.residual,
            feeding=feeding,
            query=self._attention.query,
            vector=self._attention.vector,
            heads=self._attention.heads,
        )

    def remember(self, states: Tensor, lengths: Tensor) -> KernelMemory:
        """Encoder states (B, S, H) and lengths (B,), both contiguous."""
        return KernelMemory(_project(self._attention.keys, states), _project(self._attention.values, states), lengths)

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


def _exporter(table: Mapping[type[Any], E], module: nn.Module, role: str) -> E:
    """The entry of `module`'s own type, since a subclass may compute something else. Raises CannotExport without one."""
    try:
        return table[type(module)]
    except KeyError:
        more = f" ({module.description})" if isinstance(module, Cell | Attention) else ""
        raise CannotExport(f"it has no code for the {role} {type(module).__name__}{more}") from None


def _only(kind: type[nn.Module], module: nn.Module, role: str) -> None:
    _exporter({kind: None}, module, role)


def _matrix(layer: nn.Linear, role: str, activation: Activation = "none", *, widths: Sequence[int] | None = None) -> Matrix:
    _only(nn.Linear, layer, role)
    return Matrix(layer.weight, layer.bias, widths=widths or [layer.in_features], activation=activation)


def _embedding(embedding: nn.Embedding, role: str) -> Tensor:
    """(V, E)."""
    _only(nn.Embedding, embedding, role)
    return embedding.weight.detach()


def _units(cell: Cell[Any], side: str) -> None:
    if cell.hidden_size % UNITS:
        raise CannotExport(f"{cell.hidden_size} units of {side} layers are not a multiple of {UNITS}")


def _lstm_weights(cell: LSTMCell) -> list[Tensor]:
    _only(nn.LSTM, cell.lstm, "LSTM")
    return cell.weights


def _lstm_sequence(cell: LSTMCell) -> LSTMSequence:
    _units(cell, "encoder")
    return LSTMSequence(_lstm_weights(cell))


def _lstm_layer(cell: LSTMCell, widths: Sequence[int]) -> KernelLayer:
    _units(cell, "decoder")
    inputs, recurrent, *biases = _lstm_weights(cell)
    weight = torch.cat((inputs, recurrent), dim=1)
    matrix = Matrix(weight, biases[0] + biases[1], widths=[*widths, cell.hidden_size], gates=True)
    return KernelLayer("lstm", matrix)


def _ssru_layer(cell: SSRUCell, widths: Sequence[int]) -> KernelLayer:
    _units(cell, "decoder")
    _only(nn.LayerNorm, cell.norm, "normalisation")
    return KernelLayer("ssru", _matrix(cell.gates, "gates", widths=widths), cell.norm)


def _feed_forward(layer: FeedForwardLayer, widths: Sequence[int]) -> KernelLayer:
    _only(FeedForwardLayer, layer, "layer")
    _only(nn.LayerNorm, layer.norm, "normalisation")
    return KernelLayer("feed-forward", _matrix(layer.projection, "layer", widths=widths), layer.norm)


def _general(attention: GeneralAttention) -> Int8Attention:
    return Int8Attention(keys=_matrix(attention.key_projection, "keys"))


def _additive(attention: AdditiveAttention) -> Int8Attention:
    _only(nn.Linear, attention.score, "score")
    return Int8Attention(
        query=_matrix(attention.query_projection, "query"),
        keys=_matrix(attention.key_projection, "keys"),
        vector=attention.score.weight.detach().flatten().contiguous(),
    )


def _multi_head(attention: MultiHeadAttention) -> Int8Attention:
    return Int8Attention(
        query=_matrix(attention.query_projection, "query"),
        keys=_matrix(attention.key_projection, "keys"),
        values=_matrix(attention.value_projection, "values"),
        heads=attention.heads,
    )


ENCODER_CELLS: dict[type[Cell[Any]], Callable[[Any], LSTMSequence]] = {LSTMCell: _lstm_sequence}
DECODER_CELLS: dict[type[Cell[Any]], Callable[[Any, Sequence[int]], KernelLayer]] = {
    LSTMCell: _lstm_layer,
    SSRUCell: _ssru_layer,
}
ATTENTIONS: dict[type[Attention], Callable[[Any], Int8Attention]] = {
    DotAttention: lambda _: Int8Attention(),
    GeneralAttention: _general,
    AdditiveAttention: _additive,
    MultiHeadAttention: _multi_head,
}
DECODERS: dict[type[Decoder], bool] = {GNMTDecoder: False, InputFeedingDecoder: True}
"""Whether the readout is fed to the next step."""
