"""Which runtime runs a model."""

from __future__ import annotations

from typing import get_args

import torch

from nmt.config.machine import DeviceName, RuntimeName
from nmt.errors import DeviceError
from nmt.model.seq2seq import Seq2Seq
from nmt.runtime.cpu import CpuScorer, unsupported
from nmt.runtime.cuda import half_scorer
from nmt.runtime.reference import ReferenceScorer

Runtime = RuntimeName


def find_device(name: str) -> torch.device:
    """The device called "auto", "cpu" or "cuda". Raises DeviceError where it is not there."""
    if name not in get_args(DeviceName):
        raise DeviceError(f"device {name!r} should be auto, cpu or cuda")
    if name == "cpu":
        return torch.device("cpu")
    if torch.cuda.is_available():
        return torch.device("cuda")
    if name == "cuda":
        raise DeviceError("device cuda was asked for, but PyTorch finds no CUDA device here; use cpu or auto")
    return torch.device("cpu")


def find_scorer(model: Seq2Seq, runtime: str) -> ReferenceScorer | CpuScorer:
    """The runtime called "reference" (PyTorch in float32), "int8" (for a CPU), or ("auto") the fastest that runs the model.

    On a CUDA device that is PyTorch in half precision, which `captured` makes fast when all models are put together.
    Raises DeviceError where it is not there, or cannot run the model where that is.
    """
    if runtime not in get_args(Runtime):
        raise DeviceError(f"runtime {runtime!r} should be one of {', '.join(get_args(Runtime))}")
    place = next(model.parameters()).device
    if uses_graphs(place, runtime):
        return half_scorer(model)
    reason = unsupported(model.config) if place.type == "cpu" else f"it is for a CPU, and the model is on {place.type}"
    if runtime == "int8" and reason:
        raise DeviceError(f"runtime int8 cannot run this model: {reason}; use auto or reference")
    return ReferenceScorer(model) if runtime == "reference" or reason else CpuScorer(model)


def uses_graphs(device: torch.device, runtime: str) -> bool:
    """Whether searches run on graphs of `nmt.runtime.cuda`."""
    return device.type == "cuda" and runtime == "auto"
