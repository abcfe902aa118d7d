"""The special tokens of every vocabulary."""

from __future__ import annotations

# The first four ids. The tokenizer is trained to have them here.
PADDING_ID, UNKNOWN_ID, BEGIN_ID, END_ID = 0, 1, 2, 3

NEVER_PRODUCED = (PADDING_ID, UNKNOWN_ID, BEGIN_ID)
"""The first columns of all log-probabilities. A search never chooses these tokens."""
