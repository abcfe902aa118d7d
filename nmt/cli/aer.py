"""nmt evaluate aer --model checkpoints/broad-de-en"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from nmt.cli import options as args
from nmt.cli.progress import warn
from nmt.config.search import BATCH_TOKENS
from nmt.errors import ConfigurationError, CorpusError
from nmt.files.lines import Lines
from nmt.files.output import open_output
from nmt.files.places import TextInput, refuse_sharing

if TYPE_CHECKING:
    from nmt.evaluation.links import Gold, Links
    from nmt.translate.translator import Translator


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
    from nmt.evaluation.links import agreement, parse_links, written_links

    given = [source, target, gold]
    if any(place is None for place in given) and any(place is not None for place in given):
        raise ConfigurationError("--source, --target and --gold belong together; give all three, or none")
    if (model is None) == (links is None):
        raise ConfigurationError("give either --model or --links")
    if reverse is not None and model is None:
        raise ConfigurationError("--reverse helps a --model; there is none")
    refuse_sharing(source, target, gold, links)
    translators = _loaded([model, reverse], device=device, threads=threads, runtime=runtime)
    if source is None or target is None or gold is None:
        turned = bool(translators) and translators[0].source_language.startswith("en")
        pairs = _own(turned=turned)
    else:
        pairs = _read(source, target, gold)
    wanted = _gold_links(pairs, first=first)
    words = [(source.split(), target.split()) for source, target in zip(pairs.sources, pairs.targets, strict=True)]
    if links is not None:
        found = [parse_links(line, name=links.name, number=number).possible for number, line in _numbered(links)]
        if len(found) != len(wanted):
            raise CorpusError(f"{links.name} has {len(found)} lines, but there are {len(wanted)} sentences")
    else:
        found = _aligned(translators, words, batch_tokens=batch_tokens)
    result = agreement(found, wanted)
    typer.echo(
        f"AER {result.error_rate:.1f} ± {result.interval.half_width:.1f}  precision {result.precision:.1f}  "
        f"recall {result.recall:.1f}  {result.pairs:,} sentences"
    )
    if output is not None:
        with open_output(output, inputs=[source, target, gold, links, model, reverse]) as sink:
            sink.write("".join(f"{written_links(one)}\n" for one in found))


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Sentences, their translations, and lines with the links of people between their words."""

    name: str
    sources: list[str]
    targets: list[str]
    links: list[str]


def _loaded(directories: Sequence[Path | None], **machine: Any) -> list[Translator]:
    given = [directory for directory in directories if directory is not None]
    if not given:
        return []
    from nmt.translate.translator import Translator

    translators = [Translator.load(directory, **machine) for directory in given]
    warn(*(translator.complaint for translator in translators))
    return translators


def _read(source: TextInput, target: TextInput, gold: TextInput) -> _Pairs:
    """Raises CorpusError where the files do not have one line for each other."""
    sources, targets, links = (list(Lines(place).texts()) for place in (source, target, gold))
    if len({len(sources), len(targets), len(links)}) > 1:
        raise CorpusError(
            f"the files have different numbers of lines: source {len(sources)}, target {len(targets)}, gold {len(links)}"
        )
    return _Pairs(gold.name, sources, targets, links)


def _own(*, turned: bool) -> _Pairs:
    """The sentences of this program with their links: German and English, or turned round."""
    path = files("nmt.evaluation").joinpath("data", "alignment.tsv")
    rows = [line.split("\t") for _, line in _numbered(TextInput(str(path)))]
    german, english, links = ([row[column] for row in rows] for column in range(3))
    if not turned:
        return _Pairs("alignment.tsv", german, english, links)
    back = [" ".join(f"{target}{mark}{source}" for source, mark, target in _parts(line)) for line in links]
    return _Pairs("alignment.tsv", english, german, back)


def _gold_links(pairs: _Pairs, *, first: int) -> list[Gold]:
    """The links of each pair. Raises CorpusError for one to a word that is not there."""
    from nmt.evaluation.links import parse_links

    found = []
    for number, (source, target, line) in enumerate(zip(pairs.sources, pairs.targets, pairs.links, strict=True), 1):
        links = parse_links(line, name=pairs.name, number=number, first=first)
        left, right = len(source.split()), len(target.split())
        if any(a >= left or b >= right for a, b in links.possible):
            raise CorpusError(f"{pairs.name}: line {number} has a link to a word after the {left} and {right} there are")
        found.append(links)
    return found


def _aligned(
    translators: Sequence[Translator], words: Sequence[tuple[list[str], list[str]]], *, batch_tokens: int
) -> list[Links]:
    """The links by the attention of one translator, or of two of opposite directions."""
    from nmt.evaluation.links import grown, strongest
    from nmt.translate.links import attention_between

    found = [strongest(weights) for weights in attention_between(translators[0], words, batch_tokens=batch_tokens)]
    if len(translators) == 1:
        return found
    turned = [(right, left) for left, right in words]
    back = [
        frozenset((b, a) for a, b in strongest(weights))
        for weights in attention_between(translators[1], turned, batch_tokens=batch_tokens)
    ]
    return [grown(one, other) for one, other in zip(found, back, strict=True)]


def _numbered(place: TextInput) -> Iterator[tuple[int, str]]:
    return enumerate(Lines(place).texts(), 1)


def _parts(line: str) -> list[tuple[str, str, str]]:
    return [link.partition("p" if "p" in link else "-") for link in line.split()]
