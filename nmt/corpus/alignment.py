"""Translation probabilities of tokens from parallel text, by IBM Model 1 (Brown et al. 1993), and a shortlist from them."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from nmt.config.vocabulary import PADDING_ID
from nmt.errors import CorpusError
from nmt.model.shortlist import Shortlist

ITERATIONS = 3
"""More of them sharpen the table, and lists of the same size then hold fewer of the tokens that translations need."""
COMMON, TRANSLATIONS, MOST_TRANSLATIONS, EVIDENCE = 500, 20, 400, 0.5
"""Tokens of every list; translations of each source token; those at the most, of one that has more with an expected count of
EVIDENCE. See docs/speed-studies.md for lists by others."""
MAX_LENGTH = 200
"""Tokens of a sentence; a pair with a longer one is left out, for it says little of any token."""
MAX_CELLS = 100_000_000
"""Pairs of tokens that meet in a sentence pair. Of a text that has more, evenly spread sentences are taken."""
CHUNK_CELLS = 1 << 22

_NULL = PADDING_ID  # the empty word before every source sentence; no text has this id

Integers = npt.NDArray[np.integer[Any]]
Floats = npt.NDArray[np.float64]


class Sentences(Protocol):
    """Token ids of all sentences end to end, as TokenisedText has them."""

    @property
    def tokens(self) -> Integers: ...

    @property
    def offsets(self) -> npt.NDArray[np.int64]:
        """(sentences + 1,): where each begins."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """Sentences in memory."""

    tokens: Integers
    offsets: npt.NDArray[np.int64]


def in_memory(pairs: Iterable[tuple[Sequence[int], Sequence[int]]]) -> tuple[Text, Text]:
    """The source and the target sentences of `pairs`, at a few bytes for each token."""
    sides = tuple((array("i"), array("q", [0])) for _ in range(2))
    for pair in pairs:
        for (tokens, offsets), sentence in zip(sides, pair, strict=True):
            tokens.extend(sentence)
            offsets.append(len(tokens))
    source, target = (Text(np.array(tokens, np.int32), np.array(offsets, np.int64)) for tokens, offsets in sides)
    return source, target


@dataclass(frozen=True, slots=True, eq=False)
class TranslationTable:
    """t(target | source) of the tokens that ever meet, by source and then by target token; source PADDING_ID is NULL."""

    source: Integers
    target: Integers
    probability: Floats
    expected: Floats
    """How often the text has each as a translation, by the last estimate."""


def translation_table(
    source: Sentences, target: Sentences, *, vocabulary_size: int, iterations: int = ITERATIONS
) -> TranslationTable:
    """Model 1 by expectation maximisation from uniform probabilities (Brown et al. 1993, section 4.1 and appendix B.1).

    Every target token is the translation of one source token of its sentence, or of NULL, each equally probable a priori.
    Raises CorpusError where no pair has tokens on both sides.
    """
    places, keys = _index(_Cells(source, target, vocabulary_size))
    if not len(keys):
        raise CorpusError(f"no pair of sentences has 1 to {MAX_LENGTH} tokens on both sides")
    word = keys // vocabulary_size
    probability = np.ones(len(keys))  # any constant: the first iteration divides by the sum
    for _ in range(iterations):
        counts = np.zeros(len(keys))
        for place, first in places:
            share = probability[place]
            share /= np.repeat(np.add.reduceat(share, first), np.diff(first, append=len(share)))
            counts += np.bincount(place, share, minlength=len(keys))
        probability = counts / np.bincount(word, counts)[word]
    return TranslationTable(word, keys % vocabulary_size, probability, counts)


Chunk = tuple[Integers, npt.NDArray[np.int64]]
"""Some million cells in order of target tokens: the number of each, and where the cells of each target token begin."""


def _index(text: Iterable[Chunk]) -> tuple[list[Chunk], Integers]:
    """The distinct numbers of all chunks, ascending, and the chunks with each number replaced by its place among them.

    By sorting alone: NumPy's `union1d` hashes (from 2.3 on), and looking each number up misses the cache at every step.
    """
    chunks: list[Chunk] = []
    sets: list[Integers] = []
    for cells, first in text:
        different, inverse = np.unique(cells, return_inverse=True)
        sets.append(different)
        chunks.append((inverse.astype(np.int32), first))
    keys: Integers = np.sort(np.concatenate([*sets, np.empty(0, np.uint32)]))
    new = np.ones(len(keys), bool)
    new[1:] = keys[1:] != keys[:-1]
    keys = keys[new]
    for index, ((place, first), different) in enumerate(zip(chunks, sets, strict=True)):
        chunks[index] = np.searchsorted(keys, different).astype(np.int32)[place], first
    return chunks, keys


class _Cells:
    """An iterable over the cells, the pairs of tokens that meet: the number of each is source · V + target."""

    def __init__(self, source: Sentences, target: Sentences, vocabulary_size: int) -> None:
        self._source, self._target, self._vocabulary_size = source, target, vocabulary_size
        self._type = np.dtype(np.uint32 if vocabulary_size**2 <= 1 << 32 else np.int64)  # half as much to sort
        source_lengths, target_lengths = np.diff(source.offsets), np.diff(target.offsets)
        longest = np.maximum(source_lengths, target_lengths)
        members = np.flatnonzero((source_lengths > 0) & (target_lengths > 0) & (longest <= MAX_LENGTH))
        cells = np.cumsum((source_lengths[members] + 1) * target_lengths[members])
        step = -(-int(cells[-1]) // MAX_CELLS) if len(cells) else 1
        members, cells = members[::step], cells[::step] // step
        self._chunks = np.split(members, np.flatnonzero(np.diff(cells // CHUNK_CELLS)) + 1) if len(members) else []

    def __iter__(self) -> Iterator[Chunk]:
        return map(self._cells, self._chunks)

    def _cells(self, members: npt.NDArray[np.int64]) -> Chunk:
        begin, lengths = self._source.offsets[members], np.diff(self._source.offsets)[members]
        target_lengths = np.diff(self._target.offsets)[members]
        targets = self._target.tokens[_ranges(self._target.offsets[members], target_lengths)].astype(self._type)
        widths = np.repeat(lengths + 1, target_lengths)  # of each target token: the source and NULL before it
        first = np.cumsum(widths) - widths
        sources = self._source.tokens[_ranges(np.repeat(begin - 1, target_lengths), widths)].astype(self._type)
        sources[first] = _NULL
        return sources * self._vocabulary_size + np.repeat(targets, widths), first


def _ranges(begin: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """lengths[0] numbers from begin[0] on, then lengths[1] numbers from begin[1] on, and so forth."""
    ends = np.cumsum(lengths)
    return np.arange(ends[-1]) + np.repeat(begin - ends + lengths, lengths)


def learn_shortlist(
    source: Sentences,
    target: Sentences,
    *,
    vocabulary_size: int,
    common: int = COMMON,
    translations: int = TRANSLATIONS,
    most_translations: int = MOST_TRANSLATIONS,
) -> Shortlist:
    """The `common` most frequent target tokens, and of each source token the `translations` most probable others.

    Up to `most_translations` are listed of a source token that the text has often enough to show that they are translations,
    with an expected count of EVIDENCE each. Raises CorpusError as `translation_table`.
    """
    frequency = np.bincount(target.tokens, minlength=vocabulary_size)
    everywhere = np.argsort(-frequency, kind="stable")[:common]
    table = translation_table(source, target, vocabulary_size=vocabulary_size)
    order = np.lexsort((-table.probability, table.source))
    order = order[~np.isin(table.target[order], everywhere)]  # their places are better given to others
    word = table.source[order]
    rank = np.arange(len(word)) - np.searchsorted(word, word)
    best = (rank < translations) | ((rank < most_translations) & (table.expected[order] >= EVIDENCE))
    chosen = np.full((vocabulary_size, int(rank[best].max(initial=0)) + 1), PADDING_ID)
    chosen[word[best], rank[best]] = table.target[order][best]
    return Shortlist.build(common=everywhere, translations=chosen)
