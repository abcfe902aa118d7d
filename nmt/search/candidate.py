"""The result of a search."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Candidate:
    """One target sequence for one source sentence."""

    tokens: list[int]
    """Without END."""
    score: float
    """`log_probability` divided by `normaliser` of the number of tokens, END included, less the coverage penalty."""
    log_probability: float
    """Natural logarithm of the probability of `tokens` and END: the sum of the scorer's log-probabilities of each."""
    attention: npt.NDArray[np.float32] | None
    """(T, S): a row per token of `tokens`, a column per source token; None if not asked for."""
