"""The file of a network's weights: safetensors, with int8 storage each matrix int8 and one float32 scale per row.

Nobody vouches for a file. Its header is compared with the network before the network has memory, its types are those that
are written here, and its numbers are finite.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor
from torch.overrides import TorchFunctionMode

from nmt.errors import ModelDirectoryError
from nmt.model.quantise import quantise

Storage = Literal["float32", "float16", "int8"]
N = TypeVar("N", bound=torch.nn.Module)

LARGEST = 1e6
"""Absolute value of a weight: no trained network has one, and products of such weights with states are still finite."""

_SCALE = ".scale"
_FLOATS = ("F32", "F16", "BF16")
_BYTES = 128  # the largest absolute value of int8
_FACTORIES = (torch.empty, torch.zeros, torch.ones)


def weight_bytes(model: torch.nn.Module, storage: Storage) -> bytes:
    """The file that `read_network` reads. Tied matrices are in it once."""
    packed: dict[str, Tensor] = {}
    for name, parameter in model.named_parameters():
        weight = parameter.detach().float().cpu().contiguous()
        if storage == "int8" and weight.dim() == 2:
            packed[name], packed[name + _SCALE] = quantise(weight)
        else:
            packed[name] = weight.half() if storage == "float16" else weight
    data: bytes = save(packed)
    return data


def read_network(build: Callable[[], N], path: Path) -> N:
    """The network that `build` makes with the weights at `path`, in float32 on the CPU.

    Raises ModelDirectoryError where the file cannot be read, is for another network, or has other numbers than weights.
    """
    try:
        with safe_open(path, framework="pt") as file:
            header = {name: _Entry.of(file.get_slice(name)) for name in file.keys()}  # noqa: SIM118  # no mapping
            network = _built(build, header, path)
            parameters = dict(network.named_parameters())
            _check_names(header, parameters, path)
            # One tensor at a time: two copies of a large model may not fit where one does.
            with torch.no_grad():
                for name, parameter in parameters.items():
                    parameter.copy_(weight := file.get_tensor(name))
                    if header[name].kind == "I8":
                        scale = file.get_tensor(name + _SCALE)
                        _check_numbers(scale, name + _SCALE, path, most=LARGEST / _BYTES)
                        parameter.mul_(scale[:, None])
                    else:
                        _check_numbers(weight, name, path, most=LARGEST)
    except (OSError, SafetensorError) as error:
        raise ModelDirectoryError(f"{path}: cannot be read: {error}") from error
    return network


@dataclass(frozen=True, slots=True)
class _Entry:
    """Type and shape of a tensor in a file, by its header."""

    kind: str
    shape: tuple[int, ...]

    @classmethod
    def of(cls, part: Any) -> _Entry:
        return cls(kind=part.get_dtype(), shape=tuple(part.get_shape()))

    def __str__(self) -> str:
        return f"{self.kind} of shape {list(self.shape)}"


class _Bounded(TorchFunctionMode):
    """A context in which new tensors have so many numbers at the most, all together, and are so many."""

    def __init__(self, *, numbers: int, tensors: int) -> None:
        super().__init__()
        self._numbers, self._tensors = numbers, tensors

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if function in _FACTORIES:
            size = args[0] if len(args) == 1 and not isinstance(args[0], int) else args
            self._numbers -= math.prod(size)
            self._tensors -= 1
            if self._numbers < 0 or self._tensors < 0:
                raise _TooLarge
        return function(*args, **(kwargs or {}))


class _TooLarge(Exception):
    """A network does not fit into its bounds."""


def _built(build: Callable[[], N], header: Mapping[str, _Entry], path: Path) -> N:
    """The network, or ModelDirectoryError where it is larger than its file can be of, before it has the memory for that."""
    numbers = sum(math.prod(entry.shape) for entry in header.values())
    try:
        # An output matrix that becomes an embedding in the end is made all the same; so are a few vectors.
        with _Bounded(numbers=2 * numbers, tensors=2 * len(header)):
            return build()
    except _TooLarge:
        raise ModelDirectoryError(
            f"{path}: has {numbers:,} numbers in {len(header)} tensors; the network that config.yaml describes has more"
        ) from None


def _check_names(header: Mapping[str, _Entry], parameters: Mapping[str, Tensor], path: Path) -> None:
    """Compare a header with a network. Raises ModelDirectoryError for the first tensor that does not fit."""
    where = f"{path}: the weights do not fit the network that config.yaml describes"
    for name, parameter in parameters.items():
        if name not in header:
            raise ModelDirectoryError(f"{where}: there is no {name}")
        entry, shape = header[name], tuple(parameter.shape)
        if entry.shape != shape or (entry.kind not in _FLOATS and (entry.kind != "I8" or len(shape) != 2)):
            raise ModelDirectoryError(f"{where}: {name} is {entry}; should be floats of shape {list(shape)}")
        scale = header.get(name + _SCALE)
        if entry.kind == "I8" and scale != _Entry("F32", shape[:1]):
            raise ModelDirectoryError(f"{where}: {name}{_SCALE} is {scale}; should be {_Entry('F32', shape[:1])}")
    known = parameters.keys() | {name + _SCALE for name in parameters if header[name].kind == "I8"}
    if more := sorted(header.keys() - known):
        raise ModelDirectoryError(f"{where}: it has no {more[0]!r}")


def _check_numbers(values: Tensor, name: str, path: Path, *, most: float) -> None:
    """Raise ModelDirectoryError unless all of `values`, weights or the scales of int8 weights, are from -most to most."""
    lowest, highest = (float(bound) for bound in values.aminmax())  # either is NaN where any value is
    if not (-most <= lowest and highest <= most):
        wrong = highest if not highest <= most else lowest
        raise ModelDirectoryError(f"{path}: the weights are damaged: {name} has the number {wrong:.3g}")
