"""One update of the weights: gradients in as much memory as there is, and a step that no bad number gets into."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from nmt.corpus.batching import Batch
from nmt.errors import TrainingError
from nmt.training.parallel import Group

Loss = Callable[[Batch], tuple[Tensor, Tensor, int]]
"""Of a batch: what to minimise and the negative log-likelihood, both summed over target tokens, and how many those are."""


@dataclass(frozen=True, slots=True)
class StepSums:
    """What an update saw, summed over the target tokens of its batches."""

    losses: tuple[float, ...]
    """One for each batch."""
    likelihood: float
    tokens: int
    gradient_norm: float
    """Of the gradient of the mean loss per token, before it is clipped."""

    @property
    def finite(self) -> bool:
        return all(map(math.isfinite, (*self.losses, self.likelihood, self.gradient_norm)))


class Step:
    """A step of `optimizer` on the mean loss per target token of some batches.

    Each batch is computed in `parts` parts, one after another, whose gradients add up to the same. Where memory does not
    suffice, there are twice as many from then on.
    """

    def __init__(
        self,
        *,
        loss: Loss,
        model: nn.Module,
        optimizer: torch.optim.Optimizer,
        clip_norm: float,
        device: torch.device,
        group: Group,
    ) -> None:
        self.loss = loss
        self.model = model
        self.optimizer = optimizer
        self.clip_norm = clip_norm
        self.device = device
        self.group = group
        self.parts = 1

    def __call__(self, batches: Sequence[Batch], *, rate: float) -> StepSums:
        """At the learning rate `rate`. If not all is finite, the weights stay what they were.

        Every process of the group is given all the batches, computes its share, and makes the same step.
        Raises TrainingError where there is no memory for one sentence pair.
        """
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.model.train()
        while (sums := self._gradients(batches)) is None:
            self._take_smaller_parts(batches)
        if sums.finite:
            self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return sums

    def _gradients(self, batches: Sequence[Batch]) -> StepSums | None:
        """None where memory was not enough."""
        total = sum(batch.target_tokens for batch in batches)
        sums = torch.zeros(len(batches), 2, dtype=torch.float64, device=self.device)  # of each, loss and likelihood
        enough = True
        try:
            for index in range(self.group.rank, len(batches), self.group.size):
                for part in batches[index].split(self.parts):
                    sums[index] += self._add_gradient(part, total)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            enough = False
        if not self.group.all_agree(enough):
            return None
        self.group.add_up([weight.grad for weight in self.model.parameters() if weight.grad is not None])
        self.group.add_up([sums])
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), self.clip_norm).item()
        losses, likelihoods = sums.T.tolist()
        return StepSums(losses=tuple(losses), likelihood=sum(likelihoods), tokens=total, gradient_norm=norm)

    def _add_gradient(self, part: Batch, total: int) -> Tensor:
        loss, likelihood, _ = self.loss(part.to(self.device))
        (loss / total).backward()  # type: ignore[no-untyped-call]
        return torch.stack((loss.detach(), likelihood))

    def _take_smaller_parts(self, batches: Sequence[Batch]) -> None:
        self.optimizer.zero_grad(set_to_none=True)
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
        if self.parts >= max(len(batch.lengths) for batch in batches):
            raise TrainingError(
                f"out of memory with one sentence pair at a time on {self.device}; the state saved last is untouched: "
                "make the model smaller, or drop long sentences (preparation.max_characters)"
            )
        self.parts *= 2


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an allocation failed, on a GPU or on the CPU (for which PyTorch has no class of its own)."""
    return isinstance(error, (torch.OutOfMemoryError, MemoryError)) or "DefaultCPUAllocator" in str(error)
