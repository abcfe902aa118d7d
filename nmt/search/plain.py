"""Plain search: greedy or beam search that nothing changes but sizes, limits and the divisor of scores.

A runtime may run it whole, from source tokens to candidates. All other searches go step by step (`nmt.search.loop`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from nmt.config.search import SearchOptions
from nmt.search.candidate import Candidate
from nmt.search.constraints import UNCONSTRAINED, Constraints
from nmt.search.dropped import Dropped
from nmt.search.length import normaliser, target_limits, target_minimums
from nmt.search.scorer import Scorer

_TABLE_STEP = 64  # so that searches with limits of many values share tables


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainSearch:
    """A plain search of B sentences."""

    beam_size: int
    """Hypotheses of each sentence; 1 is greedy search, which stops at the first END."""
    n_best: int
    limits: Sequence[int]
    """The most tokens of each sentence, END included."""
    divisors: array[float]
    """`normaliser` of each number of tokens from 0 up to the largest limit and beyond, in double precision."""
    attention: bool
    """Whether candidates have their attention."""

    @classmethod
    def of(
        cls,
        options: SearchOptions,
        source_lengths: Sequence[int],
        constraints: Sequence[Constraints],
        *,
        attention: bool,
    ) -> PlainSearch | None:
        """The search that options and constraints, one for each sentence, ask for; None where it is not a plain one."""
        if options.sampling or options.diversity_groups > 1:
            return None
        limits = target_limits(source_lengths, options)
        if needs_history(options, constraints, source_lengths, limits):
            return None
        longest = -(-(max(limits) + 1) // _TABLE_STEP) * _TABLE_STEP
        return cls(
            beam_size=options.beam_size,
            n_best=options.n_best,
            limits=limits,
            divisors=_divisors(options, longest),
            attention=attention,
        )


class Searching(ABC):
    """A model on a runtime that can run a plain search itself. It needs no PyTorch for that."""

    @abstractmethod
    def search(self, sources: Sequence[Sequence[int]], asked: PlainSearch, dropped: Dropped | None) -> list[list[Candidate]]:
        """The candidates that `nmt.search.loop` finds with `stepwise` for each source, which has at least one token."""

    @property
    @abstractmethod
    def stepwise(self) -> Scorer:
        """The scorer of the same numbers, for all other searches."""


@lru_cache(maxsize=32)
def _divisors(options: SearchOptions, count: int) -> array[float]:
    return array("d", [normaliser(length, options) for length in range(count)])


def needs_history(
    options: SearchOptions, constraints: Sequence[Constraints], lengths: Sequence[int], limits: Sequence[int]
) -> bool:
    """Whether a search of sentences of these lengths and limits asks for more than the last token tells."""
    bans = options.no_repeat_ngram or options.max_repeats or any(target_minimums(lengths, limits, options))
    return bool(bans or options.coverage_penalty or any(one != UNCONSTRAINED for one in constraints))
