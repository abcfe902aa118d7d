"""What search hands back, and the rules that greedy search and beam search share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from nmt.config.search import SearchOptions
from nmt.config.vocabulary import BEGIN_ID, END_ID, PADDING_ID, UNKNOWN_ID
from nmt.search.trace import Trace

NEVER_PRODUCED = (PADDING_ID, UNKNOWN_ID, BEGIN_ID)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One target sequence for one source sentence."""

    tokens: list[int]
    """Without END."""
    score: float
    """`log_probability` divided by `normaliser` of the number of tokens, END included, less the coverage penalty."""
    log_probability: float
    """Natural logarithm of the probability of `tokens` and END: the sum of what the scorer said of each."""
    attention: Tensor | None
    """(T, S) float32 on the CPU: a row per token of `tokens`, a column per source token; None if not asked for."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A finished hypothesis, on the host, before its tokens are read."""

    score: float
    log_probability: float
    cell: int  # in the trace, before END


def length_penalty(length: int, alpha: float) -> float:
    """((5 + length) / 6) ** alpha, equation 14 of Wu et al. 2016; `length` counts END."""
    return float(((5 + length) / 6) ** alpha)


def normaliser(length: int, options: SearchOptions) -> float:
    """What the log-probability of a hypothesis is divided by; it never falls with `length`, which counts END."""
    return float(length) if options.length_normalisation == "average" else length_penalty(length, options.length_penalty)


def target_limits(
    source_lengths: Sequence[int], options: SearchOptions, least_lengths: Sequence[int] | None = None
) -> list[int]:
    """The most target tokens, END included, of each sentence. Its own source and constraints decide, never its batch."""
    return [
        max(math.ceil(options.max_length_ratio * length), least_length) + options.max_length_offset
        for length, least_length in zip(source_lengths, least_lengths or [0] * len(source_lengths), strict=True)
    ]


def forbid_(scores: Tensor, forced: Tensor | None) -> Tensor:
    """Set to minus infinity, in place, what must not come next: scores (B, K, V), forced (B,) bool or None.

    Padding, unknown and BEGIN never come; where `forced`, only END may.
    """
    scores[..., : len(NEVER_PRODUCED)].fill_(-math.inf)
    if forced is not None:
        end = scores[..., END_ID].clone()  # (B, K)
        scores.masked_fill_(forced[:, None, None], -math.inf)
        scores[..., END_ID] = end
    return scores


def read_candidates(ended: list[list[Ended]], trace: Trace, source_lengths: list[int]) -> list[list[Candidate]]:
    """The candidates of each sentence, in the order of `ended`."""
    paths = iter(trace.read([end.cell for ends in ended for end in ends]))
    results = []
    for ends, length in zip(ended, source_lengths, strict=True):
        candidates = []
        for end in ends:
            tokens, attended = next(paths)
            rows = None if attended is None else attended[:, :length]
            candidates.append(Candidate(tokens, end.score, end.log_probability, rows))
        results.append(candidates)
    return results
