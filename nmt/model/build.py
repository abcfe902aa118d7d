"""Networks from their settings: the only place that reads ModelConfig and LanguageModelConfig.

Weights are drawn in the order in which modules are made here. Another order would make other models of the same seed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

from torch import nn

from nmt.config.network import AttentionName, CellName, EndName, LanguageModelConfig, ModelConfig, WiringName
from nmt.config.vocabulary import PADDING_ID
from nmt.model.attention import AdditiveAttention, Attention, DotAttention, GeneralAttention, MultiHeadAttention
from nmt.model.block_encoder import AttendingEncoder, BlockEncoder
from nmt.model.cells.cell import Cell, MakeCell
from nmt.model.cells.coupled_lstm import CoupledLSTMCell
from nmt.model.cells.deep_cell import DeepCell
from nmt.model.cells.deep_lstm import DeepLSTMCell
from nmt.model.cells.gru import ChoGRUCell, ChungGRUCell, GRUCell
from nmt.model.cells.leaky_rnn import LeakyRNNCell
from nmt.model.cells.lstm import LSTMCell
from nmt.model.cells.min_gru import MinGRUCell
from nmt.model.cells.olrn import OLRNCell
from nmt.model.cells.output_to_hidden import OutputToHiddenCell
from nmt.model.cells.peephole_lstm import PastPeepholeLSTMCell, PeepholeLSTMCell
from nmt.model.cells.rnn import IRNNCell, RNNCell
from nmt.model.cells.sigmoid_lstm import SigmoidLSTMCell
from nmt.model.cells.ssru import SSRUCell
from nmt.model.decoder import Decoder
from nmt.model.dropout import Dropout, WordDropout
from nmt.model.encoder import Encoder
from nmt.model.end import LengthOutput, StopOutput
from nmt.model.feed_forward import FeedForwardLayer
from nmt.model.fixed_context import FixedContext, NoAttention
from nmt.model.language_model import LanguageModel
from nmt.model.length import LengthPredictor, LengthSeq2Seq
from nmt.model.recurrent_decoder import FixedContextDecoder, GNMTDecoder, InputFeedingDecoder, RecurrentDecoder
from nmt.model.recurrent_encoder import EncoderLayer, RecurrentEncoder
from nmt.model.residual_block import BlockInput, EncoderBlock, Recurrence
from nmt.model.seq2seq import Seq2Seq
from nmt.model.transformer_attention import SelfAttention
from nmt.model.transformer_decoder import TransformerDecoder, TransformerDecoderLayer


@dataclass(frozen=True, slots=True, kw_only=True)
class CellSettings:
    """Settings of a stack's cells besides their sizes; each kind of cell uses those that it has."""

    depth: int = 1
    """Transitions between positions."""
    layer_norm: bool = False
    recurrent_dropout: float = 0.0
    input_depth: int = 1
    """Layers from the input to the state; the last is the cell's own. Of every kind of cell."""
    output_depth: int = 1
    """Layers from the state to the input of what comes next, which is the last. Of every kind of cell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttentionSettings:
    """Settings of an attention; each kind uses those that it has."""

    query_size: int
    """Units of the decoder's state."""
    state_size: int
    """Units of an encoder state."""
    attention_size: int
    """Units of the space in which the two are compared."""
    heads: int


def _lstm(settings: CellSettings) -> MakeCell:
    """The fused LSTM where it has all that is asked for."""
    if settings.depth == 1 and not settings.layer_norm:
        return partial(LSTMCell, recurrent_dropout=settings.recurrent_dropout)
    return partial(
        DeepLSTMCell,
        depth=settings.depth,
        layer_norm=settings.layer_norm,
        recurrent_dropout=settings.recurrent_dropout,
    )


CELLS: dict[CellName, Callable[[CellSettings], MakeCell]] = {
    "rnn": lambda _: RNNCell,
    "irnn": lambda _: IRNNCell,
    "leaky-rnn": lambda _: LeakyRNNCell,
    "gru": lambda _: GRUCell,
    "gru-chung": lambda _: ChungGRUCell,
    "gru-cho": lambda _: ChoGRUCell,
    "min-gru": lambda _: MinGRUCell,
    "lstm": _lstm,
    "lstm-sigmoid": lambda _: SigmoidLSTMCell,
    "lstm-peephole": lambda _: PeepholeLSTMCell,
    "lstm-past-peephole": lambda _: PastPeepholeLSTMCell,
    "lstm-coupled": lambda _: CoupledLSTMCell,
    "olrn": lambda _: OLRNCell,
    "ssru": lambda _: SSRUCell,
    "output-to-hidden": lambda _: OutputToHiddenCell,
}
"""Makers of cells by the name that a recipe gives them."""

