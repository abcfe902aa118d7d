"""A search's history as back-pointers, and the candidates that are read from it at the end.

Reordering every hypothesis' tokens and attention at each step would copy a growing tensor each time. Instead each step
is kept as it was, with the row of the step before that each of its rows continues. Nothing is computed until the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import torch
from torch import Tensor

from nmt.config.vocabulary import END_ID
from nmt.search.candidate import Candidate

ROOT = 0
"""A cell before the first token."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A finished hypothesis on the host, before its tokens are read."""

    score: float
    log_probability: float
    cell: int  # in the trace, before END


class Trace:
    """Steps of at most `rows` rows, and the sequences that end in them.

    A cell is steps · rows + row. It names the sequence that ends in this row after this many steps, rows being counted as
    the next step finds them.
    """

    def __init__(self, *, rows: int, attention: bool) -> None:
        self._keep_attention = attention
        self._rows = rows
        self._tokens: list[Tensor] = []
        self._parents: list[Tensor] = []
        self._attention: list[Tensor] = []
        self._selected: dict[int, list[int]] = {}  # by number of steps: the row that each row was before others left

    @property
    def first_cell(self) -> int:
        """The cell of the first row as it is now; those of the other rows follow."""
        return len(self._tokens) * self._rows

    @property
    def device(self) -> torch.device:
        """Where the steps are."""
        return self._tokens[0].device

    def add(self, tokens: Tensor, parents: Tensor | None, attention: Tensor | None) -> None:
        """One step: tokens (B, K), each after row `parents` (N,) of the step before; None, in every step: after its own row.

        attention (B, K, S) is that of the step, a row for each of the rows before it.
        """
        self._tokens.append(tokens.flatten())
        if parents is not None:
            self._parents.append(parents)
        if attention is not None and self._keep_attention:
            rows = attention.flatten(0, 1)
            self._attention.append(rows.clone() if parents is None else rows[parents])

    def select(self, sentences: Sequence[int], beam_size: int) -> None:
        """From now on the rows are those of these sentences, of `beam_size` rows each."""
        self._selected[len(self._tokens)] = [
            sentence * beam_size + place for sentence in sentences for place in range(beam_size)
        ]

    def candidates(self, finished: Sequence[Sequence[Finished]], source_lengths: Sequence[int]) -> list[list[Candidate]]:
        """The candidates of each sentence, in the order of `finished`."""
        sequences = iter(self.read([one.cell for own in finished for one in own]))
        found = []
        for own, length in zip(finished, source_lengths, strict=True):
            candidates = []
            for one in own:
                tokens, attention = next(sequences)
                rows = None if attention is None else attention[:, :length].numpy()
                candidates.append(Candidate(tokens, one.score, one.log_probability, rows))
            found.append(candidates)
        return found

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
                place = firsts[step] + (self._selected[step + 1][row] if step + 1 in self._selected else row)
                if tokens[place] == END_ID:  # tokens after END count for nothing
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
