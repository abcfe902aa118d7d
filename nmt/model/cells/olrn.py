"""The output-gated lightweight recurrent network: a nonlinear recurrence without a product between states."""

from __future__ import annotations

import torch
from torch import Tensor

from nmt.model.cells.hidden_cell import GatedCell


class OLRNCell(GatedCell):
    """oLRN (Zhang and Sennrich 2019), with the identity for its activation, as in its authors' translation system.

    q, k, v, o = W x_t; i = sigmoid(k + h'), f = sigmoid(q - h'), c = i * v + f * h', h = sigmoid(o - c) * c.
    The gates see the state through its own units, so that all products are of the input, and all positions at once.
    """

    def __init__(self, *, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size=input_size, hidden_size=hidden_size, gates=4, bias=False)

    def project(self, inputs: Tensor) -> Tensor:
        # Where products are in a lower precision than the state, one conversion, not one for each gate of each position.
        return super().project(inputs).to(self.inputs.weight.dtype)

    def update(self, projected: Tensor, hidden: Tensor) -> Tensor:
        query, key, value, output = projected.chunk(4, dim=1)
        cell = torch.sigmoid(key + hidden) * value + torch.sigmoid(query - hidden) * hidden
        return torch.sigmoid(output - cell) * cell

    @property
    def description(self) -> str:
        return "oLRN"
