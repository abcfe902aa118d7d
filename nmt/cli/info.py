"""nmt info checkpoints/broad-de-en"""

from __future__ import annotations

import typer

from nmt.cli import options as args
from nmt.cli.formats import describe


def info(directory: args.ModelDirectory) -> None:
    """Show what a model is, where it comes from, and what it scored."""
    import torch

    from nmt.checkpoint.directory import load_language_model, load_model, read_info
    from nmt.checkpoint.info import LanguageModelInfo
    from nmt.model.statistics import statistics

    load = load_language_model if isinstance(read_info(directory), LanguageModelInfo) else load_model
    loaded = load(directory, device=torch.device("cpu"))
    cost = statistics(loaded.model)
    typer.echo(describe(loaded.info, vocabulary_size=loaded.tokenizer.vocabulary_size, cost=cost))
