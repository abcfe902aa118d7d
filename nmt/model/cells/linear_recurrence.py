"""The linear recurrence of cells whose gates do not see the state."""

from __future__ import annotations

import torch
from torch import Tensor


def linear_recurrence(kept: Tensor, added: Tensor, initial: Tensor) -> Tensor:
    """c_t = kept_t * c_(t-1) + added_t for kept and added (N, T, H) from c_0 (N, H) -> c (N, T, H).

    One multiplication and one addition for each position. With added = (1 - kept) * x it is a weighted mean of what came
    before, in which nothing can overflow.
    """
    cell, cells = initial, []
    for keep, new in zip(kept.unbind(1), added.unbind(1), strict=True):
        cell = torch.addcmul(new, keep, cell)
        cells.append(cell)
    return torch.stack(cells, dim=1)
