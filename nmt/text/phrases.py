"""Phrases that a user gives as text, in tokens, and where a text has them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nmt.config import UNKNOWN_ID
from nmt.errors import InputError
from nmt.text.tokenizer import Tokenizer, normalise


def phrase_tokens(tokenizer: Tokenizer, phrase: str, *, what: str) -> tuple[int, ...]:
    """Ids of `phrase`; InputError, calling it `what`, where the vocabulary cannot write it."""
    ids = tuple(tokenizer.encode(phrase))
    if UNKNOWN_ID in ids:
        raise InputError(f"{what} {phrase!r} has a character that the vocabulary does not; write it without")
    return ids


class Forbidden:
    """Phrases that no text may have at the beginning of a word, case counting."""

    def __init__(self, tokenizer: Tokenizer, phrases: Sequence[str]) -> None:
        """Raises InputError for a phrase that the vocabulary cannot write, or one without anything in it."""
        self._tokenizer = tokenizer
        self.tokens = tuple(phrase_tokens(tokenizer, phrase, what="forbidden phrase") for phrase in phrases)
        """Each as the tokenizer spells it."""
        if not all(self.tokens):
            raise InputError("a forbidden phrase should not be empty")
        words = [r"\s+".join(map(re.escape, normalise(phrase).split())) for phrase in phrases]
        # A phrase that begins with a sign may stand anywhere.
        begins = [r"(?<!\w)" if re.match(r"\w", normalise(phrase).strip()) else "" for phrase in phrases]
        joined = "|".join(begin + word for begin, word in zip(begins, words, strict=True))
        self._pattern = re.compile(joined) if phrases else None

    def find(self, text: str) -> str:
        """The first of the phrases in `text`, or nothing."""
        found = self._pattern.search(text) if self._pattern else None
        return found[0] if found else ""

    def spelling(self, tokens: Sequence[int]) -> tuple[int, ...]:
        """The few of `tokens` that spell the first phrase in their text, in whatever way; none where it has none."""
        if not self.find(self._tokenizer.decode(tokens)):
            return ()
        end = next((end for end in range(len(tokens)) if self.find(self._tokenizer.decode(tokens[:end]))), len(tokens))
        start = next(start for start in range(end - 1, -1, -1) if self.find(self._tokenizer.decode(tokens[start:end])))
        return tuple(tokens[start:end])
