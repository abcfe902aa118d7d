"""nmt score --model checkpoints/broad-de-en --source text.de --target text.en"""

from __future__ import annotations

from itertools import islice

from nmt.cli import options as args
from nmt.cli.progress import track, warn
from nmt.config.search import BATCH_TOKENS
from nmt.files.lines import Lines, paired
from nmt.files.output import open_output
from nmt.files.places import refuse_sharing

SCORED_AT_ONCE = 1000  # pairs read before they are sorted by length and scored


def score(
    *,
    model: args.Model,
    source: args.ScoredSource,
    target: args.ScoredTarget,
    output: args.Output = args.STANDARD_OUTPUT,
    batch_tokens: args.BatchTokens = BATCH_TOKENS,
    device: args.Device = "auto",
    threads: args.Threads = None,
    runtime: args.Runtime = "auto",
) -> None:
    """Print the natural log-probability of each given translation, one line for each."""
    refuse_sharing(source, target)
    from nmt.translate.translator import Translator

    sources, targets = Lines(source), Lines(target)
    translator = Translator.load(model, device=device, threads=threads, runtime=runtime)
    with open_output(output, inputs=[source, target, model]) as sink:
        pairs = track(paired(sources, targets), of=source, to=output)
        while some := list(islice(pairs, SCORED_AT_ONCE)):
            sink.write("".join(f"{value:.6f}\n" for value in translator.score(some, batch_tokens=batch_tokens)))
    warn(translator.complaint, sources.complaint(), targets.complaint())
