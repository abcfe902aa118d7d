"""Rules of length: how few and how many tokens a candidate may have, and what its log-probability is divided by."""

from __future__ import annotations

import math
from collections.abc import Sequence

from nmt.config.search import SearchOptions


def length_penalty(length: int, alpha: float) -> float:
    """((5 + length) / 6) ** alpha, equation 14 of Wu et al. 2016; `length` counts END."""
    return float(((5 + length) / 6) ** alpha)


def normaliser(length: int, options: SearchOptions) -> float:
    """The divisor of a log-probability in a score; it never falls with `length`, which counts END."""
    return float(length) if options.length_normalisation == "average" else length_penalty(length, options.length_penalty)


def target_limits(
    source_lengths: Sequence[int], options: SearchOptions, least_lengths: Sequence[int] | None = None
) -> list[int]:
    """The most target tokens, END included, of each sentence. Its own source and constraints decide, never its batch."""
    return [
        max(math.ceil(options.max_length_ratio * length), least_length) + options.max_length_offset
        for length, least_length in zip(source_lengths, least_lengths or [0] * len(source_lengths), strict=True)
    ]


def target_minimums(source_lengths: Sequence[int], limits: Sequence[int], options: SearchOptions) -> list[int]:
    """The fewest target tokens, END not included, of each sentence; never more than its limit leaves room for.

    With forbidden phrases it is at least one: an empty target has none of them, and says nothing.
    """
    least = max(options.min_length, int(bool(options.forbidden)))
    return [
        min(max(least, math.ceil(options.min_length_ratio * length)), limit - 1)
        for length, limit in zip(source_lengths, limits, strict=True)
    ]
