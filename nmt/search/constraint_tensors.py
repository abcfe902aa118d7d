"""The constraints of a batch as tensors, and their effect on scores."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from nmt.config.vocabulary import PADDING_ID
from nmt.search.constraints import Constraints

NO_TOKEN = -1
"""Fills a history before its first token, and a phrase after its last; equal to no token."""
_WILDCARD = -2  # fills a forbidden phrase before its first token; matches any token


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
