"""Settings of a process that libraries read from its environment when they are loaded."""

from __future__ import annotations

import os
import sys

from nmt.errors import InputError

_THREADS = "OMP_NUM_THREADS"


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


def set_threads(threads: int) -> None:
    """Set how many CPU threads compute in this process, PyTorch's among them. Raises InputError."""
    if not isinstance(threads, int) or threads < 1:
        raise InputError(f"threads {threads!r} should be at least 1")
    os.environ[_THREADS] = str(threads)  # what PyTorch reads when it is loaded
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(threads)


def available_threads() -> int:
    """CPU threads that compute in this process: as PyTorch says where it is loaded."""
    if torch := sys.modules.get("torch"):
        return int(torch.get_num_threads())
    given = os.environ.get(_THREADS, "").split(",")[0]
    return int(given) if given.isdecimal() and int(given) else len(os.sched_getaffinity(0))
