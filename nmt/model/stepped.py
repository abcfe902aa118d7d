"""The LSTM layers that PyTorch has no fused kernels for: one position after another, in Python."""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor, nn

from nmt.config.recipe import ModelConfig
from nmt.model.dropout import Dropout
from nmt.model.recurrent import LSTMLayer, MakeLayer, RecurrentLayer


class Transition(nn.Module):
    """The part of an LSTM cell that reads the state: gates i, f, g, o from U h, plus what the input adds to them.

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

    def forward(self, hidden: Tensor, cell: Tensor, *, weight: Tensor, added: Tensor | None) -> tuple[Tensor, Tensor]:
        """State of two (N, H), U as `weight` (4H, H), what the input adds (N, 4H) -> next state."""
        gates = self.gate_norm(nn.functional.linear(hidden, weight, self.projection.bias))
        gates = gates if added is None else gates + added
        taken, kept, candidate, shown = gates.chunk(4, dim=1)
        cell = torch.addcmul(kept.sigmoid() * cell, taken.sigmoid(), candidate.tanh())
        return shown.sigmoid() * self.cell_norm(cell).tanh(), cell


class SteppedLSTMLayer(RecurrentLayer):
    """An LSTM layer with layer normalisation, or several transitions deep, or both.

    Deep transition (Miceli Barone et al. 2017, there with GRUs): from one position to the next the state goes through
    `depth` LSTM cells with weights of their own, of which only the first reads the input.

    Products with the input are one call for the whole sequence, those with the state one position after another.
    `recurrent_dropout` is that of LSTMLayer.
    """

    def __init__(self, *, input_size: int, hidden_size: int, depth: int, layer_norm: bool, recurrent_dropout: float) -> None:
        super().__init__()
        self.input_projection = nn.Linear(input_size, 4 * hidden_size, bias=False)
        self.input_norm = nn.LayerNorm(4 * hidden_size, bias=False) if layer_norm else nn.Identity()
        self.transitions = nn.ModuleList(
            Transition(hidden_size=hidden_size, layer_norm=layer_norm, recurrent_dropout=recurrent_dropout)
            for _ in range(depth)
        )
        for rows in self.input_projection.weight.data.chunk(4):
            nn.init.xavier_uniform_(rows)

    def start(self, initial: Tensor) -> tuple[Tensor, Tensor]:
        return initial, torch.zeros_like(initial)

    def forward(self, inputs: Tensor, state: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        added = self.input_norm(self.input_projection(inputs))
        if state is None:
            zeros = self.input_projection.weight.new_zeros(len(inputs), added.shape[2] // 4)
            state = zeros, zeros
        weights = self._weights()
        outputs = []
        for position in added.unbind(1):
            state = self._advance(position, state, weights)
            outputs.append(state[0])
        return torch.stack(outputs, dim=1), state

    def step(self, inputs: Tensor, state: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        return self._advance(self.input_norm(self.input_projection(inputs)), state, self._weights())

    def _weights(self) -> list[Tensor]:
        """The recurrent weights of each transition, dropped out once for a whole sequence."""
        weights = []
        for transition in self.transitions:
            assert isinstance(transition, Transition)
            weights.append(transition.weight())
        return weights

    def _advance(self, added: Tensor, state: tuple[Tensor, Tensor], weights: list[Tensor]) -> tuple[Tensor, Tensor]:
        hidden, cell = state
        for index, (transition, weight) in enumerate(zip(self.transitions, weights, strict=True)):
            hidden, cell = transition(hidden, cell, weight=weight, added=added if index == 0 else None)
        return hidden, cell


def lstm_layers(config: ModelConfig, *, depth: int) -> MakeLayer:
    """The fused layer where it has all that `config` asks for; `depth` is the number of transitions."""
    if depth == 1 and not config.layer_norm:
        return partial(LSTMLayer, recurrent_dropout=config.recurrent_dropout)
    return partial(SteppedLSTMLayer, depth=depth, layer_norm=config.layer_norm, recurrent_dropout=config.recurrent_dropout)
