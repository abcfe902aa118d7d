"""The largest of many numbers, a row at a time."""

from __future__ import annotations

import torch
from torch import Tensor

_FROM = 4096
_WIDTH = 256


def top(values: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The `count` largest of each row and their places, largest first: values (..., N) -> (..., count) twice.

    On a CPU, PyTorch looks at numbers one by one for this, but at many at once for a maximum. So a long row is cut into
    strips laid one below the other: the columns with the largest maxima hold all that is looked for. Which way is taken
    does not depend on how many rows there are, since equal numbers may come in another order.
    """
    size = values.shape[-1]
    if size < _FROM or count > _WIDTH or values.device.type != "cpu":
        return values.topk(count)
    number = size // _WIDTH
    width = size // number
    strips = values[..., : number * width].view(*values.shape[:-1], number, width)
    columns = strips.amax(dim=-2).topk(count).indices  # (..., count)
    inside = columns[..., None, :] + torch.arange(0, number * width, width)[:, None]  # (..., strips, count)
    rest = torch.arange(number * width, size).expand(*values.shape[:-1], -1)
    places = torch.cat((inside.flatten(-2), rest), dim=-1)
    best, which = values.gather(-1, places).topk(count)
    return best, places.gather(-1, which)
