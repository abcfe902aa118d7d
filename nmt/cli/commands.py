"""Most of the commands. Torch is imported by those that use it, so that `nmt --help` answers at once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from itertools import islice
from pathlib import Path

import typer

from nmt.cli import options as args
from nmt.cli.formats import describe, speed_table
from nmt.cli.groups import MACHINE, Machine, search, search_options, takes
from nmt.cli.progress import bar, progress_bar, track, warn
from nmt.config.recipe import read_recipe
from nmt.config.search import BATCH_TOKENS, LANGUAGE_MODEL_WEIGHT, SearchOptions
from nmt.errors import ConfigurationError
from nmt.files.lines import STANDARD, Lines, open_output, paired
from nmt.offline.formats import Format

app = typer.Typer(
    name="nmt",
    help="Neural machine translation: prepare text, train on it, translate, measure, serve.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
SCORED_AT_ONCE = 1000  # pairs read before they are sorted by length and scored


@app.command()
def prepare(
    recipe: args.Recipe,
    corpora: args.Corpora = None,
    output: args.OutputDirectory = None,
    overrides: args.PreparationOverrides = None,
) -> None:
    """Clean a recipe's raw text, learn its vocabulary or take another model's, and write both to OUTPUT/prepared."""
    settings = read_recipe(recipe, _of_preparation(overrides or ()))
    from nmt.corpus.prepare import prepare as run

    directory = output or model_directory(recipe)
    report = run(settings, corpora=corpora or recipe.parent, output=directory / "prepared")
    typer.echo(str(report))


@app.command()
def train(
    recipe: args.Recipe,
    output: args.OutputDirectory = None,
    resume: args.ResumeTraining = False,
    device: args.Device = args.DeviceName.auto,
    overrides: args.Overrides = None,
) -> None:
    """Train a recipe's model on its prepared text."""
    settings = read_recipe(recipe, overrides or ())
    from nmt.training.trainer import train as run

    directory = output or model_directory(recipe)
    run(settings, name=_recipe_name(recipe), directory=directory, resume=resume, device=device.value)


@app.command()
@takes(options=search(), machine=MACHINE)
def translate(
    *,
    model: args.Models,
    input: args.Input = STANDARD,
    output: args.Output = STANDARD,
    language_model: args.LanguageModel = None,
    language_model_weight: args.LanguageModelWeight = LANGUAGE_MODEL_WEIGHT,
    options: SearchOptions,
    batch_tokens: args.BatchTokens = BATCH_TOKENS,
    prefixes: args.Prefixes = None,
    form: args.OutputForm = Format.text,
    resume: args.Resume = False,
    workers: args.Workers = 1,
    engine: args.Engine = args.EngineName.local,
    address: args.Address = None,
    machine: Machine,
) -> None:
    """Translate each line, in order, while reading.

    --format text: the best translation, one line for each line.

    --format tsv: line number, rank, score and text; one row for each of the n best. Tabs in a text become spaces.

    --format jsonl: one object for each line: line, source, translations (text and score, best first), source_tokens,
    tokens (of the best), alignment (pairs of positions in source_tokens and tokens).

    From file to file, what was stopped in whatever way goes on with --resume: nothing is lost or done twice. Until it is
    complete, OUTPUT is .OUTPUT.partial in the same folder. --workers 8 shares the threads of the machine among eight
    processes, and starts another for one that dies; the output is the same to the byte. So it is with --engine ray, which
    has a worker of --threads CPUs (by default one) wherever the Ray cluster has room.

    With --language-model the log-probability of each token has that of the language model, times its weight, added to it;
    scores are made of these sums.
    """
    if form is Format.text and options.n_best > 1:
        raise ConfigurationError(
            f"--n-best {options.n_best} does not fit --format text, one line for each; use tsv or jsonl"
        )
    from nmt.offline.job import Job
    from nmt.offline.run import translate_file

    job = Job(
        models=tuple(model),
        language_model=language_model,
        language_model_weight=language_model_weight,
        options=options,
        form=form,
        batch_tokens=batch_tokens,
        **machine.arguments(),
    )
    with bar(of=input, to=output) as progress:
        complaints = translate_file(
            job,
            input=input,
            output=output,
            prefixes=prefixes,
            resume=resume,
            workers=workers,
            engine=engine.value,
            address=address,
            progress=progress,
        )
    warn(*complaints)


@app.command()
@takes(machine=MACHINE)
def score(
    *,
    model: args.Model,
    source: args.ScoredSource,
    target: args.ScoredTarget,
    output: args.Output = STANDARD,
    batch_tokens: args.BatchTokens = BATCH_TOKENS,
    machine: Machine,
) -> None:
    """Print the natural log-probability of each given translation, one line for each."""
    from nmt.translate.translator import Translator

    translator = Translator.load(model, **machine.arguments())
    sources, targets = Lines(source), Lines(target)
    with open_output(output) as sink:
        pairs = track(paired(sources, targets), of=source, to=output)
        while some := list(islice(pairs, SCORED_AT_ONCE)):
            for value in translator.score(some, batch_tokens=batch_tokens):
                sink.write(f"{value:.6f}\n")
    warn(sources.complaint(), targets.complaint())


