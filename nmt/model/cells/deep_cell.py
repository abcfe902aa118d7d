"""Depth before and after a cell's recurrence."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from torch import Tensor

from nmt.model.cells.cell import Cell
from nmt.model.feed_forward import FeedForwardLayer
from nmt.model.modules import Modules, matrix_weights


class DeepCell(Cell[Any]):
    """A cell with feed-forward layers on its input, on its output, or on both (Pascanu et al. 2014, section 3.3).

    Deep input-to-hidden and deep hidden-to-output functions: the layers read no state, so that they take all positions of a
    sequence at once, and the cell's own kernel runs the recurrence between them. The state is the cell's.
    """

    def __init__(self, *, before: Iterable[FeedForwardLayer], cell: Cell[Any], after: Iterable[FeedForwardLayer]) -> None:
        """Layers and cell in the order of the data; each reads as many units as the one before it has."""
        layers = list(before)
        super().__init__(input_size=layers[0].input_size if layers else cell.input_size, hidden_size=cell.hidden_size)
        self.before: Modules[FeedForwardLayer] = Modules(layers)
        self.cell = cell
        self.stateless = cell.stateless
        self.after: Modules[FeedForwardLayer] = Modules(after)

    def project(self, inputs: Tensor) -> Tensor:
        """(..., I) -> the cell's projection of what the layers before it make of the input, (..., P)."""
        return self.cell.project(_through(self.before, inputs))

    def start(self, initial: Tensor) -> Any:
        """The cell's start."""
        return self.cell.start(initial)

    def advance(self, projected: Tensor, state: Any) -> tuple[Tensor, Any]:
        return self.recurrence()(projected, state)

    def recurrence(self) -> Callable[[Tensor, Any], tuple[Tensor, Any]]:
        recurrence = self.cell.recurrence()

        def advance(projected: Tensor, state: Any) -> tuple[Tensor, Any]:
            output, after = recurrence(projected, state)
            return _through(self.after, output), after

        return advance

    def forward(self, inputs: Tensor, state: Any = None) -> tuple[Tensor, Any]:
        outputs, after = self.cell(_through(self.before, inputs), state)
        return _through(self.after, outputs), after

    def step(self, inputs: Tensor, state: Any) -> tuple[Tensor, Any]:
        output, after = self.cell.step(_through(self.before, inputs), state)
        return _through(self.after, output), after

    @property
    def description(self) -> str:
        depths = {"input": len(self.before) + 1, "output": len(self.after) + 1}
        deep = [f"{side} {depth} layers deep" for side, depth in depths.items() if depth > 1]
        return ", ".join([self.cell.description, *deep])

    @property
    def products(self) -> int:
        return self.cell.products + matrix_weights(self.before, self.after)


def _through(layers: Iterable[FeedForwardLayer], values: Tensor) -> Tensor:
    for layer in layers:
        values = layer(values)
    return values
