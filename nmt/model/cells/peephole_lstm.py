"""LSTMs whose gates see the cell, in both published forms."""

from __future__ import annotations

from abc import abstractmethod

import torch
from torch import Tensor, nn

from nmt.model.cells.lstm import LSTMState
from nmt.model.cells.lstm_variant import LSTMVariant


class PeepholeVariant(LSTMVariant):
    """An LSTM whose gates see the cell, each gate the cell's own unit: a vector p for each gate, not a matrix.

    i = sigmoid(W_i x + b_i + U_i h' + p_i * c'), f likewise, and o with p_o times the cell before or after.
    All p are zero before training, which is an LSTM without peepholes.
    """

    def __init__(self, *, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size=input_size, hidden_size=hidden_size)
        self.peepholes = nn.Parameter(torch.zeros(3 * hidden_size))  # of i, f, o

    @abstractmethod
    def seen_by_output(self, before: Tensor, after: Tensor) -> Tensor:
        """The cell that the output gate sees."""

    def update(self, sums: Tensor, cell: Tensor) -> LSTMState:
        taken, kept, candidate, shown = sums.chunk(4, dim=1)
        of_input, of_forget, of_output = self.peepholes.chunk(3)
        after = torch.addcmul(
            torch.sigmoid(kept + of_forget * cell) * cell, torch.sigmoid(taken + of_input * cell), candidate.tanh()
        )
        output = torch.sigmoid(shown + of_output * self.seen_by_output(cell, after))
        return LSTMState(hidden=output * after.tanh(), cell=after)


class PeepholeLSTMCell(PeepholeVariant):
    """The output gate sees the cell as it is now (Gers and Schmidhuber 2000)."""

    def seen_by_output(self, before: Tensor, after: Tensor) -> Tensor:  # noqa: ARG002
        return after

    @property
    def description(self) -> str:
        return "peephole LSTM"


class PastPeepholeLSTMCell(PeepholeVariant):
    """All three gates see the cell before, so that they are computed together."""

    def seen_by_output(self, before: Tensor, after: Tensor) -> Tensor:  # noqa: ARG002
        return before

    @property
    def description(self) -> str:
        return "peephole LSTM, all gates from the cell before"
