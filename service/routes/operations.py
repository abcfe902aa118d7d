"""For those who run the service: is it alive, is it ready, what is it doing."""

from __future__ import annotations

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from service.errors import ErrorResponse
from service.metrics import Metrics
from service.models import Models
from service.schema import StatusResponse


def operations_routes(models: Models, metrics: Metrics) -> APIRouter:
    router = APIRouter(tags=["operations"])

    @router.get("/health")
    async def health() -> StatusResponse:
        """The process is alive."""
        return StatusResponse(status="alive")

    @router.get("/ready", responses={503: {"model": ErrorResponse, "description": "Models are being loaded"}})
    async def ready() -> StatusResponse:
        """All models are loaded and warm."""
        models.require_ready()
        return StatusResponse(status="ready")

    @router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
    async def show_metrics() -> Response:
        """Prometheus metrics."""
        return Response(generate_latest(metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return router
