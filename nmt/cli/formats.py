"""How a model and its speed are described."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nmt.config.recipe import LanguageModelConfig, ModelConfig
from nmt.offline.formats import one_line

if TYPE_CHECKING:
    from nmt.bench.report import Limits, Report, Result
    from nmt.checkpoint.info import AnyInfo
    from nmt.model.statistics import ModelStatistics


def describe(about: AnyInfo, *, vocabulary_size: int, cost: ModelStatistics) -> str:
    """A model for people to read, one fact a line."""
    training = about.training
    rows = [
        ("name", about.name),
        about.role,
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
        ("trained on", f"{training.sentence_pairs:,} {about.examples}"),
        *(("corpus", f"{name} sha256:{digest}") for name, digest in training.corpora.items()),
        ("made by", training.command),
        *(
            ("scored", f"{score.metric} {score.value:.2f} on {score.test_set}{_beam(score.beam_size)}  {score.signature}")
            for score in about.scores
        ),
    ]
    width = max(len(label) for label, _ in rows)
    return "\n".join(f"{label:{width}}  {one_line(value)}" for label, value in rows)


def _beam(size: int | None) -> str:
    return "" if size is None else f", beam {size}"


def _architecture(config: ModelConfig | LanguageModelConfig) -> list[tuple[str, str]]:
    if isinstance(config, LanguageModelConfig):
        return [
            ("layers", f"LSTM, {config.layers} × {config.hidden_size} units"),
            ("embeddings", f"{config.embedding_size}, tied to the output"),
        ]
    directions = {"first": "first layer bidirectional", "all": "bidirectional", "none": "left to right"}
    encoder = f"LSTM, {config.encoder_layers} × {config.encoder_hidden_size} units"
    decoder = f"LSTM, {config.decoder_layers} × {config.decoder_hidden_size} units"
    return [
        ("encoder", f"{encoder}, {directions[config.encoder_bidirectional]}"),
        ("decoder", f"{decoder}, {config.wiring} wiring"),
        ("attention", config.attention),
        ("embeddings", f"{config.embedding_size}, tied: {config.tied_embeddings}"),
    ]


def speed_table(report: Report) -> str:
    """What was measured, for people to read."""
    machine, setting = report.machine, report.results[0].setting
    threads = f"{setting.workers} × {report.results[0].threads} threads"
    facts = [
        ("model", f"{report.model}, nmt {report.version}"),
        ("machine", f"{machine.processor}, {machine.cores} cores, {machine.system}, torch {machine.torch}"),
        ("measured on", f"{report.limits.device}, {threads}; medians of {report.repeat} runs"),
        ("text", f"{report.results[0].sentences:,} sentences"),
        *_limits(report.limits),
    ]
    width = max(len(label) for label, _ in facts)
    lines = [f"{label:{width}}  {value}" for label, value in facts]
    return "\n".join([*lines, "", *_aligned([list(_HEADINGS), *(_row(result) for result in report.results)])])


_HEADINGS = (
    *("runtime", "beam", "batch", "sentences/s", "tokens/s", "p50 ms", "p90 ms", "p99 ms", "memory MiB", "GPU MiB"),
    *("load s", "first s", "own s", "of fp32", "of fp16", "of int8"),
)


def _row(result: Result) -> list[str]:
    latencies = result.latency_seconds or {}
    return [
        result.runtime,
        str(result.setting.beam_size),
        str(result.setting.batch_size),
        f"{result.sentences_per_second:.1f}",
        f"{result.target_tokens_per_second:.0f}",
        *(f"{1000 * latencies[name]:.1f}" if name in latencies else "-" for name in ("p50", "p90", "p99")),
        f"{result.peak_memory_bytes / 2**20:.0f}",
        f"{result.peak_gpu_memory_bytes / 2**20:.0f}" if result.peak_gpu_memory_bytes else "-",
        f"{result.load_seconds:.2f}",
        f"{result.first_translation_seconds:.2f}",
        f"{result.own_start_seconds:.2f}",
        *(f"{result.product_share[name]:.0%}" if name in result.product_share else "-" for name in ("fp32", "fp16", "int8")),
    ]


def _limits(limits: Limits) -> list[tuple[str, str]]:
    products = [
        (f"product of {' × '.join(map(str, one.shape))}", ", ".join(f"{name} {speed / 1e9:,.0f}" for name, speed in some))
        for one in limits.products
        if (some := [(name, speed) for name in ("fp32", "fp16", "int8") if (speed := getattr(one, name))])
    ]
    return [
        *((label, f"{speeds} GFLOP/s") for label, speeds in products),
        ("copy", f"{limits.copy_bytes_per_second / 1e9:.1f} GB/s"),
        ("smallest operation", f"{1e6 * limits.launch_seconds:.1f} µs"),
    ]


def _aligned(rows: list[list[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(f"{cell:>{width}}" for cell, width in zip(row, widths, strict=True)) for row in rows]
