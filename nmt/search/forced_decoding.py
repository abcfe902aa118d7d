"""The result of forced decoding."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ForcedDecoding:
    """One target sequence of T tokens, its end included, given its source of S tokens."""

    log_probabilities: tuple[float, ...]
    """Natural logarithms of the probabilities of its tokens."""
    boosted: tuple[float, ...]
    """BoostedProb of its tokens (Dinh and Niehues 2025): the probability of all dominant tokens where it is one of them."""
    confidences: tuple[float, ...]
    """Probability of the token that the model would choose at each place."""
    hits: tuple[bool, ...]
    """Whether that is the token that is given."""
    attention: tuple[tuple[float, ...], ...]
    """(T, S)"""
