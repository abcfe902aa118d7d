"""The cost of a search, known before it begins: one currency for limits, queues, batches and fair shares.

A unit is one token of one hypothesis of a plain beam search, some ten microseconds of a processor core. A search has its
hypotheses for as many steps as its length limit allows, whether it will need them or not: the limit is what a client can
make it do. The weights were measured on the int8 runtime; another runtime is slower in all of them alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from nmt.config.search import SearchOptions
from nmt.search.length import target_limits
from nmt.translate.ask import Ask, Sentence

SENTENCE = 20
"""Cost of a sentence however short it is: its tokens are read and its hypotheses written."""
WHOLE_VOCABULARY = 2
"""Weight of a hypothesis where tokens must come, so that no shortlist will do: 1.3 to 2.7 measured, by model and beam."""
FORBIDDEN = 3
"""Weight of a hypothesis where phrases are forbidden: each other spelling that is found is another search. Of five to twenty
of the most frequent words 2.1 to 3.6 was measured, in few cases 1.3, and 1.2 at most where none would have come."""
STEPWISE = 4
"""Weight of a hypothesis of diverse beam search, which the kernel does not run whole: 1.6 to 2.9 in batches of 16 to 64
sentences and 6 to 9 alone."""
WEIGHTS = 4
"""Weights of attention that are kept for the cost of one token: they take little time, but some forty bytes each."""
SORTED = 250
"""Tokens of the vocabulary that are put in order for sampling in the time of one step of a plain hypothesis."""


@dataclass(frozen=True, slots=True)
class SearchSize:
    """The size of the search for one sentence."""

    tokens: int
    """Of the source: the columns of its batch."""
    width: int
    """Hypotheses, each counted by its weight: the rows of its batch."""
    cost: int

    def __add__(self, other: SearchSize) -> SearchSize:
        """The size of a batch of two."""
        return SearchSize(max(self.tokens, other.tokens), self.width + other.width, self.cost + other.cost)

    @property
    def batch_tokens(self) -> int:
        """Padded source tokens times hypotheses, which bound a batch."""
        return self.tokens * self.width


def search_sizes(ask: Ask, encode: Callable[[str], Sequence[int]], *, vocabulary_size: int) -> list[SearchSize]:
    """The size of the search for each sentence of `ask`, with what a plan may still make of its translation.

    A sentence of S tokens costs its hypotheses times the most target tokens L that it may have. Attention that is kept, of
    the `n_best` hypotheses, is n · L · S weights.
    """
    options = ask.options
    tokens_of = cache(lambda phrase: len(encode(phrase)))
    sources = [len(encode(sentence.text)) for sentence in ask.sentences]
    phrases = [sum(map(tokens_of, (sentence.prefix, *sentence.required, *sentence.carried))) for sentence in ask.sentences]
    found = []
    for sentence, tokens, limit in zip(ask.sentences, sources, target_limits(sources, options, phrases), strict=True):
        width = options.hypotheses * _weight(sentence, options, vocabulary_size)
        kept = options.n_best * limit * tokens // WEIGHTS if ask.attention else 0
        # A sentence without tokens is its own translation.
        found.append(SearchSize(tokens, width, SENTENCE + (width * limit + kept if tokens else 0)))
    return found


def _weight(sentence: Sentence, options: SearchOptions, vocabulary_size: int) -> int:
    """How many plain hypotheses one of this search costs."""
    if options.sampling:
        return 1 + vocabulary_size // SORTED
    weight = 1  # of what else a search may have, such as n-grams that come only once, none takes over 1.3 times as long
    if sentence.prefix or sentence.required or sentence.carried:
        weight *= WHOLE_VOCABULARY
    if options.forbidden:
        weight *= FORBIDDEN
    if options.diversity_groups > 1:
        weight *= STEPWISE
    return weight
