"""The LSTM, on PyTorch's fused kernels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from nmt.model.cells.cell import Cell, CellState
from nmt.model.dropout import Dropout


@dataclass(frozen=True, slots=True)
class LSTMState(CellState):
    """Hidden state and cell of N sequences."""

    hidden: Tensor  # (N, H)
    cell: Tensor  # (N, H)


class LSTMCell(Cell[LSTMState]):
    """Hochreiter and Schmidhuber 1997 with forget gates (Gers et al. 2000); gates in PyTorch's order i, f, g, o.

    Sequences and single steps run on fused kernels (cuDNN, oneDNN). `recurrent_dropout` zeroes weights between states, one
    draw for each sequence (weight-dropped LSTM, Merity et al. 2018, section 2): one mask for all positions, as with
    variational dropout of the state (Gal and Ghahramani 2016), and the fused kernels take the weights like any others.
    """

    def __init__(self, *, input_size: int, hidden_size: int, recurrent_dropout: float = 0.0) -> None:
        super().__init__(input_size=input_size, hidden_size=hidden_size)
        self.weight_dropout = Dropout(probability=recurrent_dropout, kind="element")
        self.lstm = nn.LSTM(input_size, hidden_size, batch_first=True)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Glorot input weights, orthogonal recurrent weights, forget gates that start open (Jozefowicz et al. 2015)."""
        input_weight, recurrent_weight, input_bias, recurrent_bias = self.weights
        for gate in range(4):
            rows = slice(gate * self.hidden_size, (gate + 1) * self.hidden_size)
            nn.init.xavier_uniform_(input_weight.data[rows])
            nn.init.orthogonal_(recurrent_weight.data[rows])
        nn.init.zeros_(input_bias)
        nn.init.zeros_(recurrent_bias)
        input_bias.data[self.hidden_size : 2 * self.hidden_size] = 1.0

    @property
    def weights(self) -> list[Tensor]:
        """W (4H, I), U (4H, H), and their biases (4H,)."""
        return list(self.lstm.all_weights[0])

    def project(self, inputs: Tensor) -> Tensor:
        """(..., I) -> W x + b, (..., 4H)."""
        weight, _, bias, _ = self.weights
        return nn.functional.linear(inputs, weight, bias)

    def start(self, initial: Tensor) -> LSTMState:
        """`initial` is the hidden state; the cell is zero."""
        return LSTMState(hidden=initial, cell=torch.zeros_like(initial))

    def advance(self, projected: Tensor, state: LSTMState) -> tuple[Tensor, LSTMState]:
        return self.recurrence()(projected, state)

    def recurrence(self) -> Callable[[Tensor, LSTMState], tuple[Tensor, LSTMState]]:
        _, weight, _, bias = self.weights
        return partial(_advance, weight=self.weight_dropout(weight), bias=bias)

    def forward(self, inputs: Tensor, state: LSTMState | None = None) -> tuple[Tensor, LSTMState]:
        zeros = inputs.new_zeros(len(inputs), self.hidden_size)
        before = LSTMState(hidden=zeros, cell=zeros) if state is None else state
        input_weight, recurrent_weight, *biases = self.weights
        outputs, hidden, cell = torch.lstm(
            inputs,
            (before.hidden.unsqueeze(0), before.cell.unsqueeze(0)),
            [input_weight, self.weight_dropout(recurrent_weight), *biases],
            has_biases=True,
            num_layers=1,
            dropout=0.0,
            train=self.training,
            bidirectional=False,
            batch_first=True,
        )
        return outputs, LSTMState(hidden=hidden[0], cell=cell[0])

    def step(self, inputs: Tensor, state: LSTMState) -> tuple[Tensor, LSTMState]:
        hidden, cell = torch.lstm_cell(inputs, (state.hidden, state.cell), *self.weights)
        return hidden, LSTMState(hidden=hidden, cell=cell)


def _advance(projected: Tensor, state: LSTMState, *, weight: Tensor, bias: Tensor) -> tuple[Tensor, LSTMState]:
    gates = nn.functional.linear(state.hidden, weight, bias) + projected
    taken, kept, candidate, shown = gates.chunk(4, dim=1)
    cell = torch.addcmul(kept.sigmoid() * state.cell, taken.sigmoid(), candidate.tanh())
    hidden = shown.sigmoid() * cell.tanh()
    return hidden, LSTMState(hidden=hidden, cell=cell)
