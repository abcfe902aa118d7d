"""int8 matrices: one scale for each row, which is what one output is computed from."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_ROWS_AT_ONCE = 256  # each step in between is as large as what it is made of


def quantise(weight: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """weight (N, I) -> int8 (N, I) and scale (N,): each row's largest value is 127."""
    integers, scales = np.empty(weight.shape, np.int8), np.empty(len(weight), np.float32)
    for first in range(0, len(weight), _ROWS_AT_ONCE):
        rows = slice(first, first + _ROWS_AT_ONCE)
        scales[rows] = np.maximum(np.abs(weight[rows]).max(axis=1), np.float32(1e-12)) / np.float32(127.0)
        integers[rows] = np.rint(weight[rows] / scales[rows, None])
    return integers, scales
