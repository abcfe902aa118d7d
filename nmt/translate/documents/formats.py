"""The table of formats, by the endings of names of files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

from nmt.errors import InputError, NmtError
from nmt.translate.documents.document import Document
from nmt.translate.documents.json_values import read_json
from nmt.translate.documents.odt import read_odt
from nmt.translate.documents.office import read_docx, read_pptx
from nmt.translate.documents.po import read_po
from nmt.translate.documents.subtitles import read_srt, read_vtt
from nmt.translate.documents.text import read_html, read_markdown, read_text
from nmt.translate.documents.xliff import read_xliff


@dataclass(frozen=True, slots=True)
class DocumentFormat:
    """A format of documents."""

    name: str
    endings: tuple[str, ...]
    media_type: str
    reader: Callable[[bytes, str], Document]
    """From the bytes of a file and the target language, or "". Raises InputError, whose message goes on after a name."""


FORMATS = (
    DocumentFormat("text", (".txt",), "text/plain", read_text),
    DocumentFormat("Markdown", (".md", ".markdown"), "text/markdown", read_markdown),
    DocumentFormat("HTML", (".html", ".htm"), "text/html", read_html),
    DocumentFormat("SubRip", (".srt",), "application/x-subrip", read_srt),
    DocumentFormat("WebVTT", (".vtt",), "text/vtt", read_vtt),
    DocumentFormat("gettext", (".po", ".pot"), "text/x-gettext-translation", read_po),
    DocumentFormat("XLIFF", (".xliff", ".xlf"), "application/xliff+xml", read_xliff),
    DocumentFormat("Word", (".docx",), "application/vnd.openxmlformats-officedocument.wordprocessingml.document", read_docx),
    DocumentFormat(
        "PowerPoint",
        (".pptx",),
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        read_pptx,
    ),
    DocumentFormat("OpenDocument", (".odt",), "application/vnd.oasis.opendocument.text", read_odt),
    DocumentFormat("JSON", (".json",), "application/json", read_json),
)
_BY_ENDING = {ending: one for one in FORMATS for ending in one.endings}
ENDINGS = tuple(_BY_ENDING)


def find_format(name: str) -> DocumentFormat | None:
    """The format of a file of this name, if there is one."""
    return _BY_ENDING.get(PurePath(name).suffix.lower())


def read_document(name: str, data: bytes, *, target_language: str = "") -> Document:
    """The document in a file of this name. Raises InputError, and ConfigurationError where a library is missing."""
    found = find_format(name)
    if found is None:
        raise InputError(f"{name}: has no ending of a document: {', '.join(ENDINGS)}")
    try:
        return found.reader(data, target_language)
    except NmtError as error:
        raise type(error)(f"{name}: {error}") from error
