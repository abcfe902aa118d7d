"""The page at `/`, the documentation at `/docs`, and the files that they need; none of them is on another host."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from ..errors import UnknownPath

_WEB = Path(__file__).parents[1] / "web"
_MEDIA_TYPES = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class _Asset:
    content: bytes
    media_type: str
    tag: str

    def answer(self, request: Request) -> Response:
        headers = {"ETag": self.tag, "Cache-Control": "no-cache"}  # kept, but asked for again: a new release shows at once
        if request.headers.get("if-none-match") == self.tag:
            return Response(status_code=304, headers=headers)
        return Response(self.content, media_type=self.media_type, headers=headers)


def page_routes() -> APIRouter:
    router = APIRouter(include_in_schema=False)
    assets = {file.name: _read(file.name) for file in _WEB.iterdir() if _suffix(file.name)}
    pages = {name: assets.pop(name) for name in ("index.html", "docs.html")}

    @router.get("/")
    async def page(request: Request) -> Response:
        root = request.scope.get("app_root_path", "")
        if root and request.scope["raw_path"].decode("latin-1") == root:
            return RedirectResponse(f"{root}/")  # what the page names is relative to the path with the slash
        return pages["index.html"].answer(request)

    @router.get("/docs")
    async def documentation(request: Request) -> Response:
        if request.scope["raw_path"].endswith(b"/"):
            return RedirectResponse("../docs")  # what it names is relative to the path without the slash
        return pages["docs.html"].answer(request)

    @router.get("/assets/{name}")
    async def asset(name: str, request: Request) -> Response:
        if name not in assets:
            raise UnknownPath
        return assets[name].answer(request)

    return router


def _read(name: str) -> _Asset:
    content = (_WEB / name).read_bytes()
    return _Asset(content, _MEDIA_TYPES[_suffix(name)], f'"{hashlib.sha256(content).hexdigest()[:16]}"')


def _suffix(name: str) -> str:
    suffix = name.rpartition(".")[2]
    return suffix if suffix in _MEDIA_TYPES else ""
