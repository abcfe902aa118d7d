"""Forced decoding: the log-probabilities of target sequences that are given."""

from __future__ import annotations

import torch
from torch import Tensor

from nmt.config.vocabulary import BEGIN_ID, PADDING_ID
from nmt.search.scorer import Scorer


@torch.inference_mode()
def forced_scores(scorer: Scorer, source: Tensor, lengths: Tensor, target: Tensor) -> Tensor:
    """Natural log-probability of each target given its source, (B,) float64.

    source (B, S) and lengths (B,) as for search; target (B, T) int64, END last, then PADDING_ID.
    """
    state = scorer.start(source, lengths)
    if state.shortlist is not None:
        raise ValueError("forced decoding needs a scorer with the whole vocabulary")
    tokens = torch.full((len(source), 1), BEGIN_ID, device=source.device)
    totals = torch.zeros(len(source), dtype=torch.float64, device=source.device)
    for position in range(target.shape[1]):
        scores, state, _ = scorer.step(tokens, state)  # (B, 1, V)
        tokens = target[:, position, None]  # (B, 1)
        own = scores[:, 0].gather(1, tokens).squeeze(1)
        totals += own.masked_fill(tokens[:, 0] == PADDING_ID, 0.0)
    return totals
