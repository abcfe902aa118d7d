"""The machine that measured."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

_FEATURES = ("avx2", "avx512", "avx_vnni", "amx", "neon", "asimd", "sve", "i8mm")


@dataclass(frozen=True, slots=True)
class Hardware:
    system: str
    processor: str
    features: tuple[str, ...]
    """Instruction sets of the CPU that matter for matrix products; empty where they are not known."""
    cores: int
    """Number of cores that this process may use."""
    memory_bytes: int
    python: str
    torch: str


def this_machine() -> Hardware:
    processor = _processor()
    flags = processor.get("flags", processor.get("Features", "")).split()
    return Hardware(
        system=f"{platform.system()} {platform.machine()}",
        processor=processor.get("model name", platform.processor() or platform.machine()),
        features=tuple(sorted(flag for flag in flags if flag.startswith(_FEATURES))),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        memory_bytes=os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"),
        python=platform.python_version(),
        torch=version("torch"),
    )


def _processor() -> dict[str, str]:
    """Facts of Linux about the first processor."""
    facts: dict[str, str] = {}
    for line in _lines("/proc/cpuinfo"):
        name, _, value = line.partition(":")
        facts.setdefault(name.strip(), value.strip())
    return facts


def peak_memory() -> int:
    """Bytes of memory that this process has had at most, what it shares with others included."""
    # What getrusage says counts in the memory of the process that this one was forked from.
    for line in _lines("/proc/self/status"):
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    import resource

    unit = 1 if platform.system() == "Darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
