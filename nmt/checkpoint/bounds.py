"""A bound on the memory of a network while it is built."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

_FACTORIES = (torch.empty, torch.zeros, torch.ones)


class TooLarge(Exception):
    """A network does not fit into its bounds."""


class Bounded(TorchFunctionMode):
    """A context in which new tensors have so many numbers at the most, all together, and are so many. Raises TooLarge."""

    def __init__(self, *, numbers: int, tensors: int) -> None:
        super().__init__()
        self._numbers, self._tensors = numbers, tensors

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if function in _FACTORIES:
            size = args[0] if len(args) == 1 and not isinstance(args[0], int) else args
            self._numbers -= math.prod(size)
            self._tensors -= 1
            if self._numbers < 0 or self._tensors < 0:
                raise TooLarge
        return function(*args, **(kwargs or {}))
