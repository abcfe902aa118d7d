"""The int8 runtime for a CPU: the same network as the reference, on the compiled kernel.

Sources of its speed (Devlin 2017, "Sharp Models on Dull Hardware"; Senellart et al. 2018): int8 products; all gates of a
layer and its inputs in one product, its cell computed while the sums are in registers; keys computed once per sentence; only
a sentence's likely tokens scored, where there is a shortlist; no copies: hypotheses that change places, and sentences that
leave, are an index that the next product reads through; and few calls: a plain search is one, from source tokens to
candidates; of any other search the beginning is one, a step of the decoder another, and ranking a third.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar, cast

import torch
from torch import Tensor, nn

from nmt.model.attention import AdditiveAttention, Attention, DotAttention, GeneralAttention, MultiHeadAttention
from nmt.model.cell import Cell
from nmt.model.decoder import Decoder
from nmt.model.encoder import Encoder
from nmt.model.feed_forward import FeedForwardLayer
from nmt.model.lstm import LSTMCell
from nmt.model.recurrent_decoder import GNMTDecoder, InputFeedingDecoder, RecurrentDecoder
from nmt.model.recurrent_encoder import EncoderLayer, RecurrentEncoder
from nmt.model.seq2seq import Seq2Seq
from nmt.model.shortlist import Shortlist
from nmt.model.ssru import SSRUCell
from nmt.runtime import kernels
from nmt.runtime.kernels import (
    UNITS,
    Activation,
    KernelDecoder,
    KernelEncoder,
    KernelLayer,
    KernelMemory,
    KernelNetwork,
    KernelOutput,
    KernelShortlist,
    LSTMDirection,
    Matrix,
    TokenTable,
)
from nmt.search.dropped import Dropped
from nmt.search.plain import PlainSearch, Searching
from nmt.search.scorer import Continuations, Ranking, State
from nmt.search.trace import Candidate

E = TypeVar("E")
M = TypeVar("M", bound=nn.Module)


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


class CpuScorer(Ranking, Searching):
    """A Seq2Seq as a Scorer in int8. It keeps nothing between calls, so that threads may share one.

    With a shortlist, log-probabilities are over a sentence's own list of tokens, and sum to one there.
    """

    def __init__(self, model: Seq2Seq) -> None:
        """Exports a model on the CPU, module by module. Raises CannotExport for one that has a part it does not know."""
        if kernels.MISSING:
            raise CannotExport(kernels.MISSING)
        _only(Seq2Seq, model, "network")
        self.vocabulary_size = model.vocabulary_size
        encoder = _encoder(model.encoder)
        self._decoder, attention, initial = _decoder(model.decoder)
        output = _matrix(model.output, "output matrix")
        self._output = KernelOutput.of(output)
        self._shortlist: KernelShortlist | None = None
        self._network_of = partial(
            KernelNetwork,
            encoder=encoder,
            decoder=self._decoder,
            output=output,
            keys=attention.keys,
            values=attention.values,
            initial=initial,
        )
        self._network = self._network_of()

    def restricted(self, shortlist: Shortlist, output: torch.nn.Linear) -> CpuScorer:
        """A scorer of the same matrices that has a shortlist; `output` is the model's, which this one does not keep."""
        other = copy.copy(self)
        other._shortlist = KernelShortlist(shortlist, TokenTable(output.weight, output.bias))
        other._network = self._network_of(shortlist=other._shortlist)
        return other

    @torch.inference_mode()
    def start(self, source: Tensor, lengths: Tensor) -> CpuState:
        """Implements Scorer.start: source (B, S) and lengths (B,), int64."""
        source, lengths = source.contiguous(), lengths.contiguous()
        lists, output = None, self._output
        if self._shortlist is not None:
            output, lists = self._shortlist.select(source, lengths)
        memory, values = self._network.start(source, lengths)
        return CpuState(
            memory=memory,
            output=output,
            sentences=torch.arange(source.size(0)),
            shortlist=lists,
            values=values,
            rows=None,
            beam=1,
        )

    @torch.inference_mode()
    def search(self, source: Tensor, lengths: Tensor, asked: PlainSearch, dropped: Dropped | None) -> list[list[Candidate]]:
        """Implements Searching.search: source (B, S) and lengths (B,), int64."""
        return self._network.search(source.contiguous(), lengths.contiguous(), asked, dropped)

    def step(self, tokens: Tensor, state: State) -> tuple[Tensor, State, Tensor]:
        """Implements Scorer.step: tokens (B, K) -> log-probabilities (B, K, V or L) float32, state, attention (B, K, S)."""
        after, weights = self._advance(tokens, state)
        readout = self._decoder.readout(after.values)
        return after.output.log_probabilities(readout, after.sentences, after.beam), after, weights

    def best(
        self, tokens: Tensor, state: State, *, scores: Tensor | None, forced: Tensor | None, count: int
    ) -> tuple[Continuations, State, Tensor]:
        """Implements Ranking.best."""
        after, weights = self._advance(tokens, state)
        readout = self._decoder.readout(after.values)
        found = after.output.best(readout, after.sentences, after.beam, scores=scores, forced=forced, count=count)
        return found, after, weights

    def _advance(self, tokens: Tensor, state: State) -> tuple[CpuState, Tensor]:
        """tokens (B, K) -> state, attention (B, K, S)."""
        if not isinstance(state, CpuState):
            raise TypeError(f"a {type(state).__name__} is not a state that this scorer made")
        values, weights = self._decoder(tokens.contiguous(), state.memory, state.sentences, state.values, state.rows)
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


