"""Settings of a process that libraries read once: a program makes them when it starts, before it uses PyTorch."""

from __future__ import annotations

import os


def limit_primitive_cache() -> None:
    """Keep 64 of the kernels that oneDNN compiles for each shape of batch; its own limit, 1024, is gigabytes in training.

    A limit that is in the environment already stays.
    """
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64")


def use_huge_pages() -> None:
    """Have PyTorch ask for pages of 2 MiB, which cost training less time than pages of 4 KiB: its tensors are large and
    short-lived. Figures are in docs/quality.md. A choice that is in the environment already stays.
    """
    os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")
