"""The request of a plan to whoever drives it."""

from __future__ import annotations

from dataclasses import dataclass

from nmt.config.search import SearchOptions


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence to translate, and what is asked of its translation alone."""

    text: str
    prefix: str = ""
    """What the translation begins with."""
    required: tuple[str, ...] = ()
    """Phrases that the translation has; it is a mistake of the user if it cannot have them."""
    carried: tuple[str, ...] = ()
    """Words of `text` that the translation should have. Where no hypothesis has them all, there is none."""
    avoided: tuple[str, ...] = ()
    """Words that the translation does not have in their usual spelling, but for those within what it must have."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Translate these sentences."""

    sentences: tuple[Sentence, ...]
    options: SearchOptions
    """For all of them. `required` is empty: each sentence has its own."""
    attention: bool
    """Whether hypotheses have their attention."""
