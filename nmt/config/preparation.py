"""Text to learn from, and how it is cleaned and cut into subwords: the keys of `preparation` in a recipe."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from nmt.config.numbers import MANY
from nmt.config.yaml import SettingPath, Settings

TestName = Annotated[str, Field(pattern=r"^[\w.-]+$")]


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
        of_tables = ("source_column", "target_column", "domain_column", "header", "quoting")
        useless = [key for key in of_tables if getattr(self, key) != type(self).model_fields[key].default]
        if self.path is None and useless:
            raise ValueError(f"{useless[0]} is for a path (a TSV file)")
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


def _check_domain(config: PreparationConfig | TextPreparationConfig) -> None:
    train, domain = config.train, config.domain
    others = (*config.valid, *domain, *(corpus for test in config.test.values() for corpus in test))
    if any(corpus.domain_share < 1.0 for corpus in others):
        raise ValueError("domain_share is for texts of train; leave it out elsewhere")
    chosen = any(corpus.domain_share < 1.0 for corpus in train)
    if chosen and not domain:
        raise ValueError("domain_share needs domain, the text that the kept part should be like")
    if domain and not chosen:
        raise ValueError("domain is for training texts with a domain_share below 1, and none has one")


class CleaningConfig(Settings):
    """Filters for lines that are not worth training on."""

    max_characters: int = Field(500, ge=1, le=MANY, description="of either side; longer pairs are dropped")
    drop_duplicates: bool = True
    drop_held_out: Literal["pairs", "sides", "none"] = Field(
        "pairs",
        description="pairs that are also in `valid` or `test`, to the letter. pairs: both sides, in one pair there; "
        "sides: the source or the target alone, too; none: they stay",
    )
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
        _check_domain(self)
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
        _check_domain(self)
        return self


AnyPreparation = PreparationConfig | TextPreparationConfig
