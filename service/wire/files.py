"""Documents in requests and answers."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import Response

from nmt.translate.documents.formats import find_format

from ..settings import Settings

_ENVELOPE = 1 << 16
"""Bytes of a multipart body beside its file."""


def upload_limit(settings: Settings) -> int:
    """Bytes of a body that has a document and some fields."""
    return settings.max_document_bytes + _ENVELOPE


def attachment(name: str, content: bytes) -> Response:
    """An answer that a browser stores as a file of this name."""
    found = find_format(name)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
    return Response(content, media_type=found.media_type if found else "application/octet-stream", headers=headers)
