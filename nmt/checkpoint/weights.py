"""The file of a network's weights: safetensors, with int8 storage each matrix int8 and one float32 scale per row.

Nobody vouches for a file. Its header is compared with the network before the network has memory, its types are those that
are written here, and its numbers are finite.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from nmt.errors import ModelDirectoryError
from nmt.model.quantise import quantise

if TYPE_CHECKING:
    import torch

Storage = Literal["float32", "float16", "int8"]
Floats = npt.NDArray[np.float32]
N = TypeVar("N", bound="torch.nn.Module")

LARGEST = 1e6
"""Absolute value of a weight: no trained network has one, and products of such weights with states are still finite."""

_SCALE = ".scale"
_FLOATS = ("F32", "F16")
_BYTES = 128  # the largest absolute value of int8


def weight_bytes(model: torch.nn.Module, storage: Storage) -> bytes:
    """The file that `read_network` reads. Tied matrices are in it once."""
    packed: dict[str, npt.NDArray[Any]] = {}
    for name, parameter in model.named_parameters():
        weight = parameter.detach().float().cpu().contiguous().numpy()
        if storage == "int8" and weight.ndim == 2:
            packed[name], packed[name + _SCALE] = quantise(weight)
        else:
            packed[name] = weight.astype(np.float16) if storage == "float16" else weight
    data: bytes = save(packed)
    return data


def read_weights(path: Path) -> dict[str, Floats]:
    """All weights at `path` by their names, in float32. Raises ModelDirectoryError as `read_network`."""
    with _opened(path) as weights:
        shapes = {name: entry.shape for name, entry in weights.header.items() if not name.endswith(_SCALE)}
        _check_names(weights.header, shapes, path)
        return {name: weights.read(name) for name in shapes}


def read_network(build: Callable[[], N], path: Path) -> N:
    """The network that `build` makes with the weights at `path`, in float32 on the CPU.

    Raises ModelDirectoryError where the file cannot be read, is for another network, or has other numbers than weights.
    """
    import torch

    from nmt.checkpoint.bounds import Bounded, TooLarge

    with _opened(path) as weights:
        numbers = sum(math.prod(entry.shape) for entry in weights.header.values())
        try:
            # An output matrix that becomes an embedding in the end is made all the same; so are a few vectors.
            with Bounded(numbers=2 * numbers, tensors=2 * len(weights.header)):
                network = build()
        except TooLarge:
            raise ModelDirectoryError(
                f"{path}: has {numbers:,} numbers in {len(weights.header)} tensors; "
                "the network that config.yaml describes has more"
            ) from None
        parameters = dict(network.named_parameters())
        _check_names(weights.header, {name: tuple(parameter.shape) for name, parameter in parameters.items()}, path)
        # One tensor at a time: two copies of a large model may not fit where one does.
        with torch.no_grad():
            for name, parameter in parameters.items():
                parameter.copy_(torch.from_numpy(weights.read(name)))
    return network


class _Weights:
    """An open file of weights."""

    def __init__(self, file: Any, path: Path) -> None:
        self._file, self._path = file, path
        self.header = {name: _Entry.of(file.get_slice(name)) for name in file.keys()}  # noqa: SIM118  # no mapping

    def read(self, name: str) -> Floats:
        """The weight of a name that the header has. Raises ModelDirectoryError where it has other numbers than weights."""
        weight: Floats = self._file.get_tensor(name).astype(np.float32, copy=False)
        if self.header[name].kind == "I8":
            scale = self._file.get_tensor(name + _SCALE)
            _check_numbers(scale, name + _SCALE, self._path, most=LARGEST / _BYTES)
            weight *= scale[:, None]
        else:
            _check_numbers(weight, name, self._path, most=LARGEST)
        return weight


@contextmanager
def _opened(path: Path) -> Iterator[_Weights]:
    """Raises ModelDirectoryError where the file cannot be read."""
    try:
        with safe_open(path, framework="numpy") as file:
            yield _Weights(file, path)
    except (OSError, SafetensorError) as error:
        raise ModelDirectoryError(f"{path}: cannot be read: {error}") from error


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


def _check_names(header: Mapping[str, _Entry], shapes: Mapping[str, tuple[int, ...]], path: Path) -> None:
    """Compare a header with shapes of weights. Raises ModelDirectoryError for the first tensor that does not fit."""
    where = f"{path}: the weights do not fit the network that config.yaml describes"
    for name, shape in shapes.items():
        if name not in header:
            raise ModelDirectoryError(f"{where}: there is no {name}")
        entry = header[name]
        if entry.shape != shape or (entry.kind not in _FLOATS and (entry.kind != "I8" or len(shape) != 2)):
            raise ModelDirectoryError(f"{where}: {name} is {entry}; should be floats of shape {list(shape)}")
        scale = header.get(name + _SCALE)
        if entry.kind == "I8" and scale != _Entry("F32", shape[:1]):
            raise ModelDirectoryError(f"{where}: {name}{_SCALE} is {scale}; should be {_Entry('F32', shape[:1])}")
    known = shapes.keys() | {name + _SCALE for name in shapes if header[name].kind == "I8"}
    if more := sorted(header.keys() - known):
        raise ModelDirectoryError(f"{where}: it has no {more[0]!r}")


def _check_numbers(values: npt.NDArray[Any], name: str, path: Path, *, most: float) -> None:
    """Raise ModelDirectoryError unless all of `values`, weights or the scales of int8 weights, are from -most to most."""
    lowest, highest = float(values.min(initial=0.0)), float(values.max(initial=0.0))  # either is NaN where any value is
    if not (-most <= lowest and highest <= most):
        wrong = highest if not highest <= most else lowest
        raise ModelDirectoryError(f"{path}: the weights are damaged: {name} has the number {wrong:.3g}")
