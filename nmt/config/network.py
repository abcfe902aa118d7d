"""Shapes of networks: the keys of `model` in a recipe."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from nmt.config.numbers import Probability
from nmt.config.yaml import Settings

MAX_UNITS = 65_536  # of one layer: no network that anybody trains has as many
CellName = Literal[
    "rnn",
    "irnn",
    "leaky-rnn",
    "gru",
    "gru-chung",
    "gru-cho",
    "min-gru",
    "lstm",
    "lstm-sigmoid",
    "lstm-peephole",
    "lstm-past-peephole",
    "lstm-coupled",
    "olrn",
    "ssru",
    "output-to-hidden",
]
"""Recurrent cells; docs/family.md has the equation of each."""
AttentionName = Literal["additive", "dot", "general", "multi-head", "none", "fixed"]
WiringName = Literal["gnmt", "input-feeding", "fixed-context"]
EndName = Literal["symbol", "stop", "length"]


class ModelConfig(Settings):
    """Shape of an encoder-attention-decoder network. Sizes are numbers of units."""

    embedding_size: int = Field(256, ge=1, le=MAX_UNITS)
    encoder_kind: Literal["recurrent", "blocks", "transformer"] = Field(
        "recurrent",
        description="recurrent: a stack of layers; blocks: each layer in a pre-norm residual block with a feed-forward "
        "layer (Zhang and Sennrich 2019), whatever residual says; transformer: such blocks with self-attention in place of "
        "the recurrent layer, and sinusoids for positions (Vaswani et al. 2017)",
    )
    encoder_layers: int = Field(2, ge=1, le=32, description="layers, or blocks")
    encoder_hidden_size: int = Field(
        512, ge=2, le=MAX_UNITS, description="output of each layer; a bidirectional layer has half per direction"
    )
    encoder_bidirectional: Literal["first", "all", "none"] = "first"
    encoder_cell: CellName = Field("lstm", description="as decoder_cell, in the encoder")
    encoder_transition_depth: int = Field(
        1,
        ge=1,
        le=16,
        description="LSTM cells that the state goes through at each position, the first with the input; in a stack of "
        "several layers this is BiDeep (Miceli Barone et al. 2017). More than 1 is slow to train on a GPU",
    )
    encoder_input_depth: int = Field(
        1,
        ge=1,
        le=16,
        description="layers from each cell's input to its state: the cell's own, with ReLU layers before it (Pascanu et al. "
        "2014, deep input-to-hidden)",
    )
    encoder_output_depth: int = Field(
        1,
        ge=1,
        le=16,
        description="layers from each cell's state to the input of what comes next: that one's own, with ReLU layers before "
        "it (Pascanu et al. 2014, deep hidden-to-output)",
    )
    encoder_attention_layers: int = Field(
        0,
        ge=0,
        le=32,
        description="self-attention layers above the recurrent layers or blocks, the output of each added to its input; the "
        "recurrence tells them the order of the words",
    )
    decoder_kind: Literal["recurrent", "transformer"] = Field(
        "recurrent",
        description="transformer: self-attention, attention to the source and a feed-forward layer in each layer (Vaswani "
        "et al. 2017), each a pre-norm residual. It has no use for the keys of cells, attention, wiring and first states",
    )
    decoder_layers: int = Field(2, ge=1, le=32)
    decoder_hidden_size: int = Field(512, ge=1, le=MAX_UNITS)
    decoder_cell: CellName = Field(
        "lstm",
        description="each cell's equation is in docs/family.md. The int8 runtime has lstm, and in the decoder ssru: the "
        "simpler simple recurrent unit (Kim et al. 2019), with no product with the state before and a quarter to a third of "
        "an LSTM's products in all, for fast students",
    )
    decoder_transition_depth: int = Field(1, ge=1, le=16, description="as encoder_transition_depth, in the decoder")
    decoder_input_depth: int = Field(1, ge=1, le=16, description="as encoder_input_depth, in the decoder")
    decoder_output_depth: int = Field(1, ge=1, le=16, description="as encoder_output_depth, in the decoder")
    decoder_feed_forward_layers: int = Field(
        0,
        ge=0,
        le=32,
        description="ReLU layers above the recurrent ones, a fraction of their cost (Devlin 2017); none in a Transformer",
    )
    feed_forward_size: int = Field(
        1024, ge=1, le=MAX_UNITS, description="hidden units of the feed-forward layers of blocks and of Transformer layers"
    )
    decoder_initial_state: Literal["zero", "last", "mean"] = Field(
        "mean", description="zeros, or a tanh projection of the encoder's last or mean state (one per decoder layer)"
    )
    wiring: WiringName = Field(
        "gnmt",
        description="gnmt: the first decoder layer queries the attention and the context feeds every upper layer "
        "(Wu et al. 2016, as in GNMT v2); input-feeding: the attentional vector is fed to the next step (Luong et al. "
        "2015); fixed-context: as gnmt, and the first layer reads the context too, which is for attention fixed",
    )
    attention: AttentionName = Field(
        "general",
        description="none: the decoder has nothing of the source but its first state (Sutskever et al. 2014); fixed: one "
        "context for all steps (Cho et al. 2014), the encoder's last state with decoder_initial_state last, else the mean",
    )
    attention_size: int = Field(
        512, ge=1, le=MAX_UNITS, description="units of the key space of additive and multi-head attention"
    )
    attention_heads: int = Field(
        4,
        ge=1,
        le=MAX_UNITS,
        description="heads of multi-head attention, which must divide attention_size, and of self-attention and the "
        "Transformer, where they must divide encoder_hidden_size and decoder_hidden_size",
    )
    end: EndName = Field(
        "symbol",
        description="how the network says where a target ends (Goodfellow et al. 2016, 10.2.3): symbol: END is a token of "
        "the softmax; stop: a sigmoid at each step decides, and the softmax has the other tokens; length: the encoder "
        "predicts the number of target tokens",
    )
    residual: bool = Field(
        True, description="add a layer's input to its output where the sizes agree, from the second layer on"
    )
    layer_norm: bool = Field(
        False,
        description="LSTM layers are normalised (Ba et al. 2016, equations 20 to 22); SSRU and feed-forward layers always "
        "are. No fused kernel has it: a fifth slower on a CPU with bfloat16, half the speed in float32, less on a GPU",
    )
    tied_embeddings: Literal["none", "target-output", "all"] = Field(
        "all",
        description="which of source embedding, target embedding and output matrix are one matrix (Press and Wolf 2017)",
    )
    dropout: Probability = Field(
        0.2, description="on the input of every layer above the first; in residual blocks on the output of every layer"
    )
    embedding_dropout: Probability = Field(0.2, description="on embeddings, source and target")
    output_dropout: Probability = Field(0.2, description="on the vector that the output matrix reads")
    dropout_kind: Literal["element", "variational"] = Field(
        "element", description="a new mask at each position, or one mask for the whole sequence (Gal and Ghahramani 2016)"
    )
    recurrent_dropout: Probability = Field(
        0.0, description="on the weights between an LSTM's states, one mask per update (weight drop, Merity et al. 2018)"
    )
    source_word_dropout: Probability = Field(0.0, description="probability that a source word's embedding is zeroed")
    target_word_dropout: Probability = Field(0.0, description="probability that a target input word's embedding is zeroed")

    @model_validator(mode="after")
    def _sizes_fit(self) -> Self:
        recurrent = self.encoder_kind != "transformer"
        if recurrent and self.encoder_bidirectional != "none" and self.encoder_hidden_size % 2:
            raise ValueError(
                f"encoder_hidden_size {self.encoder_hidden_size} must be even, since a bidirectional layer halves it"
            )
        if self.attention == "multi-head" and self.attention_size % self.attention_heads:
            raise ValueError(f"attention_heads {self.attention_heads} must divide attention_size {self.attention_size}")
        if (not recurrent or self.encoder_attention_layers) and self.encoder_hidden_size % self.attention_heads:
            raise ValueError(
                f"attention_heads {self.attention_heads} must divide encoder_hidden_size {self.encoder_hidden_size}"
            )
        if self.decoder_kind == "transformer" and self.decoder_hidden_size % self.attention_heads:
            raise ValueError(
                f"attention_heads {self.attention_heads} must divide decoder_hidden_size {self.decoder_hidden_size}"
            )
        return self

    @model_validator(mode="after")
    def _decoder_fits(self) -> Self:
        if self.decoder_kind == "transformer":
            if self.attention != "general":
                raise ValueError(f"attention {self.attention} is for decoder_kind recurrent; a Transformer has its own")
            if self.wiring != "gnmt":
                raise ValueError(f"wiring {self.wiring} is for decoder_kind recurrent")
            return self
        if self.attention == "dot" and self.encoder_hidden_size != self.decoder_hidden_size:
            raise ValueError(
                "dot attention needs encoder_hidden_size equal to decoder_hidden_size, "
                f"not {self.encoder_hidden_size} and {self.decoder_hidden_size}; use general"
            )
        if self.attention == "none" and self.decoder_initial_state == "zero":
            raise ValueError(
                "attention none needs decoder_initial_state last or mean, since the decoder would know nothing of the source"
            )
        if self.attention == "none" and self.decoder_cell == "output-to-hidden":
            raise ValueError("attention none needs another decoder_cell than output-to-hidden, which has no first state")
        if self.wiring == "fixed-context" and self.attention != "fixed":
            raise ValueError(f"wiring fixed-context needs attention fixed, not {self.attention}, which asks the first layer")
        if self.wiring == "input-feeding" and self.recurrent_dropout:
            raise ValueError("recurrent_dropout needs wiring gnmt, since one mask holds for a call over the whole sequence")
        if self.decoder_initial_state == "last" and self.encoder_kind != "recurrent":
            raise ValueError(
                f"decoder_initial_state last needs encoder_kind recurrent, not {self.encoder_kind}, which has a mean alone"
            )
        return self

    @model_validator(mode="after")
    def _cells_fit(self) -> Self:
        kinds = {"encoder": self.encoder_kind, "decoder": self.decoder_kind}
        for side, kind in kinds.items():
            cell = getattr(self, f"{side}_cell")
            if cell != "lstm" and getattr(self, f"{side}_transition_depth") > 1:
                raise ValueError(f"{side}_transition_depth above 1 is for {side}_cell lstm")
            for key in (f"{side}_{name}" for name in ("cell", "transition_depth", "input_depth", "output_depth")):
                if kind == "transformer" and getattr(self, key) != type(self).model_fields[key].default:
                    raise ValueError(f"{key} {getattr(self, key)} is for a recurrent {side}, not {side}_kind transformer")
        if self.encoder_kind == "transformer" and self.encoder_attention_layers:
            raise ValueError(
                "encoder_attention_layers is for recurrent layers and blocks; say encoder_layers of a Transformer"
            )
        cells = {getattr(self, f"{side}_cell") for side, kind in kinds.items() if kind != "transformer"}
        if (self.layer_norm or self.recurrent_dropout) and "lstm" not in cells:
            raise ValueError("layer_norm and recurrent_dropout are for lstm, which neither encoder_cell nor decoder_cell is")
        return self


class LanguageModelConfig(Settings):
    """Shape of a language model: recurrent layers whose output matrix is the embedding. Sizes are numbers of units."""

    embedding_size: int = Field(256, ge=1, le=MAX_UNITS)
    layers: int = Field(2, ge=1, le=32)
    cell: CellName = Field("lstm", description="as decoder_cell in ModelConfig")
    transition_depth: int = Field(1, ge=1, le=16, description="as encoder_transition_depth in ModelConfig")
    input_depth: int = Field(1, ge=1, le=16, description="as encoder_input_depth in ModelConfig")
    output_depth: int = Field(1, ge=1, le=16, description="as encoder_output_depth in ModelConfig")
    hidden_size: int = Field(512, ge=1, le=MAX_UNITS)
    readout: Literal["tanh", "none"] = Field(
        "tanh",
        description="tanh: a layer of embedding_size units between the recurrent layers and the output matrix; none: the "
        "last recurrent layer has embedding_size units, and the output matrix reads it (Merity et al. 2018)",
    )
    residual: bool = Field(
        True, description="add a layer's input to its output where the sizes agree, from the second layer on"
    )
    layer_norm: bool = Field(False, description="as in ModelConfig")
    tied_embeddings: bool = Field(True, description="the output matrix is the embedding (Press and Wolf 2017)")
    dropout: Probability = Field(0.2, description="on the input of every recurrent layer above the first")
    embedding_dropout: Probability = 0.2
    output_dropout: Probability = Field(0.2, description="on the vector that the output matrix reads")
    dropout_kind: Literal["element", "variational"] = Field("element", description="as in ModelConfig")
    recurrent_dropout: Probability = Field(0.0, description="as in ModelConfig")
    word_dropout: Probability = Field(0.0, description="probability that a word's embedding is zeroed")

    @model_validator(mode="after")
    def _cell_has_it(self) -> Self:
        if self.cell != "lstm" and self.transition_depth > 1:
            raise ValueError(f"transition_depth above 1 is for cell lstm, not {self.cell}")
        if self.cell != "lstm" and (self.layer_norm or self.recurrent_dropout):
            raise ValueError(f"layer_norm and recurrent_dropout are for cell lstm, not {self.cell}")
        return self
