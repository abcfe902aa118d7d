"""How a translation is written (plain text, tab-separated values, JSON lines), and how a model is described."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING

from nmt.config import ModelConfig
from nmt.result import Translation

if TYPE_CHECKING:
    from nmt.checkpoint import ModelInfo
    from nmt.model.statistics import ModelStatistics


class Format(StrEnum):
    text = "text"
    tsv = "tsv"
    jsonl = "jsonl"


def render(translation: Translation, form: Format, *, number: int, ending: str) -> str:
    """The output, newlines included, of input line `number` (from 1) whose line ended in `ending` and a newline."""
    if form is Format.text:
        return f"{_one_line(translation.text)}{ending}\n"
    ranked = list(zip(translation.texts, _scores(translation), strict=True))
    if form is Format.tsv:
        rows = (f"{number}\t{rank}\t{score:.6f}\t{_one_cell(text)}\n" for rank, (text, score) in enumerate(ranked, 1))
        return "".join(rows)
    record = {
        "line": number,
        "source": translation.source,
        "translations": [{"text": text, "score": round(score, 6)} for text, score in ranked],
        "source_tokens": [token for sentence in translation.sentences for token in sentence.source_tokens],
        "tokens": translation.tokens,
        "alignment": translation.alignment,
    }
    return json.dumps(record, ensure_ascii=False) + "\n"


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
        ("trained", f"{training.updates:,} updates in {training.minutes:.0f} minutes on {training.machine}"),
        ("trained on", f"{training.sentence_pairs:,} sentence pairs"),
        *(("corpus", f"{name} sha256:{digest}") for name, digest in training.corpora.items()),
        ("made by", training.command),
        *(
            ("scored", f"{score.metric} {score.value:.2f} on {score.test_set}, beam {score.beam_size}  {score.signature}")
            for score in about.scores
        ),
    ]
    width = max(len(label) for label, _ in rows)
    return "\n".join(f"{label:{width}}  {_one_line(value)}" for label, value in rows)


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


def _scores(translation: Translation) -> list[float]:
    """The score of each of `texts`: the sum over sentences of the hypothesis that was joined into it."""
    best = [sentence.hypotheses for sentence in translation.sentences]
    return [sum(h[min(rank, len(h) - 1)].score for h in best) for rank in range(len(translation.texts))]


def _one_line(text: str) -> str:
    return text.replace("\n", " ")


def _one_cell(text: str) -> str:
    # Readers of tables take "\r" for the end of a row.
    return _one_line(text).replace("\t", " ").replace("\r", " ")
