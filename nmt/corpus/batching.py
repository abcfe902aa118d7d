"""Batches of sentence pairs of like length, in an order that (seed, epoch) fixes, from a position that can be restored."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from nmt.config.vocabulary import BEGIN_ID, END_ID, PADDING_ID
from nmt.errors import CorpusError
from nmt.model.padding import pad

T = TypeVar("T")
Pair = tuple[list[int], list[int]]
"""Token ids of source and target."""
SHOWN_LINES = 10
MOST_JOINED = 25  # tokens of either of two pairs that are joined
POOL_BATCHES = 200  # batches whose pairs are sorted by length together


@dataclass(frozen=True, slots=True)
class PairBatch:
    """B sentence pairs. S and T are the longest of the batch; the rest is padding."""

    source: Tensor  # (B, S) int64
    lengths: Tensor  # (B,) int64: real source tokens
    prefix: Tensor  # (B, T) int64: BEGIN_ID and the target
    target: Tensor  # (B, T) int64: the target and END_ID
    continues: bool = False
    """Whether each row goes on where that of the batch at the same place of the update before ended."""
    rate_factor: float = 1.0
    """By which the learning rate of its update is multiplied."""

    @property
    def target_tokens(self) -> int:
        """Real target tokens, END_ID included."""
        return int((self.target != PADDING_ID).sum())

    @classmethod
    def of(cls, pairs: Sequence[tuple[Sequence[int], Sequence[int]]]) -> PairBatch:
        """Pairs of source and target token ids, without begin and end, as one padded batch."""
        return cls(
            source=pad([source for source, _ in pairs]),
            lengths=torch.tensor([len(source) for source, _ in pairs]),
            prefix=pad([[BEGIN_ID, *target] for _, target in pairs]),
            target=pad([[*target, END_ID] for _, target in pairs]),
        )

    def split(self, parts: int) -> list[PairBatch]:
        """Split into at most `parts` batches of like size, each without padding that it does not need."""
        if parts == 1:
            return [self]
        batches = []
        for rows in torch.arange(len(self.lengths)).chunk(parts):
            longest = int((self.target[rows] != PADDING_ID).sum(dim=1).max())
            source = self.source[rows, : int(self.lengths[rows].max())]
            batches.append(
                replace(
                    self,
                    source=source,
                    lengths=self.lengths[rows],
                    prefix=self.prefix[rows, :longest],
                    target=self.target[rows, :longest],
                )
            )
        return batches

    def to(self, device: torch.device) -> PairBatch:
        """Copy to `device`; to a GPU through pinned memory, so that the copy does not wait for earlier work there."""

        def copy(tensor: Tensor) -> Tensor:
            return (tensor.pin_memory() if device.type == "cuda" else tensor).to(device, non_blocking=True)

        return replace(
            self,
            source=copy(self.source),
            lengths=copy(self.lengths),
            prefix=copy(self.prefix),
            target=copy(self.target),
        )


@dataclass(frozen=True, slots=True)
class Position:
    """The next batch of a pass over the text."""

    epoch: int = 0
    batch: int = 0


class TokenisedText:
    """One side of a prepared corpus: memory-mapped token ids, sentence after sentence."""

    def __init__(self, folder: Path, side: str) -> None:
        paths = [folder / f"train.{side}.tokens.npy", folder / f"train.{side}.offsets.npy"]
        for path in paths:
            if not path.is_file():
                raise CorpusError(f"{path} is missing; run `nmt prepare` for this recipe first")
        self.tokens: npt.NDArray[np.integer] = np.load(paths[0], mmap_mode="r")
        self.offsets: npt.NDArray[np.int64] = np.load(paths[1])

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, index: int) -> list[int]:
        sentence: list[int] = self.tokens[self.offsets[index] : self.offsets[index + 1]].tolist()
        return sentence

    def lengths(self) -> npt.NDArray[np.int64]:
        return np.diff(self.offsets)


@dataclass(frozen=True, slots=True)
class _Epoch:
    """The pairs of an epoch: those of the text by their numbers, and behind them those that are joined of two."""

    first: npt.NDArray[np.int64]
    second: npt.NDArray[np.int64]
    """What each joined pair is made of."""
    source_lengths: npt.NDArray[np.int64]
    target_lengths: npt.NDArray[np.int64]
    """Of all pairs."""

    def parts(self, pair: int) -> tuple[int, ...]:
        """The one or two pairs of the text that a pair is made of."""
        joined = pair - (len(self.source_lengths) - len(self.first))
        return (pair,) if joined < 0 else (int(self.first[joined]), int(self.second[joined]))


class Resample(Protocol):
    def __call__(self, sentences: Sequence[Sequence[int]], *, seed: int) -> list[list[int]]:
        """Sentences of token ids segmented anew, at random from a seed."""


class Vary(Protocol):
    def __call__(self, pairs: Sequence[Pair], *, seed: int) -> list[Pair]:
        """Pairs of token ids changed, at random from a seed."""


class TrainingText:
    """The training pairs of a prepared folder, as batches under a budget of padded tokens.

    Pairs are shuffled, sorted by length inside pools of many batches, cut into batches, and the batches shuffled:
    little padding, and neighbours that change every epoch. Where `vary` and `resample` are given, the pairs of each batch
    are changed and segmented anew, from a seed that is the batch's own; the budget is for the pairs that were prepared.

    In each epoch the share `joined` of the pairs, short ones, is joined two by two.
    """

    def __init__(
        self,
        folder: Path,
        *,
        batch_tokens: int,
        seed: int,
        vary: Vary | None = None,
        resample: Resample | None = None,
        joined: float = 0.0,
    ) -> None:
        self.folder = folder
        self.source = TokenisedText(folder, "source")
        self.target = TokenisedText(folder, "target")
        if len(self.source) != len(self.target):
            raise CorpusError(f"{folder}: {len(self.source)} source and {len(self.target)} target sentences")
        if len(self.source) == 0:
            raise CorpusError(f"{folder}: no training pair is left after cleaning")
        self.batch_tokens = batch_tokens
        self.seed = seed
        self.vary = vary
        self.resample = resample
        self.joined = joined
        self._epoch = lru_cache(2)(self._draw_epoch)  # one that ends, and the next
        # One more on the target: BEGIN_ID before it or END_ID after it.
        self.source_lengths = self.source.lengths()
        self.target_lengths = self.target.lengths() + 1

    def __len__(self) -> int:
        return len(self.source)

    def batches(self, position: Position) -> Iterator[tuple[PairBatch, Position]]:
        """Batches without end from `position` on, each with the position after it."""
        while True:
            plan = self.plan(position.epoch)
            for index in range(position.batch, len(plan)):
                last = index + 1 == len(plan)
                after = Position(position.epoch + 1) if last else Position(position.epoch, index + 1)
                yield self.collate(plan[index], Position(position.epoch, index)), after
            position = Position(position.epoch + 1)

    def updates(self, position: Position, *, size: int) -> Iterator[tuple[Sequence[PairBatch], Sequence[Position]]]:
        """Batches without end from `position` on, `size` for each update, with the positions after them."""
        batches = self.batches(position)
        while True:
            some, ends = zip(*itertools.islice(batches, size), strict=True)
            yield some, ends

    def where(self, positions: Iterable[Position]) -> str:
        """The lines of the batches at `positions` in the prepared text, counted from 1, for people; of many the first."""
        members = ((self._epoch(position.epoch), self.plan(position.epoch)[position.batch]) for position in positions)
        lines = sorted(part + 1 for epoch, pairs in members for pair in pairs for part in epoch.parts(int(pair)))
        more = f" and {len(lines) - SHOWN_LINES} more" if lines[SHOWN_LINES:] else ""
        return f"lines {', '.join(map(str, lines[:SHOWN_LINES]))}{more} of {self.folder}/train.source and train.target"

    def plan(self, epoch: int) -> list[npt.NDArray[np.int64]]:
        """The numbers of the pairs of each batch of an epoch, which depend on text, seed and budget alone."""
        generator = np.random.default_rng((self.seed, epoch))
        pairs = self._epoch(epoch)
        sources, targets = pairs.source_lengths, pairs.target_lengths
        alone = np.ones(len(sources), dtype=bool)
        alone[pairs.first] = alone[pairs.second] = False
        order = generator.permutation(len(sources))
        order = order[alone[order]]
        mean = float((self.source_lengths + self.target_lengths).mean())
        pool = max(1, int(POOL_BATCHES * self.batch_tokens / mean))
        batches: list[npt.NDArray[np.int64]] = []
        for start in range(0, len(order), pool):
            members = order[start : start + pool]
            batches.extend(
                _cut(members[_by_length(sources[members], targets[members])], sources, targets, self.batch_tokens)
            )
        return [batches[index] for index in generator.permutation(len(batches))]

    def _draw_epoch(self, number: int) -> _Epoch:
        count = int(self.joined * len(self.source)) // 2
        if not count:
            return _Epoch(np.arange(0), np.arange(0), self.source_lengths, self.target_lengths)
        generator = np.random.default_rng((self.seed, number, 1))
        short = np.flatnonzero(np.maximum(self.source_lengths, self.target_lengths) < MOST_JOINED)
        drawn = generator.permutation(short)[: 2 * min(count, len(short) // 2)]
        first, second = drawn[::2], drawn[1::2]
        sides = (self.source_lengths, self.target_lengths)
        return _Epoch(first, second, *(np.concatenate([side, side[first] + side[second]]) for side in sides))

    def padding_share(self) -> float:
        """The share of padding in all tokens of the first epoch's batches."""
        padded = real = 0
        pairs = self._epoch(0)
        for members in self.plan(0):
            sources, targets = pairs.source_lengths[members], pairs.target_lengths[members]
            padded += int(sources.max() + targets.max()) * len(members)
            real += int(sources.sum() + targets.sum())
        return 1.0 - real / padded

    def collate(self, members: npt.NDArray[np.int64], position: Position) -> PairBatch:
        """The pairs with these numbers, the batch at `position`, as one padded batch."""
        epoch = self._epoch(position.epoch)
        parts = [epoch.parts(int(member)) for member in members]
        sides = ([[*itertools.chain(*(side[part] for part in one))] for one in parts] for side in (self.source, self.target))
        pairs: list[Pair] = list(zip(*sides, strict=True))
        *seeds, third = np.random.SeedSequence((self.seed, position.epoch, position.batch)).generate_state(3).tolist()
        if self.vary is not None:
            pairs = self.vary(pairs, seed=third)
        if self.resample is not None:
            varied = zip(*pairs, strict=True)
            resampled = [self.resample(side, seed=seed) for side, seed in zip(varied, seeds, strict=True)]
            pairs = list(zip(*resampled, strict=True))
        return PairBatch.of(pairs)


