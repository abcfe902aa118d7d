"""Sentences of different lengths as one tensor."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from nmt.config.vocabulary import PADDING_ID


def pad(sentences: Sequence[Sequence[int]]) -> Tensor:
    """Sentences of token ids as one tensor (B, longest) int64, padded at the end with PADDING_ID."""
    longest = max(map(len, sentences))
    rows = [[*sentence, *[PADDING_ID] * (longest - len(sentence))] for sentence in sentences]
    return torch.tensor(rows, dtype=torch.int64)
