"""Where texts are split into sentences: the same on the command line, over HTTP and in the library."""

from __future__ import annotations

from typing import Literal

Split = Literal["none", "sentences", "nonewlines"]
"""Where a text is split: at line ends; at line ends and ends of sentence; or at ends of sentence and of paragraph, where the
lines of a paragraph are read as one. What is too long is split in any case."""
