"""The precision of matrix products in training."""

from __future__ import annotations

from typing import Literal

import torch

from nmt.errors import TrainingError

Precision = Literal["float32", "bfloat16"]


def choose_precision(asked: Literal["auto", "float32", "bfloat16"], device: torch.device) -> Precision:
    """Choose the precision on `device`: "auto" is bfloat16 where the hardware multiplies it, float32 elsewhere.

    A CUDA device of compute capability 8.0 (Ampere) or more multiplies bfloat16, and so does an x86 CPU with AVX512-BF16
    (which every CPU with AMX-BF16 has). Elsewhere it is emulated: slower than float32, for as good a model.
    Raises TrainingError for bfloat16 on a device without it.
    """
    if device.type == "cuda":
        fast = torch.cuda.get_device_capability(device) >= (8, 0)
        if asked == "bfloat16" and not fast:
            raise TrainingError(
                f"training.precision: {torch.cuda.get_device_name(device)} has no bfloat16; use auto or float32"
            )
    else:
        fast = torch.cpu._is_avx512_bf16_supported()  # torch.cpu.get_capabilities() is younger than the oldest torch we take
        if asked == "bfloat16" and not cpu_has_bfloat16():
            raise TrainingError("training.precision: this processor has no bfloat16; use auto or float32")
    return asked if asked != "auto" else "bfloat16" if fast else "float32"


def cpu_has_bfloat16() -> bool:
    """Whether all that is trained runs in bfloat16 on this CPU, be it slowly: oneDNN's LSTM asks for AVX-512."""
    return not torch._C._has_mkldnn or bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def mixed(precision: Precision, device: torch.device) -> torch.autocast:
    """A context whose matrix products are computed in `precision`; weights, gradients and optimiser stay float32.

    Mixed precision as in Micikevicius et al. 2018. bfloat16 has float32's range, so the loss needs no scaling
    (Kalamkar et al. 2019).
    """
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=precision == "bfloat16")
