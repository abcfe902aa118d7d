"""Forced decoding step by step, for any scorer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from nmt.config.vocabulary import BEGIN_ID, PADDING_ID
from nmt.search.forced_decoding import ForcedDecoding
from nmt.search.loop import padded
from nmt.search.scorer import Scorer

JUMP, LEAST_JUMP = 0.3, 0.005
"""A token is the last dominant one where the next has so much less probability, as a share of its own and at least."""
_CANDIDATES = 1024  # most probable tokens among which dominant ones are looked for


@torch.inference_mode()
def scores_by_steps(
    scorer: Scorer, sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]], *, device: str
) -> list[float]:
    """As `nmt.search.forced.forced_scores`."""
    (source, lengths), (target, _) = padded(sources, device), padded(targets, device)
    totals = torch.zeros(len(source), dtype=torch.float64, device=source.device)
    for scores, _, tokens in _steps(scorer, source, lengths, target):
        own = scores.gather(1, tokens).squeeze(1)
        totals += own.masked_fill(tokens[:, 0] == PADDING_ID, 0.0)
    found: list[float] = totals.tolist()
    return found


@torch.inference_mode()
def decodings_by_steps(
    scorer: Scorer, sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]], *, device: str
) -> list[ForcedDecoding]:
    """As `nmt.search.forced.forced_decodings`."""
    (source, lengths), (target, _) = padded(sources, device), padded(targets, device)
    columns: list[list[Tensor]] = [[], [], [], [], []]
    for scores, attention, tokens in _steps(scorer, source, lengths, target):
        own = scores.gather(1, tokens)  # (B, 1)
        best, chosen = scores.max(dim=1, keepdim=True)
        for column, values in zip(
            columns, (own, boosted_probability(scores, tokens), _probability(best), chosen == tokens, attention), strict=True
        ):
            column.append(values.clone())  # the next step may write into them
    log_probabilities, boosted, confidences, hits = (torch.cat(column, dim=1).tolist() for column in columns[:4])
    attentions = torch.stack(columns[4], dim=1).tolist()  # (B, T, S)
    sizes = zip((target != PADDING_ID).sum(dim=1).tolist(), lengths.tolist(), strict=True)
    return [
        ForcedDecoding(
            log_probabilities=tuple(log_probabilities[row][:size]),
            boosted=tuple(boosted[row][:size]),
            confidences=tuple(confidences[row][:size]),
            hits=tuple(hits[row][:size]),
            attention=tuple(tuple(weights[:length]) for weights in attentions[row][:size]),
        )
        for row, (size, length) in enumerate(sizes)
    ]


def boosted_probability(scores: Tensor, tokens: Tensor) -> Tensor:
    """BoostedProb (B, 1) of `tokens` (B, 1) under log-probabilities (B, V).

    Dominant tokens are the most probable ones up to the last large drop of probability. They are alternatives to each other,
    so that each of them is as sure as all together.
    """
    # In double precision, so that the result as float32 is the same with any library's exponential.
    probabilities = scores.topk(min(_CANDIDATES, scores.shape[1]), dim=1).values.double().exp()  # (B, C)
    drops = probabilities[:, :-1] - probabilities[:, 1:]
    is_large = (drops > JUMP * probabilities[:, :-1]) & (drops > LEAST_JUMP)
    places = torch.arange(1, drops.shape[1] + 1, device=scores.device)
    count = (is_large * places).amax(dim=1, keepdim=True)  # (B, 1) dominant tokens, 0 where nothing drops
    mass = (probabilities.cumsum(dim=1) * (torch.arange(1, probabilities.shape[1] + 1, device=scores.device) == count)).sum(
        dim=1, keepdim=True
    )
    own = scores.gather(1, tokens).double().exp()
    least = probabilities.gather(1, (count - 1).clamp(min=0))  # of the least probable dominant token
    return torch.where((count > 0) & (own >= least), mass, own).float()


def _probability(logarithms: Tensor) -> Tensor:
    return logarithms.double().exp().float()


def _steps(scorer: Scorer, source: Tensor, lengths: Tensor, target: Tensor) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """At each place of the targets: log-probabilities (B, V), attention (B, S), and the tokens that are given (B, 1)."""
    state = scorer.start(source, lengths)
    if state.shortlist is not None:
        raise ValueError("forced decoding needs a scorer with the whole vocabulary")
    tokens = torch.full((len(source), 1), BEGIN_ID, device=source.device)
    for position in range(target.shape[1]):
        scores, state, attention = scorer.step(tokens, state)  # (B, 1, V), (B, 1, S)
        tokens = target[:, position, None]  # (B, 1)
        yield scores[:, 0], attention[:, 0], tokens