def _encoder(module: Encoder) -> KernelEncoder:
    """Raises CannotExport."""
    encoder, layers = _only(RecurrentEncoder, module, "encoder"), []
    for layer in encoder.layers:
        _only(EncoderLayer, layer, "encoder layer")
        layers.append([_exporter(ENCODER_CELLS, cell, "encoder cell")(cell) for cell in layer.cells])
    return KernelEncoder(
        embedding=_embedding(encoder.embedding, "source embedding"),
        layers=layers,
        residual=encoder.residual,
        mean=encoder.summary == "mean",
    )


def _decoder(module: Decoder) -> tuple[KernelDecoder, Int8Attention, Matrix | None]:
    """A decoder, its attention, and the matrix of its first state. Raises CannotExport."""
    feeding = _exporter(DECODERS, module, "decoder")
    decoder = cast(RecurrentDecoder, module)
    attention = _exporter(ATTENTIONS, decoder.attention, "attention")(decoder.attention)
    units, context = decoder.hidden_size, decoder.attention.context_size
    embedding = _embedding(decoder.embedding, "target embedding")
    first = [embedding.shape[1], *([decoder.feed_size] if feeding else [])]
    upper = [units, *([] if feeding else [context])]
    if any(layer.hidden_size != units for layer in (*decoder.layers, *decoder.feed_forward)):
        raise CannotExport("its decoder's layers have different sizes")
    recurrent = [
        _exporter(DECODER_CELLS, cell, "decoder cell")(cell, upper if index else first)
        for index, cell in enumerate(decoder.layers)
    ]
    stepwise = KernelDecoder(
        embedding=embedding,
        layers=[*recurrent, *(_feed_forward(layer, upper) for layer in decoder.feed_forward)],
        units=units,
        readout=_matrix(decoder.readout, "readout", "tanh", widths=[units, context]),
        residual=decoder.residual,
        feeding=feeding,
        query=attention.query,
        vector=attention.vector,
        heads=attention.heads,
    )
    initial = None if decoder.initial is None else _matrix(decoder.initial, "initial state", "tanh")
    return stepwise, attention, initial


def _exporter(table: Mapping[type[Any], E], module: nn.Module, role: str) -> E:
    """The entry of `module`'s own type, since a subclass may compute something else. Raises CannotExport without one."""
    try:
        return table[type(module)]
    except KeyError:
        more = f" ({module.description})" if isinstance(module, Cell | Attention) else ""
        raise CannotExport(f"it has no code for the {role} {type(module).__name__}{more}") from None


def _only(kind: type[M], module: nn.Module, role: str) -> M:
    """`module`, whose own type is `kind`. Raises CannotExport where it is another."""
    _exporter({kind: None}, module, role)
    return cast(M, module)


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


def _lstm_direction(cell: LSTMCell) -> LSTMDirection:
    _units(cell, "encoder")
    return LSTMDirection(_lstm_weights(cell))


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


ENCODER_CELLS: dict[type[Cell[Any]], Callable[[Any], LSTMDirection]] = {LSTMCell: _lstm_direction}
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
DECODERS: dict[type[RecurrentDecoder], bool] = {GNMTDecoder: False, InputFeedingDecoder: True}
"""Whether the readout is fed to the next step."""
