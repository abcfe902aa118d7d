"""Every setting of the system: frozen, typed, read from YAML, with unknown keys refused by name.

A recipe (`data/<name>/recipe.yaml`) is the whole of a model's preparation and training:

    source_language, target_language, description
    preparation: PreparationConfig
    model:       ModelConfig
    training:    TrainingConfig

With `recipe: auto` the size of the text decides what the last three leave open. The recipe of a language model says
`kind: language-model`, and is a LanguageModelRecipe.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from nmt.config.language import standard_tag
from nmt.config.licence import TextSource
from nmt.config.printable import Prose
from nmt.config.yaml import SettingPath, Settings, apply_override, parse, read_yaml
from nmt.errors import ConfigurationError

Probability = Annotated[float, Field(ge=0.0, lt=1.0)]
MAX_UNITS = 65_536  # of one layer: no network that anybody trains has as many
MANY = 10**9  # more of anything than there is time for

TestName = Annotated[str, Field(pattern=r"^[\w.-]+$")]
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
]
"""Recurrent cells; docs/family.md has the equation of each."""
AttentionName = Literal["additive", "dot", "general", "multi-head", "none", "fixed"]
WiringName = Literal["gnmt", "input-feeding", "fixed-context"]


def _language_code(tag: str) -> str:
    try:
        return standard_tag(tag)
    except ConfigurationError as error:
        raise ValueError(str(error)) from error


LanguageCode = Annotated[str, AfterValidator(_language_code)]
"""A language tag in its standard form: pt-BR, also where a recipe has pt_br."""


class ModelConfig(Settings):
    """Shape of an encoder-attention-decoder network. Sizes are numbers of units."""

    embedding_size: int = Field(256, ge=1, le=MAX_UNITS)
    encoder_layers: int = Field(2, ge=1, le=32)
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
        0, ge=0, le=32, description="ReLU layers above the recurrent ones, a fraction of their cost (Devlin 2017)"
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
        4, ge=1, le=MAX_UNITS, description="heads of multi-head attention; must divide attention_size"
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
    dropout: Probability = Field(0.2, description="on the input of every layer above the first")
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
        if self.encoder_bidirectional != "none" and self.encoder_hidden_size % 2:
            raise ValueError(
                f"encoder_hidden_size {self.encoder_hidden_size} must be even, since a bidirectional layer halves it"
            )
        if self.attention == "dot" and self.encoder_hidden_size != self.decoder_hidden_size:
            raise ValueError(
                "dot attention needs encoder_hidden_size equal to decoder_hidden_size, "
                f"not {self.encoder_hidden_size} and {self.decoder_hidden_size}; use general"
            )
        if self.attention == "none" and self.decoder_initial_state == "zero":
            raise ValueError(
                "attention none needs decoder_initial_state last or mean, since the decoder would know nothing of the source"
            )
        if self.wiring == "fixed-context" and self.attention != "fixed":
            raise ValueError(f"wiring fixed-context needs attention fixed, not {self.attention}, which asks the first layer")
        for side in ("encoder", "decoder"):
            if getattr(self, f"{side}_cell") != "lstm" and getattr(self, f"{side}_transition_depth") > 1:
                raise ValueError(f"{side}_transition_depth above 1 is for {side}_cell lstm")
        if "lstm" not in (self.encoder_cell, self.decoder_cell) and (self.layer_norm or self.recurrent_dropout):
            raise ValueError("layer_norm and recurrent_dropout are for lstm, which neither encoder_cell nor decoder_cell is")
        if self.wiring == "input-feeding" and self.recurrent_dropout:
            raise ValueError("recurrent_dropout needs wiring gnmt, since one mask holds for a call over the whole sequence")
        if self.attention == "multi-head" and self.attention_size % self.attention_heads:
            raise ValueError(f"attention_heads {self.attention_heads} must divide attention_size {self.attention_size}")
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


class CorpusConfig(Settings):
    """One parallel text: a TSV file (`path`), or two files with the same number of lines (`source`, `target`).

    Files may be plain or packed by gzip, bzip2, xz or zstd. Paths are relative to the folder given by `--corpora`, by
    default the recipe's.
    """

    path: SettingPath | None = None
    source: SettingPath | None = None
    target: SettingPath | None = None
    source_column: int = Field(1, ge=1, le=MANY, description="of a TSV file, counted from 1")
    target_column: int = Field(2, ge=1, le=MANY)
    domain_column: int | None = Field(None, ge=1, le=MANY)
    header: bool | None = Field(
        None, description="of a TSV file: whether its first line names the columns; by default that is refused"
    )
    quoting: bool | None = Field(
        None, description="of a TSV file: whether cells are in quotes, as CSV writers do; by default that is refused"
    )
    include_domains: tuple[str, ...] = Field((), description="keep only these; empty keeps all")
    exclude_domains: tuple[str, ...] = ()
    remove: str = Field("", description="regular expression; its matches are taken out of both sides of each pair")
    share: float = Field(1.0, gt=0.0, le=1.0, description="keep only this part of the pairs, chosen evenly by their text")
    repeat: int = Field(1, ge=1, le=100, description="so many times each kept pair is in the text of an epoch")
    domain_share: float = Field(
        1.0,
        gt=0.0,
        le=1.0,
        description="keep only this part of the pairs, those most like `preparation.domain` by cross-entropy difference "
        "(Moore and Lewis 2010; of both sides, Axelrod et al. 2011)",
    )
    known_words: int = Field(
        0,
        ge=0,
        le=MANY,
        description="keep only pairs all of whose words occur at least so many times in the corpora named before; for the "
        "entries of dictionaries",
    )
    tag: str | None = Field(
        None,
        pattern=r"^\S+$",
        description="a word put before every source sentence, by which a model tells this text from other text, as "
        "back-translated from natural (Caswell et al. 2019)",
    )
    origin: str = Field("", description="of text that a machine wrote: how it came about, for the model card")

    @property
    def files(self) -> tuple[Path, ...]:
        """The one or two files."""
        return tuple(path for path in (self.path, self.source, self.target) if path is not None)

    @property
    def columns(self) -> tuple[int, int] | None:
        """The columns of source and target, counted from 1; None where a line is a sentence."""
        return None if self.path is None else (self.source_column, self.target_column)

    def read_as(self, source: str) -> str:
        """The sentence that a network reads for `source`."""
        return f"{self.tag} {source}" if self.tag else source

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        pair = self.source is not None and self.target is not None
        if (self.path is not None) == pair or (self.source is None) != (self.target is None):
            raise ValueError("give either path (a TSV file) or both source and target")
        if (self.include_domains or self.exclude_domains) and self.domain_column is None:
            raise ValueError("include_domains and exclude_domains need domain_column")
        if self.path is None and (self.header is not None or self.quoting is not None):
            raise ValueError("header and quoting are for a path (a TSV file)")
        try:
            re.compile(self.remove)
        except re.error as error:
            raise ValueError(f"remove should be a regular expression: {error}") from error
        return self


class TextConfig(Settings):
    """Text in one language, a sentence a line: a file as a whole, or one column of a TSV file. Files as in CorpusConfig."""

    path: SettingPath
    column: int | None = Field(
        None, ge=1, le=MANY, description="of a TSV file, counted from 1; by default a line is a sentence"
    )
    header: bool | None = Field(None, description="as in CorpusConfig")
    quoting: bool | None = Field(None, description="as in CorpusConfig")
    domain_share: float = Field(
        1.0, gt=0.0, le=1.0, description="keep only this part of the lines, those most like `preparation.domain`"
    )

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if self.column is None and (self.header is not None or self.quoting is not None):
            raise ValueError("header and quoting need column (of a TSV file)")
        return self

    # A sentence is taken for a pair of itself, so that all that reads and cleans pairs does so with it.
    domain_column: ClassVar[None] = None
    include_domains: ClassVar[tuple[str, ...]] = ()
    exclude_domains: ClassVar[tuple[str, ...]] = ()
    remove: ClassVar[str] = ""
    share: ClassVar[float] = 1.0
    repeat: ClassVar[int] = 1
    known_words: ClassVar[int] = 0
    tag: ClassVar[None] = None
    origin: ClassVar[str] = ""

    @property
    def files(self) -> tuple[Path, ...]:
        return (self.path,)

    @property
    def columns(self) -> tuple[int, int] | None:
        return None if self.column is None else (self.column, self.column)

    def read_as(self, source: str) -> str:  # noqa: ARG002
        """Nothing: a language model reads no source."""
        return ""


def _check_domain(train: Sequence[CorpusConfig | TextConfig], domain: Sequence[CorpusConfig | TextConfig]) -> None:
    chosen = any(corpus.domain_share < 1.0 for corpus in train)
    if chosen and not domain:
        raise ValueError("domain_share needs domain, the text that the kept part should be like")
    if domain and not chosen:
        raise ValueError("domain is for training texts with a domain_share below 1, and none has one")


class CleaningConfig(Settings):
    """Filters for lines that are not worth training on."""

    max_characters: int = Field(500, ge=1, le=MANY, description="of either side; longer pairs are dropped")
    drop_duplicates: bool = True
    drop_wrong_script: bool = Field(True, description="sides whose letters are mostly not of their language's script")
    drop_wrong_language: bool = Field(
        False, description="sides that language identification is sure belong to another language"
    )


class PreparationConfig(CleaningConfig):
    """How raw text becomes training text, and the subword vocabulary learned from it."""

    train: tuple[CorpusConfig, ...] = Field(min_length=1)
    valid: tuple[CorpusConfig, ...] = Field(min_length=1)
    test: dict[TestName, tuple[CorpusConfig, ...]] = Field(
        default_factory=dict, description="by name, taken as they are; the finished model is scored on each"
    )
    max_length_ratio: float = Field(
        3.0, ge=1.0, description="characters of the longer side per character of the shorter ..."
    )
    max_length_difference: int = Field(20, ge=0, le=MANY, description="... where they differ by more characters than this")
    drop_identical: bool = Field(True, description="pairs whose target is the source")
    drop_disagreeing: bool = Field(
        False,
        description="pairs that differ in a number of two digits and more, a placeholder or an address",
    )
    min_translated_words: float = Field(
        0.0,
        ge=0.0,
        le=1.0,
        description="of each side, the least share of words that a word of the other side translates, by IBM Model 1 on a "
        "sample of the text (Munteanu and Marcu 2005); in `broad-de-en`, 0.4 finds 97 % of pairs that are no translations "
        "and costs 9 % of the others",
    )
    domain: tuple[CorpusConfig, ...] = Field(
        (), description="text of the domain that `domain_share` of a training text is for; it is not trained on itself"
    )
    vocabulary_of: SettingPath | None = Field(
        None, description="a model's directory, to have its vocabulary instead of one that is learned from this text"
    )
    vocabulary_size: int = Field(8000, ge=5, le=256_000, description="joint subword vocabulary of both languages")
    tokenizer: Literal["bpe", "unigram"] = "bpe"
    character_coverage: float = Field(1.0, gt=0.9, le=1.0)
    split_digits: bool = Field(
        True,
        description="spell numbers digit by digit, so that a model copies them instead of guessing (as in LLaMA, Touvron et "
        "al. 2023); in vocabularies of 2,000 pieces and more",
    )
    span_symbols: int = Field(
        8,
        ge=0,
        le=32,
        description="symbols that stand for placeholders, addresses and the like, so that a model learns to carry them; in "
        "vocabularies of 2,000 pieces and more",
    )

    @model_validator(mode="after")
    def _one_vocabulary(self) -> Self:
        keys = ("vocabulary_size", "tokenizer", "character_coverage", "split_digits", "span_symbols")
        learned = [key for key in keys if key in self.model_fields_set]
        if self.vocabulary_of is not None and learned:
            raise ValueError(f"{learned[0]} is for a vocabulary that is learned; vocabulary_of takes one as it is")
        _check_domain(self.train, self.domain)
        return self


class TextPreparationConfig(CleaningConfig):
    """How raw text becomes training text of a language model."""

    train: tuple[TextConfig, ...] = Field(min_length=1)
    valid: tuple[TextConfig, ...] = Field(min_length=1)
    test: dict[TestName, tuple[TextConfig, ...]] = Field(default_factory=dict, description="as in PreparationConfig")
    domain: tuple[TextConfig, ...] = Field((), description="as in PreparationConfig")
    running_text: bool = Field(
        False,
        description="the lines are one text, as of a book: each is kept, as it is and where it is, and the model reads on "
        "from line to line; by default a line is a sentence on its own",
    )
    vocabulary_of: SettingPath | None = Field(
        None,
        description="a model's directory, to have its vocabulary instead of one that is learned from this text; needed to "
        "help that model translate",
    )
    vocabulary_size: int = Field(8000, ge=5, le=256_000, description="of words, the most frequent; of characters, all")
    tokenizer: Literal["bpe", "unigram", "word", "character"] = Field(
        "bpe",
        description="word: what stands between spaces; in words and characters, any that are not in the text are unknown",
    )
    character_coverage: float = Field(1.0, gt=0.9, le=1.0, description="not of words")

    # Nothing compares the sides of a pair, which are the same sentence.
    max_length_ratio: ClassVar[float] = math.inf
    max_length_difference: ClassVar[int] = 0
    drop_identical: ClassVar[bool] = False
    drop_disagreeing: ClassVar[bool] = False
    min_translated_words: ClassVar[float] = 0.0
    split_digits: ClassVar[bool] = False
    span_symbols: ClassVar[int] = 0

    @model_validator(mode="after")
    def _settings_fit(self) -> Self:
        learned = [key for key in ("vocabulary_size", "tokenizer", "character_coverage") if key in self.model_fields_set]
        if self.vocabulary_of is not None and learned:
            raise ValueError(f"{learned[0]} is for a vocabulary that is learned; vocabulary_of takes one as it is")
        cleaning = [key for key in CleaningConfig.model_fields if key in self.model_fields_set]
        if self.running_text and cleaning:
            raise ValueError(f"{cleaning[0]} drops sentences; running_text keeps every line")
        if self.running_text and self.domain:
            raise ValueError("domain chooses sentences; running_text keeps every line")
        _check_domain(self.train, self.domain)
        return self


AnyPreparation = PreparationConfig | TextPreparationConfig


class VariationConfig(Settings):
    """Shares of training pairs that are changed, anew whenever they are trained on: see nmt.corpus.variation."""

    lower_case: Probability = Field(0.0, description="the source in lower case, without its end")
    without_end: Probability = Field(0.0, description="both sides without the mark at the end of the sentence")
    typing_error: Probability = Field(0.0, description="a mistyped word in the source")
    in_bytes: Probability = Field(0.0, description="part of a word that both sides have in bytes")
    joined: Probability = Field(0.0, description="with another pair behind it, as two sentences of one line")

    @property
    def changes_pairs(self) -> bool:
        """Whether single pairs are changed."""
        return any((self.lower_case, self.without_end, self.typing_error, self.in_bytes))

    @model_validator(mode="after")
    def _at_most_all(self) -> Self:
        if self.lower_case + self.without_end + self.typing_error + self.in_bytes > 1.0:
            raise ValueError("lower_case, without_end, typing_error and in_bytes together should be 1 at the most")
        return self


class TrainingConfig(Settings):
    """Optimisation. An update is one step of the optimiser."""

    seed: int = Field(1, ge=0)
    batch_tokens: int = Field(2048, ge=16, le=MANY, description="padded source plus target tokens of a batch, at the most")
    subword_sampling: float = Field(
        0.0,
        ge=0.0,
        le=1.0,
        description="segment each sentence anew whenever it is trained on; 0 does not. Of a BPE vocabulary the probability "
        "that a merge is left out (BPE-dropout, Provilkov et al. 2020; 0.1 there), of a unigram vocabulary the alpha of its "
        "segmentations (Kudo 2018; 0.2 there). batch_tokens counts tokens as they are without it",
    )
    variation: VariationConfig = VariationConfig()
    accumulate: int = Field(1, ge=1, le=MANY, description="batches whose gradients are added up for one update")
    max_updates: int = Field(10_000, ge=1, le=MANY)
    learning_rate: float = Field(1e-3, gt=0.0, description="the highest of the schedule")
    schedule: Literal["constant", "linear", "cosine", "inverse-sqrt", "plateau"] = Field(
        "constant",
        description="after the warm-up; linear and cosine reach zero at max_updates, constant leaves it to average_decay to "
        "take the noise out",
    )
    plateau_validations: int = Field(
        3, ge=1, le=MANY, description="of schedule plateau: after so many without a better one go back"
    )
    plateau_factor: float = Field(0.5, gt=0.0, lt=1.0, description="... to the best, at this part of the learning rate")
    warmup_updates: int = Field(200, ge=0, le=MANY)
    adam_betas: tuple[float, float] = (0.9, 0.98)
    weight_decay: float = Field(0.0, ge=0.0)
    label_smoothing: Probability = 0.1
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        "auto",
        description="of matrix products in training (Micikevicius et al. 2018); weights, loss and validation stay float32. "
        "auto: bfloat16 where the GPU (compute capability 8) or the CPU (AVX512-BF16) multiplies it, float32 elsewhere",
    )
    clip_norm: float = Field(1.0, gt=0.0, description="gradients are scaled down to this 2-norm")
    average_decay: Probability = Field(
        0.999, description="of the exponential moving average of weights that is validated and saved; 0 is none"
    )
    average_best: int = Field(
        1,
        ge=1,
        le=MANY,
        description="of so many best validations the mean weights are the model in the end, where they are better",
    )
    metrics: tuple[str, ...] = Field(
        ("bleu",),
        min_length=1,
        description="of each validation and test set of a translator, as `nmt evaluate --metric` has them",
    )
    best_by: Literal["score", "perplexity"] = Field(
        "score",
        description="which weights are best: score is the first of `metrics`, and of equal scores the better perplexity; a "
        "language model has perplexity alone",
    )
    validate_every: int = Field(500, ge=1, le=MANY, description="updates")
    validation_sentences: int = Field(1000, ge=1, le=MANY, description="the first so many of the validation text")
    patience: int = Field(10, ge=1, le=MANY, description="validations without a better one before training stops")
    checkpoint_every: int = Field(200, ge=1, le=MANY, description="updates between saved training states")
    storage: Literal["float32", "float16", "int8"] = Field("float32", description="of the weights in the model directory")


class LanguageModelTrainingConfig(TrainingConfig):
    """Optimisation of a language model: keys that it has besides those of TrainingConfig."""

    bptt: int = Field(
        70,
        ge=1,
        le=MANY,
        description="of running text: tokens that the gradient goes back through, at the most (truncated backpropagation "
        "through time, Williams and Peng 1990); a batch is batch_tokens / bptt places of the text side by side",
    )
    variable_bptt: bool = Field(
        False,
        description="draw each length near bptt, one in twenty near its half, and the learning rate in proportion (Merity "
        "et al. 2018, section 5)",
    )
    activation_regularisation: float = Field(
        0.0, ge=0.0, description="times the mean square of the vector that the output matrix reads (AR, Merity et al. 2017)"
    )
    temporal_activation_regularisation: float = Field(
        0.0,
        ge=0.0,
        description="times the mean square of that vector's change from token to token, before dropout (TAR, Merity et al. "
        "2017)",
    )


class _AnyRecipe(Settings):
    """Keys of every recipe, whatever its kind."""

    description: Prose
    licence: Prose = Field(description="of the text, and so of the model")
    sources: tuple[TextSource, ...] = Field(
        (), description="parts of the text by origin, each with its licence and its authors, for the card: see below"
    )
    limitations: Prose = Field("", description="what the model gets wrong, in Markdown, for its card")
    training: TrainingConfig = TrainingConfig()


class Recipe(_AnyRecipe):
    """The whole of a model: where its text comes from, its shape and its training."""

    kind: Literal["translation"] = "translation"
    recipe: Literal["auto"] | None = Field(
        None,
        description="auto: `nmt prepare` picks the vocabulary's size, the shape and the training by the size of the cleaned "
        "text (nmt/corpus/auto.py), but for those keys that are given",
    )
    source_language: LanguageCode
    target_language: LanguageCode
    preparation: PreparationConfig
    model: ModelConfig = ModelConfig()

    @property
    def languages(self) -> tuple[str, str]:
        """Of the two sides of a pair."""
        return self.source_language, self.target_language


class LanguageModelRecipe(_AnyRecipe):
    """The whole of a language model, which knows how probable a text is, and may help a translation model to write."""

    kind: Literal["language-model"]
    language: LanguageCode
    preparation: TextPreparationConfig
    model: LanguageModelConfig = LanguageModelConfig()
    training: LanguageModelTrainingConfig = LanguageModelTrainingConfig()

    recipe: ClassVar[None] = None  # nothing is left open to the size of the text

    @property
    def languages(self) -> tuple[str, str]:
        return self.language, self.language

    @model_validator(mode="after")
    def _perplexity_alone(self) -> Self:
        if "metrics" in self.training.model_fields_set:
            raise ValueError("training.metrics compare translations; a language model is judged by perplexity alone")
        return self

    @model_validator(mode="after")
    def _windows_of_running_text(self) -> Self:
        given, training = self.training.model_fields_set, self.training
        windows = [key for key in ("bptt", "variable_bptt") if key in given]
        if windows and not self.preparation.running_text:
            raise ValueError(f"training.{windows[0]} is for preparation.running_text; sentences are read as a whole")
        if self.preparation.running_text and (training.subword_sampling or training.variation != VariationConfig()):
            raise ValueError(
                "training.subword_sampling and training.variation change sentences; running_text stays as it is"
            )
        return self


AnyRecipe = Recipe | LanguageModelRecipe

RECIPES: dict[str, type[AnyRecipe]] = {"translation": Recipe, "language-model": LanguageModelRecipe}
"""The kinds of recipe, by the key `kind`; the first where there is no such key."""


def read_recipe(path: str | Path, overrides: Iterable[str] = ()) -> AnyRecipe:
    """Read `path`, apply `key=value` overrides (`training.max_updates=100`), and check every key and value.

    Raises ConfigurationError naming the file, the key and what would be right.
    """
    path = Path(path)
    tree = read_yaml(path)
    given: dict[str, str] = {}
    for override in overrides:
        key = override.partition("=")[0]
        if key in given:
            raise ConfigurationError(f"--set {override}: {key} is given twice, before by --set {given[key]}")
        given[key] = override
        apply_override(tree, override)
    return parse(RECIPES.get(str(tree.get("kind")), Recipe), tree, where=str(path))


def load_recipe(path: str | Path, overrides: Iterable[str] = ()) -> Recipe:
    """Read the recipe of a translation model, as `read_recipe` does. Raises ConfigurationError for one of another kind."""
    recipe = read_recipe(path, overrides)
    if not isinstance(recipe, Recipe):
        raise ConfigurationError(f"{path}: is the recipe of a language model; should be that of a translation model")
    return recipe
