"""The service, for commands: `service` beside this package in a checkout, `nmt.service` in it where it is installed."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

_IS_INSIDE = (Path(__file__).parents[1] / "service").is_dir()


def service_module(name: str) -> Any:
    """A module of the service by its name there, such as "app"."""
    return import_module(f"{'nmt.service' if _IS_INSIDE else 'service'}.{name}")
