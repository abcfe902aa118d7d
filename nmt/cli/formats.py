"""How a model is described."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nmt.config import ModelConfig
from nmt.offline.formats import one_line

if TYPE_CHECKING:
    from nmt.checkpoint import ModelInfo
    from nmt.model.statistics import ModelStatistics


def describe(about: ModelInfo, *, vocabulary_size: int, cost: ModelStatistics) -> str:
    """A model for people to read, one fact a line."""
    training = about.training
    rows = [
        ("name", about.name),
        ("translates", f"{about.source_language} to {about.target_language}"),
        ("description", about.description),
        ("licence", about.licence),
        *_architecture(about.model),
        ("vocabulary", f"{vocabulary_size:,} subwords"),
        ("parameters", f"{cost.parameters:,}"),
        ("FLOPs per token", f"{cost.flops_per_token:,}"),
        ("memory", f"{cost.memory_bytes / 2**20:.1f} MiB of weights"),
        (
            "trained",
            f"{training.updates:,} updates in {training.minutes:.0f} minutes on {training.machine}, {training.precision}",
        ),
        ("trained on", f"{training.sentence_pairs:,} sentence pairs"),
        *(("corpus", f"{name} sha256:{digest}") for name, digest in training.corpora.items()),
        ("made by", training.command),
        *(
            ("scored", f"{score.metric} {score.value:.2f} on {score.test_set}, beam {score.beam_size}  {score.signature}")
            for score in about.scores
        ),
    ]
    width = max(len(label) for label, _ in rows)
    return "\n".join(f"{label:{width}}  {one_line(value)}" for label, value in rows)


def _architecture(config: ModelConfig) -> list[tuple[str, str]]:
    directions = {"first": "first layer bidirectional", "all": "bidirectional", "none": "left to right"}
    encoder = f"LSTM, {config.encoder_layers} × {config.encoder_hidden_size} units"
    decoder = f"LSTM, {config.decoder_layers} × {config.decoder_hidden_size} units"
    return [
        ("encoder", f"{encoder}, {directions[config.encoder_bidirectional]}"),
        ("decoder", f"{decoder}, {config.wiring} wiring"),
        ("attention", config.attention),
        ("embeddings", f"{config.embedding_size}, tied: {config.tied_embeddings}"),
    ]
