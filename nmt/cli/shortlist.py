"""The command that gives a model a shortlist."""

from __future__ import annotations

from nmt.cli import options as args
from nmt.cli.commands import app
from nmt.cli.progress import track, warn
from nmt.files.lines import Lines, paired


@app.command()
def shortlist(model: args.Model, source: args.ScoredSource, target: args.ScoredTarget) -> None:
    """Learn from parallel text which target tokens each source token calls for, and add that to the model.

    `nmt train` does so by itself. The text should be what the model was trained on, or like it.
    """
    from nmt.checkpoint.directory import add_shortlist, load_tokenizer
    from nmt.corpus.alignment import in_memory, learn_shortlist

    tokenizer = load_tokenizer(model)
    sources, targets = Lines(source), Lines(target)
    pairs = track(paired(sources, targets), of=source)
    text = in_memory((tokenizer.encode(line), tokenizer.encode(other)) for line, other in pairs)
    warn(sources.complaint(), targets.complaint())
    add_shortlist(model, learn_shortlist(*text, vocabulary_size=tokenizer.vocabulary_size))
