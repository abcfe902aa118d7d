"""Tests that train in bfloat16, where that can be done."""

from __future__ import annotations

import pytest

from nmt.training.precision import cpu_has_bfloat16

NEEDS_BFLOAT16 = pytest.mark.skipif(not cpu_has_bfloat16(), reason="this processor has no bfloat16")
