"""Code in the pages of the documentation."""

from __future__ import annotations

import re


def blocks(page: str, kind: str) -> list[str]:
    """The fenced blocks of `kind`, such as sh or python, in a page of Markdown."""
    return re.findall(rf"^```{kind}\n(.*?)^```", page, flags=re.MULTILINE | re.DOTALL)


def commands(page: str) -> list[str]:
    """The lines of all blocks of shell commands."""
    return [line for block in blocks(page, "sh") for line in block.splitlines() if line.strip()]
