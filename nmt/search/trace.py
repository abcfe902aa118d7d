"""Which token followed which: a search's history as back-pointers, read once at the end.

Reordering every hypothesis' tokens and attention at each step would copy a growing tensor each time. Instead each step
is kept as it was, with the row of the step before that each of its rows continues. Nothing is computed until the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import torch
from torch import Tensor

from nmt.config.vocabulary import END_ID

ROOT = 0
"""A cell before the first token."""


class Trace:
    """Steps of at most `rows` rows, and the sequences that end in them.

    A cell names a sequence: steps · rows + row, the row that ends it after so many steps, as the next step counts rows.
    """

    def __init__(self, *, rows: int, attention: bool) -> None:
        self._keep_attention = attention
        self._rows = rows
        self._tokens: list[Tensor] = []
        self._parents: list[Tensor] = []
        self._attention: list[Tensor] = []
        self._kept: dict[int, list[int]] = {}  # by number of steps: the row that each row was before others left

    @property
    def first_cell(self) -> int:
        """Of the rows as they are now; the others follow."""
        return len(self._tokens) * self._rows

    def add(self, tokens: Tensor, parents: Tensor | None, attention: Tensor | None) -> None:
        """One step: tokens (B, K) after the rows `parents` (N,) of the step before; None, in every step: each after its own.

        attention (B, K, S) is that of the step, a row for each of the rows before it.
        """
        self._tokens.append(tokens.flatten())
        if parents is not None:
            self._parents.append(parents)
        if attention is not None and self._keep_attention:
            rows = attention.flatten(0, 1)
            self._attention.append(rows.clone() if parents is None else rows[parents])

    def keep(self, sentences: Sequence[int], beam_size: int) -> None:
        """From now on there are only these sentences, of `beam_size` rows each."""
        self._kept[len(self._tokens)] = [
            sentence * beam_size + place for sentence in sentences for place in range(beam_size)
        ]

    def read(self, ends: Sequence[int]) -> list[tuple[list[int], Tensor | None]]:
        """For each end cell its tokens up to END, and their attention (T, S) on the CPU, or None if not kept."""
        tokens: list[int] = torch.cat(self._tokens).tolist()
        parents: list[int] | None = torch.cat(self._parents).tolist() if self._parents else None
        firsts = list(accumulate((len(step) for step in self._tokens), initial=0))
        paths = []  # places in `tokens`
        for end in ends:
            steps, row = divmod(end, self._rows)
            path: list[int] = []
            for step in range(steps - 1, -1, -1):
                place = firsts[step] + (self._kept[step + 1][row] if step + 1 in self._kept else row)
                if tokens[place] == END_ID:  # what followed it counts for nothing
                    path.clear()
                else:
                    path.append(place)
                row = place - firsts[step] if parents is None else parents[place]
            paths.append(path[::-1])
        sequences = [[tokens[place] for place in path] for path in paths]
        if not self._keep_attention:
            return [(sequence, None) for sequence in sequences]
        attention = torch.cat(self._attention)  # (len(tokens), S)
        places = torch.tensor([place for path in paths for place in path], dtype=torch.int64, device=attention.device)
        rows = torch.split_with_sizes(attention.index_select(0, places).float().cpu(), [len(path) for path in paths])
        return list(zip(sequences, rows, strict=True))
