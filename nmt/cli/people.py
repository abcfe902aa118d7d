"""nmt evaluate sheet -i base.en new.en --source source.de --output sheet.tsv --key key.json
nmt evaluate ratings anna.tsv ben.tsv --key key.json
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from nmt.cli import options as args
from nmt.errors import ConfigurationError
from nmt.files.lines import Lines
from nmt.files.output import open_output
from nmt.files.places import refuse_sharing

if TYPE_CHECKING:
    from nmt.files.places import TextInput


def sheet(
    *,
    hypotheses: args.RatedSystems,
    source: args.RatedSource = None,
    reference: args.RatedReference = None,
    output: args.Sheet,
    key: args.WrittenKey,
    segments: args.RatedSegments = None,
    seed: args.SheetSeed = 1,
) -> None:
    """Write a table of translations for people to rate, who don't see which system each is of.

    Rows are in random order; a translation that several systems have is there once. A rater writes a number into the column
    score, from 0 to 100 or on any scale, and `nmt evaluate ratings` reads it with the key. People who rate the same text
    each get a copy of the sheet.
    """
    from nmt.evaluation.comparison import System
    from nmt.evaluation.people import draw, write_sheet

    refuse_sharing(source, reference, *hypotheses)
    if source is None and reference is None:
        raise ConfigurationError("give --source or --reference, to which a rater compares a translation")
    if output.new_file is not None and output.new_file == key.new_file:
        raise ConfigurationError(f"--output and --key are one file, {output.name}; the key is not for raters")
    texts = {place.name: _text(place) for place in (*hypotheses, source, reference) if place is not None}
    names = [place.name for place in hypotheses]
    if len(set(names)) < len(names):
        raise ConfigurationError("a system is given twice; each should be another file")
    if len({len(text) for text in texts.values()}) > 1:
        counts = ", ".join(f"{name} {len(text):,}" for name, text in texts.items())
        raise ConfigurationError(f"the files have different numbers of lines: {counts}; each needs a line for each segment")
    systems = [System(name=name, runs=(texts[name],)) for name in names]
    drawn = draw(systems, segments=segments, seed=seed)
    inputs = [place for place in (*hypotheses, source, reference) if place is not None]
    with open_output(key, inputs=inputs) as sink:
        sink.write(drawn.to_json())
    with open_output(output, inputs=inputs) as sink:
        write_sheet(
            sink,  # type: ignore[arg-type]
            drawn,
            systems,
            source=None if source is None else texts[source.name],
            reference=None if reference is None else texts[reference.name],
        )


def ratings(
    sheets: args.RatedSheets,
    *,
    key: args.ReadKey,
    test: args.RatingTest = True,
    form: args.RatingForm = "text",
) -> None:
    """Print what people think of systems: mean ratings, as they are and standardised for each rater (z), and tests.

    Each file is the sheet of a rater, with scores in it. The first system is the baseline of the tests (approximate
    randomisation, as of nmt evaluate). The standardised ratings of strict and of mild raters can be compared.
    """
    from nmt.evaluation.people import Key, agreements, compare_ratings, read_ratings
    from nmt.evaluation.resampling import SAMPLES, Resampling
    from nmt.evaluation.tables import Style, written

    refuse_sharing(key, *sheets)
    names = [place.name for place in sheets]
    if len(set(names)) < len(names):
        raise ConfigurationError("a sheet is given twice; each should be another rater's")
    known = Key.from_json("\n".join(Lines(key).texts()), name=key.name)
    given = {place.name: read_ratings(Lines(place).texts(), known, name=place.name) for place in sheets}
    several = len(known.systems) > 1 and test
    comparison = compare_ratings(
        known,
        given,
        resampling=Resampling(test="ar", samples=SAMPLES["ar"]) if several else None,
        intervals=Resampling(test="bs", samples=SAMPLES["bs"]),
    )
    typer.echo(written(comparison, Style(form=form, width=2)), nl=False)
    for one, other, count, found in agreements(given):
        value = "unknown" if found is None else f"{found:.2f}"
        typer.echo(f"{one} and {other}: correlation {value} of {count:,} ratings")


def _text(place: TextInput) -> list[str]:
    return [line.rstrip() for line in Lines(place).texts()]
