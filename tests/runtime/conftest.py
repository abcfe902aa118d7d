"""The instruction sets of the kernel that this processor has."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from nmt.runtime import kernels

if kernels.AVAILABLE:
    from nmt.runtime import _kernel

    INSTRUCTION_SETS = _kernel.names()
else:
    INSTRUCTION_SETS = []


@pytest.fixture(params=INSTRUCTION_SETS)
def _instruction_set(request: pytest.FixtureRequest) -> Iterator[None]:
    _kernel.choose(request.param)
    yield
    _kernel.choose(INSTRUCTION_SETS[0])
