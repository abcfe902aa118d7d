"""Measurements as values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median
from typing import Any

from nmt.bench.machine import Hardware
from nmt.bench.plan import Setting


@dataclass(frozen=True, slots=True)
class ProductSpeed:
    """Operations per second of one matrix product, all processes together; None where there is none of that type."""

    shape: tuple[int, int, int]
    """(M, K) times (K, N): M hypotheses, and N gates of an LSTM layer of the decoder with as much input as state."""
    fp32: float
    fp16: float | None
    int8: float | None


@dataclass(frozen=True, slots=True)
class MachineLimits:
    """Limits of the machine, with the processes and threads of the measurement."""

    device: str
    products: tuple[ProductSpeed, ...]
    copy_bytes_per_second: float
    """Bytes read and bytes written, all processes together."""
    launch_seconds: float
    """Time of the smallest operation; on a GPU, of a kernel."""


@dataclass(frozen=True, slots=True)
class Run:
    """One repeat of one setting. Memory is the sum of the processes, times are those of the slowest."""

    seconds: float
    """Time from the first batch to the last, the model being loaded and warm."""
    process_seconds: float
    """Time from the start of the processes to their end."""
    latencies: tuple[float, ...]
    """Seconds of each batch."""
    source_tokens: int
    target_tokens: int
    """Tokens of the best translations, their ends included."""
    torch_import_seconds: float
    load_seconds: float
    first_translation_seconds: float
    """Time from the start of the process."""
    peak_memory_bytes: int
    peak_gpu_memory_bytes: int
    threads: int
    """Threads of each process."""
    runtime: str
    """Runtime that ran, where the setting leaves that open."""
    complaint: str | None
    """Translator.complaint."""
    translations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """Medians of the repeats of one setting."""

    setting: Setting
    runtime: str
    complaint: str | None
    """Translator.complaint."""
    threads: int
    sentences: int
    target_tokens: int
    seconds: float
    sentences_per_second: float
    target_tokens_per_second: float
    latency_seconds: dict[str, float] | None
    """p50, p90 and p99, at batch size 1."""
    load_seconds: float
    first_translation_seconds: float
    own_start_seconds: float
    """Up to the first translation, the import of PyTorch left out."""
    peak_memory_bytes: int
    peak_gpu_memory_bytes: int
    flops_per_second: float
    """Operations as ModelStatistics.translation_flops counts them, per second."""
    product_share: dict[str, float]
    """By type, `flops_per_second` as a share of the matrix product's."""


@dataclass(frozen=True, slots=True)
class Report:
    version: str
    model: str
    machine: Hardware
    repeat: int
    limits: MachineLimits
    results: tuple[Result, ...]


def summarise(setting: Setting, runs: Sequence[Run], flops: float, limits: MachineLimits) -> Result:
    """The medians of `runs`, whose translations cannot do without `flops` operations."""

    def middle(name: str) -> Any:
        return median(getattr(run, name) for run in runs)

    sentences, seconds = len(runs[0].translations), middle("seconds")
    [product] = [one for one in limits.products if one.shape[0] == setting.beam_size * setting.batch_size]
    speeds = {"fp32": product.fp32, "fp16": product.fp16, "int8": product.int8}
    return Result(
        setting=setting,
        runtime=runs[0].runtime,
        complaint=runs[0].complaint,
        threads=runs[0].threads,
        sentences=sentences,
        target_tokens=runs[0].target_tokens,
        seconds=seconds,
        sentences_per_second=sentences / seconds,
        target_tokens_per_second=runs[0].target_tokens / seconds,
        latency_seconds=_percentiles(runs) if setting.batch_size == 1 else None,
        load_seconds=middle("load_seconds"),
        first_translation_seconds=middle("first_translation_seconds"),
        own_start_seconds=median(run.first_translation_seconds - run.torch_import_seconds for run in runs),
        peak_memory_bytes=middle("peak_memory_bytes"),
        peak_gpu_memory_bytes=middle("peak_gpu_memory_bytes"),
        flops_per_second=flops / seconds,
        product_share={name: flops / seconds / speed for name, speed in speeds.items() if speed},
    )


def _percentiles(runs: Sequence[Run]) -> dict[str, float]:
    """The smallest latency of each run that so many percent do not exceed; medians of the runs."""
    return {
        f"p{percent}": median(sorted(run.latencies)[max(0, ceil(percent / 100 * len(run.latencies)) - 1)] for run in runs)
        for percent in (50, 90, 99)
    }
