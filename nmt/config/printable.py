"""Text in settings that reaches terminals and logs, and so must not steer them."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from nmt.errors import escaped, has_controls

_LONGEST_LINE = 200


def _line(text: str) -> str:
    if has_controls(text):
        raise ValueError(f"should have no control characters; it has {escaped(text)[:_LONGEST_LINE]}")
    if len(text) > _LONGEST_LINE:
        raise ValueError(f"should have {_LONGEST_LINE} characters at the most")
    return text


def _prose(text: str) -> str:
    if has_controls(text.replace("\n", "").replace("\t", "")):
        raise ValueError("should have no control characters but line ends and tabs")
    return text


Line = Annotated[str, AfterValidator(_line)]
"""A name: one line without control characters."""

Prose = Annotated[str, AfterValidator(_prose)]
"""Text of any length without control characters but line ends and tabs."""