ATTENTIONS: dict[AttentionName, Callable[[AttentionSettings], Attention]] = {
    "additive": lambda of: AdditiveAttention(
        query_size=of.query_size, state_size=of.state_size, attention_size=of.attention_size
    ),
    "dot": lambda of: DotAttention(state_size=of.state_size),
    "general": lambda of: GeneralAttention(query_size=of.query_size, state_size=of.state_size),
    "multi-head": lambda of: MultiHeadAttention(
        query_size=of.query_size, state_size=of.state_size, attention_size=of.attention_size, heads=of.heads
    ),
    "none": lambda _: NoAttention(),
    "fixed": lambda of: FixedContext(state_size=of.state_size),
}
"""Makers of attentions by the name that a recipe gives them."""

DECODERS: dict[WiringName, type[RecurrentDecoder]] = {
    "gnmt": GNMTDecoder,
    "input-feeding": InputFeedingDecoder,
    "fixed-context": FixedContextDecoder,
}
"""Recurrent decoders by the wiring that a recipe names."""

OUTPUTS: dict[EndName, type[nn.Linear]] = {"symbol": nn.Linear, "stop": StopOutput, "length": LengthOutput}
"""Output matrices by the way to end that a recipe names."""


RECURRENT_GAIN = 0.25
"""Standard deviation of normalised states that a recurrent decoder reads, before training; an LSTM's is smaller still. With
1 the scores of its attention, which nothing scales, are large before anything is learned, and it learns slowly."""


def build_seq2seq(config: ModelConfig, *, vocabulary_size: int) -> Seq2Seq:
    """The translation network that `config` describes, its weights drawn from PyTorch's generator."""
    source_embedding = build_embedding(vocabulary_size, config.embedding_size)
    shared = config.tied_embeddings == "all"
    target_embedding = source_embedding if shared else build_embedding(vocabulary_size, config.embedding_size)
    encoder = _encoder(config, source_embedding)
    decoder = _decoder(config, target_embedding)
    output = _output(config.embedding_size, vocabulary_size, OUTPUTS[config.end])
    if config.tied_embeddings == "none":
        nn.init.normal_(output.weight, std=config.embedding_size**-0.5)
    else:
        output.weight = target_embedding.weight
    if isinstance(output, LengthOutput):
        length = LengthPredictor(state_size=config.encoder_hidden_size)
        return LengthSeq2Seq(encoder=encoder, decoder=decoder, output=output, length=length)
    return Seq2Seq(encoder=encoder, decoder=decoder, output=output)


def build_language_model(config: LanguageModelConfig, *, vocabulary_size: int) -> LanguageModel:
    """The language model that `config` describes, its weights drawn from PyTorch's generator."""
    embedding = build_embedding(vocabulary_size, config.embedding_size)
    settings = CellSettings(
        depth=config.transition_depth,
        input_depth=config.input_depth,
        output_depth=config.output_depth,
        layer_norm=config.layer_norm,
        recurrent_dropout=config.recurrent_dropout,
    )
    make, sizes = make_cells(config.cell, settings), [config.embedding_size, *[config.hidden_size] * config.layers]
    if config.readout == "none":
        sizes[-1] = config.embedding_size
    layers = [make(input_size=below, hidden_size=own) for below, own in pairwise(sizes)]
    readout = nn.Linear(config.hidden_size, config.embedding_size) if config.readout == "tanh" else None
    _draw_projections(readout)
    output = _output(config.embedding_size, vocabulary_size)
    if config.tied_embeddings:
        output.weight = embedding.weight
    else:
        nn.init.normal_(output.weight, std=config.embedding_size**-0.5)
    return LanguageModel(
        embedding=embedding,
        layers=layers,
        readout=readout,
        output=output,
        word_dropout=WordDropout(probability=config.word_dropout),
        embedding_dropout=Dropout(probability=config.embedding_dropout, kind=config.dropout_kind),
        dropout=Dropout(probability=config.dropout, kind=config.dropout_kind),
        output_dropout=Dropout(probability=config.output_dropout, kind=config.dropout_kind),
        residual=config.residual,
    )


