"""nmt bench --model checkpoints/broad-de-en-fast"""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import asdict

import typer

from nmt.cli import options as args
from nmt.cli.bars import progress_bar
from nmt.cli.formats import speed_table
from nmt.cli.search import search_options
from nmt.files.output import open_output


def bench(
    model: args.Model,
    input: args.BenchedText = None,
    beam_size: args.BeamSizes = None,
    batch_size: args.BatchSizes = None,
    workers: args.Workers = 1,
    threads: args.Threads = None,
    device: args.Device = "auto",
    runtime: args.Runtimes = None,
    repeat: args.Repeat = 3,
    report: args.SpeedReport = None,
) -> None:
    """Measure speed, latency, memory and start-up, and the limits of the machine beside them.

    Each run is in processes of its own, and translates for two seconds before its time is taken. Target tokens are those
    of the best translations, their ends included. The share of a matrix product's speed is that of the floating-point
    operations that the translations cannot do without.
    """
    beam_sizes, batch_sizes = tuple(beam_size or (5, 1)), tuple(batch_size or (64, 1))
    for size in beam_sizes:
        search_options({"beam_size": size})
    from nmt.bench.plan import BenchmarkPlan, read_sentences
    from nmt.bench.run import benchmark

    plan = BenchmarkPlan(
        model=model,
        beam_sizes=beam_sizes,
        batch_sizes=batch_sizes,
        workers=workers,
        threads=threads,
        device=device,
        runtimes=tuple(runtime or ("auto",)),
        repeat=repeat,
    )
    sentences = read_sentences(model, input)
    with ExitStack() as stack:
        file = stack.enter_context(open_output(report, inputs=[input, model])) if report else None
        progress = stack.enter_context(progress_bar(total=len(plan.settings) * repeat, what="runs"))
        measured = benchmark(plan, sentences, progress=progress)
        if file:
            file.write(json.dumps(asdict(measured), indent=2) + "\n")
    # Whoever reads all figures from standard output wants nothing else there.
    typer.echo(speed_table(measured), err=report is not None and report.descriptor == args.STANDARD_OUTPUT.descriptor)
