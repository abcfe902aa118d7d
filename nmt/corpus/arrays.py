"""Arrays of ids on disk, written as they come."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np


def token_dtype(vocabulary_size: int) -> np.dtype[Any]:
    """The smallest type that holds every id below `vocabulary_size`."""
    return np.dtype("<u2") if vocabulary_size <= 1 << 16 else np.dtype("<i4")


class ArrayWriter:
    """A one-dimensional `.npy` file that grows: its header, which holds the length, is written last."""

    _HEADER_BYTES = 128

    def __init__(self, path: Path, dtype: np.dtype[Any]) -> None:
        self._file = path.open("wb")
        self._dtype = dtype
        self._length = 0
        self._file.write(bytes(self._HEADER_BYTES))

    def append(self, values: list[int]) -> None:
        self._file.write(np.array(values, self._dtype).tobytes())
        self._length += len(values)

    def __enter__(self) -> ArrayWriter:
        return self

    def __exit__(self, *_: object) -> None:
        header = io.BytesIO()
        np.lib.format.write_array_header_1_0(
            header, {"descr": self._dtype.str, "fortran_order": False, "shape": (self._length,)}
        )
        if len(header.getvalue()) != self._HEADER_BYTES:
            raise AssertionError(f"the .npy header takes {len(header.getvalue())} bytes, not {self._HEADER_BYTES}")
        with self._file:
            self._file.seek(0)
            self._file.write(header.getvalue())
