"""The two simple recurrent networks: tanh, and ReLU with an identity matrix to start from."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from nmt.model.cells.fused_cell import FusedCell


class RNNCell(FusedCell):
    """h_t = tanh(W x_t + b + U h_(t-1) + b_U) (Elman 1990)."""

    def __init__(self, *, input_size: int, hidden_size: int) -> None:
        super().__init__(module=nn.RNN(input_size, hidden_size, nonlinearity="tanh", batch_first=True))

    def update(self, projected: Tensor, hidden: Tensor) -> Tensor:
        _, weight, _, bias = self.weights
        return torch.tanh(nn.functional.linear(hidden, weight, bias) + projected)

    def fused_update(self, inputs: Tensor, hidden: Tensor) -> Tensor:
        return torch.rnn_tanh_cell(inputs, hidden, *self.weights)

    @property
    def description(self) -> str:
        return "tanh RNN"


class IRNNCell(FusedCell):
    """h_t = ReLU(W x_t + b + U h_(t-1) + b_U), where U is the identity before training (Le et al. 2015).

    A state that gets no input stays as it is, and so does its gradient. Nothing bounds the state.
    """

    def __init__(self, *, input_size: int, hidden_size: int) -> None:
        """Input weights are drawn from a normal distribution of deviation 0.001, as in the paper."""
        super().__init__(module=nn.RNN(input_size, hidden_size, nonlinearity="relu", batch_first=True))
        input_weight, recurrent_weight, *_ = self.weights
        nn.init.normal_(input_weight, std=0.001)
        nn.init.eye_(recurrent_weight)

    def update(self, projected: Tensor, hidden: Tensor) -> Tensor:
        _, weight, _, bias = self.weights
        return torch.relu(nn.functional.linear(hidden, weight, bias) + projected)

    def fused_update(self, inputs: Tensor, hidden: Tensor) -> Tensor:
        return torch.rnn_relu_cell(inputs, hidden, *self.weights)

    @property
    def description(self) -> str:
        return "ReLU RNN from the identity"
