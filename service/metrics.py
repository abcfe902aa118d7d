"""Metrics for `/metrics`, in a registry of their own. Labels never hold anything that a user sent."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class Metrics:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter("nmt_requests", "Requests answered", ["route", "status"], registry=self.registry)
        self.request_seconds = Histogram(
            "nmt_request_seconds",
            "Time to answer a request",
            ["route"],
            buckets=(0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 60.0),
            registry=self.registry,
        )
        self.queue_sentences = Gauge("nmt_queue_sentences", "Sentences waiting", registry=self.registry)
        self.queue_cost = Gauge(
            "nmt_queue_cost", "Cost of the sentences that wait or are being translated", registry=self.registry
        )
        self.batch_sentences = Histogram(
            "nmt_batch_sentences",
            "Sentences translated at once",
            buckets=(1, 2, 4, 8, 16, 32, 64, 128),
            registry=self.registry,
        )
        self.batch_seconds = Histogram(
            "nmt_batch_seconds",
            "Time to translate a batch",
            buckets=(0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0),
            registry=self.registry,
        )
        self.sentences = Counter("nmt_sentences", "Sentences translated", ["model"], registry=self.registry)
        self.characters = Counter("nmt_characters", "Source characters translated", ["model"], registry=self.registry)
        self.dropped = Counter(
            "nmt_dropped_sentences", "Sentences dropped unstarted: client gone or late", registry=self.registry
        )
        self.interrupted = Counter(
            "nmt_interrupted_sentences",
            "Sentences dropped from a running batch: client gone or late",
            registry=self.registry,
        )
        self.failed = Counter("nmt_failed_sentences", "Sentences whose translation raised an error", registry=self.registry)
        self.models = Gauge("nmt_models_ready", "Models loaded and warm", registry=self.registry)
        self.unusable_models = Gauge(
            "nmt_models_unusable", "Models that could not be loaded; /ready and the log say why", registry=self.registry
        )
