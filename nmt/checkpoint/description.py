"""Labels and values that describe a model to people."""

from __future__ import annotations

from nmt.checkpoint.info import AnyInfo, ModelInfo, ReportedScore
from nmt.config.search import ModelSearch
from nmt.model.statistics import ModelStatistics
from nmt.text.tokenizer import Unit

Rows = list[tuple[str, str]]


def describe(info: AnyInfo, *, vocabulary_size: int, unit: Unit, cost: ModelStatistics) -> Rows:
    """All that is known of a model; `unit` is what its vocabulary has, `cost` is of its network."""
    training = info.training
    return [
        ("name", info.name),
        info.role,
        ("description", info.description),
        ("licence", info.licence),
        *cost.architecture,
        *_search(info),
        ("vocabulary", f"{vocabulary_size:,} {unit}s"),
        ("parameters", f"{cost.parameters:,}"),
        ("FLOPs per token", f"{cost.flops_per_token:,}"),
        ("memory", f"{cost.memory_bytes / 2**20:.1f} MiB of weights"),
        (
            "trained",
            f"{training.updates:,} updates in {training.minutes:.0f} minutes on {training.machine}, {training.precision}",
        ),
        ("trained on", f"{training.sentence_pairs:,} {info.examples}"),
        *(("corpus", f"{name} sha256:{digest}") for name, digest in training.corpora.items()),
        ("made by", training.command),
        *(("scored", _score(score)) for score in info.scores),
        *(("scored by", command) for command in dict.fromkeys(score.made_by for score in info.scores) if command),
    ]


def _search(info: AnyInfo) -> Rows:
    """Options of its search that a model brings with it; none where they are the usual ones."""
    if not isinstance(info, ModelInfo) or info.search == ModelSearch():
        return []
    options = info.search.model_dump().items()
    return [("search", ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in options))]


def _score(score: ReportedScore) -> str:
    beam = "" if score.beam_size is None else f", beam {score.beam_size}"
    return f"{score.metric} {score.shown} on {score.test_set}{beam}  {score.signature}"
