"""Freed memory that the C library keeps, and gives back when it is asked to."""

from __future__ import annotations

import ctypes

_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc has it
if _trim is not None:
    _trim.argtypes = [ctypes.c_size_t]


def give_back() -> None:
    """Return the free pages of the heap to the system, where the C library can be asked to.

    Batches of many sizes leave holes in it. By itself glibc returns what is free at the heap's end alone, so that one
    small thing that stays keeps all below it, and a long run ends with more memory than any of its windows asked for.
    """
    if _trim is not None:
        _trim(0)
