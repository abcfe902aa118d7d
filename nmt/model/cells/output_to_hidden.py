"""A cell without a state, for decoders whose recurrence goes through their output."""

from __future__ import annotations

import torch
from torch import Tensor

from nmt.model.cells.hidden_cell import GatedCell, HiddenState


class OutputToHiddenCell(GatedCell):
    """h_t = tanh(W x_t + b) (Goodfellow et al. 2016, section 10.2.1 and figure 10.4; Jordan 1986).

    In a decoder x_t holds the embedding of the last output, which is then the only way from a step to the next. In training
    it is known, so that no position waits for another.
    """

    stateless = True

    def __init__(self, *, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size=input_size, hidden_size=hidden_size, gates=1)

    def update(self, projected: Tensor, hidden: Tensor) -> Tensor:  # noqa: ARG002  # there is no recurrence
        return torch.tanh(projected)

    def forward(self, inputs: Tensor, state: HiddenState | None = None) -> tuple[Tensor, HiddenState]:  # noqa: ARG002
        """Cell.forward in one call for all positions."""
        outputs = torch.tanh(self.project(inputs))
        return outputs, HiddenState(hidden=outputs[:, -1])

    @property
    def description(self) -> str:
        return "output-to-hidden"
