"""PyTorch, which is installed with the extra `train`: int8 translates without it, and this is where all else asks for it."""

from __future__ import annotations

from importlib.util import find_spec

from nmt.errors import MissingPackageError


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
