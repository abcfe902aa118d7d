"""nmt info checkpoints/broad-de-en"""

from __future__ import annotations

import typer

from nmt.cli import options as args
from nmt.cli.formats import facts


def info(directory: args.ModelDirectory) -> None:
    """Show what a model is, where it comes from, and what it scored."""
    import torch

    from nmt.checkpoint.description import describe
    from nmt.checkpoint.directory import load
    from nmt.model.seq2seq import Seq2Seq
    from nmt.model.statistics import statistics
    from nmt.runtime.build import build_scorers

    loaded = load(directory, device=torch.device("cpu"))
    rows = describe(
        loaded.info,
        vocabulary_size=loaded.tokenizer.vocabulary_size,
        unit=loaded.tokenizer.unit,
        cost=statistics(loaded.model),
    )
    if isinstance(loaded.model, Seq2Seq):
        scorers = build_scorers([loaded.model])
        reason = f", several times slower than int8: {scorers.slow_because}" if scorers.slow_because else ""
        rows.append(("on this CPU", f"runtime {scorers.runtime}{reason}"))
    typer.echo(facts(rows))
