"""nmt translate --model checkpoints/broad-de-en --input text.de --output text.en"""

from __future__ import annotations

from nmt.cli import options as args
from nmt.cli.progress import bar, warn
from nmt.cli.search import takes_search_options
from nmt.config.search import BATCH_TOKENS, LANGUAGE_MODEL_WEIGHT, SearchOptions
from nmt.errors import ConfigurationError
from nmt.files.places import refuse_overwriting
from nmt.offline.formats import Format
from nmt.translate.markup.options import Markup


@takes_search_options()
def translate(
    *,
    model: args.Models,
    input: args.Input = args.STANDARD_INPUT,
    output: args.Output = args.STANDARD_OUTPUT,
    language_model: args.LanguageModel = None,
    language_model_weight: args.LanguageModelWeight = LANGUAGE_MODEL_WEIGHT,
    options: SearchOptions,
    batch_tokens: args.BatchTokens = BATCH_TOKENS,
    prefixes: args.Prefixes = None,
    glossary: args.Glossary = None,
    inflect: args.Inflect = False,
    formality: args.Formality = "default",
    form: args.OutputForm = Format.text,
    markup: args.MarkupFormat = "text",
    resume: args.Resume = False,
    workers: args.Workers = 1,
    engine: args.Engine = "local",
    address: args.Address = None,
    device: args.Device = "auto",
    threads: args.Threads = None,
    runtime: args.Runtime = "auto",
) -> None:
    """Translate each line, in order, while reading.

    --format text: the best translation, one line for each line.

    --format tsv: line number, rank, score and text; one row for each of the n best. Tabs in a text become spaces.

    --format jsonl: one object for each line: line, source, translations (text and score, best first), source_tokens,
    tokens (of the best), alignment (pairs of positions in source_tokens and tokens).

    --markup html, xml or markdown: each line is a document, or a part of one. Its tags stay as they are, and go to the words
    that they belonged to; code, scripts and what has translate="no" is not translated.

    A pipe that pauses has the translations of all lines before the pause. Files may be packed by gzip, bzip2, xz or zstd:
    inputs are known by their first bytes, outputs are packed as their suffixes say (.gz, .bz2, .xz, .zst).

    From file to file, a run that was stopped in whatever way goes on with --resume: nothing is lost or done twice. Until it
    is complete, OUTPUT is .OUTPUT.partial in the same folder. --workers 8 shares the threads of the machine among eight
    processes, and starts another for one that dies; the output is the same to the byte. So it is with --engine ray, which
    has a worker of --threads CPUs (by default one) wherever the Ray cluster has room.

    With --glossary each term is translated as the file says, case counting; a line without one as it would be without.

    --formality more or less has people addressed as Sie or as du, where the text addresses somebody.

    With --language-model the log-probability of each token has that of the language model, times its weight, added to it;
    scores are made of these sums.
    """
    if form is Format.text and options.n_best > 1:
        raise ConfigurationError(
            f"--n-best {options.n_best} does not fit --format text, one line for each; use tsv or jsonl"
        )
    if inflect and glossary is None:
        raise ConfigurationError("--inflect is for the terms of a glossary; give --glossary, too")
    refuse_overwriting(output, [glossary])
    from nmt.offline.job import TranslationJob
    from nmt.offline.run import translate_file
    from nmt.translate.glossary import Glossary

    job = TranslationJob(
        models=tuple(model),
        language_model=language_model,
        language_model_weight=language_model_weight,
        options=options,
        form=form,
        glossary=None if glossary is None else Glossary.read(glossary, inflect=inflect),
        formality=formality,
        markup=Markup(format=markup),
        batch_tokens=batch_tokens,
        device=device,
        threads=threads,
        runtime=runtime,
    )
    with bar(of=input, to=output) as progress:
        complaints = translate_file(
            job,
            input=input,
            output=output,
            prefixes=prefixes,
            resume=resume,
            workers=workers,
            engine=engine,
            address=address,
            progress=progress,
        )
    warn(*complaints)
