"""nmt translate -m broad-de-en text.de -o text.en"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import typer

from nmt.cli import options as args
from nmt.cli.groups import takes_groups
from nmt.cli.loading import Loading
from nmt.cli.progress import bar, warn
from nmt.cli.search import takes_search_options
from nmt.config.search import BATCH_TOKENS, SearchOptions
from nmt.errors import ConfigurationError
from nmt.files.places import TextInput, TextOutput, refuse_overwriting
from nmt.offline.formats import Format
from nmt.translate.markup.options import Markup

if TYPE_CHECKING:
    from nmt.offline.columns import Columns
    from nmt.offline.documents import Failure
    from nmt.offline.engine import Machines
    from nmt.offline.job import TranslationJob


@takes_groups(loading=Loading)
@takes_search_options()
def translate(
    *,
    file: args.Text = None,
    model: args.Models,
    input: args.Input = None,
    output: args.Output = args.STANDARD_OUTPUT,
    loading: Loading,
    options: SearchOptions,
    batch_tokens: args.BatchTokens = BATCH_TOKENS,
    prefixes: args.Prefixes = None,
    glossary: args.Glossary = None,
    inflect: args.Inflect = False,
    formality: args.Formality = "default",
    form: args.OutputForm = Format.text,
    alignment: args.Alignment = False,
    markup: args.MarkupFormat = "text",
    split_sentences: args.SplitSentences = "sentences",
    localise_numbers: args.LocaliseNumbers = False,
    column: args.Column = None,
    table: args.Table = None,
    field: args.Field = None,
    resume: args.Resume = False,
    workers: args.Workers = 1,
    engine: args.Engine = "local",
    address: args.Address = None,
    quiet: args.Quiet = False,
) -> None:
    """Translate each line, in order, while reading.

    --format text: the best translation, one line for each line.

    --format tsv: line number, rank, score and text; one row for each of the n best. Tabs in a text become spaces.

    --format jsonl: one object for each line: line, source, translations (text and score, best first), source_tokens,
    tokens (of the best), alignment (pairs of positions in source_tokens and tokens).

    --format pharaoh, or --alignment: the best translation, " ||| ", and the numbers from 0 of words of the source and of the
    translation that belong together, as 0-0 1-2. Words are separated by spaces.

    --markup html, xml or markdown: each line is a document, or a part of one. Its tags stay as they are, and go to the words
    that they belonged to; code, scripts and what has translate="no" is not translated.

    A document (Word, PowerPoint, OpenDocument, HTML, Markdown, subtitles, gettext, XLIFF, JSON) is known by the ending of
    its name, and its translation has the same format. FILE may be a folder or a pattern in quotes; then --output is a
    folder, too. With --column or --field, lines are rows of a table or JSON, and all else in them stays as it is.

    A pipe that pauses has the translations of all lines before the pause. Files may be packed by gzip, bzip2, xz or zstd:
    inputs are known by their first bytes, outputs are packed as their suffixes say (.gz, .bz2, .xz, .zst).

    From file to file, a run that was stopped in whatever way goes on with --resume: nothing is lost or done twice. Until it
    is complete, OUTPUT is .OUTPUT.partial in the same folder. --workers 8 shares the threads of the machine among eight
    processes, and starts another for one that dies; the output is the same to the byte. So it is with --engine ray, which
    has a worker of --threads CPUs (by default one) wherever the Ray cluster has room.

    With --glossary each term is translated as the file says, where its case agrees; lines without a term stay the same.

    --formality more or less: a text that addresses somebody does so as Sie or as du.

    With --language-model the log-probability that it gives to a token, times its weight, is added to that of the translation
    model; scores are made of these sums.
    """
    if file is not None and input is not None:
        raise ConfigurationError(f"the text is named twice, {file} and --input {input}; leave out one")
    text = file or input or args.STANDARD_INPUT
    form = _form(form, alignment=alignment, n_best=options.n_best)
    if inflect and glossary is None:
        raise ConfigurationError("--inflect is for the terms of a glossary; give --glossary, too")
    refuse_overwriting(output, [glossary])
    from nmt.offline.columns import Columns
    from nmt.offline.job import TranslationJob
    from nmt.translate.glossary import Glossary

    columns = Columns.given(text, columns=column or (), fields=field or (), table=table)
    job = TranslationJob(
        models=tuple(model),
        options=options,
        form=form,
        glossary=None if glossary is None else Glossary.read(glossary, inflect=inflect),
        formality=formality,
        markup=Markup(format=markup),
        split_sentences=split_sentences,
        localise_numbers=localise_numbers,
        batch_tokens=batch_tokens,
        **asdict(loading),
    )
    _translate(
        job,
        text,
        output,
        prefixes=prefixes,
        columns=columns,
        resume=resume,
        machines={"workers": workers, "engine": engine, "address": address},
        quiet=quiet,
    )


def _form(form: Format, *, alignment: bool, n_best: int) -> Format:
    """The format of the output. Raises ConfigurationError for options that do not fit it."""
    if alignment and form is not Format.text:
        raise ConfigurationError(f"--alignment writes text with its alignment, not --format {form}; leave out one")
    form = Format.pharaoh if alignment else form
    if form in (Format.text, Format.pharaoh) and n_best > 1:
        raise ConfigurationError(f"--n-best {n_best} does not fit --format {form}, one line for each; use tsv or jsonl")
    return form


def _translate(
    job: TranslationJob,
    input: TextInput,
    output: TextOutput,
    *,
    prefixes: TextInput | None,
    columns: Columns | None,
    resume: bool,
    machines: Machines,
    quiet: bool,
) -> None:
    """Translate lines, a table, a document or a folder of them, whichever `input` is."""
    from nmt.offline.documents import is_document, is_many, listed, translate_document, translate_folder
    from nmt.offline.parquet import is_parquet, translate_parquet
    from nmt.offline.run import translate_file

    has_markup = job.markup.format != "text"
    is_whole = is_many(input) or (is_document(input) and columns is None and not has_markup)
    if is_whole or columns is not None or is_parquet(input):
        _refuse_for_documents(input, form=job.form, prefixes=prefixes)
    if is_many(input) and (columns is not None or has_markup):
        raise ConfigurationError(f"--column, --field and --markup are for one file of lines, not for {input}")
    failures: list[Failure] = []
    with bar(of=None if is_whole or is_parquet(input) else input, to=output, quiet=quiet) as progress:
        way: Any = {"input": input, "output": output, "resume": resume, "progress": progress, **machines}
        if is_many(input):
            failures, complaints = translate_folder(job, **way)
        elif is_parquet(input):
            complaints = translate_parquet(job, columns=columns, **way)
        elif is_whole:
            complaints = translate_document(job, **way)
        else:
            complaints = translate_file(job, prefixes=prefixes, columns=columns, **way)
    warn(*complaints)
    if failures:
        typer.echo(f"nmt: {listed(failures)}", err=True)
        raise typer.Exit(1)


def _refuse_for_documents(input: TextInput, *, form: Format, prefixes: TextInput | None) -> None:
    """Raises ConfigurationError for options that are for lines of text."""
    if form is not Format.text:
        raise ConfigurationError(f"--format {form} is for lines of text; the translation of {input} has its own format")
    if prefixes is not None:
        raise ConfigurationError(f"--prefixes is for lines of text, and {input} is translated as something else")
