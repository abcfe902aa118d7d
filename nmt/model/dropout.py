"""Dropout whose mask may be new at each position, or one for the whole sequence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import repeat
from typing import Literal

import torch
from torch import Tensor, nn


class Dropout(nn.Module):
    """Zeroes units with `probability` and scales the rest up, while training.

    `kind` "element" draws every unit of every position anew (Srivastava et al. 2014); "variational" draws one mask
    per sentence and holds it over time (Gal and Ghahramani 2016, equation 7, on a layer's input).
    """

    def __init__(self, *, probability: float, kind: Literal["element", "variational"]) -> None:
        super().__init__()
        self.probability = probability
        self.kind = kind

    def forward(self, inputs: Tensor) -> Tensor:
        """(B, T, D) -> (B, T, D)."""
        if not self.training or self.probability == 0.0:
            return inputs
        if self.kind == "element" and inputs.is_cuda:
            return nn.functional.dropout(inputs, self.probability)
        return inputs * self._mask(inputs)

    def over_positions(self, sequence: Tensor) -> Iterator[Callable[[Tensor], Tensor]]:
        """`forward` for each position (B, D) of a sequence (B, T, D) that is not there yet; only its shape is read."""
        if not self.training or self.probability == 0.0:
            return repeat(lambda inputs: inputs)
        mask = self._mask(sequence).expand_as(sequence)
        return (partial(torch.mul, position) for position in mask.unbind(1))

    def _mask(self, sequence: Tensor) -> Tensor:
        """Factors for a sequence (B, T, D): of its own shape, or (B, 1, D) where one mask holds over time."""
        return self.scale(sequence if self.kind == "element" else sequence[:, :1])

    def scale(self, like: Tensor) -> Tensor:
        """Random factors 0 or 1 / (1 - probability), shaped like `like`; all ones outside training."""
        if not self.training or self.probability == 0.0:
            return torch.ones_like(like)
        # Drawing takes longer than all the rest on a CPU: one draw of 64 bits serves four units, 16 bits for each.
        count = like.numel()
        draws = torch.empty(-(-count // 4), dtype=torch.int64, device=like.device).random_(-(2**63), None)
        dropped = min(round(self.probability * 2**16), 2**16 - 1)  # of the values that 16 bits can have
        kept = draws.view(torch.int16)[:count].view(like.shape) >= dropped - 2**15
        return kept.to(like.dtype).mul_(2**16 / (2**16 - dropped))


class WordDropout(nn.Module):
    """Zeroes whole embeddings: a word is not seen at one position (Sennrich et al. 2016, section 2.3.1)."""

    def __init__(self, *, probability: float) -> None:
        super().__init__()
        self.probability = probability

    def forward(self, embeddings: Tensor) -> Tensor:
        """(B, T, E) -> (B, T, E)."""
        if not self.training or self.probability == 0.0:
            return embeddings
        kept = torch.empty_like(embeddings[..., :1]).bernoulli_(1.0 - self.probability)
        return embeddings * kept
