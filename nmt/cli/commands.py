"""The eight commands. Torch is imported by those that use it, so that `nmt --help` answers at once."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from nmt.cli.formats import describe, speed_table
from nmt.config import SearchOptions, load_recipe
from nmt.errors import ConfigurationError
from nmt.offline.formats import Format
from nmt.settings import parse
from nmt.streams import STANDARD, Lines, count_lines, open_output, paired

if TYPE_CHECKING:
    from nmt.translator import Translator

app = typer.Typer(
    name="nmt",
    help="Neural machine translation: prepare text, train on it, translate, measure, serve.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
console = Console(stderr=True)
DEFAULTS = SearchOptions()
T = TypeVar("T")
SCORED_AT_ONCE = 1000  # pairs read before they are sorted by length and scored


class Device(StrEnum):
    auto = "auto"
    cpu = "cpu"
    cuda = "cuda"


class LengthNormalisation(StrEnum):
    wu = "wu"
    average = "average"


RecipePath = Annotated[Path, typer.Argument(metavar="RECIPE", help="data/<name>/recipe.yaml")]
OutputDirectory = Annotated[
    Path | None, typer.Option(metavar="DIR", help="The model directory. (default: checkpoints/<name>)")
]
ModelOption = Annotated[Path, typer.Option("--model", metavar="DIR", help="A model directory.")]
ModelsOption = Annotated[
    list[Path], typer.Option("--model", metavar="DIR", help="A model directory; several make an ensemble.")
]
DeviceOption = Annotated[Device, typer.Option(help="auto is a GPU where there is one.")]
Threads = Annotated[int | None, typer.Option(min=1, help="CPU threads. (default: PyTorch's choice)")]
BeamSize = Annotated[int, typer.Option(help="Hypotheses kept at each step; 1 is greedy search.")]
LengthPenalty = Annotated[float, typer.Option(help="0 prefers short translations; 1 is neutral.")]
BatchTokens = Annotated[int, typer.Option(min=1, help="Padded source tokens translated at once.")]


@app.command()
def prepare(
    recipe: RecipePath,
    corpora: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of raw text. (default: the recipe's)")] = None,
    output: OutputDirectory = None,
) -> None:
    """Clean a recipe's raw text, learn its vocabulary, and write both to OUTPUT/prepared."""
    settings = load_recipe(recipe)
    from nmt.corpus.prepare import prepare as run

    directory = output or _model_directory(recipe)
    report = run(settings, corpora=corpora or recipe.parent, output=directory / "prepared")
    typer.echo(str(report))


@app.command()
def train(
    recipe: RecipePath,
    output: OutputDirectory = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the last saved state, to the bit.")] = False,
    device: DeviceOption = Device.auto,
    overrides: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="As in training.max_updates=100; may be repeated.")
    ] = None,
) -> None:
    """Train a recipe's model on its prepared text."""
    settings = load_recipe(recipe, overrides or ())
    from nmt.training.trainer import train as run

    directory = output or _model_directory(recipe)
    run(settings, name=_recipe_name(recipe), directory=directory, resume=resume, device=device.value)


