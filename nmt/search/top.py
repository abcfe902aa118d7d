"""The largest of many numbers, a row at a time."""

from __future__ import annotations

import torch
from torch import Tensor

_LONG = 4096  # numbers in a row from which strips are faster
_STRIP_WIDTH = 256


def top(values: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The `count` largest of each row and their places, largest first: values (..., N) -> (..., count) twice.

    On a CPU, PyTorch's top-k reads numbers one by one, its maximum many at once. So a long row is cut into strips laid
    one below the other: the `count` columns with the largest maxima hold the `count` largest numbers. The number of rows
    does not decide which way is taken, since the two may put equal numbers in another order.
    """
    size = values.shape[-1]
    if size < _LONG or count > _STRIP_WIDTH or values.device.type != "cpu":
        return values.topk(count)
    number = size // _STRIP_WIDTH
    width = size // number
    strips = values[..., : number * width].view(*values.shape[:-1], number, width)
    columns = strips.amax(dim=-2).topk(count).indices  # (..., count)
    inside = columns[..., None, :] + torch.arange(0, number * width, width)[:, None]  # (..., strips, count)
    rest = torch.arange(number * width, size).expand(*values.shape[:-1], -1)
    places = torch.cat((inside.flatten(-2), rest), dim=-1)
    best, which = values.gather(-1, places).topk(count)
    return best, places.gather(-1, which)
