"""Filters that decide which pairs are worth training on. Each has a name, under which what it drops is counted."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from hashlib import blake2b
from typing import NamedTuple

from nmt.config.language import base_language
from nmt.config.preparation import AnyPreparation
from nmt.corpus.agreement import disagrees
from nmt.corpus.lexicon import Lexicon
from nmt.corpus.parallel import Corpus, SentencePair
from nmt.text.language import has_script_of, identifiable_languages, identify
from nmt.text.tokenizer import normalise

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
# At this probability, one in 10,000 German and English sentences of so many letters is wrongly taken for another language,
# and nine in ten of those that stand on the wrong side are found.
_OTHER_LANGUAGE_PROBABILITY = 0.8
_OTHER_LANGUAGE_LETTERS = 20
_WORD = re.compile(r"[^\W\d_]+")
_HASHES = 2**64


class Filter(NamedTuple):
    name: str
    rejects: Callable[[SentencePair], bool]


class PairHashes:
    """A set of pairs as 8-byte hashes, which take some 100 bytes of memory each, whatever the pair's length.

    Among 100 million pairs, the chance that two have the same hash is below one in a thousand.
    """

    def __init__(self) -> None:
        self._hashes: set[int] = set()

    def add(self, pair: SentencePair) -> bool:
        """Add a pair; true if it is new."""
        before = len(self._hashes)
        self._hashes.add(_hash(pair))
        return len(self._hashes) > before


class HeldOutPairs:
    """The pairs of a text that is not trained on, by which those of the training text are compared with it."""

    def __init__(self) -> None:
        self._pairs: set[SentencePair] = set()
        self._sides: tuple[set[str], set[str]] = (set(), set())

    def add(self, pair: SentencePair) -> None:
        self._pairs.add(pair)
        for sides, side in zip(self._sides, pair, strict=True):
            sides.add(side)

    def has(self, pair: SentencePair) -> bool:
        return pair in self._pairs

    def has_side(self, pair: SentencePair) -> bool:
        """Whether the source is one here, or the target."""
        return any(side in sides for sides, side in zip(self._sides, pair, strict=True))


class KnownWords:
    """How often the words of each side have been met, capitals aside."""

    def __init__(self) -> None:
        self._counts: tuple[Counter[str], Counter[str]] = (Counter(), Counter())

    def add(self, pair: SentencePair) -> None:
        for counts, side in zip(self._counts, pair, strict=True):
            counts.update(_WORD.findall(side.lower()))

    def knows(self, pair: SentencePair, *, at_least: int) -> bool:
        """Whether each word of both sides has been met at least so many times."""
        return all(
            counts[word] >= at_least
            for counts, side in zip(self._counts, pair, strict=True)
            for word in _WORD.findall(side.lower())
        )


def _hash(pair: SentencePair) -> int:
    return int.from_bytes(blake2b(f"{pair.source}\n{pair.target}".encode(), digest_size=8).digest())


def clean(pairs: Iterable[SentencePair], filters: Sequence[Filter], dropped: Counter[str]) -> Iterator[SentencePair]:
    """Normalise pairs, strip outer spaces, and yield those that no filter rejects.

    Filters are asked in turn; the first that rejects a pair has it counted in `dropped`.
    """
    for pair in pairs:
        tidy = SentencePair(*(normalise(side).strip(" ") for side in pair))
        name = next((name for name, rejects in filters if rejects(tidy)), None)
        if name is None:
            yield tidy
        else:
            dropped[name] += 1


def validation_filters() -> list[Filter]:
    """Validation text measures what will be translated, so nearly all of it is kept."""
    return [
        Filter("empty", lambda pair: not (pair.source.strip() and pair.target.strip())),
        Filter("control characters", lambda pair: bool(_CONTROL.search(pair.source) or _CONTROL.search(pair.target))),
    ]


def corpus_filters(corpus: Corpus, words: KnownWords, like_domain: Iterator[bool] | None) -> list[Filter]:
    """The filters that `corpus` asks for; `words` are those of the corpora before it.

    `like_domain` says of each pair of the corpus, in order, whether it is like the domain.
    """
    filters = []
    if like_domain is not None:
        filters.append(Filter("unlike the domain", lambda _: not next(like_domain)))  # asked first, and so of each pair
    if corpus.share < 1.0:
        filters.append(Filter("beyond the share", lambda pair: _hash(pair) >= corpus.share * _HASHES))
    if corpus.known_words:
        filters.append(Filter("unknown words", lambda pair: not words.knows(pair, at_least=corpus.known_words)))
    return filters


def training_filters(
    config: AnyPreparation,
    *,
    source_language: str,
    target_language: str,
    held_out: Mapping[str, HeldOutPairs],
    lexicon: Lexicon | None = None,
) -> list[Filter]:
    """The filters that `config` asks for, quick ones first. One list must not serve twice: it remembers pairs.

    `held_out` has the texts that are not trained on by what people call them, such as "validation".
    """
    filters = [
        *validation_filters(),
        Filter("too long", lambda pair: max(map(len, pair)) > config.max_characters),
    ]
    if math.isfinite(config.max_length_ratio):
        filters.append(Filter("length ratio", lambda pair: _lengths_differ(pair, config)))
    if config.drop_identical:
        filters.append(Filter("identical to the source", lambda pair: pair.source == pair.target))
    if config.drop_wrong_script:
        filters.append(
            Filter(
                "wrong script",
                lambda pair: (
                    not (has_script_of(pair.source, source_language) and has_script_of(pair.target, target_language))
                ),
            )
        )
    if config.drop_wrong_language:
        known = identifiable_languages()
        filters.append(
            Filter(
                "wrong language",
                lambda pair: (
                    _is_other_language(pair.source, base_language(source_language), known)
                    or _is_other_language(pair.target, base_language(target_language), known)
                ),
            )
        )
    if config.drop_disagreeing:
        filters.append(Filter("disagreeing numbers or placeholders", disagrees))
    if lexicon is not None:
        least = config.min_translated_words
        filters.append(Filter("words without translation", lambda pair: lexicon.translated(pair) < least))
    if config.drop_held_out != "none":
        by_side = config.drop_held_out == "sides"
        filters += [
            Filter(f"a side in {name}" if by_side else f"in {name}", text.has_side if by_side else text.has)
            for name, text in held_out.items()
        ]
    if config.drop_duplicates:
        seen = PairHashes()
        filters.append(Filter("duplicate", lambda pair: not seen.add(pair)))
    return filters


def _lengths_differ(pair: SentencePair, config: AnyPreparation) -> bool:
    shorter, longer = sorted(map(len, pair))
    return longer > config.max_length_ratio * shorter and longer - shorter > config.max_length_difference


def _is_other_language(text: str, language: str, known: Set[str]) -> bool:
    if language not in known or sum(map(str.isalpha, text)) < _OTHER_LANGUAGE_LETTERS:
        return False
    code, probability = identify(text, known)
    return code != language and probability > _OTHER_LANGUAGE_PROBABILITY
