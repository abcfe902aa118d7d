"""Running text in batches for truncated backpropagation through time: lanes side by side, read on window by window."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from nmt.config.vocabulary import BEGIN_ID, END_ID, PADDING_ID
from nmt.corpus.batching import SHOWN_LINES, PairBatch, Position, TokenisedText
from nmt.errors import CorpusError

Integers = npt.NDArray[np.integer[Any]]

HALF_SHARE, DEVIATION, SHORTEST = 0.05, 5.0, 5
"""Of drawn windows, as Merity et al. 2018 have them: the share near half of the usual length, the deviation, the least."""


class RunningText:
    """The training text of a prepared folder as one stream of tokens, in which END_ID ends each line.

    The stream is cut into lanes of equal length, and each lane into windows. A batch is one window of `lanes` lanes; its
    state goes on from the batch before, the gradient does not (truncated backpropagation through time, Williams and Peng
    1990). An update has `batches` of them, each with lanes of its own. An epoch begins all lanes with an empty state; tokens
    behind the last lane, fewer than there are lanes, are left out.

    With `variable`, a window's length is drawn from N(window, 5), one in twenty from N(window / 2, 5), at least 5, and
    the learning rate is in proportion to it (Merity et al. 2018, section 5).
    """

    def __init__(self, folder: Path, *, lanes: int, batches: int, window: int, variable: bool, seed: int) -> None:
        """Raises CorpusError where the text is shorter than a window of each lane."""
        self.folder = folder
        self.source = TokenisedText(folder, "source")
        self.target = TokenisedText(folder, "target")
        self.lanes, self.window, self.variable, self.seed = lanes, window, variable, seed
        stream = np.insert(self.target.tokens, self.target.offsets[1:], END_ID)
        length = len(stream) // (lanes * batches)
        if length < window:
            count = f"{lanes * batches} × {window}" if lanes * batches > 1 else str(window)
            raise CorpusError(
                f"{folder}: the training text has {len(stream):,} tokens, ends of lines counted, fewer than one window of "
                f"training.bptt tokens in each lane ({count}); lower training.bptt or training.batch_tokens"
            )
        self._before = np.concatenate(([END_ID], stream[length - 1 :: length]))[: lanes * batches]
        self._text = stream[: lanes * batches * length].reshape(lanes * batches, length)
        self._windows = lru_cache(2)(self._draw_windows)  # of an epoch that ends, and the next

    def __len__(self) -> int:
        """Number of lines."""
        return len(self.target)

    def updates(self, position: Position, *, size: int) -> Iterator[tuple[Sequence[PairBatch], Sequence[Position]]]:
        """Batches without end from `position` on, `size` for each update, with the positions after them."""
        while True:
            drawn = self._windows(position.epoch)
            for number in range(position.batch // size, len(drawn)):
                last = number + 1 == len(drawn)
                batches = [self._batch(*drawn[number], part) for part in range(size)]
                ends = [Position(position.epoch, number * size + part) for part in range(1, size + 1)]
                yield batches, [*ends[:-1], Position(position.epoch + 1)] if last else ends
            position = Position(position.epoch + 1)

    def where(self, positions: Iterable[Position]) -> str:
        """The first line of each lane in the batches at `positions`, counted from 1, for people; of many the first."""
        size, length = len(self._text) // self.lanes, self._text.shape[1]
        ends = self.target.offsets[1:] + np.arange(1, len(self) + 1)  # of lines in the stream
        lines: set[int] = set()
        for position in positions:
            start, _ = self._windows(position.epoch)[position.batch // size]
            first = position.batch % size * self.lanes
            places = np.arange(first, first + self.lanes) * length + start
            lines.update((np.searchsorted(ends, places, side="right") + 1).tolist())
        shown = sorted(lines)
        more = f" and {len(shown) - SHOWN_LINES} more" if shown[SHOWN_LINES:] else ""
        return f"from lines {', '.join(map(str, shown[:SHOWN_LINES]))}{more} of {self.folder}/train.target on"

    def padding_share(self) -> float:
        """None: all windows of a batch have one length."""
        return 0.0

    def _draw_windows(self, epoch: int) -> list[tuple[int, int]]:
        """First token and length of each window of a lane."""
        generator, total = np.random.default_rng((self.seed, epoch)), self._text.shape[1]
        drawn, start = [], 0
        while start < total:
            length = self._draw_length(generator) if self.variable else self.window
            drawn.append((start, min(length, total - start)))
            start += length
        return drawn

    def _draw_length(self, generator: np.random.Generator) -> int:
        mean = self.window / 2 if generator.random() < HALF_SHARE else self.window
        return max(SHORTEST, int(generator.normal(mean, DEVIATION)))

    def _batch(self, start: int, length: int, part: int) -> PairBatch:
        rows = slice(part * self.lanes, (part + 1) * self.lanes)
        text = self._text[rows]
        before = text[:, start - 1] if start else self._before[rows]
        rate_factor = length / self.window if self.variable else 1.0
        return _window(before, text[:, start : start + length], continues=start > 0, rate_factor=rate_factor)


def windows(lines: Sequence[Sequence[int]], *, lanes: int, length: int) -> Iterator[PairBatch]:
    """All of `lines`, of token ids, as running text in at most so many lanes, window by window; the last lane is padded."""
    stream = np.array([*chain.from_iterable((*line, END_ID) for line in lines)], np.int64)
    width = -(-len(stream) // lanes)
    lanes = -(-len(stream) // width) if width else 0
    text = np.pad(stream, (0, lanes * width - len(stream)), constant_values=PADDING_ID).reshape(lanes, width)
    before = np.concatenate(([END_ID], text[:-1, -1]))
    for start in range(0, width, length):
        window = text[:, start : start + length]
        yield _window(before, window, continues=start > 0, rate_factor=1.0)
        before = window[:, -1]


def _window(before: Integers, text: Integers, *, continues: bool, rate_factor: float) -> PairBatch:
    """A batch whose prefix is the text a token later; after the end of a line the model reads BEGIN_ID, as at the start."""
    target = torch.from_numpy(text.astype(np.int64))  # (B, T)
    first = torch.from_numpy(before.astype(np.int64))  # (B,)
    prefix = torch.cat((first[:, None], target[:, :-1]), dim=1)
    return PairBatch(
        source=target.new_zeros(len(target), 0),
        lengths=target.new_zeros(len(target)),
        prefix=prefix.masked_fill(prefix == END_ID, BEGIN_ID),
        target=target,
        continues=continues,
        rate_factor=rate_factor,
    )
