"""Settings of a process that libraries read once: a program makes them when it starts, before it uses PyTorch."""

from __future__ import annotations

import os


def limit_primitive_cache() -> None:
    """Keep 64 of the kernels that oneDNN compiles for each shape of batch; its own limit, 1024, is gigabytes in training.

    A limit that is in the environment already stays.
    """
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64")


def use_huge_pages() -> None:
    """Have PyTorch ask for pages of 2 MiB: in training, whose tensors are large and short-lived, an eighth of the time goes
    into pages of 4 KiB otherwise. It costs memory where tensors are many and small.
    """
    os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")