@app.command()
@takes(options=search("beam_size", "length_penalty"), machine=MACHINE)
def evaluate(
    *,
    reference: args.Reference,
    model: args.JudgedModel = None,
    source: args.JudgedSource = None,
    hypothesis: args.Hypothesis = None,
    language_model: args.LanguageModel = None,
    language_model_weight: args.LanguageModelWeight = LANGUAGE_MODEL_WEIGHT,
    options: SearchOptions,
    batch_tokens: args.BatchTokens = BATCH_TOKENS,
    machine: Machine,
) -> None:
    """Print BLEU and chrF, with sacreBLEU's signatures, of a model or of given translations."""
    from nmt.evaluation.metrics import bleu, chrf

    if (model is None) != (source is None) or (model is None) == (hypothesis is None):
        raise ConfigurationError("give either --model and --source, or --hypothesis")
    if model is None and language_model is not None:
        raise ConfigurationError("--language-model helps a --model; translations that are there need none")
    given, references = Lines(source or hypothesis or ""), Lines(reference)
    pairs = list(paired(given, references))
    hypotheses = [text for text, _ in pairs]
    if model is not None:
        from nmt.translate.translator import Translator

        translator = Translator.load(
            model, language_model=language_model, language_model_weight=language_model_weight, **machine.arguments()
        )
        translations = translator.translate_lines(hypotheses, options, batch_tokens=batch_tokens)
        hypotheses = [translation.text for translation in track(translations, of=given.name)]
    warn(given.complaint(), references.complaint())
    for metric in (bleu, chrf):
        typer.echo(str(metric(hypotheses, [text for _, text in pairs])))


@app.command()
@takes(machine=MACHINE)
def check(
    *,
    model: args.JudgedModel = None,
    url: args.CheckedService = None,
    source: args.CheckedSource = "de",
    target: args.CheckedTarget = "en",
    every: args.EveryCase = 1,
    machine: Machine,
) -> None:
    """Translate 1,000 texts that translation systems are known to harm, and print what came through.

    The exit status is 1 where a kind of them has less than it should have. For models of German and English, and for
    services (--url) that have both.
    """
    if (model is None) == (url is None):
        raise ConfigurationError("give either --model or --url")
    from nmt.check.cases import cases
    from nmt.check.judge import PROMISED, Translate, judged

    translate: Translate
    if url is not None:
        from nmt.check.remote import Remote

        translate = Remote(url, source=source, target=target)
    else:
        from nmt.translate.translator import Translator

        translator = Translator.load(model or "", **machine.arguments())
        source, target = translator.source_language, translator.target_language

        def translate(texts: Sequence[str]) -> list[str]:
            return [one.text for one in translator.translate_lines(texts)]

    if {source, target} != {"de", "en"}:
        raise ConfigurationError(f"there are cases for German and English only, not for {source}-{target}")
    results = judged(cases(source)[::every], translate)
    for result in results:
        for failure in result.failures:
            typer.echo(f"{result.kind}: {failure.case.text!r} -> {failure.translation!r}")
    typer.echo(f"{'kind':<22} {'cases':>5} {'%':>6} {'asked':>6}")
    for result in results:
        typer.echo(f"{result.kind:<22} {result.count:>5} {result.value:>6.1f} {PROMISED[result.kind]:>6.1f}")
    if not all(result.is_kept for result in results):
        raise typer.Exit(1)


@app.command()
def bench(
    model: args.Model,
    input: args.BenchedText = None,
    beam_size: args.BeamSizes = None,
    batch_size: args.BatchSizes = None,
    workers: args.Workers = 1,
    threads: args.Threads = None,
    device: args.Device = args.DeviceName.auto,
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
    from nmt.bench.plan import Plan, read_sentences
    from nmt.bench.run import benchmark

    plan = Plan(
        model=model,
        beam_sizes=beam_sizes,
        batch_sizes=batch_sizes,
        workers=workers,
        threads=threads,
        device=device.value,
        runtimes=tuple(name.value for name in runtime or (args.RuntimeName.auto,)),
        repeat=repeat,
    )
    sentences = read_sentences(model, input)
    with ExitStack() as stack:
        file = stack.enter_context(open_output(report)) if report else None
        progress = stack.enter_context(progress_bar(total=len(plan.settings) * repeat, what="runs"))
        measured = benchmark(plan, sentences, progress=progress)
        if file:
            file.write(json.dumps(asdict(measured), indent=2) + "\n")
    typer.echo(speed_table(measured))


@app.command()
def serve(models: args.ServedModels = None, host: args.Host = None, port: args.Port = None) -> None:
    """Serve the models over HTTP. What is not given here is read from the environment (NMT_PORT, ...)."""
    from service.app import serve as run
    from service.settings import read_settings

    given = {"models": models, "host": host, "port": port}
    run(read_settings({name: value for name, value in given.items() if value is not None}))


@app.command()
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


def _of_preparation(overrides: Sequence[str]) -> Sequence[str]:
    for override in overrides:
        if override.startswith(("model.", "training.")):
            raise ConfigurationError(f"--set {override}: of no use to nmt prepare; give it to nmt train")
    return overrides


def _recipe_name(recipe: Path) -> str:
    return recipe.resolve().parent.name


def model_directory(recipe: Path) -> Path:
    return Path("checkpoints") / _recipe_name(recipe)
