"""Constraints on one sentence's candidates, in tokens: how they begin, and which phrases they must and must not have."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from nmt.config.vocabulary import END_ID, NEVER_PRODUCED


@dataclass(frozen=True, slots=True)
class Constraints:
    """Constraints on the candidates of one sentence."""

    prefix: tuple[int, ...] = ()
    """Every candidate begins with it. The rest of the options does not apply inside it."""
    forbidden: tuple[tuple[int, ...], ...] = ()
    """No candidate contains any of these token sequences."""
    required: tuple[tuple[int, ...], ...] = ()
    """Every candidate contains all these token sequences; `no_repeat_ngram` and `max_repeats` do not apply inside them."""

    def __post_init__(self) -> None:
        """Raises ValueError for constraints that cannot be met."""
        for phrase in (self.prefix, *self.forbidden, *self.required):
            if any(token in (*NEVER_PRODUCED, END_ID) for token in phrase):
                raise ValueError(f"constraint {phrase} has a token that is never inside a translation")
        if not all((*self.forbidden, *self.required)):
            raise ValueError("a forbidden or required phrase should have at least one token")
        for name, phrases in (("prefix", [self.prefix]), ("required", self.required)):
            for phrase, forbidden in itertools.product(phrases, self.forbidden):
                if contains(phrase, forbidden):
                    raise ValueError(f"{name} {phrase} contains forbidden {forbidden}")

    @property
    def fixes(self) -> bool:
        """Whether certain tokens must come, which a shortlist may not have."""
        return bool(self.prefix or self.required)

    @property
    def least_length(self) -> int:
        """Tokens that are enough for the prefix and all required phrases."""
        return len(self.prefix) + sum(map(len, self.needed))

    @property
    def needed(self) -> tuple[tuple[int, ...], ...]:
        """The required phrases without duplicates and without those that are part of another."""
        different = dict.fromkeys(self.required)
        return tuple(one for one in different if not any(one != other and contains(other, one) for other in different))

    def has_required(self, tokens: Sequence[int]) -> bool:
        """Whether `tokens` contain all required phrases."""
        return all(contains(tuple(tokens), phrase) for phrase in self.required)


UNCONSTRAINED = Constraints()
"""For a sentence whose candidates may be any."""


def contains(tokens: tuple[int, ...], phrase: tuple[int, ...]) -> bool:
    """Whether `phrase` is somewhere in `tokens`, in one piece."""
    return any(tokens[start : start + len(phrase)] == phrase for start in range(len(tokens) - len(phrase) + 1))
