"""A fixture for tests on each instruction set of the kernel."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.instruction_sets import INSTRUCTION_SETS

from nmt.runtime import kernels

if kernels.AVAILABLE:
    from nmt.runtime import _kernel


@pytest.fixture(params=INSTRUCTION_SETS)
def _instruction_set(request: pytest.FixtureRequest) -> Iterator[None]:
    _kernel.choose(request.param)
    yield
    _kernel.choose(INSTRUCTION_SETS[0])
