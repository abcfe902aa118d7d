"""How the steps of a search are run: one after the other as they are written, or captured by a runtime and replayed.

A step is a function of tensors alone: it has fixed shapes, waits for no device, and changes nothing that it is given. So
a runtime may run it once, remember the kernels it launched, and launch them again. What is a plain number in a step would
be remembered too; the numbers that differ from one step to the next are therefore handed in as a `Now`.
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
class Now:
    """What a step needs to know of where the search is: plain numbers, or tensors () where the step is replayed."""

    step: int | Tensor  # counted from 1
    normaliser: float | Tensor  # what the log-probability of a hypothesis that ends now is divided by
    first_cell: int | Tensor  # in the trace, of the rows as this step finds them


class Step(Hashable, Protocol[C, _E]):
    """One token further. Steps that are equal do the same."""

    def __call__(self, carry: C, now: Now) -> tuple[C, _E]:
        """From what the last step left to what the next one needs, of the same shapes, and what is said to the search.

        Both are tensors in tuples and frozen dataclasses, and nothing but those is computed.
        """
        ...


# Looking at what is over makes the host wait for an accelerator, so there it is done less often.
CHECK_EVERY_ON_ACCELERATOR = 4


class Steps(Protocol):
    """Runs steps, for one search at a time."""

    @property
    def check_every(self) -> int:
        """How many steps are run before the host looks which sentences are over."""
        ...

    def pad(self, source: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """The batch in the shape it should have: more columns of padding, more sentences at the end, or as it is."""
        ...

    def size(self, sentences: int) -> int:
        """How many sentences, at least so many, a batch should keep when so many are not over yet."""
        ...

    def run(self, step: Step[C, E], carry: C, now: Now) -> tuple[C, E]:
        """What `step` returns. The carry holds until the next call; what was said is the caller's own."""
        ...


@dataclass(frozen=True, slots=True)
class Eager:
    """Each step as it is written."""

    check_every: int = 1

    def pad(self, source: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """As Steps.pad: as it is."""
        return source, lengths

    def size(self, sentences: int) -> int:
        """As Steps.size: no more than are needed."""
        return sentences

    def run(self, step: Step[C, E], carry: C, now: Now) -> tuple[C, E]:
        """As Steps.run."""
        return step(carry, now)


@runtime_checkable
class Leasing(Protocol):
    """A scorer whose steps may be captured."""

    def lease(self) -> AbstractContextManager[Steps]:
        """For the time of one search, what runs its steps; another search waits."""
        ...


def steps_of(scorer: Scorer, device: torch.device) -> AbstractContextManager[Steps]:
    """What runs a search on `scorer`: its own where it has that, otherwise each step as it is written."""
    if isinstance(scorer, Leasing):
        return scorer.lease()
    return nullcontext(Eager(1 if device.type == "cpu" else CHECK_EVERY_ON_ACCELERATOR))
