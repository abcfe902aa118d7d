"""Cells whose whole memory is their last output."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

from torch import Tensor

from nmt.model.cells.cell import Cell, CellState
from nmt.model.cells.gates import input_gates


@dataclass(frozen=True, slots=True)
class HiddenState(CellState):
    """Last output of N sequences."""

    hidden: Tensor  # (N, H)


class HiddenCell(Cell[HiddenState]):
    """A cell that keeps nothing but its output h. A kind of cell defines `project` and `update`."""

    @abstractmethod
    def update(self, projected: Tensor, hidden: Tensor) -> Tensor:
        """projected (N, P) of one position, h before it (N, H) -> h after it (N, H)."""

    def start(self, initial: Tensor) -> HiddenState:
        """`initial` is h."""
        return HiddenState(hidden=initial)

    def advance(self, projected: Tensor, state: HiddenState) -> tuple[Tensor, HiddenState]:
        hidden = self.update(projected, state.hidden)
        return hidden, HiddenState(hidden=hidden)


class GatedCell(HiddenCell):
    """A hidden cell that reads its input through one matrix, whose rows are those of `gates` gates."""

    def __init__(self, *, input_size: int, hidden_size: int, gates: int, bias: bool = True) -> None:
        super().__init__(input_size=input_size, hidden_size=hidden_size)
        self.inputs = input_gates(input_size=input_size, hidden_size=hidden_size, count=gates, bias=bias)

    def project(self, inputs: Tensor) -> Tensor:
        """(..., I) -> W x + b, (..., gates·H)."""
        projected: Tensor = self.inputs(inputs)
        return projected
