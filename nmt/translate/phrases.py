"""Phrases that a user gives as text, in tokens, and where a text has them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nmt.config.vocabulary import UNKNOWN_ID
from nmt.errors import InputError
from nmt.text.tokenizer import Tokenizer, normalise


def phrase_tokens(tokenizer: Tokenizer, phrase: str, *, what: str) -> tuple[int, ...]:
    """Ids of `phrase`; InputError, calling it `what`, where the vocabulary cannot write it."""
    ids = tuple(tokenizer.encode(phrase))
    if UNKNOWN_ID in ids:
        raise InputError(f"{what} {phrase!r} has a character that the vocabulary does not; write it without")
    return ids


def pattern_of(phrase: str) -> str:
    """A regular expression for `phrase` at the beginning of a word; one that begins with a sign may stand anywhere."""
    text = normalise(phrase).strip()
    return (r"(?<!\w)" if re.match(r"\w", text) else "") + r"\s+".join(map(re.escape, text.split()))


def meets(text: str, *, prefix: str = "", required: Sequence[str] = (), forbidden: Sequence[str] = ()) -> bool:
    """Whether `text` begins with a prefix, blanks apart, has all required phrases, and none that is forbidden."""
    text = normalise(text)
    return (
        " ".join(text.split()).startswith(" ".join(normalise(prefix).split()))
        and all(re.search(pattern_of(phrase), text) for phrase in required)
        and not any(re.search(pattern_of(phrase), text) for phrase in forbidden)
    )


class Required:
    """Phrases that a text should have at the beginning of a word, case counting."""

    def __init__(self, tokenizer: Tokenizer, phrases: Sequence[str]) -> None:
        """Raises InputError for a phrase that the vocabulary cannot write, or one without anything in it."""
        self.phrases = tuple(phrases)
        self.tokens = tuple(phrase_tokens(tokenizer, phrase, what="required phrase") for phrase in phrases)
        if not all(self.tokens):
            raise InputError("a required phrase should not be empty")

    def are_in(self, text: str) -> bool:
        return meets(text, required=self.phrases)


class Forbidden:
    """Phrases that no text may have at the beginning of a word, case counting."""

    def __init__(self, tokenizer: Tokenizer, phrases: Sequence[str]) -> None:
        """Raises InputError for a phrase that the vocabulary cannot write, or one without anything in it."""
        self._tokenizer = tokenizer
        self.tokens = tuple(phrase_tokens(tokenizer, phrase, what="forbidden phrase") for phrase in phrases)
        """Each as the tokenizer spells it."""
        if not all(self.tokens):
            raise InputError("a forbidden phrase should not be empty")
        self._pattern = re.compile("|".join(map(pattern_of, phrases))) if phrases else None

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