def make_cells(name: CellName, settings: CellSettings) -> MakeCell:
    """The maker of a stack's cells, with layers before and after each cell where they are asked for."""
    make = CELLS[name](settings)
    return make if settings.input_depth == settings.output_depth == 1 else partial(_deep_cell, make, settings)


def _deep_cell(make: MakeCell, settings: CellSettings, *, input_size: int, hidden_size: int) -> Cell[Any]:
    before = [
        FeedForwardLayer(input_size=hidden_size if index else input_size, hidden_size=hidden_size)
        for index in range(settings.input_depth - 1)
    ]
    cell = make(input_size=hidden_size if before else input_size, hidden_size=hidden_size)
    after = [FeedForwardLayer(input_size=hidden_size, hidden_size=hidden_size) for _ in range(settings.output_depth - 1)]
    return DeepCell(before=before, cell=cell, after=after)


def build_attention(config: ModelConfig) -> Attention:
    """The attention that `config` names."""
    settings = AttentionSettings(
        query_size=config.decoder_hidden_size,
        state_size=config.encoder_hidden_size,
        attention_size=config.attention_size,
        heads=config.attention_heads,
    )
    return ATTENTIONS[config.attention](settings)


def build_embedding(vocabulary_size: int, embedding_size: int) -> nn.Embedding:
    """Random embeddings whose squared length is near 1, as a tied output matrix needs them; padding's is zero."""
    embedding = nn.Embedding(vocabulary_size, embedding_size, padding_idx=PADDING_ID)
    nn.init.normal_(embedding.weight, std=embedding_size**-0.5)
    embedding.weight.data[PADDING_ID].zero_()
    return embedding


def _encoder(config: ModelConfig, embedding: nn.Embedding) -> Encoder:
    if config.encoder_kind != "recurrent":
        return _block_encoder(config, embedding)
    parts: dict[str, Any] = {
        "embedding": embedding,
        "layers": _recurrent_layers(config, config.embedding_size),
        "word_dropout": WordDropout(probability=config.source_word_dropout),
        "embedding_dropout": _dropout(config.embedding_dropout, config),
        "dropout": _dropout(config.dropout, config),
        "residual": config.residual,
        "summary": "last" if config.decoder_initial_state == "last" else "mean",
    }
    if not config.encoder_attention_layers:
        return RecurrentEncoder(**parts)
    attention = _self_attention(config, config.encoder_attention_layers)
    return AttendingEncoder(attention=attention, **parts)


def _block_encoder(config: ModelConfig, embedding: nn.Embedding) -> BlockEncoder:
    """Blocks, with residual self-attention above them where it is asked for."""
    size, dropout = config.encoder_hidden_size, _dropout(config.dropout, config)
    attending = config.encoder_kind == "transformer"
    inputs = BlockInput(embedding_size=config.embedding_size, size=size, positions=attending)
    mixing: list[SelfAttention] | list[Recurrence]
    if attending:
        mixing = _self_attention(config, config.encoder_layers)
    else:
        mixing = [Recurrence(layer) for layer in _recurrent_layers(config, size)]
    blocks = [
        EncoderBlock(mixing=one, feed_forward_size=config.feed_forward_size, size=size, dropout=dropout) for one in mixing
    ]
    return BlockEncoder(
        embedding=embedding,
        inputs=inputs,
        layers=blocks,
        attention=_self_attention(config, config.encoder_attention_layers),
        size=size,
        word_dropout=WordDropout(probability=config.source_word_dropout),
        embedding_dropout=_dropout(config.embedding_dropout, config),
        dropout=dropout,
        gain=_gain(config),
    )


def _gain(config: ModelConfig) -> float:
    return 1.0 if config.decoder_kind == "transformer" else RECURRENT_GAIN