@app.command()
def translate(
    model: ModelsOption,
    input: Annotated[str, typer.Option(metavar="FILE", help="Plain, .gz or .xz; - is standard input.")] = STANDARD,
    output: Annotated[str, typer.Option(metavar="FILE", help="- is standard output.")] = STANDARD,
    beam_size: BeamSize = DEFAULTS.beam_size,
    batch_tokens: BatchTokens = 4096,
    n_best: Annotated[int, typer.Option(help="Translations for each line; at most the beam size.")] = DEFAULTS.n_best,
    length_penalty: LengthPenalty = DEFAULTS.length_penalty,
    length_normalisation: Annotated[
        LengthNormalisation, typer.Option(help="average: scores are divided by length alone.")
    ] = LengthNormalisation.wu,
    coverage_penalty: Annotated[
        float, typer.Option(help="Cost of source tokens not attended to; 0.2 is usual.")
    ] = DEFAULTS.coverage_penalty,
    max_length_ratio: Annotated[float, typer.Option(help="Target tokens per source token at the most, ...")] = (
        DEFAULTS.max_length_ratio
    ),
    max_length_offset: Annotated[int, typer.Option(help="... plus this many.")] = DEFAULTS.max_length_offset,
    min_length: Annotated[int, typer.Option(help="Target tokens of a sentence at the least.")] = DEFAULTS.min_length,
    min_length_ratio: Annotated[float, typer.Option(help="The same, per source token.")] = DEFAULTS.min_length_ratio,
    no_repeat_ngram: Annotated[
        int, typer.Option(help="No n-gram of so many tokens comes twice in a sentence; 0 allows all.")
    ] = DEFAULTS.no_repeat_ngram,
    max_repeats: Annotated[
        int, typer.Option(help="A phrase comes at most so often in a row; 4 stops loops and little else, 0 allows all.")
    ] = DEFAULTS.max_repeats,
    diversity_groups: Annotated[
        int, typer.Option(help="Parts of the beam that avoid each other's tokens; divides the beam size.")
    ] = DEFAULTS.diversity_groups,
    diversity_strength: Annotated[float, typer.Option(help="How much they avoid them.")] = DEFAULTS.diversity_strength,
    forbid: Annotated[
        list[str] | None, typer.Option(metavar="PHRASE", help="No word begins with it, case counting; may be repeated.")
    ] = None,
    prefixes: Annotated[
        str | None, typer.Option(metavar="FILE", help="What each line's translation begins with; a line for each line.")
    ] = None,
    sampling: Annotated[bool, typer.Option("--sampling", help="Draw --n-best translations at random.")] = False,
    temperature: Annotated[float, typer.Option(help="Of sampling; below 1 keeps to the probable.")] = DEFAULTS.temperature,
    top_k: Annotated[int, typer.Option(help="Sample from so many tokens; 0 takes all.")] = DEFAULTS.top_k,
    top_p: Annotated[float, typer.Option(help="Sample from tokens of this probability in all.")] = DEFAULTS.top_p,
    seed: Annotated[int, typer.Option(help="Of sampling.")] = DEFAULTS.seed,
    form: Annotated[Format, typer.Option("--format", help="See above.")] = Format.text,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where the same command was stopped.")] = False,
    workers: Annotated[int, typer.Option(min=1, help="Processes that translate, each with --threads.")] = 1,
    device: DeviceOption = Device.auto,
    threads: Threads = None,
) -> None:
    """Translate each line, in order, while reading.

    --format text: the best translation, one line for each line.

    --format tsv: line number, rank, score and text; one row for each of the n best. Tabs in a text become spaces.

    --format jsonl: one object for each line: line, source, translations (text and score, best first), source_tokens,
    tokens (of the best), alignment (pairs of positions in source_tokens and tokens).

    From file to file, what was stopped in whatever way goes on with --resume: nothing is lost or done twice. Until it is
    complete, OUTPUT is .OUTPUT.partial in the same folder. --workers 8 shares the threads of the machine among eight
    processes, and starts another for one that dies; the output is the same to the byte.
    """
    options = _search_options(
        beam_size=beam_size,
        n_best=n_best,
        length_penalty=length_penalty,
        length_normalisation=length_normalisation.value,
        coverage_penalty=coverage_penalty,
        max_length_ratio=max_length_ratio,
        max_length_offset=max_length_offset,
        min_length=min_length,
        min_length_ratio=min_length_ratio,
        no_repeat_ngram=no_repeat_ngram,
        max_repeats=max_repeats,
        diversity_groups=diversity_groups,
        diversity_strength=diversity_strength,
        forbidden=tuple(forbid or ()),
        sampling=sampling,
        temperature=temperature,
        top_k=top_k,
        top_p=top_p,
        seed=seed,
    )
    if form is Format.text and n_best > 1:
        raise ConfigurationError(f"--n-best {n_best} does not fit --format text, one line for each; use tsv or jsonl")
    from nmt.offline.job import Job
    from nmt.offline.run import translate_file

    job = Job(
        models=tuple(model), options=options, form=form, batch_tokens=batch_tokens, device=device.value, threads=threads
    )
    with _bar(of=input, to=output) as progress:
        complaints = translate_file(
            job, input=input, output=output, prefixes=prefixes, resume=resume, workers=workers, progress=progress
        )
    _warn(*complaints)


