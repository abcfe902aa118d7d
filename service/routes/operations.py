"""Routes for operators: is the service alive, is it ready, how much does it do?"""

from __future__ import annotations

import asyncio
import hmac

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel, Field

from nmt.errors import ConfigurationError

from ..errors import NotReady, UnknownPath
from ..gate import Gate
from ..metrics import Metrics
from ..models import Models
from ..watchdog import Watchdog
from ..wire.v1.errors import ErrorResponse
from ..workers import Worker


class AliveResponse(BaseModel):
    status: str


class UnusableModel(BaseModel):
    model: str = Field(description="name of its folder", examples=["broad-de-en"])
    reason: str


class ReadyResponse(BaseModel):
    status: str
    unusable: list[UnusableModel] = Field([], description="models that could not be loaded; all others are served")


class ReloadResponse(BaseModel):
    loaded: list[str] = Field(description="models that are new or in another state than before")
    removed: list[str] = Field(description="models that are gone")
    unusable: list[UnusableModel] = Field(description="models that could not be loaded; one served before is served on")


def operations_routes(
    models: Models, metrics: Metrics, gate: Gate, watchdog: Watchdog, *, admin_token: str | None, worker: Worker | None
) -> APIRouter:
    router = APIRouter(tags=["operations"])

    @router.get("/health")
    async def health() -> AliveResponse:
        """The process is alive and its work goes on: "ok", as LibreTranslate says it."""
        if watchdog.trouble is not None:
            raise NotReady(watchdog.trouble, retry_after=10)
        return AliveResponse(status="ok")

    @router.get(
        "/ready",
        response_model_exclude_defaults=True,
        responses={503: {"model": ErrorResponse, "description": "Models are being loaded"}},
    )
    async def ready() -> ReadyResponse:
        """Models are loaded and warm: all of them, or all but those that are listed."""
        models.require_ready()
        if gate.is_closing:
            raise NotReady("the service is ending", retry_after=10)
        return ReadyResponse(status="ready", unusable=unusable())

    def unusable() -> list[UnusableModel]:
        return [UnusableModel(model=name, reason=reason) for name, reason in models.unusable.items()]

    async def reload(request: Request) -> ReloadResponse:
        """Load models that are new or have changed, and forget those that are gone. No request is lost."""
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), (admin_token or "").encode()):
            raise UnknownPath
        models.require_ready()
        try:
            found = await asyncio.to_thread(models.reload)
        except ConfigurationError as error:
            raise NotReady(str(error), retry_after=10) from error
        if worker is not None:
            worker.reload_all()
        return ReloadResponse(loaded=list(found.loaded), removed=list(found.removed), unusable=unusable())

    if admin_token is not None:
        router.post("/admin/reload", include_in_schema=False)(reload)

    @router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
    async def show_metrics() -> Response:
        """Prometheus metrics."""
        return Response(metrics.text(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return router
