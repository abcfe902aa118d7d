"""Variants of training pairs, made anew whenever a pair is trained on: text as people type it, not as corpora have it.

Noise in training makes a model robust to noise (Belinkov and Bisk 2018). The target stays as it is, but for a full stop that
the source loses, and for the word that both sides spell in bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from random import Random

from nmt.config.training import VariationConfig
from nmt.corpus.batching import Pair
from nmt.text.tokenizer import Tokenizer

Word = tuple[int, ...]
"""The ids of its pieces."""

_LEAST_WORD = 4  # letters of a word that gets a typing error
_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_BESIDE = {
    key: row[max(place - 1, 0) : place] + row[place + 1 : place + 2] for row in _KEYS for place, key in enumerate(row)
}


class Variation:
    """Changes pairs of token ids, each kind of change with its probability in `config`."""

    def __init__(self, config: VariationConfig, tokenizer: Tokenizer) -> None:
        self._config = config
        self._tokenizer = tokenizer

    def __call__(self, pairs: Sequence[Pair], *, seed: int) -> list[Pair]:
        """The pairs, some of them changed. The same arguments give the same pairs."""
        random = Random(seed)
        return [self._varied(source, target, random) for source, target in pairs]

    def _varied(self, source: list[int], target: list[int], random: Random) -> Pair:
        config, draw = self._config, random.random()
        text, encode = self._tokenizer.decode, self._tokenizer.encode
        if (draw := draw - config.lower_case) < 0:
            return encode(without_end(text(source)).lower()), target
        if (draw := draw - config.without_end) < 0:
            return encode(without_end(text(source))), encode(without_end(text(target)))
        if (draw := draw - config.typing_error) < 0:
            return encode(with_typing_error(text(source), random)), target
        if draw - config.in_bytes < 0:
            return self._in_bytes(source, target, random)
        return source, target

    def _in_bytes(self, source: list[int], target: list[int], random: Random) -> Pair:
        """A piece of a word that both sides have, such as a name, in bytes on both."""
        own, other = self._words(source), self._words(target)
        shared = sorted(word for word in set(own) & set(other) if self._tokenizer.is_spelled_in_letters(word))
        if not shared:
            return source, target
        word = random.choice(shared)
        place = random.randrange(len(word))
        spelled = (*word[:place], *self._tokenizer.in_bytes(word[place]), *word[place + 1 :])
        # Encoded once more, the text would be in its usual pieces again.
        return _replaced(own, word, spelled), _replaced(other, word, spelled)

    def _words(self, ids: list[int]) -> list[Word]:
        starts = [place for place, piece in enumerate(self._tokenizer.pieces(ids)) if place == 0 or piece[0] == "\u2581"]
        return [tuple(ids[start:end]) for start, end in pairwise([*starts, len(ids)])]


def _replaced(words: Sequence[Word], old: Word, new: Word) -> list[int]:
    return [token for word in words for token in (new if word == old else word)]


def without_end(text: str) -> str:
    """`text` without the full stop, question or exclamation mark at its end."""
    return text[:-1] if len(text) > 1 and text[-1] in ".!?" and text[-2].isalnum() else text


def with_typing_error(text: str, random: Random) -> str:
    """`text` with one word of four letters and more mistyped: a letter left out, doubled, swapped with the next, or a
    neighbouring key in its place."""
    words = text.split(" ")
    long = [place for place, word in enumerate(words) if word.isalpha() and len(word) >= _LEAST_WORD]
    if not long:
        return text
    place = random.choice(long)
    word = words[place]
    at = random.randrange(1, len(word) - 1)
    words[place] = random.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + random.choice(_BESIDE.get(word[at], word[at])) + word[at + 1 :],
        )
    )
    return " ".join(words)
