"""Limits of a machine, measured here and now, of which a speed is then a share."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable

import torch
from torch import Tensor

from nmt.runtime import kernels

_CACHES = 2**27  # bytes, more than the caches of a core hold
_SECONDS = 0.3  # of calls, of which the fastest counts


def product_speed(
    rows: int,
    inner: int,
    columns: int,
    *,
    device: torch.device,
    dtype: torch.dtype = torch.float32,
    seconds: float = _SECONDS,
) -> float:
    """Floating-point operations per second of (rows, inner) times (inner, columns), with the threads that PyTorch has."""
    left = torch.randn(rows, inner, device=device, dtype=dtype)
    right = torch.randn(columns, inner, device=device, dtype=dtype).t()  # as nn.Linear has it
    return 2.0 * rows * inner * columns / fastest(lambda: torch.mm(left, right), device=device, seconds=seconds)


def machine_name(device: torch.device) -> str:
    """Name for people of the part of this machine that works on `device`, such as "8 CPU threads, x86_64"."""
    if device.type == "cuda":
        return f"one {torch.cuda.get_device_name(device)}"
    threads = torch.get_num_threads()
    return f"{threads} CPU thread{'s' if threads > 1 else ''}, {platform.machine()}"


def int8_product_speed(rows: int, inner: int, columns: int) -> float | None:
    """`product_speed` of int8 matrices on the CPU, by the fastest product there is; None where there is none."""
    left = torch.randint(0, 256, (rows, inner)).to(torch.uint8)
    right = torch.randint(-127, 128, (columns, inner)).to(torch.int8)
    times = []
    for prepare in INT8_PRODUCTS.values():
        try:
            times.append(fastest(prepare(left, right), device=torch.device("cpu")))
        except (RuntimeError, AttributeError, NotImplementedError):  # this build of PyTorch, or this CPU, has it not
            continue
    return 2.0 * rows * inner * columns / min(times) if times else None


def copy_speed(*, device: torch.device) -> float:
    """Bytes per second of a copy in memory, those read and those written."""
    source = torch.zeros(_CACHES, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    return 2.0 * _CACHES / fastest(lambda: target.copy_(source), device=device)


def launch_time(*, device: torch.device) -> float:
    """Seconds that the smallest operation takes of the thread that asks for it: on a GPU, to launch a kernel."""
    number = torch.zeros(1, device=device)
    many = 1000

    def launches() -> None:
        for _ in range(many):
            number.add_(1.0)

    return fastest(launches, device=device) / many


def fastest(run: Callable[[], object], *, device: torch.device, seconds: float = _SECONDS) -> float:
    """Seconds of the fastest of the calls of `run` that fit into `seconds`, one at the least, after one that warms up."""
    run()
    _finish(device)
    best, start = float("inf"), time.perf_counter()
    while best == float("inf") or time.perf_counter() - start < seconds:
        began = time.perf_counter()
        run()
        _finish(device)
        best = min(best, time.perf_counter() - began)
    return best


def _finish(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def _onednn(left: Tensor, right: Tensor) -> Callable[[], object]:
    columns = len(right)
    packed = torch.ops.onednn.qlinear_prepack(right, None)
    scales, zeros = torch.ones(columns), torch.zeros(columns, dtype=torch.int64)
    product = torch.ops.onednn.qlinear_pointwise.default
    return lambda: product(left, 1.0, 128, packed, scales, zeros, None, 1.0, 0, torch.float32, "none", [], "")


def _integers(left: Tensor, right: Tensor) -> Callable[[], object]:
    signed, transposed = left.to(torch.int8), right.t()
    return lambda: torch._int_mm(signed, transposed)


def _own(left: Tensor, right: Tensor) -> Callable[[], object]:
    if not kernels.AVAILABLE or torch.get_num_threads() > 1:
        raise NotImplementedError("not compiled, or not for several threads")
    matrix, rows = (
        kernels.Matrix(right.float().numpy(), None, widths=[right.shape[1]]),
        kernels.Rows((left.float() - 128.0).numpy()),
    )
    return lambda: matrix(len(left), rows)


INT8_PRODUCTS: dict[str, Callable[[Tensor, Tensor], Callable[[], object]]] = {
    "onednn qlinear": _onednn,
    "torch._int_mm": _integers,
    "our kernel": _own,
}
"""By name, functions that prepare a product of (M, K) uint8, zero at 128, and (N, K) int8."""
