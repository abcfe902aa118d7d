"""Lexical shortlists: the few target tokens that a sentence's translation may need, chosen by its source tokens.

The output matrix is most of a small decoder's work. A step that computes some hundred of its rows costs a fraction of one
that computes all (L'Hostis et al. 2016; Shi and Knight 2017; Devlin 2017).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from nmt.config.vocabulary import BEGIN_ID, END_ID, PADDING_ID, UNKNOWN_ID

ALIGNMENT = 16
"""Lists are padded to a multiple of so many tokens, as kernels like it."""

_SPECIAL_IDS = (PADDING_ID, UNKNOWN_ID, BEGIN_ID, END_ID)

Ids = npt.NDArray[np.integer[Any]]


def id_type(vocabulary_size: int) -> type[np.integer[Any]]:
    """The smallest type that ids are kept in; they are sorted in half the time of int64."""
    return np.uint16 if vocabulary_size <= 1 << 16 else np.int32


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Shortlist:
    """The target tokens that each source token calls for. It keeps nothing between calls, so that threads may share one.

    `build` makes one from any arrays of ids; both are of the smallest type that holds the vocabulary.
    """

    common: Ids
    """(C,): target tokens in every list, the four special ones among them."""
    translations: Ids
    """(V, n): of each source token its most probable translations; PADDING_ID where there are fewer than n."""

    @classmethod
    def build(cls, *, common: Ids, translations: Ids) -> Self:
        """common (C,), translations (V, n), row PADDING_ID of which is not read. Raises ValueError for ids beyond V."""
        if common.ndim != 1 or translations.ndim != 2 or len(translations) < len(_SPECIAL_IDS):
            raise ValueError(f"common {common.shape} should be (C,), translations {translations.shape} (V, n)")
        for ids in (common, translations):
            if ids.size and not 0 <= ids.min() <= ids.max() < len(translations):
                raise ValueError(f"ids {ids.min()} to {ids.max()} should be below the vocabulary size, {len(translations)}")
        kind = id_type(len(translations))
        translations = translations.astype(kind)
        translations[PADDING_ID] = PADDING_ID
        # Not np.union1d, which loads masked arrays: a tenth of the time to a first translation.
        own = np.array(sorted({*_SPECIAL_IDS, *common.tolist()}), kind)
        return cls(common=own, translations=translations)

    @property
    def vocabulary_size(self) -> int:
        """V, of source and target alike."""
        return len(self.translations)

    def tokens(self, source: Ids, lengths: Ids) -> npt.NDArray[np.int64]:
        """source (B, S), lengths (B,) -> the target token ids that each sentence may need, (B, L).

        Columns 0 to 3 are ids 0 to 3; then come the sentence's own tokens in ascending order, which depend on its source
        alone; then PADDING_ID up to L, a multiple of `ALIGNMENT`.
        """
        ids = np.where(np.arange(source.shape[1]) < lengths[:, None], source, PADDING_ID)
        own = self.translations[ids].reshape(len(ids), -1)  # (B, S·n)
        # Sorting with duplicates costs a tenth of marking a (B, V) table, and does not grow with V.
        found = np.empty((len(ids), len(self.common) + own.shape[1]), own.dtype)
        found[:, : len(self.common)] = self.common
        found[:, len(self.common) :] = own
        found.sort(axis=1)
        first = np.ones(found.shape, np.bool_)
        np.not_equal(found[:, 1:], found[:, :-1], out=first[:, 1:])
        counts = np.count_nonzero(first, axis=1)
        longest = -(-int(counts.max()) // ALIGNMENT) * ALIGNMENT
        result = np.full((len(ids), longest), PADDING_ID, np.int64)
        result[np.arange(longest) < counts[:, None]] = found[first]
        return result
