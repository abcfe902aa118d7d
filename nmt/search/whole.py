"""Whole search: greedy or beam search, with its constraints, that a runtime may run in one go.

It goes from source tokens to candidates. Sampling and diverse beam search go step by step (`nmt.search.loop`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, chain

from nmt.config.search import SearchOptions
from nmt.search.candidate import Candidate
from nmt.search.constraints import Constraints
from nmt.search.dropped import Dropped
from nmt.search.forced_decoding import ForcedDecoding
from nmt.search.length import normaliser, target_limits, target_minimums
from nmt.search.scorer import Scorer

_TABLE_STEP = 64  # so that searches with limits of many values share tables


@dataclass(frozen=True, slots=True)
class Phrases:
    """Sequences of tokens, any number for each of B sentences, in flat arrays of int64."""

    first: array[int]
    """(B + 1,) The number of each sentence's first phrase; then the number of all."""
    starts: array[int]
    """(P + 1,) The place of each phrase's first token; then the number of all tokens."""
    tokens: array[int]

    @classmethod
    def of(cls, sentences: Sequence[Sequence[Sequence[int]]]) -> Phrases | None:
        """The phrases of each sentence; None where no sentence has one."""
        phrases = list(chain.from_iterable(sentences))
        if not phrases:
            return None
        return cls(
            first=array("q", accumulate(map(len, sentences), initial=0)),
            starts=array("q", accumulate(map(len, phrases), initial=0)),
            tokens=array("q", chain.from_iterable(phrases)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeSearch:
    """A search of B sentences: greedy or beam search, and what may not follow what."""

    greedy: bool
    """Greedy search, which has one hypothesis and stops at the first END, in place of beam search."""
    beam_size: int
    """Hypotheses of each sentence."""
    n_best: int
    limits: Sequence[int]
    """The most tokens of each sentence, END included."""
    divisors: array[float]
    """`normaliser` of each number of tokens from 0 up to the largest limit and beyond, in double precision."""
    coverage_penalty: float
    """Factor of what a finished hypothesis loses for source tokens that it did not attend to."""
    attention: bool
    """Whether candidates have their attention."""
    minimums: Sequence[int] | None
    """The fewest tokens of each sentence, END not included; None where all may be empty."""
    no_repeat_ngram: int
    """Tokens of the n-grams that come only once; 0 allows all."""
    max_repeats: int
    """How often a phrase may come in a row; 0 sets no limit."""
    prefix: Phrases | None
    """The beginning of a sentence's candidates, where it has one; it needs scores of every token."""
    forbidden: Phrases | None
    required: Phrases | None
    """Phrases that a sentence's hypotheses must have (`nmt.search.required`). For beam search over all tokens."""

    @classmethod
    def of(
        cls,
        options: SearchOptions,
        source_lengths: Sequence[int],
        constraints: Sequence[Constraints],
        *,
        greedy: bool,
        attention: bool,
    ) -> WholeSearch | None:
        """The search that options and constraints, one for each sentence, ask for; None where it goes step by step only."""
        if options.sampling or options.diversity_groups > 1:
            return None
        limits = target_limits(source_lengths, options, [one.least_length for one in constraints])
        minimums = target_minimums(source_lengths, limits, options)
        longest = -(-(max(limits) + 1) // _TABLE_STEP) * _TABLE_STEP
        return cls(
            greedy=greedy,
            beam_size=options.beam_size,
            n_best=options.n_best,
            limits=limits,
            divisors=_divisors(options, longest),
            coverage_penalty=options.coverage_penalty,
            attention=attention,
            minimums=minimums if any(minimums) else None,
            no_repeat_ngram=options.no_repeat_ngram,
            max_repeats=options.max_repeats,
            prefix=Phrases.of([[one.prefix] if one.prefix else [] for one in constraints]),
            forbidden=Phrases.of([one.forbidden for one in constraints]),
            required=Phrases.of([one.needed for one in constraints]),
        )


class Searching(ABC):
    """A model on a runtime that can run a whole search, and forced decoding, itself. It needs no PyTorch for that."""

    @abstractmethod
    def search(self, sources: Sequence[Sequence[int]], asked: WholeSearch, dropped: Dropped | None) -> list[list[Candidate]]:
        """The candidates that `nmt.search.loop` finds with `stepwise` for each source, which has at least one token."""

    @abstractmethod
    def forced_log_probabilities(
        self, sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]
    ) -> list[tuple[float, ...]]:
        """The log-probabilities of each target's tokens, as `forced_decodings` has them. Takes less time."""

    @abstractmethod
    def forced_decodings(self, sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]) -> list[ForcedDecoding]:
        """As `nmt.search.forced.forced_decodings`."""

    @property
    @abstractmethod
    def stepwise(self) -> Scorer:
        """The scorer of the same numbers, for all other searches."""


@lru_cache(maxsize=32)
def _divisors(options: SearchOptions, count: int) -> array[float]:
    return array("d", [normaliser(length, options) for length in range(count)])
