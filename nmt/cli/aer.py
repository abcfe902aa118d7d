"""nmt evaluate aer --model checkpoints/broad-de-en"""

from __future__ import annotations

from importlib.resources import files

import typer

from nmt.cli import options as args
from nmt.cli.progress import warn
from nmt.config.search import BATCH_TOKENS
from nmt.errors import ConfigurationError, CorpusError
from nmt.files.lines import Lines
from nmt.files.output import open_output
from nmt.files.places import TextInput, refuse_sharing


def aer(
    *,
    model: args.AligningModel = None,
    reverse: args.ReverseModel = None,
    links: args.GivenLinks = None,
    source: args.AlignedSource = None,
    target: args.AlignedTarget = None,
    gold: args.GoldLinks = None,
    first: args.FirstWord = 0,
    output: args.LinksOutput = None,
    batch_tokens: args.BatchTokens = BATCH_TOKENS,
    device: args.Device = "auto",
    threads: args.Threads = None,
    runtime: args.Runtime = "auto",
) -> None:
    """Compare word alignments with those of people: error rate, precision and recall, in percent.

    The alignment is that of a model's attention while it reads the translation, or --links, lines such as `0-0 1-2`. With a
    model of the other direction (--reverse) both alignments become one, by grow-diag. --source and --target have a sentence
    on each line, words with spaces between them, and --gold its links: `0-0` is sure, `0p1` possible. Without these files
    it is 200 sentences of German and English that belong to this program.
    """
    from nmt.evaluation.links import Links, agreement, grown, parse_links, strongest, written_links

    given = [source, target, gold]
    if any(place is None for place in given) and any(place is not None for place in given):
        raise ConfigurationError("--source, --target and --gold belong together; give all three, or none")
    if (model is None) == (links is None):
        raise ConfigurationError("give either --model or --links")
    if reverse is not None and model is None:
        raise ConfigurationError("--reverse helps a --model; there is none")
    refuse_sharing(source, target, gold, links)
    translators = []
    if model is not None:
        from nmt.translate.translator import Translator

        directories = [directory for directory in (model, reverse) if directory is not None]
        translators += [
            Translator.load(directory, device=device, threads=threads, runtime=runtime) for directory in directories
        ]
        warn(*(translator.complaint for translator in translators))
    if source is None or target is None or gold is None:
        turned = bool(translators) and translators[0].source_language.startswith("en")
        name, sources, targets, lines = _own(turned=turned)
    else:
        name = gold.name
        sources, targets, lines = (list(Lines(place).texts()) for place in (source, target, gold))
    if len({len(sources), len(targets), len(lines)}) > 1:
        raise CorpusError(
            f"the files have different numbers of lines: source {len(sources)}, target {len(targets)}, gold {len(lines)}"
        )
    wanted = [parse_links(line, name=name, number=number, first=first) for number, line in enumerate(lines, 1)]
    words = [(source.split(), target.split()) for source, target in zip(sources, targets, strict=True)]
    for number, (own, (left, right)) in enumerate(zip(wanted, words, strict=True), 1):
        if any(a >= len(left) or b >= len(right) for a, b in own.possible):
            raise CorpusError(f"{name}: line {number} has a link to a word after the {len(left)} and {len(right)} there are")
    found: list[Links]
    if links is not None:
        found = [
            parse_links(line, name=links.name, number=number).possible for number, line in enumerate(Lines(links).texts(), 1)
        ]
        if len(found) != len(wanted):
            raise CorpusError(f"{links.name} has {len(found)} lines, but there are {len(wanted)} sentences")
    else:
        from nmt.translate.links import attention_between

        found = [strongest(weights) for weights in attention_between(translators[0], words, batch_tokens=batch_tokens)]
        if len(translators) > 1:
            turned_words = [(right, left) for left, right in words]
            back = [
                frozenset((b, a) for a, b in strongest(weights))
                for weights in attention_between(translators[1], turned_words, batch_tokens=batch_tokens)
            ]
            found = [grown(one, other) for one, other in zip(found, back, strict=True)]
    result = agreement(found, wanted)
    typer.echo(
        f"AER {result.error_rate:.1f} ± {result.interval.half_width:.1f}  precision {result.precision:.1f}  "
        f"recall {result.recall:.1f}  {result.pairs:,} sentences"
    )
    if output is not None:
        with open_output(output, inputs=[source, target, gold, links, model, reverse]) as sink:
            sink.write("".join(f"{written_links(one)}\n" for one in found))


def _own(*, turned: bool) -> tuple[str, list[str], list[str], list[str]]:
    """The sentences of this program with their links: German and English, or turned round."""
    path = files("nmt.evaluation").joinpath("data", "alignment.tsv")
    lines = Lines(TextInput(str(path)))
    rows = [line.split("\t") for line in lines.texts()]
    german, english, links = ([row[column] for row in rows] for column in range(3))
    if not turned:
        return "alignment.tsv", german, english, links
    back = [" ".join(f"{target}{mark}{source}" for source, mark, target in _parts(line)) for line in links]
    return "alignment.tsv", english, german, back


def _parts(line: str) -> list[tuple[str, str, str]]:
    return [link.partition("p" if "p" in link else "-") for link in line.split()]
