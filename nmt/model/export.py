"""The blueprint of a network, drawn up module by module."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from torch import Tensor, nn

from nmt.model import blueprint as plans
from nmt.model.attention import AdditiveAttention, Attention, DotAttention, GeneralAttention, MultiHeadAttention
from nmt.model.blueprint import Blueprint, CannotExport
from nmt.model.cells.cell import Cell
from nmt.model.cells.lstm import LSTMCell
from nmt.model.cells.ssru import SSRUCell
from nmt.model.decoder import Decoder
from nmt.model.encoder import Encoder
from nmt.model.feed_forward import FeedForwardLayer
from nmt.model.recurrent_decoder import GNMTDecoder, InputFeedingDecoder, RecurrentDecoder
from nmt.model.recurrent_encoder import EncoderLayer, RecurrentEncoder
from nmt.model.seq2seq import Seq2Seq

E = TypeVar("E")
M = TypeVar("M", bound=nn.Module)


def blueprint(model: nn.Module) -> Blueprint:
    """The plan of a network. Raises CannotExport for one that has a part which blueprints have no word for.

    A module is known by its own type, since a subclass may compute something else.
    """
    return _Exporter(_only(Seq2Seq, model, "network")).blueprint()


class _Exporter:
    def __init__(self, model: Seq2Seq) -> None:
        self._model = model
        self._names = {id(parameter): name for name, parameter in model.named_parameters()}

    def blueprint(self) -> Blueprint:
        encoder = self._encoder(self._model.encoder)
        decoder, attention = self._decoder(self._model.decoder)
        return Blueprint(
            encoder=encoder, attention=attention, decoder=decoder, output=self._linear(self._model.output, "output matrix")
        )

    def _encoder(self, module: Encoder) -> plans.EncoderPlan:
        encoder, layers = _only(RecurrentEncoder, module, "encoder"), []
        for layer in encoder.layers:
            _only(EncoderLayer, layer, "encoder layer")
            layers.append(tuple(_entry(ENCODER_CELLS, cell, "encoder cell")(self, cell) for cell in layer.cells))
        return plans.EncoderPlan(
            embedding=self._embedding(encoder.embedding, "source embedding"),
            layers=tuple(layers),
            residual=encoder.residual,
            summary=encoder.summary,
        )

    def _decoder(self, module: Decoder) -> tuple[plans.DecoderPlan, plans.AttentionPlan]:
        feeding = _entry(DECODERS, module, "decoder")
        decoder = cast(RecurrentDecoder, module)
        attention = _entry(ATTENTIONS, decoder.attention, "attention")(self, decoder.attention)
        embedding = self._embedding(decoder.embedding, "target embedding")
        recurrent = [_entry(DECODER_CELLS, cell, "decoder cell")(self, cell) for cell in decoder.layers]
        plan = plans.DecoderPlan(
            embedding=embedding,
            layers=(*recurrent, *map(self._feed_forward, decoder.feed_forward)),
            readout=self._linear(decoder.readout, "readout"),
            initial=None if decoder.initial is None else self._linear(decoder.initial, "initial state"),
            residual=decoder.residual,
            feeding=feeding,
        )
        return plan, attention

    def _name(self, parameter: Tensor) -> str:
        return self._names[id(parameter)]

    def _linear(self, layer: nn.Linear, role: str) -> plans.Linear:
        _only(nn.Linear, layer, role)
        return plans.Linear(weight=self._name(layer.weight), bias=None if layer.bias is None else self._name(layer.bias))

    def _embedding(self, embedding: nn.Embedding, role: str) -> str:
        _only(nn.Embedding, embedding, role)
        return self._name(embedding.weight)

    def _norm(self, norm: nn.LayerNorm) -> plans.Norm:
        _only(nn.LayerNorm, norm, "normalisation")
        return plans.Norm(weight=self._name(norm.weight), bias=self._name(norm.bias), epsilon=norm.eps)

    def lstm(self, cell: LSTMCell) -> plans.LSTM:
        _only(nn.LSTM, cell.lstm, "LSTM")
        names = ("input_weight", "recurrent_weight", "input_bias", "recurrent_bias")
        return plans.LSTM(**dict(zip(names, map(self._name, cell.weights), strict=True)))

    def ssru(self, cell: SSRUCell) -> plans.Normalised:
        return plans.Normalised(kind="ssru", product=self._linear(cell.gates, "gates"), norm=self._norm(cell.norm))

    def _feed_forward(self, layer: FeedForwardLayer) -> plans.Normalised:
        _only(FeedForwardLayer, layer, "layer")
        product = self._linear(layer.projection, "layer")
        return plans.Normalised(kind="feed-forward", product=product, norm=self._norm(layer.norm))

    def dot(self, _attention: DotAttention) -> plans.AttentionPlan:
        return plans.AttentionPlan()

    def general(self, attention: GeneralAttention) -> plans.AttentionPlan:
        return plans.AttentionPlan(keys=self._linear(attention.key_projection, "keys"))

    def additive(self, attention: AdditiveAttention) -> plans.AttentionPlan:
        return plans.AttentionPlan(
            query=self._linear(attention.query_projection, "query"),
            keys=self._linear(attention.key_projection, "keys"),
            vector=self._linear(attention.score, "score").weight,
        )

    def multi_head(self, attention: MultiHeadAttention) -> plans.AttentionPlan:
        return plans.AttentionPlan(
            query=self._linear(attention.query_projection, "query"),
            keys=self._linear(attention.key_projection, "keys"),
            values=self._linear(attention.value_projection, "values"),
            heads=attention.heads,
        )


def _entry(table: Mapping[type[Any], E], module: nn.Module, role: str) -> E:
    """The entry of `module`'s own type. Raises CannotExport without one."""
    try:
        return table[type(module)]
    except KeyError:
        more = f" ({module.description})" if isinstance(module, Cell | Attention) else ""
        raise CannotExport(f"it has no code for the {role} {type(module).__name__}{more}") from None


def _only(kind: type[M], module: nn.Module, role: str) -> M:
    """`module`, whose own type is `kind`. Raises CannotExport where it is another."""
    _entry({kind: None}, module, role)
    return cast(M, module)


ENCODER_CELLS: dict[type[Cell[Any]], Callable[[_Exporter, Any], plans.LSTM]] = {LSTMCell: _Exporter.lstm}
DECODER_CELLS: dict[type[Cell[Any]], Callable[[_Exporter, Any], plans.LSTM | plans.Normalised]] = {
    LSTMCell: _Exporter.lstm,
    SSRUCell: _Exporter.ssru,
}
ATTENTIONS: dict[type[Attention], Callable[[_Exporter, Any], plans.AttentionPlan]] = {
    DotAttention: _Exporter.dot,
    GeneralAttention: _Exporter.general,
    AdditiveAttention: _Exporter.additive,
    MultiHeadAttention: _Exporter.multi_head,
}
DECODERS: dict[type[RecurrentDecoder], bool] = {GNMTDecoder: False, InputFeedingDecoder: True}
"""Whether the readout is fed to the next step."""
