"""The SSRU: a recurrent cell with no product with the state before."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from nmt.model.cells.cell import Cell, CellState
from nmt.model.cells.gates import input_gates
from nmt.model.cells.linear_recurrence import linear_recurrence


@dataclass(frozen=True, slots=True)
class SSRUState(CellState):
    """Cell of N sequences."""

    cell: Tensor  # (N, H)


class SSRUCell(Cell[SSRUState]):
    """The simpler simple recurrent unit (Kim et al. 2019).

    f_t = sigmoid(W_f x_t + b_f), c_t = f_t * c_(t-1) + (1 - f_t) * (W x_t + b), h_t = ReLU(LN(c_t)). The paper has no b,
    and normalises around the unit, as a Transformer does; here, where no residual is around the first layer, the cell is
    normalised where an LSTM's is (Ba et al. 2016, equation 22), without which training starts slowly.

    All of a sequence's products are one call of `gates`, whose rows are W_f and then W. Only the linear recurrence goes
    one position after another.
    """

    def __init__(self, *, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size=input_size, hidden_size=hidden_size)
        self.gates = input_gates(input_size=input_size, hidden_size=hidden_size, count=2)
        self.norm = nn.LayerNorm(hidden_size)

    def project(self, inputs: Tensor) -> Tensor:
        """(..., I) -> W_f x + b_f and then W x + b, (..., 2H)."""
        projected: Tensor = self.gates(inputs)
        return projected

    def start(self, initial: Tensor) -> SSRUState:
        """`initial` is the cell."""
        return SSRUState(cell=initial)

    def advance(self, projected: Tensor, state: SSRUState) -> tuple[Tensor, SSRUState]:
        forget, added = _forget_and_add(projected)
        cell = torch.addcmul(added, forget, state.cell)
        return self._output(cell), SSRUState(cell=cell)

    def forward(self, inputs: Tensor, state: SSRUState | None = None) -> tuple[Tensor, SSRUState]:
        """Cell.forward with one call for the outputs of all positions."""
        forget, added = _forget_and_add(self.gates(inputs))
        initial = torch.zeros_like(added[:, 0]) if state is None else state.cell
        cells = linear_recurrence(forget, added, initial)
        return self._output(cells), SSRUState(cell=cells[:, -1])

    def _output(self, cell: Tensor) -> Tensor:
        output: Tensor = self.norm(cell).relu()
        return output


def _forget_and_add(projected: Tensor) -> tuple[Tensor, Tensor]:
    """(..., 2H) -> f_t and (1 - f_t) * (W x_t + b), both (..., H)."""
    gate, candidate = projected.chunk(2, dim=-1)
    forget = gate.sigmoid()
    return forget, (1.0 - forget) * candidate
