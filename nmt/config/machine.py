"""Names of the machine's parts that a person chooses from, in the one place that the program has them."""

from __future__ import annotations

from typing import Literal

DeviceName = Literal["auto", "cpu", "cuda"]
"""auto is a GPU where there is one."""

RuntimeName = Literal["auto", "reference", "int8"]
"""auto is the fastest that runs the model."""

EngineName = Literal["local", "ray"]
"""The processes that translate files: those of this machine, or those of a Ray cluster."""
