"""In which sentence of a text each required phrase is put: where the model minds it least."""

from __future__ import annotations

import math
from collections.abc import Sequence

from nmt.config.search import SearchOptions
from nmt.translate.result import SentenceTranslation


def trials(options: SearchOptions, sizes: Sequence[int]) -> list[SearchOptions]:
    """What all sentences are to be translated with before `place` can tell: without any phrase, then with each alone.

    `sizes` are the numbers of sentences of the texts; where none has two, there is nothing to find out.
    """
    if not options.required or max(sizes, default=0) < 2:
        return []
    return [
        options.model_copy(update={"required": phrases, "n_best": 1})
        for phrases in ((), *((phrase,) for phrase in options.required))
    ]


def place(
    options: SearchOptions, sizes: Sequence[int], tried: Sequence[Sequence[SentenceTranslation]]
) -> list[tuple[str, ...]]:
    """The required phrases of each sentence: those of a text, each where it costs least log-probability.

    `tried` has the translations of all sentences for each of `trials(options, sizes)`.
    """
    if not tried:
        return [options.required] * sum(sizes)
    before, *after = ([_log_probability(sentence) for sentence in sentences] for sentences in tried)
    placed: list[tuple[str, ...]] = [()] * sum(sizes)
    for phrase, having in zip(options.required, after, strict=True):
        # A sentence without tokens is its own translation, and can have nothing.
        gains = [new - old if new > -math.inf else new for new, old in zip(having, before, strict=True)]
        end = 0
        for size in sizes:
            start, end = end, end + size
            if size:
                placed[max(range(start, end), key=gains.__getitem__)] += (phrase,)
    return placed


def _log_probability(sentence: SentenceTranslation) -> float:
    return sentence.hypotheses[0].log_probability if sentence.source_tokens else -math.inf
