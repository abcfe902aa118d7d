"""Which token followed which: a beam's history as back-pointers, read once at the end.

Reordering every hypothesis' tokens and attention at each step would copy a growing tensor each time. Instead each
chosen token becomes a cell that points to the cell before it. Cells are numbered in the order they are made, over
all steps, so that sentences may leave the batch without the history changing.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

ROOT = -1
"""The cell before the first token."""


class Trace:
    """Cells added step by step, and the sequences that end in them."""

    def __init__(self, *, attention: bool) -> None:
        self._keep_attention = attention
        self._tokens: list[Tensor] = []
        self._parents: list[Tensor] = []
        self._attention: list[Tensor] = []
        self._size = 0

    def add(self, tokens: Tensor, parents: Tensor, attention: Tensor) -> Tensor:
        """New cells (B, K) for `tokens` (B, K) after the cells `parents` (B, K).

        attention (B, K, S) is what each token attended to when it was produced.
        """
        self._tokens.append(tokens.flatten())
        self._parents.append(parents.flatten())
        if self._keep_attention:
            self._attention.append(attention.flatten(0, 1))
        first, self._size = self._size, self._size + tokens.numel()
        return torch.arange(first, self._size, device=tokens.device).view_as(tokens)

    def read(self, ends: Sequence[int]) -> list[tuple[list[int], Tensor | None]]:
        """For each end cell its tokens, first to last, and their attention (T, S) on the CPU, or None if not kept."""
        tokens: list[int] = torch.cat(self._tokens).tolist()
        parents: list[int] = torch.cat(self._parents).tolist()
        paths = []
        for cell in ends:
            path = []
            while cell != ROOT:
                path.append(cell)
                cell = parents[cell]
            paths.append(path[::-1])
        sequences = [[tokens[cell] for cell in path] for path in paths]
        if not self._keep_attention:
            return [(sequence, None) for sequence in sequences]
        attention = torch.cat(self._attention)  # (cells, S)
        cells = torch.tensor([cell for path in paths for cell in path], dtype=torch.int64, device=attention.device)
        rows = torch.split_with_sizes(attention.index_select(0, cells).float().cpu(), [len(path) for path in paths])
        return list(zip(sequences, rows, strict=True))
