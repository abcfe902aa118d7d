"""The characters of a file of text, and how they are written again in the same encoding."""

from __future__ import annotations

import codecs

from nmt.errors import InputError
from nmt.text.tokenizer import without_surrogates

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class Encoding:
    """UTF-8, or what a byte order mark at the beginning says, or `declared`."""

    def __init__(self, data: bytes, *, declared: str = "utf-8", has_references: bool = False) -> None:
        """With `has_references`, characters that the encoding does not have are written as those of HTML and XML."""
        self._errors = "xmlcharrefreplace" if has_references else "strict"
        self._mark, self._name = next(((mark, name) for mark, name in _MARKS if data.startswith(mark)), (b"", declared))

    def decoded(self, data: bytes) -> str:
        """Raises InputError where this is no text of the encoding."""
        try:
            text = data[len(self._mark) :].decode(self._name)
        except LookupError as error:
            raise InputError(f"has the unknown encoding {self._name!r}; convert it to UTF-8") from error
        except UnicodeDecodeError as error:
            raise InputError(
                f"is not {self._name.upper()} at byte {error.start}; convert it, as by iconv -f ISO-8859-1 -t UTF-8"
            ) from error
        if "\x00" in text:
            raise InputError("holds zero bytes, and is no text")
        return text

    def encoded(self, text: str) -> bytes:
        """Raises InputError for a character that the encoding does not have."""
        text = without_surrogates(text)
        try:
            return self._mark + text.encode(self._name, errors=self._errors)
        except UnicodeEncodeError as error:
            raise InputError(
                f"{self._name} has no {text[error.start]!r}, which the translation has; convert the file to UTF-8"
            ) from error
