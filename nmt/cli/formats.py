"""How a model and its speed are described."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from nmt.errors import escaped
from nmt.offline.formats import one_line

if TYPE_CHECKING:
    from nmt.bench.report import MachineLimits, Report, Result


def facts(rows: Iterable[tuple[str, str]]) -> str:
    """Labels and values for people to read, one a line, the values one under the other."""
    rows = list(rows)
    width = max(len(label) for label, _ in rows)
    return "\n".join(f"{label:{width}}  {escaped(one_line(value))}" for label, value in rows)


def speed_table(report: Report) -> str:
    """What was measured, for people to read."""
    machine, setting = report.machine, report.results[0].setting
    threads = f"{setting.workers} × {report.results[0].threads} threads"
    about = [
        ("model", f"{report.model}, nmt {report.version}"),
        ("machine", f"{machine.processor}, {machine.cores} cores, {machine.system}, torch {machine.torch}"),
        ("measured on", f"{report.limits.device}, {threads}; medians of {report.repeat} runs"),
        ("text", f"{report.results[0].sentences:,} sentences"),
        *_limits(report.limits),
    ]
    about += [("note", complaint) for complaint in dict.fromkeys(one.complaint for one in report.results) if complaint]
    return "\n".join([facts(about), "", *_aligned([list(_HEADINGS), *(_row(result) for result in report.results)])])


_HEADINGS = (
    *("runtime", "beam", "batch", "sentences/s", "tokens/s", "p50 ms", "p90 ms", "p99 ms", "memory MiB", "GPU MiB"),
    *("load s", "first s", "own s", "of fp32", "of fp16", "of int8"),
)


def _row(result: Result) -> list[str]:
    latencies = result.latency_seconds or {}
    return [
        result.runtime,
        str(result.setting.beam_size),
        str(result.setting.batch_size),
        f"{result.sentences_per_second:.1f}",
        f"{result.target_tokens_per_second:.0f}",
        *(f"{1000 * latencies[name]:.1f}" if name in latencies else "-" for name in ("p50", "p90", "p99")),
        f"{result.peak_memory_bytes / 2**20:.0f}",
        f"{result.peak_gpu_memory_bytes / 2**20:.0f}" if result.peak_gpu_memory_bytes else "-",
        f"{result.load_seconds:.2f}",
        f"{result.first_translation_seconds:.2f}",
        f"{result.own_start_seconds:.2f}",
        *(f"{result.product_share[name]:.0%}" if name in result.product_share else "-" for name in ("fp32", "fp16", "int8")),
    ]


def _limits(limits: MachineLimits) -> list[tuple[str, str]]:
    products = [
        (f"product of {' × '.join(map(str, one.shape))}", ", ".join(f"{name} {speed / 1e9:,.0f}" for name, speed in some))
        for one in limits.products
        if (some := [(name, speed) for name in ("fp32", "fp16", "int8") if (speed := getattr(one, name))])
    ]
    return [
        *((label, f"{speeds} GFLOP/s") for label, speeds in products),
        ("copy", f"{limits.copy_bytes_per_second / 1e9:.1f} GB/s"),
        ("smallest operation", f"{1e6 * limits.launch_seconds:.1f} µs"),
    ]


def _aligned(rows: list[list[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(f"{cell:>{width}}" for cell, width in zip(row, widths, strict=True)) for row in rows]
