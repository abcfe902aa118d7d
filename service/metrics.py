"""Metrics for `/metrics`, in a registry of their own. Labels never hold anything that a user sent.

Several workers count in files of one folder, and each answers with the sums of all. A worker that takes the place of another
goes on with its files, so that counters never fall.
"""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, values
from prometheus_client.multiprocess import MultiProcessCollector

from .workers import Worker


class Metrics:
    def __init__(self, worker: Worker | None = None) -> None:
        self.registry = self._shown = CollectorRegistry()
        if worker is not None:
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(worker.metrics)
            values.ValueClass = values.MultiProcessValue(lambda: worker.number)  # type: ignore[no-untyped-call]
            self._shown = CollectorRegistry()
            MultiProcessCollector(self._shown, path=str(worker.metrics))  # type: ignore[no-untyped-call]
        self.requests = Counter("nmt_requests", "Requests answered", ["route", "status"], registry=self.registry)
        self.request_seconds = Histogram(
            "nmt_request_seconds",
            "Time to answer a request",
            ["route"],
            buckets=(0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 60.0),
            registry=self.registry,
        )
        self.queue_sentences = Gauge(
            "nmt_queue_sentences", "Sentences waiting", registry=self.registry, multiprocess_mode="sum"
        )
        self.queue_cost = Gauge(
            "nmt_queue_cost",
            "Cost of the sentences that wait or are being translated",
            registry=self.registry,
            multiprocess_mode="sum",
        )
        self.batch_sentences = Histogram(
            "nmt_batch_sentences",
            "Sentences translated at once",
            buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256, 512),
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
        self.models = Gauge("nmt_models_ready", "Models loaded and warm", registry=self.registry, multiprocess_mode="min")
        self.unusable_models = Gauge(
            "nmt_models_unusable",
            "Models that could not be loaded; /ready and the log say why",
            registry=self.registry,
            multiprocess_mode="max",
        )
        for gauge in (self.queue_sentences, self.queue_cost, self.models, self.unusable_models):
            gauge.set(0)  # a worker that had this place before may have left something

    def text(self) -> bytes:
        """All of them, as Prometheus reads them."""
        return generate_latest(self._shown)
