"""Sentences of like length together, under a budget of padded tokens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nmt.errors import InputError


def batches(sizes: Sequence[tuple[int, ...]], *, budget: int, copies: int) -> Iterator[list[int]]:
    """Numbers of the sentences (or pairs) of each batch, of like length, longest first.

    A batch's size is its longest of each side, times its sentences, times `copies`; it is at most `budget` unless one
    sentence alone is more. Those of size 0 are in no batch.
    """
    if not isinstance(budget, int) or budget < 1:
        raise InputError(f"batch_tokens {budget!r} should be at least 1")
    order = sorted(
        (index for index, size in enumerate(sizes) if any(size)), key=lambda index: sum(sizes[index]), reverse=True
    )
    batch: list[int] = []
    longest: tuple[int, ...] = ()
    for index in order:
        padded = tuple(map(max, zip(longest, sizes[index], strict=True))) if batch else sizes[index]
        if batch and sum(padded) * (len(batch) + 1) * copies > budget:
            yield batch
            batch, padded = [], sizes[index]
        batch.append(index)
        longest = padded
    if batch:
        yield batch
