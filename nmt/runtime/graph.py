"""Steps of a search captured once for each shape, and replayed: what holds for a graph on any device.

A captured step reads and writes fixed places in memory. So a graph owns a copy of everything that a step is given, its
carry; the step's last act is to write the next carry into the same places. Entering a graph copies tensors into it, and
while a search stays in it nothing is copied. Batches are padded to a few shapes, so that a few graphs do.

    first carry ──copy──> [ places ] <──── step, then copy ────┐
                               └───────── replay ──────────────┘──clone──> the step's output
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor
from torch.nn.functional import pad

from nmt.config.vocabulary import PADDING_ID
from nmt.search.scorer import Scorer, State
from nmt.search.steps import CHECK_EVERY_ON_ACCELERATOR, Step, StepNumbers, Steps

T = TypeVar("T")
C = TypeVar("C")
E = TypeVar("E")

Capture = Callable[[Callable[[], None]], Callable[[], None]]
"""From a function that reads and writes fixed places to one that does the same again. It may call the function itself, and
more than once."""

MOST_GRAPHS = 64
"""Kept of a scorer, each with its places: sentences times hypotheses times the units of their states and memory. The one
not used for longest goes first. What a step computes in between lies in one memory that all graphs share."""

_ALL_SIZES_TO = 64  # from here on, sizes between powers of two are worth a graph
_COLUMNS = 8

_log = logging.getLogger(__name__)


def bucket(count: int) -> int:
    """The least size of a batch, at least `count`: 1, 2, 4, 8, 16, 32, 64, then also halfway: 96, 128, 192, 256, ..."""
    power = 1 << (count - 1).bit_length()
    halfway = power * 3 // 4
    return halfway if count <= halfway and power > _ALL_SIZES_TO else power


def columns_bucket(count: int) -> int:
    """The least source length, at least `count`: 8, 16, 24, 32, 48, 64, 96, 128, 192, ..."""
    blocks = -(-count // _COLUMNS)
    power = 1 << (blocks - 1).bit_length()
    return _COLUMNS * (power * 3 // 4 if blocks <= power * 3 // 4 and power > 2 else power)


def map_tensors(value: T, function: Callable[[Tensor], Any]) -> T:
    """`value` with each of its tensors replaced; it is a tensor, or one in tuples and dataclasses among other values."""
    mapped: Any = value
    if isinstance(value, Tensor):
        mapped = function(value)
    elif isinstance(value, tuple):
        mapped = tuple(map_tensors(item, function) for item in value)
    elif is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in fields(value)]
        mapped = replace(value, **{name: map_tensors(getattr(value, name), function) for name in names})
    return mapped  # type: ignore[no-any-return]


def tensors_of(value: object) -> list[Tensor]:
    """All tensors in `value`, always in the same order."""
    found: list[Tensor] = []
    map_tensors(value, found.append)
    return found


def shapes_of(value: T) -> T:
    """`value` with the shape and type of each tensor in its place; two that are equal can use the same places."""
    return map_tensors(value, lambda tensor: (tuple(tensor.shape), tensor.dtype))


class Graph(Generic[C, E]):
    """One step for one shape."""

    def __init__(self, step: Step[C, E], carry: C, capture: Capture) -> None:
        """Captures `step` for carries like `carry`, whose tensors it does not keep."""
        self.step = step
        self.carry = map_tensors(carry, lambda tensor: tensor.clone(memory_format=torch.contiguous_format))
        self._places = tensors_of(self.carry)
        self._output: E
        device = self._places[0].device
        self._numbers = (
            torch.ones((), dtype=torch.int64, device=device),
            torch.ones((), dtype=torch.float32, device=device),
            torch.zeros((), dtype=torch.int64, device=device),
        )
        self._replay = capture(self._advance)

    def load(self, carry: C) -> None:
        """Go on from `carry`, copying what is not here already."""
        _copy(self._places, tensors_of(carry))

    def run(self, numbers: StepNumbers) -> tuple[C, E]:
        """The next carry, in this graph's own places, and the step's output, in new ones."""
        for place, number in zip(self._numbers, (numbers.step, numbers.normaliser, numbers.first_cell), strict=True):
            place.fill_(number)
        self._replay()
        return self.carry, map_tensors(self._output, torch.clone)

    def _advance(self) -> None:
        carry, self._output = self.step(self.carry, StepNumbers(*self._numbers))
        if shapes_of(carry) != shapes_of(self.carry):
            raise TypeError(f"{self.step} changes shapes, from {shapes_of(self.carry)} to {shapes_of(carry)}")
        _copy(self._places, tensors_of(carry))


def _copy(places: list[Tensor], tensors: list[Tensor]) -> None:
    """Into each place its tensor, one kernel for each type of number. No tensor may be a part of another's place."""
    pairs = [(place, tensor) for place, tensor in zip(places, tensors, strict=True) if place is not tensor]
    for dtype in dict.fromkeys(place.dtype for place, _ in pairs):
        alike = [pair for pair in pairs if pair[0].dtype == dtype]
        torch._foreach_copy_([place for place, _ in alike], [tensor for _, tensor in alike])


