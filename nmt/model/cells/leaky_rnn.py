"""The leaky unit: a simple recurrent network whose units remember over time scales of their own."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from nmt.model.cells.gates import recurrent_gates
from nmt.model.cells.hidden_cell import GatedCell

_TIME_SCALES = (2.0, 64.0)  # positions over which the first and the last unit average, before training


class LeakyRNNCell(GatedCell):
    """h_t = a * h_(t-1) + (1 - a) * tanh(W x_t + b + U h_(t-1)) (Bengio et al. 2013, section 3.2).

    Each unit has its own a = sigmoid(leak), which is learned (Goodfellow et al. 2016, section 10.9.2). A unit averages over
    about 1 / (1 - a) positions; before training these time scales are spread evenly in their logarithm.
    """

    def __init__(self, *, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size=input_size, hidden_size=hidden_size, gates=1)
        self.recurrent = recurrent_gates(hidden_size=hidden_size, count=1)
        shortest, longest = torch.tensor(_TIME_SCALES).log().tolist()
        self.leak = nn.Parameter(torch.logit(1.0 - torch.linspace(shortest, longest, hidden_size).neg().exp()))

    def update(self, projected: Tensor, hidden: Tensor) -> Tensor:
        kept = torch.sigmoid(self.leak)
        return kept * hidden + (1.0 - kept) * torch.tanh(projected + self.recurrent(hidden))

    @property
    def description(self) -> str:
        return "leaky RNN"