@app.command()
def score(
    model: ModelOption,
    source: Annotated[str, typer.Option(metavar="FILE", help="Plain, .gz or .xz; - is standard input.")],
    target: Annotated[str, typer.Option(metavar="FILE", help="A translation of each line of the source.")],
    output: Annotated[str, typer.Option(metavar="FILE", help="- is standard output.")] = STANDARD,
    batch_tokens: BatchTokens = 4096,
    device: DeviceOption = Device.auto,
    threads: Threads = None,
) -> None:
    """Print the natural log-probability of each given translation, one line for each."""
    translator = _load(model, device=device, threads=threads)
    sources, targets = Lines(source), Lines(target)
    with open_output(output) as sink:
        pairs = _track(paired(sources, targets), of=source, to=output)
        while some := list(islice(pairs, SCORED_AT_ONCE)):
            for value in translator.score(some, batch_tokens=batch_tokens):
                sink.write(f"{value:.6f}\n")
    _warn(sources.complaint(), targets.complaint())


@app.command()
def evaluate(
    reference: Annotated[str, typer.Option(metavar="FILE", help="What a person wrote. Plain, .gz or .xz.")],
    model: Annotated[Path | None, typer.Option(metavar="DIR", help="Translate --source with this model.")] = None,
    source: Annotated[str | None, typer.Option(metavar="FILE", help="What to translate.")] = None,
    hypothesis: Annotated[str | None, typer.Option(metavar="FILE", help="Or: translations there already.")] = None,
    beam_size: BeamSize = DEFAULTS.beam_size,
    batch_tokens: BatchTokens = 4096,
    length_penalty: LengthPenalty = DEFAULTS.length_penalty,
    device: DeviceOption = Device.auto,
    threads: Threads = None,
) -> None:
    """Print BLEU and chrF, with sacreBLEU's signatures, of a model or of given translations."""
    from nmt.evaluation.metrics import bleu, chrf

    if (model is None) != (source is None) or (model is None) == (hypothesis is None):
        raise ConfigurationError("give either --model and --source, or --hypothesis")
    options = _search_options(beam_size=beam_size, length_penalty=length_penalty)
    given, references = Lines(source or hypothesis or ""), Lines(reference)
    pairs = list(paired(given, references))
    hypotheses = [text for text, _ in pairs]
    if model is not None:
        translator = _load(model, device=device, threads=threads)
        translations = translator.translate_lines(hypotheses, options, batch_tokens=batch_tokens)
        hypotheses = [translation.text for translation in _track(translations, of=given.name)]
    _warn(given.complaint(), references.complaint())
    for metric in (bleu, chrf):
        typer.echo(str(metric(hypotheses, [text for _, text in pairs])))