def _by_length(source: npt.NDArray[np.int64], target: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Sort by length of the target, and equally long targets by the source, upwards and downwards in turn.

    So neighbours are alike also where one length of target ends and the next begins.
    """
    return np.lexsort((np.where(target % 2, source, -source), target))


def _cut(
    members: npt.NDArray[np.int64], sources: npt.NDArray[np.int64], targets: npt.NDArray[np.int64], budget: int
) -> Iterator[npt.NDArray[np.int64]]:
    """Cut `members` into runs whose padded size fits the budget; a pair larger than that is a batch of its own."""
    start, longest_source, longest_target = 0, 0, 0
    for index, member in enumerate(members):
        source = max(longest_source, int(sources[member]))
        target = max(longest_target, int(targets[member]))
        if index > start and (source + target) * (index + 1 - start) > budget:
            yield members[start:index]
            start = index
            source, target = int(sources[member]), int(targets[member])
        longest_source, longest_target = source, target
    yield members[start:]


def ahead(items: Iterator[T]) -> Iterator[T]:
    """Items of an iterator without end, each made in another thread while the one before is in use."""
    with ThreadPoolExecutor(1) as worker:
        following = worker.submit(next, items)
        while True:
            item = following.result()
            following = worker.submit(next, items)
            yield item


def fingerprint(sums: Mapping[str, str]) -> str:
    """Fingerprint of the training text and vocabulary of a prepared folder, from the sha256 of each of its files."""
    read = {name: digest for name, digest in sums.items() if name.startswith("train.") or name == "tokenizer.model"}
    return hashlib.sha256(repr(sorted(read.items())).encode()).hexdigest()[:12]
