"""Hidden cells that PyTorch has fused kernels for: cuDNN on a GPU, loops in C++ on a CPU."""

from __future__ import annotations

from abc import abstractmethod

import torch
from torch import Tensor, nn

from nmt.model.cells.hidden_cell import HiddenCell, HiddenState


class FusedCell(HiddenCell):
    """A cell over one of PyTorch's recurrent modules of one layer, which runs its sequences."""

    def __init__(self, *, module: nn.RNN | nn.GRU) -> None:
        """`module` has one layer in one direction, and takes the batch first.

        Glorot input weights and orthogonal recurrent weights for each gate, zero biases.
        """
        super().__init__(input_size=module.input_size, hidden_size=module.hidden_size)
        self.module = module
        input_weight, recurrent_weight, *biases = self.weights
        for rows in torch.split(input_weight.data, self.hidden_size):
            nn.init.xavier_uniform_(rows)
        for rows in torch.split(recurrent_weight.data, self.hidden_size):
            nn.init.orthogonal_(rows)
        for bias in biases:
            nn.init.zeros_(bias)

    @property
    def weights(self) -> list[Tensor]:
        """W (gates·H, I), U (gates·H, H), and their biases (gates·H,)."""
        return list(self.module.all_weights[0])

    @abstractmethod
    def fused_update(self, inputs: Tensor, hidden: Tensor) -> Tensor:
        """inputs (N, I), h before (N, H) -> h after (N, H): projection and update in one kernel."""

    def project(self, inputs: Tensor) -> Tensor:
        """(..., I) -> W x + b, (..., gates·H)."""
        weight, _, bias, _ = self.weights
        return nn.functional.linear(inputs, weight, bias)

    def forward(self, inputs: Tensor, state: HiddenState | None = None) -> tuple[Tensor, HiddenState]:
        before = inputs.new_zeros(len(inputs), self.hidden_size) if state is None else state.hidden
        outputs, last = self.module(inputs, before.unsqueeze(0))
        return outputs, HiddenState(hidden=last[0])

    def step(self, inputs: Tensor, state: HiddenState) -> tuple[Tensor, HiddenState]:
        hidden = self.fused_update(inputs, state.hidden)
        return hidden, HiddenState(hidden=hidden)
