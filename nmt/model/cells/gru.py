"""The gated recurrent unit in its three published conventions."""

from __future__ import annotations

from abc import abstractmethod

import torch
from torch import Tensor, nn

from nmt.model.cells.fused_cell import FusedCell
from nmt.model.cells.gates import recurrent_gates
from nmt.model.cells.hidden_cell import GatedCell


class GRUCell(FusedCell):
    """The GRU of cuDNN and PyTorch: the reset gate acts after the recurrent product.

    r = sigmoid(W_r x + U_r h'), z = sigmoid(W_z x + U_z h'), n = tanh(W_n x + b_n + r * (U_n h' + b_Un)),
    h = (1 - z) * n + z * h', with biases in the gates too. Gates in PyTorch's order r, z, n.
    """

    def __init__(self, *, input_size: int, hidden_size: int) -> None:
        super().__init__(module=nn.GRU(input_size, hidden_size, batch_first=True))

    def update(self, projected: Tensor, hidden: Tensor) -> Tensor:
        _, weight, _, bias = self.weights
        size = [2 * self.hidden_size, self.hidden_size]
        gates, candidate = torch.split(projected, size, dim=1)
        own_gates, own_candidate = torch.split(nn.functional.linear(hidden, weight, bias), size, dim=1)
        reset, kept = torch.sigmoid(gates + own_gates).chunk(2, dim=1)
        return (1.0 - kept) * torch.tanh(candidate + reset * own_candidate) + kept * hidden

    def fused_update(self, inputs: Tensor, hidden: Tensor) -> Tensor:
        return torch.gru_cell(inputs, hidden, *self.weights)


class ResetFirstGRUCell(GatedCell):
    """A GRU whose reset gate acts before the recurrent product: n = tanh(W_n x + U_n (r * h')).

    Its two conventions differ in the meaning of z alone, and are the same with z -> 1 - z. The candidate's product waits for
    the reset gate, so that a position takes two products one after the other, and no fused kernel has it.
    """

    def __init__(self, *, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size=input_size, hidden_size=hidden_size, gates=3)
        self.recurrent = recurrent_gates(hidden_size=hidden_size, count=2)
        self.candidate = recurrent_gates(hidden_size=hidden_size, count=1)

    @abstractmethod
    def mix(self, hidden: Tensor, candidate: Tensor, update: Tensor) -> Tensor:
        """h before, n and z, each (N, H) -> h after."""

    def update(self, projected: Tensor, hidden: Tensor) -> Tensor:
        gates, candidate = torch.split(projected, [2 * self.hidden_size, self.hidden_size], dim=1)
        reset, update = torch.sigmoid(gates + self.recurrent(hidden)).chunk(2, dim=1)
        return self.mix(hidden, torch.tanh(candidate + self.candidate(reset * hidden)), update)


class ChungGRUCell(ResetFirstGRUCell):
    """h = (1 - z) * h' + z * n (Chung et al. 2014): z says how much is new."""

    def mix(self, hidden: Tensor, candidate: Tensor, update: Tensor) -> Tensor:
        return (1.0 - update) * hidden + update * candidate

    @property
    def description(self) -> str:
        return "GRU of Chung et al."


class ChoGRUCell(ResetFirstGRUCell):
    """h = z * h' + (1 - z) * n (Cho et al. 2014): z says how much is kept."""

    def mix(self, hidden: Tensor, candidate: Tensor, update: Tensor) -> Tensor:
        return update * hidden + (1.0 - update) * candidate

    @property
    def description(self) -> str:
        return "GRU of Cho et al."
