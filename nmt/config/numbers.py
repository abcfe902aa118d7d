"""Numbers that settings are bounded by."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

Probability = Annotated[float, Field(ge=0.0, lt=1.0)]
MANY = 10**9  # more of anything than there is time for
