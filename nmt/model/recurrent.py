"""LSTM layers over whole padded sequences, and the same numbers one step at a time."""

from __future__ import annotations

import os

import torch
from torch import Tensor, nn

# oneDNN keeps what it has compiled for each shape of batch, by default 1024 of them: gigabytes in training. It reads
# this at its first use.
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64")


class LSTMLayer(nn.Module):
    """One direction, one layer: PyTorch's fused LSTM (cuDNN, oneDNN), of which `step` is a single time step.

    Hochreiter and Schmidhuber 1997 with forget gates (Gers et al. 2000); gates in PyTorch's order i, f, g, o.
    """

    def __init__(self, *, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
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

    def forward(self, inputs: Tensor, state: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """inputs (B, T, I), state of two (B, H), zeros if None -> outputs (B, T, H), last state of two (B, H)."""
        initial = None if state is None else (state[0].unsqueeze(0), state[1].unsqueeze(0))
        outputs, (hidden, cell) = self.lstm(inputs, initial)
        return outputs, (hidden[0], cell[0])

    def step(self, inputs: Tensor, state: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        """inputs (N, I), state of two (N, H) -> next state; its first part is the output (N, H)."""
        hidden, cell = torch.lstm_cell(inputs, state, *self.lstm.all_weights[0])
        return hidden, cell


class EncoderLayer(nn.Module):
    """One layer over a padded batch, in one direction or in both; padding never reaches a real position.

    Padding is at the end, so the forward direction needs no care; the backward direction reads each sentence reversed
    within its own length. That is as fast as an unpadded batch, which packed sequences are not.
    """

    def __init__(self, *, input_size: int, hidden_size: int, bidirectional: bool) -> None:
        super().__init__()
        size = hidden_size // 2 if bidirectional else hidden_size
        self.forward_layer = LSTMLayer(input_size=input_size, hidden_size=size)
        self.backward_layer = LSTMLayer(input_size=input_size, hidden_size=size) if bidirectional else None

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
