"""The instruction sets of the kernel that this processor has; none without a kernel."""

from __future__ import annotations

from nmt.runtime import kernels

INSTRUCTION_SETS: list[str] = []
if kernels.AVAILABLE:
    from nmt.runtime import _kernel

    INSTRUCTION_SETS = _kernel.names()
