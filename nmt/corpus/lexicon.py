"""Words that translate each other, by which pairs that are no translations are found (Munteanu and Marcu 2005)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from nmt.config.vocabulary import PADDING_ID
from nmt.corpus.alignment import TranslationTable, in_memory, translation_table
from nmt.corpus.parallel import SentencePair
from nmt.corpus.words import reservoir, words

MAX_PAIRS = 200_000
"""That the translation probabilities are learned from."""
MAX_WORDS = (1 << 15) - 1
"""Of each language, the most frequent; with PADDING_ID they number 2^15, so that two words are a key of 32 bits."""
LEAST_COUNT = 5
"""Of a word in the sample: one that is met less often seems to translate all that it is met with."""
LEAST_PROBABILITY = 0.05
"""With which a word translates another."""
LEAST_WORDS = 3
"""That are known on a side; a side of fewer says nothing."""

Translations = Mapping[str, frozenset[str]]
"""The words of the other language that translate each word."""


class Lexicon:
    """Translations of words, by IBM Model 1 in both directions, from a sample of parallel text."""

    def __init__(self, pairs: Iterable[SentencePair]) -> None:
        """Raises CorpusError where no pair has words on both sides that are met often enough."""
        sample = reservoir(pairs, MAX_PAIRS)
        sides = [_numbered(words(pair[side]) for pair in sample) for side in (0, 1)]
        source, target = in_memory((_encoded(pair.source, sides[0]), _encoded(pair.target, sides[1])) for pair in sample)
        size = MAX_WORDS + 1
        names = [{number: word for word, number in ids.items()} for ids in sides]
        # t(f | e) >= LEAST_PROBABILITY: e is a translation of f.
        to_target = _translations(translation_table(source, target, vocabulary_size=size), *names)
        to_source = _translations(translation_table(target, source, vocabulary_size=size), *names[::-1])
        self._sides: tuple[Translations, Translations] = (to_source, to_target)
        self._known: tuple[frozenset[str], frozenset[str]] = (frozenset(sides[0]), frozenset(sides[1]))

    def translated(self, pair: SentencePair) -> float:
        """The share of the known words of a side that a word of the other side translates, or is; of the worse side.

        1 where both sides have fewer than LEAST_WORDS known words.
        """
        source, target = words(pair.source), words(pair.target)
        return min(
            _share(own, frozenset(other), translations, known)
            for own, other, translations, known in zip(
                (source, target), (target, source), self._sides, self._known, strict=True
            )
        )


def _share(own: Sequence[str], other: frozenset[str], translations: Translations, known: frozenset[str]) -> float:
    counted = [word for word in own if word in known]
    if len(counted) < LEAST_WORDS:
        return 1.0
    found = sum(word in other or not translations.get(word, frozenset()).isdisjoint(other) for word in counted)
    return found / len(counted)


def _numbered(sentences: Iterable[Sequence[str]]) -> dict[str, int]:
    """Ids of the words that are met often enough, from 1 on."""
    counts = Counter(word for sentence in sentences for word in sentence)
    known = [word for word, count in counts.most_common(MAX_WORDS) if count >= LEAST_COUNT]
    return {word: number for number, word in enumerate(known, PADDING_ID + 1)}


def _encoded(sentence: str, ids: Mapping[str, int]) -> list[int]:
    return [ids[word] for word in words(sentence) if word in ids]


def _translations(table: TranslationTable, given: Mapping[int, str], of: Mapping[int, str]) -> Translations:
    """By each word of the table's target, the source words under which it has the least probability; never NULL."""
    found: dict[str, set[str]] = {}
    probable = (table.probability >= LEAST_PROBABILITY) & (table.source != PADDING_ID)
    for source, target in zip(table.source[probable].tolist(), table.target[probable].tolist(), strict=True):
        found.setdefault(of[target], set()).add(given[source])
    return {word: frozenset(others) for word, others in found.items()}
