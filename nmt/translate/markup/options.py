"""How a text is marked up."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

from nmt.errors import InputError

Format = Literal["text", "html", "xml", "markdown"]
FORMATS: tuple[Format, ...] = get_args(Format)
_NAME = re.compile(r"[^\W\d][\w:.-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Markup:
    """The markup of a text, and which of it is translated. Raises InputError for what is no format or name of a tag.

    Examples:
        >>> translator.translate("<b>Guten Morgen!</b>", markup=nmt.Markup(format="html")).text
        '<b>Good morning!</b>'
    """

    format: Format = "text"
    ignore_tags: tuple[str, ...] = ()
    """Elements of HTML and XML that stay as they are, with all that is in them."""
    splitting_tags: tuple[str, ...] = ()
    """Elements that end a sentence."""
    non_splitting_tags: tuple[str, ...] = ()
    """Elements that a sentence may go on across."""
    outline_detection: bool = True
    """In XML: elements that stand beside text do not end a sentence, others do. Without it only `splitting_tags` do."""
    translate_attributes: bool = True
    """In HTML: attributes that people read (alt, title, placeholder, aria-label, descriptions) are translated; in Markdown:
    texts of pictures and titles."""

    @classmethod
    def of(cls, given: Markup | Format) -> Markup:
        """A markup, or that of a format by its name. Raises InputError."""
        return given if isinstance(given, Markup) else cls(format=given)

    def __post_init__(self) -> None:
        if self.format not in FORMATS:
            raise InputError(f"markup format {self.format!r} should be one of {', '.join(FORMATS)}")
        for option in ("ignore_tags", "splitting_tags", "non_splitting_tags"):
            names = getattr(self, option)
            if isinstance(names, str) or not all(isinstance(name, str) for name in names):
                raise InputError(f"{option} should be a list of names of tags")
            for name in names:
                if not _NAME.fullmatch(name):
                    raise InputError(f"{option}: {name!r} should be the name of a tag, such as 'x', without < and >")
            object.__setattr__(self, option, tuple(names))
            if names and self.format not in ("html", "xml"):
                raise InputError(f"{option} is for the formats html and xml, not for {self.format}")
        both = set(self.splitting_tags) & set(self.non_splitting_tags)
        if both:
            raise InputError(f"{min(both)!r} should be one of splitting_tags or of non_splitting_tags, not of both")


PLAIN = Markup()