class GraphSteps:
    """Runs steps on graphs, each captured when its shape is first met. For one search at a time.

    Where capturing fails, steps are run as they are written from then on, and a warning says why.
    """

    check_every = CHECK_EVERY_ON_ACCELERATOR

    def __init__(self, new_capture: Callable[[], Capture]) -> None:
        self._new_capture = new_capture
        self.clear()

    def clear(self) -> None:
        """Let go of all graphs and their memory."""
        self.graphs: OrderedDict[Hashable, Graph[Any, Any]] = OrderedDict()
        self._last: Graph[Any, Any] | None = None
        self._capture: Capture | None = self._new_capture()

    def pad(self, source: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """As Steps.pad: up to the bucket of both sizes; the first sentence fills the rows."""
        batch, size = source.shape
        rows = torch.arange(bucket(batch), device=source.device)
        rows = torch.where(rows < batch, rows, 0)
        return pad(source, (0, columns_bucket(size) - size), value=PADDING_ID)[rows], lengths[rows]

    def size(self, sentences: int) -> int:
        """As Steps.size: the bucket."""
        return bucket(sentences)

    def run(self, step: Step[C, E], carry: C, numbers: StepNumbers) -> tuple[C, E]:
        """As Steps.run."""
        if self._last is None or self._last.carry is not carry or self._last.step != step:
            self._last = self._find(step, carry)
            if self._last is None:
                return step(carry, numbers)
            self._last.load(carry)
        return self._last.run(numbers)

    def _find(self, step: Step[C, E], carry: C) -> Graph[C, E] | None:
        key = (step, shapes_of(carry))
        if key not in self.graphs and self._capture is not None:
            try:
                self.graphs[key] = Graph(step, carry, self._capture)
            except torch.OutOfMemoryError:
                raise
            except RuntimeError as error:
                _log.warning("the steps of the search cannot be captured, and run as they are: %s", error)
                self._capture = None
            while len(self.graphs) > MOST_GRAPHS:
                self.graphs.popitem(last=False)
        if key not in self.graphs:
            return None
        self.graphs.move_to_end(key)
        return self.graphs[key]


class GraphScorer:
    """A scorer whose searches run on graphs. Threads may share one; their searches take turns."""

    def __init__(self, scorer: Scorer, new_capture: Callable[[], Capture]) -> None:
        """`scorer`'s `step` and the methods of its states compute with tensors alone, and wait for no device."""
        self._scorer = scorer
        self._turn = threading.Lock()
        self._steps = GraphSteps(new_capture)

    @property
    def vocabulary_size(self) -> int:
        return self._scorer.vocabulary_size

    def start(self, source: Tensor, lengths: Tensor) -> State:
        """As Scorer.start."""
        return self._scorer.start(source, lengths)

    def step(self, tokens: Tensor, state: State) -> tuple[Tensor, State, Tensor]:
        """As Scorer.step."""
        return self._scorer.step(tokens, state)

    @contextmanager
    def lease(self) -> Iterator[Steps]:
        """As Leasing.lease. A search that runs out of memory leaves no graph behind."""
        with self._turn:
            try:
                yield self._steps
            except torch.OutOfMemoryError:
                self._steps.clear()
                raise
