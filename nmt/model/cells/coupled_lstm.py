"""The LSTM whose input gate is what its forget gate lets go."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from nmt.model.cells.lstm import LSTMState
from nmt.model.cells.lstm_variant import LSTMVariant


class CoupledLSTMCell(LSTMVariant):
    """Coupled input and forget gates (CIFG, Greff et al. 2017): i = 1 - f, so that c = f * c' + (1 - f) * candidate.

    Three quarters of an LSTM's weights. The cell is a weighted mean of candidates, and stays between -1 and 1.
    """

    gates: ClassVar[tuple[str, ...]] = ("forget", "candidate", "output")

    def update(self, sums: Tensor, cell: Tensor) -> LSTMState:
        forget, candidate, shown = sums.chunk(3, dim=1)
        kept = forget.sigmoid()
        after = torch.addcmul(kept * cell, 1.0 - kept, candidate.tanh())
        return LSTMState(hidden=shown.sigmoid() * after.tanh(), cell=after)

    @property
    def description(self) -> str:
        return "LSTM with coupled gates"
