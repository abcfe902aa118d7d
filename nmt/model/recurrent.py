"""Recurrent layers over whole padded sequences, and the same numbers one step at a time."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from typing import Protocol

import torch
from torch import Tensor, nn

from nmt.model.dropout import Dropout

# oneDNN keeps what it has compiled for each shape of batch, by default 1024 of them: gigabytes in training. It reads
# this at its first use.
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64")


class RecurrentLayer(nn.Module, ABC):
    """One direction, one layer. Its state is two (N, H), the hidden state and the cell, passed in and returned."""

    @abstractmethod
    def start(self, initial: Tensor) -> tuple[Tensor, Tensor]:
        """The state before the first position that `initial` (N, H) stands for."""

    @abstractmethod
    def forward(self, inputs: Tensor, state: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """inputs (B, T, I), state of two (B, H), zeros if None -> outputs (B, T, H), last state of two (B, H)."""

    @abstractmethod
    def step(self, inputs: Tensor, state: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        """inputs (N, I), state of two (N, H) -> next state; its first part is the output (N, H)."""


class LSTMLayer(RecurrentLayer):
    """One direction, one layer: PyTorch's fused LSTM (cuDNN, oneDNN), of which `step` is a single time step.

    Hochreiter and Schmidhuber 1997 with forget gates (Gers et al. 2000); gates in PyTorch's order i, f, g, o.
    `recurrent_dropout` zeroes weights between states, one draw for each call of `forward` (weight-dropped LSTM, Merity et
    al. 2018, section 2): one mask for all positions, as with variational dropout of the state (Gal and Ghahramani 2016),
    and the fused kernels take the weights like any others.
    """

    def __init__(self, *, input_size: int, hidden_size: int, recurrent_dropout: float = 0.0) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.weight_dropout = Dropout(probability=recurrent_dropout, kind="element")
        self.lstm = nn.LSTM(input_size, hidden_size, batch_first=True)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Glorot input weights, orthogonal recurrent weights, forget gates that start open (Jozefowicz et al. 2015)."""
        input_weight, recurrent_weight, input_bias, recurrent_bias = self.lstm.all_weights[0]
        for gate in range(4):
            rows = slice(gate * self.hidden_size, (gate + 1) * self.hidden_size)
            nn.init.xavier_uniform_(input_weight.data[rows])
            nn.init.orthogonal_(recurrent_weight.data[rows])
        nn.init.zeros_(input_bias)
        nn.init.zeros_(recurrent_bias)
        input_bias.data[self.hidden_size : 2 * self.hidden_size] = 1.0

    def start(self, initial: Tensor) -> tuple[Tensor, Tensor]:
        return initial, torch.zeros_like(initial)

    def forward(self, inputs: Tensor, state: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        zeros = inputs.new_zeros(len(inputs), self.hidden_size)
        hidden, cell = (zeros, zeros) if state is None else state
        input_weight, recurrent_weight, *biases = self.lstm.all_weights[0]
        outputs, hidden, cell = torch.lstm(
            inputs,
            (hidden.unsqueeze(0), cell.unsqueeze(0)),
            [input_weight, self.weight_dropout(recurrent_weight), *biases],
            has_biases=True,
            num_layers=1,
            dropout=0.0,
            train=self.training,
            bidirectional=False,
            batch_first=True,
        )
        return outputs, (hidden[0], cell[0])

    def step(self, inputs: Tensor, state: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        hidden, cell = torch.lstm_cell(inputs, state, *self.lstm.all_weights[0])
        return hidden, cell


class SSRULayer(RecurrentLayer):
    """The simpler simple recurrent unit (Kim et al. 2019): no product with the state before.

    f_t = sigmoid(W_f x_t + b_f), c_t = f_t * c_(t-1) + (1 - f_t) * (W x_t + b), h_t = ReLU(LN(c_t)). The paper has no b,
    and normalises around the unit, as a Transformer does; here, where no residual is around the first layer, the cell is
    normalised where an LSTM's is (Ba et al. 2016, equation 22), without which training starts slowly.

    All of a sequence's products are one call of `gates`, whose rows are W_f and then W. What is left to do one position
    after another is one multiplication and one addition, in which nothing can overflow: c_t is a weighted mean.
    """

    def __init__(self, *, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.gates = nn.Linear(input_size, 2 * hidden_size)
        for rows in self.gates.weight.data.chunk(2):
            nn.init.xavier_uniform_(rows)
        nn.init.zeros_(self.gates.bias)
        self.norm = nn.LayerNorm(hidden_size)

    def start(self, initial: Tensor) -> tuple[Tensor, Tensor]:
        return initial, initial  # the hidden state is never read

    def forward(self, inputs: Tensor, state: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        forget, added = self._gates(inputs)
        cell = torch.zeros_like(added[:, 0]) if state is None else state[1]
        cells = []
        for kept, new in zip(forget.unbind(1), added.unbind(1), strict=True):
            cell = torch.addcmul(new, kept, cell)
            cells.append(cell)
        outputs = self._output(torch.stack(cells, dim=1))
        return outputs, (outputs[:, -1], cell)

    def step(self, inputs: Tensor, state: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        forget, added = self._gates(inputs)
        cell = torch.addcmul(added, forget, state[1])
        return self._output(cell), cell

    def _gates(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """inputs (..., I) -> f_t and (1 - f_t) * (W x_t + b), both (..., H)."""
        gate, candidate = self.gates(inputs).chunk(2, dim=-1)
        forget = gate.sigmoid()
        return forget, (1.0 - forget) * candidate

    def _output(self, cell: Tensor) -> Tensor:
        output: Tensor = self.norm(cell).relu()
        return output


class MakeLayer(Protocol):
    """What makes the layers of a stack."""

    def __call__(self, *, input_size: int, hidden_size: int) -> RecurrentLayer:
        """A new layer."""


class EncoderLayer(nn.Module):
    """One layer over a padded batch, in one direction or in both; padding never reaches a real position.

    Padding is at the end, so the forward direction needs no care; the backward direction reads each sentence reversed
    within its own length. That is as fast as an unpadded batch, which packed sequences are not.
    """

    def __init__(self, *, input_size: int, hidden_size: int, bidirectional: bool, make: MakeLayer = LSTMLayer) -> None:
        super().__init__()
        size = hidden_size // 2 if bidirectional else hidden_size
        self.forward_layer = make(input_size=input_size, hidden_size=size)
        self.backward_layer = make(input_size=input_size, hidden_size=size) if bidirectional else None

    def forward(self, inputs: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """inputs (B, S, I), lengths (B,) -> outputs (B, S, H), each direction's last output (B, H)."""
        outputs, _ = self.forward_layer(inputs)
        last = _at(outputs, lengths - 1)
        if self.backward_layer is None:
            return outputs, last
        order = reversal(lengths, inputs.shape[1])
        reversed_outputs, _ = self.backward_layer(_permute(inputs, order))
        first = _at(reversed_outputs, lengths - 1)
        return torch.cat((outputs, _permute(reversed_outputs, order)), dim=2), torch.cat((last, first), dim=1)


def reversal(lengths: Tensor, size: int) -> Tensor:
    """(B, S) positions that reverse each sentence within its length and leave padding where it is; its own inverse."""
    position = torch.arange(size, device=lengths.device).expand(len(lengths), size)
    return torch.where(position < lengths[:, None], lengths[:, None] - 1 - position, position)


def _permute(values: Tensor, order: Tensor) -> Tensor:
    return values.gather(1, order[:, :, None].expand_as(values))


def _at(values: Tensor, position: Tensor) -> Tensor:
    return values[torch.arange(len(values), device=values.device), position]
