"""One update of the weights: gradients in as much memory as there is, and no step where a number is not finite."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import nn

from nmt.corpus.batching import PairBatch
from nmt.errors import TrainingError
from nmt.training.objective import Objective
from nmt.training.parallel import Group
from nmt.training.sums import UpdateSums
from nmt.training.task import Carried


class Update:
    """A step of `optimizer` on the mean loss per target token of some batches.

    Each batch is computed in parts, one after another, whose gradients add up to the same. Where memory does not suffice,
    the parts are made smaller until it does.
    """

    def __init__(
        self,
        *,
        objective: Objective,
        network: Any,
        optimizer: torch.optim.Optimizer,
        clip_norm: float,
        device: torch.device,
        group: Group,
    ) -> None:
        self.objective = objective
        self.network = network
        self.optimizer = optimizer
        self.clip_norm = clip_norm
        self.device = device
        self.group = group
        self.carried: dict[int, Carried] = {}
        """The state after each batch of the last update that this process computed, by the batch's place in it."""

    def __call__(self, batches: Sequence[PairBatch], *, rate: float, parts: int) -> UpdateSums:
        """Make a step of learning rate `rate`, each batch in `parts` parts at the least; none if not all is finite.

        Every process of the group is given all the batches, computes its share, and makes the same step.
        Raises TrainingError where there is no memory for one sentence pair.
        """
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.network.train()
        while (found := self._gradients(batches, parts)) is None:
            parts = self._smaller(parts, batches)
        sums, carried = found
        if sums.finite:
            self.optimizer.step()
            self.carried = carried
        self.optimizer.zero_grad(set_to_none=True)
        return sums

    def _gradients(self, batches: Sequence[PairBatch], parts: int) -> tuple[UpdateSums, dict[int, Carried]] | None:
        """The sums and the state after each batch. None where memory was not enough."""
        total = sum(batch.target_tokens for batch in batches)
        sums = torch.zeros(len(batches), 2, dtype=torch.float64, device=self.device)  # of each, loss and likelihood
        carried: dict[int, Carried] = {}
        enough = True
        try:
            for index in range(self.group.rank, len(batches), self.group.size):
                after = []
                for part, before in self._parts(index, batches[index], parts):
                    found = self.objective(self.network, part.to(self.device), before)
                    (found.loss / total).backward()  # type: ignore[no-untyped-call]
                    sums[index] += torch.stack((found.loss.detach(), found.likelihood))
                    after.append(found.carried)
                carried[index] = tuple(torch.cat(tensors) for tensors in zip(*after, strict=True))
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            enough = False
        if not self.group.all_agree(enough):
            return None
        self.group.add_up([weight.grad for weight in self.network.parameters() if weight.grad is not None])
        self.group.add_up([sums])
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), self.clip_norm).item()
        losses, likelihoods = sums.T.tolist()
        return (
            UpdateSums(losses=tuple(losses), likelihood=sum(likelihoods), tokens=total, gradient_norm=norm, parts=parts),
            carried,
        )

    def _parts(self, index: int, batch: PairBatch, parts: int) -> Iterator[tuple[PairBatch, Carried]]:
        """The parts of a batch, each with its rows of the state that the batch continues."""
        split = batch.split(parts)
        before = self.carried.get(index, ()) if batch.continues else ()
        rows = [torch.split(tensor, [len(part.lengths) for part in split]) for tensor in before]
        return ((part, tuple(tensor[number] for tensor in rows)) for number, part in enumerate(split))

    def _smaller(self, parts: int, batches: Sequence[PairBatch]) -> int:
        self.optimizer.zero_grad(set_to_none=True)
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
        if parts >= max(len(batch.lengths) for batch in batches):
            raise TrainingError(
                f"out of memory with one sentence pair at a time on {self.device}; the state saved last is untouched: "
                "make the model smaller, or drop long sentences (preparation.max_characters)"
            )
        return 2 * parts


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an allocation failed, on a GPU or on the CPU (for which PyTorch has no class of its own)."""
    return isinstance(error, (torch.OutOfMemoryError, MemoryError)) or "DefaultCPUAllocator" in str(error)
