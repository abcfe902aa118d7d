"""The minGRU: a GRU whose gate and candidate do not see the state."""

from __future__ import annotations

import torch
from torch import Tensor

from nmt.model.cells.hidden_cell import GatedCell, HiddenState
from nmt.model.cells.linear_recurrence import linear_recurrence


class MinGRUCell(GatedCell):
    """z_t = sigmoid(W_z x_t + b_z), h_t = (1 - z_t) * h_(t-1) + z_t * (W x_t + b) (Feng et al. 2024, section 3.1)."""

    def __init__(self, *, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size=input_size, hidden_size=hidden_size, gates=2)

    def update(self, projected: Tensor, hidden: Tensor) -> Tensor:
        kept, added = _kept_and_added(projected)
        return torch.addcmul(added, kept, hidden)

    def forward(self, inputs: Tensor, state: HiddenState | None = None) -> tuple[Tensor, HiddenState]:
        """Cell.forward with one call for the gates of all positions."""
        kept, added = _kept_and_added(self.project(inputs))
        # The state is in the precision of the weights, where that of products is lower: small updates would be lost in it.
        initial = self.inputs.weight.new_zeros(len(inputs), self.hidden_size) if state is None else state.hidden
        outputs = linear_recurrence(kept, added, initial)
        return outputs, HiddenState(hidden=outputs[:, -1])

    @property
    def description(self) -> str:
        return "minGRU"


def _kept_and_added(projected: Tensor) -> tuple[Tensor, Tensor]:
    """(..., 2H) -> 1 - z and z * (W x + b), both (..., H)."""
    gate, candidate = projected.chunk(2, dim=-1)
    update = gate.sigmoid()
    return 1.0 - update, update * candidate
