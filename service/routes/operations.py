"""Routes for operators: is the service alive, is it ready, how much does it do?"""

from __future__ import annotations

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, Field

from service.metrics import Metrics
from service.models import Models
from service.wire.v1.errors import ErrorResponse


class AliveResponse(BaseModel):
    status: str


class UnusableModel(BaseModel):
    model: str = Field(description="name of its folder", examples=["broad-de-en"])
    reason: str


class ReadyResponse(BaseModel):
    status: str
    unusable: list[UnusableModel] = Field([], description="models that could not be loaded; all others are served")


def operations_routes(models: Models, metrics: Metrics) -> APIRouter:
    router = APIRouter(tags=["operations"])

    @router.get("/health")
    async def health() -> AliveResponse:
        """The process is alive: "ok", as LibreTranslate says it."""
        return AliveResponse(status="ok")

    @router.get(
        "/ready",
        response_model_exclude_defaults=True,
        responses={503: {"model": ErrorResponse, "description": "Models are being loaded"}},
    )
    async def ready() -> ReadyResponse:
        """Models are loaded and warm: all of them, or all but those that are listed."""
        models.require_ready()
        unusable = [UnusableModel(model=name, reason=reason) for name, reason in models.unusable.items()]
        return ReadyResponse(status="ready", unusable=unusable)

    @router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
    async def show_metrics() -> Response:
        """Prometheus metrics."""
        return Response(generate_latest(metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return router
