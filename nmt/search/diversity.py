"""Diverse beam search (Vijayakumar et al. 2018): the beam is in groups, each avoiding the tokens that others just chose."""

from __future__ import annotations

import torch
from torch import Tensor

from nmt.config.vocabulary import PADDING_ID
from nmt.search.candidate import Candidate


def diverse_continuations(scores: Tensor, groups: int, strength: float) -> tuple[Tensor, Tensor, Tensor]:
    """The best continuations of each group of k = K/G hypotheses: scores (B, K, V) -> values, scores, places (B·G, 2k) each.

    Groups choose one after the other. A token's value is its score less `strength` for each of the k best continuations
    of each earlier group that ends in it. Only the choice is by value: scores stay sums of log-probabilities, as in the
    paper's equation 3. Places count through (k, V); the best value comes first.
    """
    batch, beam_size, vocabulary = scores.shape
    size = beam_size // groups
    scores = scores.view(batch, groups, size, vocabulary)
    best, places = scores[:, 0].flatten(1).topk(2 * size, dim=1)
    counts = torch.zeros(batch, vocabulary, device=scores.device)
    found = [(best, best, places)]
    for group in range(1, groups):
        values, _, places = found[-1]
        real = values[:, :size].isfinite()
        # A continuation without probability is not chosen; it counts for padding, which never comes.
        tokens = torch.where(real, places[:, :size] % vocabulary, PADDING_ID)
        counts.scatter_add_(1, tokens, torch.ones_like(values[:, :size]))
        values, places = (scores[:, group] - strength * counts[:, None]).flatten(1).topk(2 * size, dim=1)
        found.append((values, scores[:, group].flatten(1).gather(1, places), places))
    values, best, places = (torch.stack(column, dim=1).flatten(0, 1) for column in zip(*found, strict=True))
    return values, best, places


def distinct(found: list[list[Candidate]], n_best: int) -> list[list[Candidate]]:
    """The first n of each sentence that differ from each other, best first: two groups may find the same."""
    results = []
    for candidates in found:
        unique: dict[tuple[int, ...], Candidate] = {}
        for candidate in candidates:
            unique.setdefault(tuple(candidate.tokens), candidate)
        results.append(sorted(list(unique.values())[:n_best], key=lambda candidate: -candidate.score))
    return results
