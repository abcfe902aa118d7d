"""A CUDA graph's stand-in on the CPU: the operations that a function ran, run again on the very same memory.

As with a graph, the function's Python is not run again: its numbers and branches are what they were, and its tensors are
read and written where they were. A step that waits for the device, or whose work depends on the numbers in its tensors, is
refused as CUDA would refuse it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

WAITS = (
    "_local_scalar_dense",  # item, bool, int, float, tolist
    "item",
    "is_nonzero",
    "equal",
    "nonzero",  # also an index of booleans
    "masked_select",
    "repeat_interleave.Tensor",
    "repeat_interleave.self_Tensor",
    "unique",
    "bincount",
    "lift_fresh",  # torch.tensor([...]): a copy from the host
    "_to_copy",  # judged by its device below
)


class WaitsForDevice(AssertionError):
    """A step would make the host wait, or copy from it."""


class NoLists(TorchFunctionMode):
    """Refuses what reads a tensor's memory on the CPU without an operation."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func in (Tensor.tolist, Tensor.numpy, Tensor.__array__):
            raise WaitsForDevice(f"{func.__name__} waits for the device")
        return func(*args, **(kwargs or {}))


class Watch(TorchDispatchMode):
    """Refuses what waits for a device; `seen` gets each operation with what it was given and returned."""

    def __init__(self, seen: Callable[[Any, Any, Any, Any], None] = lambda *_: None) -> None:
        super().__init__()
        self.seen = seen

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        name = str(func).removeprefix("aten.")
        if "_to_copy" in name:
            waits = kwargs.get("device") not in (None, args[0].device)
        elif name.startswith("index."):
            waits = any(index is not None and index.dtype == torch.bool for index in args[1])
        else:
            waits = name.startswith(tuple(f"{one}{mark}" for one in WAITS for mark in "._")) or name in WAITS
        if waits:
            raise WaitsForDevice(f"{name} waits for the device")
        result = func(*args, **kwargs)
        self.seen(func, args, kwargs, result)
        return result


class TapeCapture:
    """As graph.Capture. `replays` counts; between replays what the function computed in between is overwritten."""

    def __init__(self, *, warm_ups: int = 1) -> None:
        self.warm_ups = warm_ups
        self.captures = self.replays = 0

    def __call__(self, function: Callable[[], None]) -> Callable[[], None]:
        for _ in range(self.warm_ups):
            function()
        tape: list[tuple[Any, Any, Any, list[Tensor], list[Tensor]]] = []

        def record(func: Any, args: Any, kwargs: Any, result: Any) -> None:
            given = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, Tensor)]
            made = [leaf for leaf in tree_leaves(result) if isinstance(leaf, Tensor)]
            tape.append((func, args, kwargs, given, made))

        with NoLists(), Watch(record):
            function()
        self.captures += 1
        fresh = _fresh(tape)

        def replay() -> None:
            self.replays += 1
            for tensor in fresh:  # nothing may be left from the replay before
                tensor.fill_(False if tensor.dtype == torch.bool else 1)
            for func, args, kwargs, given, made in tape:
                for old, new in zip(made, _tensors(func(*args, **kwargs)), strict=True):
                    if _place(old) not in map(_place, given):
                        old.copy_(new)

        return replay


def _tensors(value: Any) -> list[Tensor]:
    return [leaf for leaf in tree_leaves(value) if isinstance(leaf, Tensor)]


def _place(tensor: Tensor) -> int:
    return tensor.untyped_storage().data_ptr()


def _fresh(tape: list[Any]) -> list[Tensor]:
    """What the recorded operations made, not views or changes of what was there."""
    return [old for *_, given, made in tape for old in made if old.numel() and _place(old) not in map(_place, given)]
