"""The blanks beside a mark, such as a picture: one before it and one after it, of which a sentence has only one."""

from __future__ import annotations

from dataclasses import dataclass

_OPENS = frozenset("([{„“‘‚«‹»›\"'¿¡/-–")
_ENDS = frozenset(")]}”“’‘»›«‹\"'.,;:!?…/-–")


@dataclass(frozen=True, slots=True)
class Beside:
    """What a tag stands beside in the source, apart from other tags; None on a side where it may touch anything."""

    before: str | None = None
    after: str | None = None

    def needs_blank_before(self, character: str) -> bool:
        """Whether a blank is due behind `character` of the translation, which the tag would touch; "" at its beginning."""
        return self.before is not None and _is_apart(self.before, character, _OPENS)

    def needs_blank_after(self, character: str) -> bool:
        """Whether a blank is due before `character` of the translation, which the tag would touch; "" at its end."""
        return self.after is not None and _is_apart(self.after, character, _ENDS)


ANYWHERE = Beside()


def _is_apart(own: str, other: str, may_touch: frozenset[str]) -> bool:
    """Whether a tag beside `own` in the source may not touch `other` in the translation: a word, unless it was one there."""
    if own.isspace():
        return other != "" and not other.isspace() and other not in may_touch
    return other.isalnum() and not own.isalnum()
