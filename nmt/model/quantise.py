"""int8 matrices: one scale for each row, which is what one output is computed from."""

from __future__ import annotations

import torch
from torch import Tensor

_ROWS_AT_ONCE = 256  # each step in between is as large as what it is made of


def quantise(weight: Tensor) -> tuple[Tensor, Tensor]:
    """weight (N, I) -> int8 (N, I) and scale (N,) float32: each row's largest value is 127."""
    integers, scales = torch.empty(weight.shape, dtype=torch.int8), torch.empty(weight.shape[0])
    for first in range(0, weight.shape[0], _ROWS_AT_ONCE):
        rows = slice(first, first + _ROWS_AT_ONCE)
        scales[rows] = weight.detach()[rows].abs().amax(dim=1).clamp_min(1e-12) / 127.0
        integers[rows] = (weight.detach()[rows] / scales[rows, None]).round_()
    return integers, scales
