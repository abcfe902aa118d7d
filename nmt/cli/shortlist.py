"""nmt shortlist --model checkpoints/broad-de-en --source train.de --target train.en"""

from __future__ import annotations

from nmt.cli import options as args
from nmt.cli.progress import track, warn
from nmt.files.lines import Lines, paired
from nmt.files.places import refuse_sharing


def shortlist(model: args.Model, source: args.ScoredSource, target: args.ScoredTarget) -> None:
    """Learn from parallel text which target tokens each source token calls for, and add that to the model.

    `nmt train` does so by itself. The text should be what the model was trained on, or like it.
    """
    refuse_sharing(source, target)
    from nmt.checkpoint.directory import add_shortlist, load_tokenizer
    from nmt.corpus.alignment import in_memory, learn_shortlist

    tokenizer = load_tokenizer(model)
    sources, targets = Lines(source), Lines(target)
    pairs = track(paired(sources, targets), of=source)
    text = in_memory((tokenizer.encode(line), tokenizer.encode(other)) for line, other in pairs)
    warn(sources.complaint(), targets.complaint())
    add_shortlist(model, learn_shortlist(*text, vocabulary_size=tokenizer.vocabulary_size))
