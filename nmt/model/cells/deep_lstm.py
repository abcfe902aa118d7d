"""LSTMs that PyTorch has no fused kernel for: normalised ones, and those with several transitions between positions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn

from nmt.model.cells.cell import Cell
from nmt.model.cells.lstm import LSTMState
from nmt.model.dropout import Dropout
from nmt.model.modules import Modules


class Transition(nn.Module):
    """The part of an LSTM that reads the state: gates i, f, g, o from U h, plus what the input adds to them.

    With layer normalisation (Ba et al. 2016, equations 20 to 22) the gates are LN(W x) + LN(U h) and the output
    o * tanh(LN(c)), where each LN has a gain, and the last two have a shift.
    """

    def __init__(self, *, hidden_size: int, layer_norm: bool, recurrent_dropout: float) -> None:
        super().__init__()
        self.weight_dropout = Dropout(probability=recurrent_dropout, kind="element")
        self.projection = nn.Linear(hidden_size, 4 * hidden_size, bias=not layer_norm)
        self.gate_norm = nn.LayerNorm(4 * hidden_size) if layer_norm else nn.Identity()
        self.cell_norm = nn.LayerNorm(hidden_size) if layer_norm else nn.Identity()
        for rows in self.projection.weight.data.chunk(4):
            nn.init.orthogonal_(rows)
        bias = self.gate_norm.bias if isinstance(self.gate_norm, nn.LayerNorm) else self.projection.bias
        nn.init.zeros_(bias)
        bias.data[hidden_size : 2 * hidden_size] = 1.0  # forget gates start open (Jozefowicz et al. 2015)

    def weight(self) -> Tensor:
        """U (4H, H), while training with a new draw of what is dropped."""
        dropped: Tensor = self.weight_dropout(self.projection.weight)
        return dropped

    def forward(self, state: LSTMState, *, weight: Tensor, added: Tensor | None) -> LSTMState:
        """U as `weight` (4H, H), what the input adds (N, 4H) -> next state."""
        gates = self.gate_norm(nn.functional.linear(state.hidden, weight, self.projection.bias))
        gates = gates if added is None else gates + added
        taken, kept, candidate, shown = gates.chunk(4, dim=1)
        cell = torch.addcmul(kept.sigmoid() * state.cell, taken.sigmoid(), candidate.tanh())
        return LSTMState(hidden=shown.sigmoid() * self.cell_norm(cell).tanh(), cell=cell)


class DeepLSTMCell(Cell[LSTMState]):
    """An LSTM with layer normalisation, or several transitions deep, or both.

    Deep transition (Miceli Barone et al. 2017, there with GRUs): from one position to the next the state goes through
    `depth` LSTM cells with weights of their own, of which only the first reads the input.
    `recurrent_dropout` is that of LSTMCell.
    """

    def __init__(self, *, input_size: int, hidden_size: int, depth: int, layer_norm: bool, recurrent_dropout: float) -> None:
        super().__init__(input_size=input_size, hidden_size=hidden_size)
        self.input_projection = nn.Linear(input_size, 4 * hidden_size, bias=False)
        self.input_norm = nn.LayerNorm(4 * hidden_size, bias=False) if layer_norm else nn.Identity()
        self.transitions: Modules[Transition] = Modules(
            Transition(hidden_size=hidden_size, layer_norm=layer_norm, recurrent_dropout=recurrent_dropout)
            for _ in range(depth)
        )
        for rows in self.input_projection.weight.data.chunk(4):
            nn.init.xavier_uniform_(rows)

    def project(self, inputs: Tensor) -> Tensor:
        """(..., I) -> W x or LN(W x), (..., 4H)."""
        projected: Tensor = self.input_norm(self.input_projection(inputs))
        return projected

    def start(self, initial: Tensor) -> LSTMState:
        """`initial` is the hidden state; the cell is zero."""
        return LSTMState(hidden=initial, cell=torch.zeros_like(initial))

    def advance(self, projected: Tensor, state: LSTMState) -> tuple[Tensor, LSTMState]:
        return self.recurrence()(projected, state)

    def recurrence(self) -> Callable[[Tensor, LSTMState], tuple[Tensor, LSTMState]]:
        return partial(self._advance, weights=[transition.weight() for transition in self.transitions])

    def _advance(self, projected: Tensor, state: LSTMState, *, weights: list[Tensor]) -> tuple[Tensor, LSTMState]:
        added: Tensor | None = projected
        for transition, weight in zip(self.transitions, weights, strict=True):
            state, added = transition(state, weight=weight, added=added), None
        return state.hidden, state

    @property
    def description(self) -> str:
        depth = len(self.transitions)
        normalised = "LSTM with layer normalisation" if isinstance(self.input_norm, nn.LayerNorm) else "LSTM"
        return f"{normalised}, {depth} transitions deep" if depth > 1 else normalised
