"""nmt score --model checkpoints/broad-de-en --source text.de --target text.en"""

from __future__ import annotations

import json
import math
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
    json_report: args.ScoreReport = None,
    batch_tokens: args.BatchTokens = BATCH_TOKENS,
    device: args.Device = "auto",
    threads: args.Threads = None,
    runtime: args.Runtime = "auto",
    quiet: args.Quiet = False,
) -> None:
    """Print the natural log-probability of each given translation, one line for each.

    --json writes the sums over all of them: pairs, tokens (the end of each is one), log_probability, and perplexity, the
    inverse of the geometric mean of the tokens' probabilities.
    """
    refuse_sharing(source, target)
    from nmt.translate.translator import Translator

    sources, targets = Lines(source), Lines(target)
    translator = Translator.load(model, device=device, threads=threads, runtime=runtime)
    count, tokens, total = 0, 0, 0.0
    with open_output(output, inputs=[source, target, model]) as sink:
        pairs = track(paired(sources, targets), of=source, to=output, quiet=quiet)
        while some := list(islice(pairs, SCORED_AT_ONCE)):
            values = translator.score(some, batch_tokens=batch_tokens)
            sink.write("".join(f"{value:.6f}\n" for value in values))
            if json_report is not None:
                count += len(some)
                tokens += sum(translator.target_lengths([target for _, target in some]))
                total += math.fsum(values)
    if json_report is not None:
        figures = {"pairs": count, "tokens": tokens, **_sums(total, tokens)}
        with open_output(json_report, inputs=[source, target, model]) as sink:
            sink.write(f"{json.dumps(figures, indent=1)}\n")
    warn(translator.complaint, sources.complaint(), targets.complaint())


def _sums(total: float, tokens: int) -> dict[str, float | None]:
    """None where a translation is impossible, or there is none: JSON has no infinity."""
    known = tokens > 0 and math.isfinite(total)
    return {"log_probability": total if known else None, "perplexity": math.exp(-total / tokens) if known else None}
