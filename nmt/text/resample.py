"""Subword sampling: the same text in other pieces, at random from a seed.

SentencePiece samples as well, but since version 0.2.2 a seed gives other pieces in every process, so that no run of training
could be resumed to the same weights. No piece holds more than one word, so words are drawn one by one, and what can be
known of a word beforehand is worked out once.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from bisect import bisect
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import accumulate, pairwise
from random import Random

import sentencepiece

Draw = Callable[[Random], Sequence[int]]
"""The ids of a word, anew at each call."""

Symbols = tuple[int, ...]
Merge = tuple[float, int, int]
"""Of two neighbours: minus the score, the position, and what becomes of them."""

_KNOWN_WORDS = 2**16


class Resampler(ABC):
    """Segments sentences anew. What has no other segmentation stays: bytes, unknown characters, words of the user's."""

    def __init__(self, processor: sentencepiece.SentencePieceProcessor, *, strength: float) -> None:
        self._processor = processor
        self._strength = strength
        self._pieces: list[str] = [processor.IdToPiece(token) for token in range(processor.GetPieceSize())]
        self._ids = {piece: token for token, piece in enumerate(self._pieces) if self._spells(token)}
        self._starts = [piece.startswith("▁") for piece in self._pieces]
        self._draws = lru_cache(_KNOWN_WORDS)(self._of_word)

    def __call__(self, sentences: Sequence[Sequence[int]], *, seed: int) -> list[list[int]]:
        """The text of each sentence of ids, in other ids. The same arguments give the same ids."""
        random = Random(seed)
        drawn: list[list[int]] = []
        for ids in sentences:
            new: list[int] = []
            starts = [at for at, token in enumerate(ids) if self._starts[token] or at == 0]
            for start, end in pairwise([*starts, len(ids)]):
                word = tuple(ids[start:end])
                draw = self._draws(word)
                new.extend(word if draw is None else draw(random))
            drawn.append(new)
        return drawn

    def _of_word(self, word: Symbols) -> Draw | None:
        if not self._starts[word[0]] or not all(map(self._spells, word)):
            return None
        return self._draw("".join(self._pieces[token] for token in word))

    def _spells(self, token: int) -> bool:
        """Whether the characters of the piece are those that it stands for."""
        kinds = (self._processor.IsControl, self._processor.IsUnknown, self._processor.IsByte, self._processor.IsUnused)
        return not any(kind(token) for kind in kinds)

    @abstractmethod
    def _draw(self, word: str) -> Draw | None:
        """How to draw the pieces of `word`; None where there is one way only."""


class MergeDropout(Resampler):
    """BPE-dropout (Provilkov et al. 2020, algorithm 1): at each step every possible merge is left out with the probability
    `strength`, and the best of the others made, until none is left."""

    def __init__(self, processor: sentencepiece.SentencePieceProcessor, *, strength: float) -> None:
        super().__init__(processor, strength=strength)
        self._possible = lru_cache(_KNOWN_WORDS)(self._merges)

    def _draw(self, word: str) -> Draw | None:
        text = word.removeprefix("▁")
        # With every merge left out: characters, and the user's words whole.
        symbols = tuple(self._processor.EncodeAsIds(text, enable_sampling=True, alpha=1.0, nbest_size=-1))
        steps = [symbols]
        while possible := self._possible(symbols):
            symbols = self._merged(symbols, possible[0])
            steps.append(symbols)
        if len(steps) == 1:
            return None
        # How often the best merge is made before it is first left out is geometrically distributed.
        scale = 1.0 / math.log1p(-self._strength) if self._strength < 1.0 else 0.0

        def draw(random: Random) -> Sequence[int]:
            made = int(math.log(1.0 - random.random()) * scale)
            if made >= len(steps) - 1:
                return steps[-1]
            symbols = steps[made]
            possible = self._possible(symbols)[1:]
            while (merge := next((merge for merge in possible if random.random() >= self._strength), None)) is not None:
                symbols = self._merged(symbols, merge)
                possible = self._possible(symbols)
            return symbols

        return draw

    def _merges(self, symbols: Symbols) -> list[Merge]:
        """The possible merges of `symbols`, best first."""
        merges = []
        for at, (left, right) in enumerate(pairwise(symbols)):
            merged = self._ids.get(self._pieces[left] + self._pieces[right])
            if merged is not None:
                merges.append((-self._processor.GetScore(merged), at, merged))
        return sorted(merges)

    @staticmethod
    def _merged(symbols: Symbols, merge: Merge) -> Symbols:
        _, at, merged = merge
        return (*symbols[:at], merged, *symbols[at + 2 :])


class UnigramSampling(Resampler):
    """Segmentations in proportion to their probability to the power `strength` (Kudo 2018, section 3.2, l = ∞)."""

    def _draw(self, word: str) -> Draw | None:
        if len(self._processor.NBestEncodeAsIds(word.removeprefix("▁"), 2)) < 2:
            return None
        # Forward filtering: of each end of a piece, the weight of all ways to get there by each last piece.
        weights = [1.0]
        arrivals: list[tuple[list[tuple[int, int]], list[float]]] = [([], [])]
        for end in range(1, len(word) + 1):
            last = [(start, token) for start in range(end) if (token := self._ids.get(word[start:end])) is not None]
            ways = [weights[start] * math.exp(self._strength * self._processor.GetScore(token)) for start, token in last]
            arrivals.append((last, list(accumulate(ways))))
            weights.append(sum(ways))

        def draw(random: Random) -> Sequence[int]:
            end, tokens = len(word), []
            while end:
                last, ways = arrivals[end]
                end, token = last[min(bisect(ways, random.random() * ways[-1]), len(last) - 1)]
                tokens.append(token)
            return tokens[::-1]

        return draw


def resampler(processor: sentencepiece.SentencePieceProcessor, *, strength: float) -> Resampler:
    """What fits the vocabulary. That of BPE scores its pieces 0, -1, -2 and so on; the other by logarithms."""
    scores = (processor.GetScore(token) for token in range(processor.GetPieceSize()))
    kind = MergeDropout if all(score.is_integer() for score in scores) else UnigramSampling
    return kind(processor, strength=strength)
