"""A translator whose batches are watched, and can be held back."""

from __future__ import annotations
