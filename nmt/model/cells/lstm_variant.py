"""The frame of LSTM variants that no fused kernel has."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import torch
from torch import Tensor, nn

from nmt.model.cells.cell import Cell
from nmt.model.cells.gates import input_gates, recurrent_gates
from nmt.model.cells.lstm import LSTMState


class LSTMVariant(Cell[LSTMState]):
    """A cell with an LSTM's state, whose gates are sums W x + b + U h'. A variant defines `update`."""

    gates: ClassVar[tuple[str, ...]] = ("input", "forget", "candidate", "output")
    """Order of the rows of W and U."""

    def __init__(self, *, input_size: int, hidden_size: int) -> None:
        """Glorot input weights, orthogonal recurrent weights, forget gates that start open (Jozefowicz et al. 2015)."""
        super().__init__(input_size=input_size, hidden_size=hidden_size)
        self.inputs = input_gates(input_size=input_size, hidden_size=hidden_size, count=len(self.gates))
        self.recurrent = recurrent_gates(hidden_size=hidden_size, count=len(self.gates))
        nn.init.ones_(self.inputs.bias.data.chunk(len(self.gates))[self.gates.index("forget")])

    @abstractmethod
    def update(self, sums: Tensor, cell: Tensor) -> LSTMState:
        """W x + b + U h' (N, gates·H), c before (N, H) -> next state."""

    def project(self, inputs: Tensor) -> Tensor:
        """(..., I) -> W x + b, (..., gates·H)."""
        projected: Tensor = self.inputs(inputs)
        return projected

    def start(self, initial: Tensor) -> LSTMState:
        """`initial` is the hidden state; the cell is zero."""
        return LSTMState(hidden=initial, cell=torch.zeros_like(initial))

    def advance(self, projected: Tensor, state: LSTMState) -> tuple[Tensor, LSTMState]:
        after = self.update(projected + self.recurrent(state.hidden), state.cell)
        return after.hidden, after
