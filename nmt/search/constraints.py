"""Constraints on one sentence's candidates, in tokens: how they begin, and which phrases they must and must not have."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from nmt.config.vocabulary import END_ID, NEVER_PRODUCED, PADDING_ID

NO_TOKEN = -1
"""Fills a history before its first token, and a phrase after its last; equal to no token."""
_WILDCARD = -2  # fills a forbidden phrase before its first token; matches any token


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


def prefix_tensor(constraints: Sequence[Constraints], device: torch.device) -> Tensor | None:
    """(B, P) int64 padded with PADDING_ID; None where no sentence has a prefix."""
    longest = max(len(one.prefix) for one in constraints)
    rows = [[*one.prefix, *[PADDING_ID] * (longest - len(one.prefix))] for one in constraints]
    return torch.tensor(rows, device=device) if longest else None


def forbidden_tensor(constraints: Sequence[Constraints], device: torch.device) -> Tensor | None:
    """(B, F, L) int64, each phrase at the right end of its row; None where nothing is forbidden."""
    most = max(len(one.forbidden) for one in constraints)
    if not most:
        return None
    longest = max(len(phrase) for one in constraints for phrase in one.forbidden)
    phrases = torch.full((len(constraints), most, longest), _WILDCARD)
    phrases[:, :, -1] = PADDING_ID
    for row, one in enumerate(constraints):
        for place, phrase in enumerate(one.forbidden):
            phrases[row, place, longest - len(phrase) :] = torch.tensor(phrase)
    return phrases.to(device)


def completing(history: Tensor, phrases: Tensor) -> Tensor:
    """Tokens that would complete a phrase: history (B, K, W), phrases (B, F, L) with W >= L -> (B, K, F)."""
    before, last = phrases[:, None, :, :-1], phrases[:, None, :, -1]
    recent = history[:, :, None, history.shape[2] - before.shape[3] :]  # (B, K, 1, L - 1)
    matches = ((recent == before) | (before == _WILDCARD)).all(dim=3)
    return torch.where(matches, last, PADDING_ID)


def force_(scores: Tensor, wanted: Tensor, own: Tensor) -> Tensor:
    """Leave only the token `wanted` (B,), where it is not PADDING_ID, with the score `own` (B, K, 1): scores (B, K, V)."""
    scores.masked_fill_((wanted != PADDING_ID)[:, None, None], -math.inf)
    return scores.scatter_(2, wanted[:, None, None].expand(-1, scores.shape[1], 1), own)


def contains(tokens: tuple[int, ...], phrase: tuple[int, ...]) -> bool:
    """Whether `phrase` is somewhere in `tokens`, in one piece."""
    return any(tokens[start : start + len(phrase)] == phrase for start in range(len(tokens) - len(phrase) + 1))
