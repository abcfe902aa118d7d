"""Several processes that train one model, each on its share of every update's batches; torchrun starts them.

The gradient of an update is the sum over all batches, whichever process computes which: data-parallel training with
synchronous updates, in which every process holds the same weights.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import torch
import torch.distributed as dist
from torch import Tensor

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Group:
    """The processes that train together; this one is number `rank` of 0 to `size` - 1."""

    rank: int
    size: int
    device: torch.device

    @property
    def first(self) -> bool:
        """Whether this is the process that writes files and talks to the user."""
        return self.rank == 0

    def add_up(self, tensors: Sequence[Tensor]) -> None:
        """Replace each tensor by its sum over all processes; all get the same bits."""
        if self.size == 1 or not tensors:
            return
        flat = torch.cat([tensor.flatten() for tensor in tensors])
        dist.all_reduce(flat)
        start = 0
        for tensor in tensors:
            tensor.copy_(flat[start : start + tensor.numel()].view_as(tensor))
            start += tensor.numel()

    def all_agree(self, here: bool) -> bool:
        """Whether `here` holds in every process."""
        if self.size == 1:
            return here
        against = torch.tensor([0.0 if here else 1.0], device=self.device)
        self.add_up([against])
        return not against.any()

    def of_first(self, compute: Callable[[], T]) -> T:
        """The value of `compute` in the first process, which alone calls it; the others wait for it."""
        if self.size == 1:
            return compute()
        box = [compute() if self.first else None]
        dist.broadcast_object_list(box, src=0, device=self.device)
        return box[0]  # type: ignore[return-value]

    def gather(self, value: T) -> list[T]:
        """The value of each process, by rank."""
        if self.size == 1:
            return [value]
        values: list[T | None] = [None] * self.size
        dist.all_gather_object(values, value)
        return values  # type: ignore[return-value]


ALONE = Group(rank=0, size=1, device=torch.device("cpu"))


@contextmanager
def process_group(device: torch.device) -> Iterator[Group]:
    """The group of processes that torchrun has started, or of this process alone.

    It talks over NCCL on GPUs, one for each process, and over gloo elsewhere.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield Group(rank=0, size=1, device=device)
        return
    if device.type == "cuda":
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield Group(rank=dist.get_rank(), size=dist.get_world_size(), device=device)
    finally:
        dist.destroy_process_group()
        # Gloo's threads end with the last reference to them; if they outlive the interpreter, they abort the process.
        gc.collect()
