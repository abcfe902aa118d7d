"""nmt info checkpoints/broad-de-en"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from nmt.cli import options as args
from nmt.cli.formats import facts
from nmt.config.pytorch import has_pytorch, require_pytorch

if TYPE_CHECKING:
    from nmt.checkpoint.directory import Loaded, LoadedPlan
    from nmt.model.statistics import ModelStatistics


def info(directory: args.ModelDirectory) -> None:
    """Show what a model is, where it comes from, and what it scored."""
    from nmt.checkpoint.directory import load_plan, read_info
    from nmt.checkpoint.info import ModelInfo

    plan = load_plan(directory) if isinstance(read_info(directory), ModelInfo) else None
    typer.echo(facts(_rows_of_modules(directory) if plan is None else _rows_of_plan(plan)))


def _rows_of_plan(loaded: LoadedPlan) -> list[tuple[str, str]]:
    from nmt.model.blueprint import CannotExport
    from nmt.model.statistics import plan_statistics
    from nmt.runtime.int8 import Int8Network

    reason = None
    try:
        Int8Network.of(loaded.blueprint, loaded.weights)
    except CannotExport as error:
        reason = str(error)
    cost = plan_statistics(loaded.blueprint, loaded.weights)
    return [*_rows(loaded, cost), _runtime("reference" if reason else "int8", reason)]


def _rows_of_modules(directory: Path) -> list[tuple[str, str]]:
    require_pytorch(f"reading {directory}, which has no plan of its network for int8,")
    import torch

    from nmt.checkpoint.directory import load
    from nmt.model.seq2seq import Seq2Seq
    from nmt.model.statistics import statistics
    from nmt.runtime.build import build_scorers

    loaded = load(directory, device=torch.device("cpu"))
    rows = _rows(loaded, statistics(loaded.model))
    if isinstance(loaded.model, Seq2Seq):
        scorers = build_scorers([loaded.model])
        rows.append(_runtime(scorers.runtime, scorers.slow_because))
    return rows


def _rows(loaded: LoadedPlan | Loaded[Any, Any], cost: ModelStatistics) -> list[tuple[str, str]]:
    from nmt.checkpoint.description import describe

    tokenizer = loaded.tokenizer
    return describe(loaded.info, vocabulary_size=tokenizer.vocabulary_size, unit=tokenizer.unit, cost=cost)


def _runtime(name: str, slow_because: str | None) -> tuple[str, str]:
    if slow_because and not has_pytorch():
        return "on this CPU", f"no runtime: {slow_because}; PyTorch, which would run it, is not installed"
    reason = f", several times slower than int8: {slow_because}" if slow_because else ""
    return "on this CPU", f"runtime {name}{reason}"
