"""Segments of a test set in groups: by length, by length difference, by a column of labels, by terciles of a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from nmt.evaluation.metrics import Floats

LENGTHS = (10, 20, 30, 40, 50, 60)
"""Bounds of buckets of words, as compare-mt has them."""
DIFFERENCES = (-20, -10, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 11, 21)
"""Bounds of buckets of words more or fewer than the reference."""
TERCILES = ("lowest third", "middle third", "highest third")


@dataclass(frozen=True, slots=True)
class Group:
    """Segments that have something in common."""

    label: str
    segments: tuple[int, ...]


def groups(buckets: Sequence[int], labels: Sequence[str]) -> list[Group]:
    """Segments by the number of their bucket; buckets without a segment are left out."""
    return [
        Group(label, found)
        for number, label in enumerate(labels)
        if (found := tuple(segment for segment, bucket in enumerate(buckets) if bucket == number))
    ]


def by_bounds(values: Sequence[float], bounds: Sequence[int]) -> list[Group]:
    """Numbers in buckets: below the first bound, from it to below the second, and so on."""
    return groups([int(np.searchsorted(bounds, value, side="right")) for value in values], bound_labels(bounds))


def bound_labels(bounds: Sequence[int]) -> list[str]:
    labels = [f"< {bounds[0]}"]
    for low, high in pairwise(bounds):
        labels.append(f"{low}" if high == low + 1 else f"{low} to {high - 1}")
    return [*labels, f">= {bounds[-1]}"]


def by_label(labels: Sequence[str]) -> list[Group]:
    """Segments by their label, in the order of the labels' first segments."""
    names = list(dict.fromkeys(labels))
    return groups([names.index(label) for label in labels], names)


def by_tercile(values: Floats) -> list[Group]:
    """Three groups of as many segments, the lowest values first; equal values stay in order."""
    ranks = np.empty(len(values), dtype=int)
    ranks[np.argsort(values, kind="stable")] = np.arange(len(values))
    return groups((3 * ranks // max(len(values), 1)).tolist(), TERCILES)
