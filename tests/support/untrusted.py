"""Model directories that somebody else made: parts of one changed, and its manifest made to fit."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from safetensors.torch import load_file, save_file
from torch import Tensor

from nmt.checkpoint.directory import FILES, MANIFEST, OPTIONAL


def seal(directory: Path) -> None:
    """Write the manifest of the files that are there now."""
    names = [name for name in (*FILES, *OPTIONAL) if (directory / name).exists()]
    sums = {name: hashlib.sha256((directory / name).read_bytes()).hexdigest() for name in names}
    (directory / MANIFEST).write_text(json.dumps({"format_version": 1, "sha256": sums}), encoding="utf-8")


def change_tensors(path: Path, change: Callable[[dict[str, Tensor]], object]) -> None:
    """Change the tensors of a safetensors file."""
    tensors = {name: tensor.clone() for name, tensor in load_file(path).items()}
    change(tensors)
    save_file(tensors, path)


def change_config(directory: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the tree of config.yaml."""
    path = directory / "config.yaml"
    tree = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(tree)
    path.write_text(yaml.safe_dump(tree), encoding="utf-8")


def header_of(data: bytes) -> tuple[dict[str, Any], bytes]:
    """The header of a safetensors file, and the numbers after it."""
    (size,) = struct.unpack("<Q", data[:8])
    return json.loads(data[8 : 8 + size]), data[8 + size :]


def with_header(header: dict[str, Any], numbers: bytes) -> bytes:
    """A safetensors file."""
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + numbers
