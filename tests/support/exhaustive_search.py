"""Search by enumerating every target, and the definitions of the score and of each option."""

from __future__ import annotations

import itertools
import math
from typing import Any

from nmt.config.search import SearchOptions
from nmt.config.vocabulary import BEGIN_ID
from nmt.search.history import LONGEST_LOOP
from nmt.search.length import target_limits
from support.table_scorer import WORDS, TableScorer, log_probability

Tokens = tuple[int, ...]
SHORT: dict[str, Any] = {"max_length_ratio": 0.5, "max_length_offset": 3}
# Two words and at most five tokens: no step has more than 16 · 3 continuations, so a beam of 48 prunes nothing.
WIDE: dict[str, Any] = SHORT | {"beam_size": 48}
SOURCES = [[4, 5, 4], [5], [4, 4, 4, 4]]


def score(scorer: TableScorer, source: list[int], tokens: Tokens, options: SearchOptions) -> float:
    """Equation 14 of Wu et al. 2016, or the average, from the definition."""
    length = len(tokens) + 1
    divisor = length if options.length_normalisation == "average" else ((5 + length) / 6) ** options.length_penalty
    attended = [0.0] * len(source)
    for position in range(len(tokens)):
        weights = scorer.attention(tuple(source), (BEGIN_ID, *tokens[:position])).tolist()
        attended = [before + weight for before, weight in zip(attended, weights, strict=True)]
    coverage = sum(math.log(min(max(weight, 1e-6), 1.0)) for weight in attended)
    return log_probability(scorer, source, tokens) / divisor + options.coverage_penalty * coverage


def repeats_ngram(tokens: Tokens, size: int) -> bool:
    ngrams = [tokens[start : start + size] for start in range(len(tokens) - size + 1)]
    return len(set(ngrams)) < len(ngrams)


def loops(tokens: Tokens, most: int) -> bool:
    """Whether some phrase of up to LONGEST_LOOP tokens comes more than `most` times in a row."""
    for period in range(1, LONGEST_LOOP + 1):
        for start in range(len(tokens) - period * (most + 1) + 1):
            if tokens[start : start + period] * (most + 1) == tokens[start : start + period * (most + 1)]:
                return True
    return False


def allowed(tokens: Tokens, source: list[int], options: SearchOptions) -> bool:
    (limit,) = target_limits([len(source)], options)
    fewest = min(max(options.min_length, math.ceil(options.min_length_ratio * len(source))), limit - 1)
    return not (
        len(tokens) < fewest
        or (options.no_repeat_ngram and repeats_ngram(tokens, options.no_repeat_ngram))
        or (options.max_repeats and loops(tokens, options.max_repeats))
    )


def truth(scorer: TableScorer, source: list[int], options: SearchOptions) -> list[tuple[float, Tokens]]:
    (limit,) = target_limits([len(source)], options)
    every = (tokens for length in range(limit) for tokens in itertools.product(WORDS, repeat=length))
    scored = [(score(scorer, source, tokens, options), tokens) for tokens in every if allowed(tokens, source, options)]
    return sorted(scored, reverse=True)


def contains(tokens: Tokens, phrase: Tokens) -> bool:
    return any(tokens[start : start + len(phrase)] == phrase for start in range(len(tokens)))


def enumerate_all(
    scorer: TableScorer, source: list[int], options: SearchOptions, words: tuple[int, ...] = WORDS
) -> list[tuple[float, tuple[int, ...]]]:
    """(score, tokens) of every target within the limit, best first."""
    (limit,) = target_limits([len(source)], options)
    found = []
    for length in range(limit):
        for tokens in itertools.product(words, repeat=length):
            penalty = ((5 + length + 1) / 6) ** options.length_penalty
            found.append((log_probability(scorer, source, tokens) / penalty, tokens))
    return sorted(found, reverse=True)
