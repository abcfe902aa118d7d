"""The LSTM of Goodfellow et al., whose candidate is a sigmoid."""

from __future__ import annotations

from torch import Tensor

from nmt.model.cells.lstm import LSTMState
from nmt.model.cells.lstm_variant import LSTMVariant


class SigmoidLSTMCell(LSTMVariant):
    """Goodfellow et al. 2016, equations 10.40 to 10.44: c = f * c' + i * sigmoid(W x + b + U h'), h = tanh(c) * o.

    The cell only ever gains, and loses only by forgetting.
    """

    def update(self, sums: Tensor, cell: Tensor) -> LSTMState:
        taken, kept, candidate, shown = sums.sigmoid().chunk(4, dim=1)
        after = kept * cell + taken * candidate
        return LSTMState(hidden=shown * after.tanh(), cell=after)

    @property
    def description(self) -> str:
        return "LSTM with a sigmoid candidate"