def _recurrent_layers(config: ModelConfig, input_size: int) -> list[EncoderLayer]:
    """The encoder's recurrent layers, the first of which reads `input_size` units."""
    settings = CellSettings(
        depth=config.encoder_transition_depth,
        input_depth=config.encoder_input_depth,
        output_depth=config.encoder_output_depth,
        layer_norm=config.layer_norm,
        recurrent_dropout=config.recurrent_dropout,
    )
    make, layers = make_cells(config.encoder_cell, settings), []
    for index in range(config.encoder_layers):
        both = config.encoder_bidirectional == "all" or (config.encoder_bidirectional == "first" and index == 0)
        sizes = {
            "input_size": config.encoder_hidden_size if index else input_size,
            "hidden_size": config.encoder_hidden_size // 2 if both else config.encoder_hidden_size,
        }
        layers.append(EncoderLayer(forward_cell=make(**sizes), backward_cell=make(**sizes) if both else None))
    return layers


def _self_attention(config: ModelConfig, count: int) -> list[SelfAttention]:
    return [SelfAttention(size=config.encoder_hidden_size, heads=config.attention_heads) for _ in range(count)]


def _dropout(probability: float, config: ModelConfig) -> Dropout:
    return Dropout(probability=probability, kind=config.dropout_kind)


def _decoder(config: ModelConfig, embedding: nn.Embedding) -> Decoder:
    kind = _transformer_decoder if config.decoder_kind == "transformer" else _recurrent_decoder
    return kind(config, embedding)


def _transformer_decoder(config: ModelConfig, embedding: nn.Embedding) -> TransformerDecoder:
    size, dropout = config.decoder_hidden_size, _dropout(config.dropout, config)
    inputs = BlockInput(embedding_size=config.embedding_size, size=size, positions=True)
    layers = [
        TransformerDecoderLayer(
            size=size,
            state_size=config.encoder_hidden_size,
            heads=config.attention_heads,
            feed_forward_size=config.feed_forward_size,
            dropout=dropout,
        )
        for _ in range(config.decoder_layers)
    ]
    readout = None if size == config.embedding_size else nn.Linear(size, config.embedding_size)
    _draw_projections(readout)
    return TransformerDecoder(
        embedding=embedding,
        inputs=inputs,
        layers=layers,
        size=size,
        readout=readout,
        word_dropout=WordDropout(probability=config.target_word_dropout),
        embedding_dropout=_dropout(config.embedding_dropout, config),
        dropout=dropout,
        output_dropout=_dropout(config.output_dropout, config),
    )


def _recurrent_decoder(config: ModelConfig, embedding: nn.Embedding) -> RecurrentDecoder:
    feeding, hidden = config.wiring == "input-feeding", config.decoder_hidden_size
    attention = build_attention(config)
    upper_input = hidden if feeding else hidden + attention.context_size
    settings = CellSettings(
        depth=config.decoder_transition_depth,
        input_depth=config.decoder_input_depth,
        output_depth=config.decoder_output_depth,
        layer_norm=config.layer_norm,
        recurrent_dropout=config.recurrent_dropout,
    )
    make = make_cells(config.decoder_cell, settings)
    beside = {"gnmt": 0, "input-feeding": config.embedding_size, "fixed-context": attention.context_size}
    first_input = config.embedding_size + beside[config.wiring]
    layers = [
        make(input_size=upper_input if index else first_input, hidden_size=hidden) for index in range(config.decoder_layers)
    ]
    feed_forward = [
        FeedForwardLayer(input_size=upper_input, hidden_size=hidden) for _ in range(config.decoder_feed_forward_layers)
    ]
    readout = nn.Linear(hidden + attention.context_size, config.embedding_size)
    initial = None
    if config.decoder_initial_state != "zero" and not layers[0].stateless:
        initial = nn.Linear(config.encoder_hidden_size, config.decoder_layers * hidden)
    _draw_projections(readout, initial)
    return DECODERS[config.wiring](
        embedding=embedding,
        attention=attention,
        layers=layers,
        feed_forward=feed_forward,
        readout=readout,
        initial=initial,
        word_dropout=WordDropout(probability=config.target_word_dropout),
        embedding_dropout=_dropout(config.embedding_dropout, config),
        dropout=_dropout(config.dropout, config),
        output_dropout=_dropout(config.output_dropout, config),
        residual=config.residual,
    )


def _output(embedding_size: int, vocabulary_size: int, kind: type[nn.Linear] = nn.Linear) -> nn.Linear:
    output = kind(embedding_size, vocabulary_size)
    nn.init.zeros_(output.bias)
    return output


def _draw_projections(*layers: nn.Linear | None) -> None:
    """Glorot weights and zero biases."""
    for layer in layers:
        if layer is not None:
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
