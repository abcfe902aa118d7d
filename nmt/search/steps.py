"""How the steps of a search are run: each as it is written, or captured by a runtime and replayed.

A step is a function of tensors alone: it has fixed shapes, waits for no device, and changes none of its arguments. So a
runtime may run it once, remember the kernels it launched, and launch them again. A plain number in a step would be
remembered too; the numbers that differ from one step to the next are therefore arguments, as `StepNumbers`.
"""

from __future__ import annotations

from collections.abc import Hashable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Protocol, TypeVar, runtime_checkable

import torch
from torch import Tensor

from nmt.search.scorer import Scorer

C = TypeVar("C")
E = TypeVar("E")
_E = TypeVar("_E", covariant=True)


@dataclass(frozen=True, slots=True)
class StepNumbers:
    """The numbers that differ from one step to the next: plain, or tensors () where the step is replayed."""

    step: int | Tensor  # counted from 1
    normaliser: float | Tensor  # divides the log-probability of a hypothesis that ends in this step
    first_cell: int | Tensor  # in the trace, of the rows as this step finds them


class Step(Hashable, Protocol[C, _E]):
    """One token further. Equal steps compute the same."""

    def __call__(self, carry: C, numbers: StepNumbers) -> tuple[C, _E]:
        """The carry of the last step -> the carry of the next step, of the same shapes, and this step's output.

        Both results are tensors in tuples and frozen dataclasses. The step has no other effect.
        """
        ...


# Reading which sentences are finished makes the host wait for an accelerator, so there it is done less often.
CHECK_EVERY_ON_ACCELERATOR = 4


class Steps(Protocol):
    """Runs the steps of one search at a time."""

    @property
    def check_every(self) -> int:
        """Number of steps after which the host reads which sentences are finished."""
        ...

    def pad(self, source: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """The batch in a shape that is wanted: with more columns of padding, with more sentences at the end, or as it is."""
        ...

    def size(self, sentences: int) -> int:
        """The size of a batch in which `sentences` are unfinished; at least as many."""
        ...

    def run(self, step: Step[C, E], carry: C, numbers: StepNumbers) -> tuple[C, E]:
        """The results of `step`. The carry is valid until the next call; the output belongs to the caller."""
        ...


@dataclass(frozen=True, slots=True)
class Eager:
    """Runs each step as it is written."""

    check_every: int = 1

    def pad(self, source: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """As Steps.pad: the batch as it is."""
        return source, lengths

    def size(self, sentences: int) -> int:
        """As Steps.size: no more than needed."""
        return sentences

    def run(self, step: Step[C, E], carry: C, numbers: StepNumbers) -> tuple[C, E]:
        """As Steps.run."""
        return step(carry, numbers)


@runtime_checkable
class Leasing(Protocol):
    """A scorer whose steps may be captured."""

    def lease(self) -> AbstractContextManager[Steps]:
        """The runner of this scorer's steps, for the time of one search; another search waits."""
        ...


def steps_of(scorer: Scorer, device: torch.device) -> AbstractContextManager[Steps]:
    """The runner of a search's steps: the scorer's own where it has one, otherwise Eager."""
    if isinstance(scorer, Leasing):
        return scorer.lease()
    return nullcontext(Eager(1 if device.type == "cpu" else CHECK_EVERY_ON_ACCELERATOR))
