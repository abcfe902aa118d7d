"""Recurrent cells: what every cell can do, and how one runs over a sequence."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Any, Generic, Protocol, Self, TypeVar

import torch
from torch import Tensor, nn

from nmt.model.modules import matrix_weights


@dataclass(frozen=True, slots=True)
class CellState:
    """Memory of one cell for N sequences: tensors, or tuples of them, each with N as its first size. A value."""

    def select(self, rows: Tensor) -> Self:
        """Row n of the result is row rows[n]; rows (N',) int64."""
        return replace(self, **{field.name: _rows_of(getattr(self, field.name), rows) for field in fields(self)})

    def tensors(self) -> tuple[Tensor, ...]:
        """All tensors, in the order of the fields."""
        return tuple(tensor for field in fields(self) for tensor in _tensors_of(getattr(self, field.name)))

    def of_tensors(self, tensors: Iterator[Tensor]) -> Self:
        """A state of the next of `tensors`, as many as this one has and in their order."""
        return replace(self, **{field.name: _like(getattr(self, field.name), tensors) for field in fields(self)})


def _rows_of(value: Any, rows: Tensor) -> Any:
    return tuple(_rows_of(item, rows) for item in value) if isinstance(value, tuple) else value[rows]


def _tensors_of(value: Any) -> Iterator[Tensor]:
    if isinstance(value, tuple):
        for item in value:
            yield from _tensors_of(item)
    else:
        yield value


def _like(value: Any, tensors: Iterator[Tensor]) -> Any:
    return tuple(_like(item, tensors) for item in value) if isinstance(value, tuple) else next(tensors)


S = TypeVar("S", bound=CellState)


class Cell(nn.Module, ABC, Generic[S]):
    """One direction of one layer. Its state is a value of its own, passed in and returned, never kept on the module.

    A cell defines `project`, `start` and `advance`; `forward` runs it over a sequence and `step` over one position. A cell
    that has a fused kernel overrides these two as well, and they still give the numbers of the loop.
    N sequences, T positions, I units of input, H of output, P of projected input.
    """

    stateless: bool = False
    """Whether no output depends on the state."""

    def __init__(self, *, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size

    @abstractmethod
    def project(self, inputs: Tensor) -> Tensor:
        """inputs (..., I) -> (..., P): the part of the cell that reads no state, for any number of positions at once."""

    @abstractmethod
    def start(self, initial: Tensor) -> S:
        """The state before the first position that `initial` (N, H) stands for; zeros stand for no knowledge."""

    @abstractmethod
    def advance(self, projected: Tensor, state: S) -> tuple[Tensor, S]:
        """projected (N, P) of one position -> output (N, H) and the next state."""

    def recurrence(self) -> Callable[[Tensor, S], tuple[Tensor, S]]:
        """`advance` for the positions of one sequence. A cell that drops weights in training draws them here, once."""
        return self.advance

    def forward(self, inputs: Tensor, state: S | None = None) -> tuple[Tensor, S]:
        """inputs (N, T, I) -> outputs (N, T, H) and the last state; without `state` it starts from zeros."""
        projected, advance, outputs = self.project(inputs), self.recurrence(), []
        after = self.start(next(self.parameters()).new_zeros(len(inputs), self.hidden_size)) if state is None else state
        for position in projected.unbind(1):
            output, after = advance(position, after)
            outputs.append(output)
        return torch.stack(outputs, dim=1), after

    def step(self, inputs: Tensor, state: S) -> tuple[Tensor, S]:
        """inputs (N, I) -> output (N, H) and the next state."""
        return self.advance(self.project(inputs), state)

    @property
    def description(self) -> str:
        """The cell in a few words, for people."""
        return type(self).__name__.removesuffix("Cell")

    @property
    def products(self) -> int:
        """Weights that the vectors of one position are multiplied with."""
        return matrix_weights(self)


class MakeCell(Protocol):
    """Makes the cells of a stack."""

    def __call__(self, *, input_size: int, hidden_size: int) -> Cell[Any]:
        """A new cell, its weights drawn."""
