"""The command that gives a shortlist to a model that has none."""

from __future__ import annotations

from nmt.cli import options as args
from nmt.cli.commands import app
from nmt.cli.progress import track, warn
from nmt.streams import Lines, paired


@app.command()
def shortlist(model: args.Model, source: args.ScoredSource, target: args.ScoredTarget) -> None:
    """Learn from parallel text which target tokens each source token calls for, and add that to the model.

    `nmt train` does so by itself. The text should be what the model was trained on, or like it.
    """
    import torch

    from nmt.checkpoint import add_shortlist, load_model
    from nmt.corpus.alignment import in_memory, learn_shortlist

    tokenizer = load_model(model, device=torch.device("cpu")).tokenizer
    sources, targets = Lines(source), Lines(target)
    pairs = track(paired(sources, targets), of=source)
    text = in_memory((tokenizer.encode(line), tokenizer.encode(other)) for line, other in pairs)
    warn(sources.complaint(), targets.complaint())
    add_shortlist(model, learn_shortlist(*text, vocabulary_size=tokenizer.vocabulary_size))
