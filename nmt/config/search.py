"""The options of a search. The same defaults in training, on the command line and over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import FailFast, Field, Strict, model_validator

from nmt.config.yaml import Settings, parse
from nmt.errors import ConfigurationError

MAX_BEAM_SIZE = 64
BATCH_TOKENS = 4096
"""Padded source tokens that are translated at once, where nothing else is said."""

LANGUAGE_MODEL_WEIGHT = 0.2
"""Of a language model in shallow fusion, where nothing else is said."""

# From JSON come lists, where all else is strict.
Phrases = Annotated[tuple[Annotated[str, Field(max_length=200)], ...], Strict(False), FailFast()]


LengthPenalty = Annotated[
    float,
    Field(
        ge=0.0,
        le=10.0,
        description="alpha of ((5 + length) / 6) ** alpha, by which a score is divided (Wu et al. 2016)",
    ),
]
CoveragePenalty = Annotated[
    float,
    Field(
        ge=0.0,
        le=10.0,
        description="beta: how much a finished hypothesis loses for source tokens it did not attend to (Wu et al. 2016); "
        "about 0.03 with the default length penalty, by which it is not divided; 0.2 goes with --length-penalty 0.2",
    ),
]


class ModelSearch(Settings):
    """Options of a search that a model brings with it, since what suits it is found on its own validation text."""

    length_penalty: LengthPenalty = 1.0
    coverage_penalty: CoveragePenalty = 0.0


class SearchOptions(Settings):
    """How the best target sequence is looked for. The same defaults in training, on the command line and over HTTP, but for
    those that a model brings with it (ModelSearch).

    Examples:
        >>> SearchOptions(beam_size=8, n_best=3).hypotheses
        8
    """

    beam_size: int = Field(5, ge=1, le=MAX_BEAM_SIZE, description="hypotheses kept at each step; 1 is greedy search")
    n_best: int = Field(
        1, ge=1, le=MAX_BEAM_SIZE, description="hypotheses returned per sentence, no text twice; at most beam_size"
    )
    length_penalty: LengthPenalty = 1.0
    length_normalisation: Literal["wu", "average"] = Field(
        "wu", description="average: a score is divided by the length alone, and length_penalty is not used"
    )
    coverage_penalty: CoveragePenalty = 0.0
    max_length_ratio: float = Field(2.0, gt=0.0, le=10.0, description="target tokens per source token at the most, ...")
    max_length_offset: int = Field(10, ge=1, le=1000, description="... plus this many")
    min_length: int = Field(0, ge=0, le=1000, description="target tokens at the least, as far as the maximum allows")
    min_length_ratio: float = Field(0.0, ge=0.0, le=10.0, description="target tokens per source token at the least")
    no_repeat_ngram: int = Field(0, ge=0, le=32, description="no n-gram of this many tokens comes twice; 0 allows all")
    max_repeats: int = Field(
        0, ge=0, le=100, description="a phrase of up to 8 tokens comes at most so often in a row; 0 sets no limit"
    )
    diversity_groups: int = Field(
        1, ge=1, le=MAX_BEAM_SIZE, description="parts of the beam that avoid each other's tokens; must divide beam_size"
    )
    diversity_strength: float = Field(
        0.5, ge=0.0, le=100.0, description="taken from a token's score for each time another group has just chosen it"
    )
    forbidden: Phrases = Field(
        (), max_length=100, description="phrases that no translation has at the beginning of a word, case counting"
    )
    required: Phrases = Field(
        (), max_length=20, description="phrases that every translation has, at the beginning of a word, case counting"
    )
    sampling: bool = Field(
        False, description="draw n_best translations at random, each on its own, instead of searching; they may be alike"
    )
    temperature: float = Field(1.0, gt=0.0, le=100.0, description="of sampling: below 1 keeps to what is probable")
    top_k: int = Field(0, ge=0, lt=2**31, description="sample from so many of the most probable tokens; 0 takes all")
    top_p: float = Field(
        1.0, gt=0.0, le=1.0, description="sample from the fewest most probable tokens that have this probability in all"
    )
    seed: int = Field(
        0,
        ge=0,
        lt=2**63,
        description="of sampling; on runtime int8, a sentence's samples depend on it and the sentence alone, on processors "
        "of one kind; other runtimes round otherwise in other batches or threads, which now and then draws another token",
    )

    @model_validator(mode="after")
    def _options_fit(self) -> Self:
        chosen = [name for name in ("temperature", "top_k", "top_p", "seed") if self._is_changed(name)]
        if chosen and not self.sampling:
            raise ValueError(f"{chosen[0]} is for sampling only; ask for sampling too")
        if self.n_best > self.beam_size and not self.sampling:
            raise ValueError(f"n_best {self.n_best} is more than beam_size {self.beam_size}; ask for at most beam_size")
        if self.beam_size % self.diversity_groups:
            raise ValueError(f"diversity_groups {self.diversity_groups} must divide beam_size {self.beam_size}")
        if self.diversity_groups > 1 and self.sampling:
            raise ValueError("diversity_groups is for beam search; samples differ without it")
        if self.required and (self.sampling or self.diversity_groups > 1):
            other = "sampling" if self.sampling else "diversity_groups"
            raise ValueError(f"required phrases are for plain beam search; leave out {other}")
        if self.min_length_ratio > self.max_length_ratio:
            raise ValueError(
                f"min_length_ratio {self.min_length_ratio:g} is more than max_length_ratio {self.max_length_ratio:g}"
            )
        return self

    @classmethod
    def of(cls, options: GivenOptions, changes: Mapping[str, Any], *, where: str) -> SearchOptions:
        """`options`, or a mapping of some, or the defaults for None; with `changes`.

        Raises ConfigurationError, which says `where`, for a value that will not do and for a name that is none.
        """
        if isinstance(options, SearchOptions) and not changes:
            return options
        given = options.model_dump(exclude_unset=True) if isinstance(options, SearchOptions) else options or {}
        if not isinstance(given, Mapping):
            raise ConfigurationError(f"{where} should be SearchOptions or a dict of them, not {type(given).__name__}")
        return parse(cls, {**given, **changes}, where=where)

    def for_model(self, own: ModelSearch) -> SearchOptions:
        """These options, with a model's `own` in place of those that nobody has given."""
        left = {name: getattr(own, name) for name in type(own).model_fields if name not in self.model_fields_set}
        return self.model_copy(update=left)

    @property
    def hypotheses(self) -> int:
        """How many of a sentence are worked on at once."""
        return self.n_best if self.sampling else self.beam_size

    def _is_changed(self, name: str) -> bool:
        return bool(getattr(self, name) != type(self).model_fields[name].default)


GivenOptions = SearchOptions | Mapping[str, Any] | None
"""Options of a search as callers give them: a mapping has some by their names, and the others have their defaults."""
