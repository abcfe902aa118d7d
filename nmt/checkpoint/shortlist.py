"""The file of a shortlist: safetensors with the common tokens, and the entries as gaps between ascending numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from nmt.config.vocabulary import PADDING_ID
from nmt.errors import ModelDirectoryError
from nmt.model.shortlist import Shortlist, id_type

MOST_TRANSLATIONS = 1000
"""Targets of one source token, whose places every source token has in memory; `learn_shortlist` finds 400 at the most."""
_CARRY = 255
"""A byte that adds this much to the byte after it."""

Numbers = npt.NDArray[np.integer[Any]]


def read_shortlist(path: Path, *, vocabulary_size: int) -> Shortlist:
    """Raises ModelDirectoryError for a file that is no shortlist, or one of another vocabulary."""
    try:
        arrays = load_file(path)
        size, common, gaps = int(arrays["vocabulary_size"]), arrays["common"], arrays["entries"]
        if size != vocabulary_size:
            raise ModelDirectoryError(f"{path}: is for {size} subwords; the tokenizer has {vocabulary_size}")
        if gaps.ndim != 1 or gaps.dtype != np.uint8 or not np.issubdtype(common.dtype, np.integer):
            raise ValueError(f"entries are {gaps.ndim}-dimensional {gaps.dtype} and common tokens {common.dtype}")
        return Shortlist.build(common=common, translations=_table(_numbers(gaps), size))
    except (OSError, SafetensorError, KeyError, ValueError, TypeError) as error:
        raise ModelDirectoryError(
            f"{path}: cannot be read: not a shortlist: {error}; `nmt shortlist` makes a new one"
        ) from error


def shortlist_bytes(shortlist: Shortlist) -> bytes:
    """The file that `read_shortlist` reads. An entry is the number source · V + target."""
    source, rank = np.nonzero(shortlist.translations != PADDING_ID)
    numbers = np.unique(source * shortlist.vocabulary_size + shortlist.translations[source, rank])
    size = np.array(shortlist.vocabulary_size)
    return save({"common": shortlist.common, "entries": _gaps(numbers), "vocabulary_size": size})


def _gaps(numbers: Numbers) -> npt.NDArray[np.uint8]:
    """Distinct numbers in ascending order, each as its distance to the one before: about a byte for each."""
    carries, rest = np.divmod(np.diff(numbers, prepend=-1), _CARRY)
    found = np.full(int(carries.sum()) + len(numbers), _CARRY, np.uint8)
    found[np.cumsum(carries + 1) - 1] = rest
    return found


def _numbers(gaps: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """The numbers that `_gaps` was given."""
    ends: npt.NDArray[np.int64] = np.cumsum(gaps, dtype=np.int64)[gaps != _CARRY]
    return ends - 1


def _table(entries: npt.NDArray[np.int64], vocabulary_size: int) -> Numbers:
    """Ascending numbers source · V + target -> (V, n): the targets of each source, padded with PADDING_ID.

    Raises ValueError where a source is outside the vocabulary, or has too many targets.
    """
    if len(entries) and not 0 <= entries[0] <= entries[-1] < vocabulary_size**2:
        raise ValueError(f"source token {entries[-1] // vocabulary_size} is outside the vocabulary of {vocabulary_size}")
    source, target = np.divmod(entries, vocabulary_size)
    counts = np.bincount(source, minlength=vocabulary_size)
    if counts.max() > MOST_TRANSLATIONS:
        raise ValueError(f"a source token has {counts.max()} translations; it can have {MOST_TRANSLATIONS}")
    firsts = np.cumsum(counts) - counts
    rank = np.arange(len(source)) - np.repeat(firsts, counts)
    translations = np.full((vocabulary_size, int(counts.max())), PADDING_ID, id_type(vocabulary_size))
    translations[source, rank] = target
    return translations
