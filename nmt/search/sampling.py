"""Drawing tokens from a model's distribution, so that one sentence and one seed always draw the same tokens."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import torch
from torch import Tensor

from nmt.config.search import SearchOptions


def draws(source: Tensor, lengths: Sequence[int], options: SearchOptions, steps: int) -> Tensor:
    """Uniform numbers in [0, 1), (B, n_best, steps) float64: one for each token of each sample, known before the first step.

    A sentence's own numbers depend on the seed and on its tokens, source (B, S), and on nothing else in its batch.
    """
    rows = []
    for tokens, length in zip(source.tolist(), lengths, strict=True):
        content = repr((options.seed, tokens[:length])).encode()
        generator = torch.Generator().manual_seed(int.from_bytes(hashlib.sha256(content).digest()[:7], "big"))
        # Step by step, since how many there are depends on the longest sentence of the batch.
        rows.append(torch.rand(steps, options.n_best, dtype=torch.float64, generator=generator).T)
    return torch.stack(rows).to(source.device)


def sample(scores: Tensor, draws: Tensor, options: SearchOptions) -> Tensor:
    """The token that each number in `draws` (B, K) picks: scores (B, K, V) are log-probabilities -> (B, K) int64.

    Temperature comes first, then top-k, then top-p of what is left, as in Holtzman et al. 2020.
    """
    ordered, tokens = (scores.double() / options.temperature).sort(dim=-1, descending=True, stable=True)
    if options.top_k:
        ordered = ordered[..., : options.top_k]
    probabilities = ordered.softmax(dim=-1)
    before = probabilities.cumsum(dim=-1) - probabilities
    cumulative = probabilities.masked_fill(before >= options.top_p, 0.0).cumsum(dim=-1)
    places = (cumulative <= draws[..., None] * cumulative[..., -1:]).sum(dim=-1, keepdim=True)
    return tokens.gather(-1, places.clamp(max=ordered.shape[-1] - 1)).squeeze(-1)
