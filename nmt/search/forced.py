"""The way into forced decoding, which tells what a model makes of target sequences that are given."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add

from nmt.search.forced_decoding import ForcedDecoding
from nmt.search.scorer import Scorer
from nmt.search.whole import Searching


def forced_scores(
    scorer: Scorer | Searching, sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]], *, device: str
) -> list[float]:
    """Natural log-probability of each target given its source.

    Both are token ids, each at least one; a target has END last. `device` is where the scorer computes.
    """
    if isinstance(scorer, Searching):
        return [reduce(add, own, 0.0) for own in scorer.forced_log_probabilities(sources, targets)]
    from nmt.search.forced_steps import scores_by_steps  # takes a second to load, with PyTorch

    return scores_by_steps(scorer, sources, targets, device=device)


def forced_decodings(
    scorer: Scorer | Searching, sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]], *, device: str
) -> list[ForcedDecoding]:
    """All that a model says of each target given its source; arguments as of `forced_scores`."""
    if isinstance(scorer, Searching):
        return scorer.forced_decodings(sources, targets)
    from nmt.search.forced_steps import decodings_by_steps

    return decodings_by_steps(scorer, sources, targets, device=device)
