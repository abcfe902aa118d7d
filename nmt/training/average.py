"""The moving average of weights, which is validated and saved in place of the weights themselves."""

from __future__ import annotations

import copy
from typing import Generic, TypeVar

import torch
from torch import Tensor, nn

N = TypeVar("N", bound=nn.Module)


class MovingAverage(Generic[N]):
    """Exponential moving average of a network's weights (Polyak and Juditsky 1992), shorter while the run is young.

    After update t the average is d · average + (1 - d) · weights with d = min(decay, (1 + t) / (10 + t)), so that it soon
    forgets the weights that were drawn at random. With a decay of 0 it is the weights.
    """

    def __init__(self, network: N, *, decay: float) -> None:
        self.network = copy.deepcopy(network).eval().requires_grad_(False)
        """The network with the averaged weights."""
        self.decay = decay

    @torch.no_grad()
    def add(self, network: N, *, update: int) -> None:
        """Take in the weights that `network` has after this update, counted from 1."""
        decay = min(self.decay, (1 + update) / (10 + update)) if self.decay else 0.0
        averaged: list[Tensor] = list(self.network.parameters())
        current: list[Tensor] = list(network.parameters())
        torch._foreach_lerp_(averaged, current, 1.0 - decay)
