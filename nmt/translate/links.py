"""Words that belong together: of translations, and of sentences that are given with their translations."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from nmt.config.search import BATCH_TOKENS
from nmt.translate.alignment import Range, Weights, attention_of_units, token_spans
from nmt.translate.result import Translation

if TYPE_CHECKING:
    from nmt.translate.translator import Translator

_NO_SPACE_BEFORE = frozenset(".,;:!?)]}%…”“’»")
_NO_SPACE_AFTER = frozenset("([{„‚«")


def word_links(translation: Translation) -> list[tuple[int, int]]:
    """Words of a text and of its translation that belong together, from 0; words are what stands between spaces.

    Each word of the translation has one link, to the word that most of its tokens attend to.
    """
    source_tokens = [token for sentence in translation.sentences for token in sentence.source_tokens]
    source, target = (
        _words_of_tokens(translation.source, source_tokens),
        _words_of_tokens(translation.text, translation.tokens),
    )
    votes: dict[int, Counter[int]] = defaultdict(Counter)
    for from_token, to_token in translation.alignment:
        word, translated = source[from_token], target[to_token]
        if word is not None and translated is not None:
            votes[translated][word] += 1
    return [(votes[word].most_common(1)[0][0], word) for word in sorted(votes)]


def _words_of_tokens(text: str, tokens: Sequence[str]) -> list[int | None]:
    """The number of the word that each token is in; None for one that spells nothing."""
    words = [found.span() for found in re.finditer(r"\S+", text)]
    starts = [start for start, _ in words]
    return [bisect_right(starts, start) - 1 if end > start else None for start, end in token_spans(text, tokens)]


def attention_between(
    translator: Translator, pairs: Sequence[tuple[Sequence[str], Sequence[str]]], *, batch_tokens: int = BATCH_TOKENS
) -> list[Weights]:
    """How much each target word attends to each source word, (T, S) for each pair of words.

    The model reads each sentence as people write it, without spaces before punctuation, and by forced decoding. Where it
    cannot, all weights are 0.
    """
    texts = [(joined(source), joined(target)) for source, target in pairs]
    decodings = translator.force([(source[0], target[0]) for source, target in texts], batch_tokens=batch_tokens)
    found = []
    for (source, target), decoding in zip(texts, decodings, strict=True):
        weights = None
        if decoding is not None:
            weights = attention_of_units(
                decoding.attention[:-1],  # without the end of the sentence
                (source[1], token_spans(source[0], translator.pieces(source[0]))),
                (target[1], token_spans(target[0], translator.pieces(target[0]))),
            )
        found.append(np.zeros((len(target[1]), len(source[1]))) if weights is None else weights)
    return found


def joined(words: Sequence[str]) -> tuple[str, list[Range]]:
    """Words as a sentence, and where each of them stands in it."""
    text, ranges = "", []
    for word in words:
        if text and word not in _NO_SPACE_BEFORE and text[-1] not in _NO_SPACE_AFTER:
            text += " "
        ranges.append((len(text), len(text) + len(word)))
        text += word
    return text, ranges
