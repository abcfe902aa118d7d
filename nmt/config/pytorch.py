"""PyTorch, which is installed with the extra `train`: int8 translates without it, and this is where all else asks for it."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import get_args

from nmt.config.machine import DeviceName
from nmt.errors import DeviceError, MissingPackageError

_DRIVERS = ("/dev/nvidiactl", "/dev/nvhost-gpu", "/dev/dxg", "/dev/kfd")  # of NVIDIA, on its boards, under Windows, of AMD


def has_pytorch() -> bool:
    """Whether PyTorch is installed. It is not loaded."""
    return find_spec("torch") is not None


def require_pytorch(purpose: str) -> None:
    """Load PyTorch, which `purpose` needs. Raises MissingPackageError, which says so, where it is not installed."""
    try:
        import torch  # noqa: F401
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise MissingPackageError(purpose, package="PyTorch", extra="train") from None


def find_device(name: str) -> str:
    """The device called "auto", "cpu" or "cuda": "cpu" or "cuda". Raises DeviceError where it is not there."""
    if name not in get_args(DeviceName):
        raise DeviceError(f"device {name!r} should be auto, cpu or cuda")
    if name == "cpu" or (name == "auto" and not _may_have_gpu()):
        return "cpu"
    if name == "cuda":
        require_pytorch("device cuda")
    if has_pytorch():
        import torch

        if torch.cuda.is_available():
            return "cuda"
    if name == "cuda":
        raise DeviceError("device cuda was asked for, but PyTorch finds no CUDA device here; use cpu or auto")
    return "cpu"


def _may_have_gpu() -> bool:
    """Whether a driver is there. Loading PyTorch to ask for a device takes a second."""
    return any(Path(driver).exists() for driver in _DRIVERS)
