"""Searches of padded tensors."""

from __future__ import annotations

from typing import Any

from torch import Tensor

import nmt.search as searches
from nmt.config.search import SearchOptions
from nmt.search import Candidate, Scorer, Searching


def search(
    scorer: Scorer | Searching, source: Tensor, lengths: Tensor, options: SearchOptions, **more: Any
) -> list[list[Candidate]]:
    """source (B, S), lengths (B,)."""
    sources = [row[:length] for row, length in zip(source.tolist(), lengths.tolist(), strict=True)]
    return searches.search(scorer, sources, options, device=source.device.type, **more)