@app.command()
def bench(
    model: ModelOption,
    input: Annotated[
        str | None, typer.Option(metavar="FILE", help="A sentence on each line. (default: a sample of a few hundred)")
    ] = None,
    beam_size: Annotated[
        list[int] | None, typer.Option(help="1 is greedy search; may be repeated. (default: 5 and 1)")
    ] = None,
    batch_size: Annotated[
        list[int] | None, typer.Option(min=1, help="Sentences; may be repeated. (default: 64 and 1)")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes that translate, each with --threads.")] = 1,
    threads: Threads = None,
    device: DeviceOption = Device.auto,
    repeat: Annotated[int, typer.Option(min=1, help="Runs of each setting; what is shown is their median.")] = 3,
    report: Annotated[str | None, typer.Option("--json", metavar="FILE", help="Write all figures there, too.")] = None,
) -> None:
    """Measure speed, latency, memory and start-up, and the limits of the machine beside them.

    Each run is in processes of its own, and translates for two seconds before its time is taken. Target tokens are those
    of the best translations, their ends included. The share of a matrix product's speed is that of the floating-point
    operations that the translations cannot do without.
    """
    beam_sizes, batch_sizes = tuple(beam_size or (5, 1)), tuple(batch_size or (64, 1))
    for size in beam_sizes:
        _search_options(beam_size=size)
    from nmt.bench.plan import Plan, read_sentences
    from nmt.bench.run import benchmark

    plan = Plan(
        model=model,
        beam_sizes=beam_sizes,
        batch_sizes=batch_sizes,
        workers=workers,
        threads=threads,
        device=device.value,
        repeat=repeat,
    )
    sentences = read_sentences(model, input)
    with ExitStack() as stack:
        file = stack.enter_context(open_output(report)) if report else None
        progress = stack.enter_context(_progress(total=len(plan.settings) * repeat, what="runs"))
        measured = benchmark(plan, sentences, progress=progress)
        if file:
            file.write(json.dumps(asdict(measured), indent=2) + "\n")
    typer.echo(speed_table(measured))


@app.command()
def serve(
    models: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of model directories.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port to listen on.")] = None,
) -> None:
    """Serve the models over HTTP. What is not given here is read from the environment (NMT_PORT, ...)."""
    from service.app import serve as run
    from service.settings import read_settings

    given = {"models": models, "host": host, "port": port}
    run(read_settings({name: value for name, value in given.items() if value is not None}))


@app.command()
def info(directory: Annotated[Path, typer.Argument(metavar="DIR", help="A model directory.")]) -> None:
    """Show what a model is, where it comes from, and what it scored."""
    import torch

    from nmt.checkpoint import load_model
    from nmt.model.statistics import statistics

    loaded = load_model(directory, device=torch.device("cpu"))
    cost = statistics(loaded.model)
    typer.echo(describe(loaded.info, vocabulary_size=loaded.tokenizer.vocabulary_size, cost=cost))


def _recipe_name(recipe: Path) -> str:
    return recipe.resolve().parent.name


def _model_directory(recipe: Path) -> Path:
    return Path("checkpoints") / _recipe_name(recipe)


def _search_options(**given: object) -> SearchOptions:
    return parse(SearchOptions, given, where="search options")


def _load(*models: Path, device: Device, threads: int | None) -> Translator:
    from nmt.translator import Translator

    return Translator.load(*models, device=device.value, threads=threads)


def _track(items: Iterable[T], *, of: str, to: str = "") -> Iterator[T]:
    """`items`, one for each line of `of`, with a progress bar."""
    with _bar(of=of, to=to) as progress:
        for number, item in enumerate(items, 1):
            yield item
            progress(number)


@contextmanager
def _bar(*, of: str, to: str) -> Iterator[Callable[[int], None]]:
    """Show how many lines of `of` are done, where a person looks on and nothing else is written there.

    It is told each time more are done; the lines that it is told of first were done before, and say nothing of the speed.
    """
    hidden = not console.is_terminal or (to == STANDARD and sys.stdout.isatty())
    with _progress(total=None if hidden else count_lines(of), what="lines", hidden=hidden) as progress:
        yield progress


@contextmanager
def _progress(*, total: int | None, what: str, hidden: bool = False) -> Iterator[Callable[[int], None]]:
    columns = (
        SpinnerColumn(),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(what),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    # A window of long lines may take minutes; the time left is told from the last ten.
    disable = hidden or not console.is_terminal
    with Progress(*columns, console=console, disable=disable, speed_estimate_period=600) as bar:
        task = bar.add_task("", total=total)
        yield lambda done: bar.update(task, completed=done)


def _warn(*complaints: str | None) -> None:
    for complaint in complaints:
        if complaint:
            typer.echo(f"nmt: warning: {complaint}", err=True)
