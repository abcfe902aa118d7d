"""nmt lm train data/shakespeare-lm-en/recipe.yaml --corpora DIR
nmt lm score --model checkpoints/shakespeare-lm-en text.txt
nmt lm sample --model checkpoints/shakespeare-lm-en --beginning ROMEO: --temperature 0.8
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from itertools import islice

import typer

from nmt.cli import options as args
from nmt.cli.folders import model_directory
from nmt.cli.formats import facts
from nmt.cli.prepare import prepare as run_prepare
from nmt.cli.progress import track, warn
from nmt.cli.search import takes_search_options
from nmt.cli.train import train as run_train
from nmt.config.recipe import LanguageModelRecipe, read_recipe
from nmt.config.search import SearchOptions
from nmt.errors import ConfigurationError
from nmt.files.lines import Lines
from nmt.files.output import open_output

COUNTED_AT_ONCE = 1000  # lines


def train(
    recipe: args.Recipe,
    corpora: args.Corpora = None,
    output: args.OutputDirectory = None,
    resume: args.ResumeTraining = False,
    init_from: args.InitFrom = None,
    device: args.Device = "auto",
    overrides: args.Overrides = None,
) -> None:
    """Prepare the text of a language model's recipe, unless that was done, and train the model on it.

    The same as nmt prepare and nmt train, one after the other.
    """
    settings = read_recipe(recipe, overrides or ())
    if not isinstance(settings, LanguageModelRecipe):
        raise ConfigurationError(f"{recipe}: is the recipe of a translation model; give it to nmt prepare and nmt train")
    directory = output or model_directory(recipe)
    if not (directory / "prepared").exists():
        own = [override for override in overrides or () if override.startswith("preparation.")]
        run_prepare(recipe, corpora=corpora, output=directory, overrides=own)
    run_train(recipe, output=output, resume=resume, init_from=init_from, device=device, overrides=overrides)


def score(
    text: args.ReadText = args.STANDARD_INPUT,
    *,
    model: args.Model,
    output: args.LineScores = None,
    json_report: args.ScoreReport = None,
    device: args.Device = "auto",
    quiet: args.Quiet = False,
) -> None:
    """Print how probable a text is: perplexity, per word and per character.

    The end of a line counts as a token, a word and a character. A model of running text reads on from line to line, and one
    of sentences begins each line anew.
    """
    from nmt.translate.language_model import Figures, LanguageReader, TextSize

    reader, lines = LanguageReader.load(model, device=device), Lines(text)
    size = TextSize(tokens=0, words=0, characters=0, unknown=0)
    totals: list[float] = []

    def counted() -> Iterator[str]:
        nonlocal size
        given = track(lines.texts(), of=text, to=output, quiet=quiet)
        while some := list(islice(given, COUNTED_AT_ONCE)):
            size += TextSize.of(some, reader.tokenizer)
            yield from some

    if output is None:
        totals += reader.log_probabilities(counted())
    else:
        with open_output(output, inputs=[text, model]) as sink:
            for value in reader.log_probabilities(counted()):
                sink.write(f"{value:.6f}\n")
                totals.append(value)
    if not totals:
        raise ConfigurationError(f"{text.name}: has no line; should have at least one")
    found = Figures(log_probability=math.fsum(totals), size=size)
    figures: dict[str, float] = {
        "lines": len(totals),
        "tokens": size.tokens,
        "words": size.words,
        "characters": size.characters,
        "unknown": size.unknown,
        "log_probability": found.log_probability,
        "perplexity": found.perplexity,
        "perplexity_per_word": found.perplexity_per_word,
        "bits_per_character": found.bits_per_character,
        "nats_per_character": found.nats_per_character,
    }
    if json_report is not None:
        with open_output(json_report, inputs=[text, model]) as sink:
            sink.write(f"{json.dumps(figures, indent=1)}\n")
    if not any(place is not None and place.descriptor == 1 for place in (output, json_report)):
        shown = [(name.replace("_", " "), _shown(value)) for name, value in figures.items()]
        typer.echo(facts(shown))
    warn(lines.complaint(), size.note or None)


def _shown(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:,.4f}"


@takes_search_options("temperature", "top_k", "top_p", "seed", sampling=True)
def sample(
    *,
    model: args.Model,
    beginning: args.Beginning = "",
    count: args.SampleCount = 1,
    length: args.SampleLength = 100,
    options: SearchOptions,
    device: args.Device = "auto",
) -> None:
    """Print texts that a language model writes, drawn token by token; --top-k 1 takes the most probable each time.

    A model of running text goes on from line to line until it has --length tokens; one of sentences stops at the end of its
    sentence. A blank line is between two texts of several lines.
    """
    from nmt.translate.language_model import LanguageReader

    reader = LanguageReader.load(model, device=device)
    texts = reader.sample(beginning, count=count, length=length, options=options)
    typer.echo(("\n\n" if reader.info.running_text else "\n").join(texts))
